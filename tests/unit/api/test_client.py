"""The client that is committed is the one that the schema gives."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_the_committed_client_is_what_the_schema_gives():
    done = subprocess.run([sys.executable, "scripts/client", "--check"], cwd=ROOT, env=os.environ, capture_output=True, text=True)
    assert done.returncode == 0, f"run scripts/client\n{done.stderr}"
