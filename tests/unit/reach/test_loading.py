"""Nobody waits for the compiler: it is loaded when walking is first asked about, and what it made is kept where it can be written."""

import os
import subprocess
import sys
from pathlib import Path

from linli.reach import compiling
from linli.reach.compiling import FOLDER, keep_somewhere

PACKAGE = Path(compiling.__file__).parent


def test_the_words_of_reach_load_no_compiler():
    words = "import sys, linli.reach.search, linli.reach.network, linli.reach.snapping; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_where_the_program_is_read_only_compiled_code_goes_to_the_state_folder(monkeypatch):
    here = {"LINLI_STATE": "/var/lib/linli"}
    keep_somewhere(here, PACKAGE)
    assert FOLDER not in here
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    keep_somewhere(here, PACKAGE)
    assert here[FOLDER] == "/var/lib/linli/numba"
    told = {FOLDER: "/elsewhere"}
    keep_somewhere(told, PACKAGE)
    assert told[FOLDER] == "/elsewhere"


def test_every_module_with_compiled_code_is_compiled_beforehand():
    sources = [path for path in PACKAGE.rglob("*.py") if "from numba import" in path.read_text()]
    assert {".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in sources} == set(compiling.COMPILED)
