"""A server that hasn't been asked about walking yet has not loaded the compiler."""

import subprocess
import sys


def test_the_words_of_reach_load_no_compiler():
    words = "import sys, linli.reach.search, linli.reach.network, linli.reach.snapping; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
