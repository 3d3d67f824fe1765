"""The client that is committed is the one that the schema gives."""

import subprocess
import sys
from pathlib import Path

from linli.api.application import api
from linli.api.client_source import client_source

CLIENT = Path(__file__).resolve().parents[3] / "clients" / "python" / "linli_client.py"


def test_the_committed_client_is_what_the_schema_gives():
    raw = client_source(api.get_openapi_schema(path_prefix="/api/v1/"))
    ruff = [str(Path(sys.executable).parent / "ruff"), "format", "--stdin-filename", str(CLIENT), "-"]
    formatted = subprocess.run(ruff, input=raw, capture_output=True, text=True, check=True, cwd=CLIENT.parents[2]).stdout
    assert CLIENT.read_text() == formatted, "run scripts/client"
