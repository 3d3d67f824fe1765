"""The offline bundle: made for this machine, unpacked elsewhere, installed where there is no network, and able to migrate a database."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from together import cluster_of_its_own

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle's folder on the other side."""
    folder = tmp_path_factory.mktemp("bundle")
    out = folder / "linli-offline.tar"
    subprocess.run([sys.executable, ROOT / "scripts" / "bundle", "--here", "--out", out], check=True, capture_output=True)
    with tarfile.open(out) as tar:
        tar.extractall(folder, filter="data")
    out.unlink()
    return folder / "linli-offline"


def without_a_network(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """In a network namespace with nothing in it where that is permitted; else pip is told not to look, and that is all."""
    alone = ["unshare", "--net"] if subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode == 0 else []
    return subprocess.run(
        [*alone, *map(str, command)], capture_output=True, text=True, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **variables}
    )


@pytest.fixture(scope="module")
def installed(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the script put it."""
    target = tmp_path_factory.mktemp("opt") / "linli"
    done = without_a_network("sh", unpacked / "install", target, PYTHON=sys.executable, HOME=str(target.parent))
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def empty_database() -> Iterator[str]:
    """Its libpq URL: a server's on a Unix socket, which is there without any network too."""
    with cluster_of_its_own("bundle") as cluster:
        yield cluster.url()


def test_it_installs_without_a_network_and_migrates_a_database(installed: Path, empty_database: str, tmp_path: Path):
    linli = installed / ".venv" / "bin" / "linli"
    told = without_a_network(linli, "--version")
    assert (told.returncode, "linli" in told.stdout) == (0, True), told.stderr
    done = without_a_network(linli, "db", "migrate", DATABASE_URL=empty_database, LINLI_STATE=str(tmp_path))
    assert done.returncode == 0, done.stderr[-2000:]
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT count(*) FROM registers_resident").fetchone() == (0,)
    assert (installed / "linli" / "web" / "locale" / "en" / "LC_MESSAGES" / "django.mo").exists()


def test_it_does_not_install_over_an_installation(unpacked: Path, installed: Path):
    again = without_a_network("sh", unpacked / "install", installed, PYTHON=sys.executable)
    assert (again.returncode, "already" in again.stderr) == (2, True)


def test_a_file_that_was_altered_on_the_way_stops_it(unpacked: Path, tmp_path: Path):
    altered = tmp_path / "altered"
    shutil.copytree(unpacked, altered)
    wheel = next((altered / "wheels").iterdir())
    wheel.write_bytes(wheel.read_bytes()[:-1] + b"x")
    done = without_a_network("sh", altered / "install", tmp_path / "opt", PYTHON=sys.executable)
    assert (done.returncode, (tmp_path / "opt").exists()) == (2, False)


def test_another_python_is_told_what_the_bundle_has(unpacked: Path, tmp_path: Path):
    other = tmp_path / "python"
    other.write_text("#!/bin/sh\necho 3.9\n")
    other.chmod(0o755)
    done = without_a_network("sh", unpacked / "install", tmp_path / "opt", PYTHON=str(other))
    assert (done.returncode, "Python 3.9" in done.stderr) == (2, True)
