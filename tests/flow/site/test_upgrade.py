"""The oldest database there is, made by the code of its own time, brought to today: nothing is lost and everything still verifies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from linli.site.children import LINLI
from linli.site.cluster import Cluster

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[3]
OLDEST = "72a9dea133cd145e609fef1487877e22d9c6f3ec"
"""The spine and the screening, before the portals. Its last migrations are FIRST in tests/unit/site/test_migrations.py."""


@pytest.fixture
def home(tmp_path_factory):
    folder = Path("/tmp") / f"linli-upgrade-{os.getpid()}-{tmp_path_factory.mktemp('u').name}"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def code_of(commit: str, folder: Path) -> Path:
    """That commit's files in a folder; the test is skipped where the history is not at hand."""
    known = subprocess.run(["git", "-C", str(ROOT), "cat-file", "-e", f"{commit}^{{commit}}"], capture_output=True)
    if known.returncode:
        pytest.skip(f"commit {commit[:7]} is not in this checkout's history")
    folder.mkdir()
    archive = subprocess.run(["git", "-C", str(ROOT), "archive", commit], capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)
    return folder


def linli(code: Path, environment: dict[str, str], *arguments: str) -> str:
    """A command of the code in that folder; its output."""
    done = subprocess.run([*LINLI, *arguments], cwd=code, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rows(cluster: Cluster) -> dict[str, int]:
    """How many rows each of our tables has."""
    ours = "^(vault|trace|registers|programmes|screening|casework|notices|insight|api|web)_"
    with psycopg.connect(cluster.url()) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename ~ %s", [ours]).fetchall()
        counts = {}
        for (table,) in tables:
            found = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
            assert found
            counts[table] = found[0]
    return counts


def test_the_oldest_demo_city_comes_to_today_whole(home):
    old, state = code_of(OLDEST, home / "old"), home / "state"
    cluster = Cluster.of(state)
    cluster.up()
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("LINLI_", "DJANGO_", "DATABASE_"))}
    environment = inherited | {"DATABASE_URL": cluster.url(), "LINLI_STATE": str(state), "LINLI_LANG": "en"}
    try:
        linli(old, environment, "demo", "up", "--residents", "300")
        before = rows(cluster)
        assert before["registers_resident"] == 300
        assert before["screening_determination"] > 50
        began = time.monotonic()
        linli(ROOT, environment, "db", "migrate")
        print(f"\nfrom {OLDEST[:7]} to today in {time.monotonic() - began:.1f} s", file=sys.stderr)
        after = rows(cluster)
        assert {table: after.get(table) for table in before} == before
        assert "0 findings" in linli(ROOT, environment, "trace", "verify", "--deep")
        run = linli(ROOT, environment, "screen", "list").splitlines()[1].split()[0]
        linli(ROOT, environment, "screen", "replay", run)
        linli(ROOT, environment, "screen", "run", "--all")
        linli(ROOT, environment, "worker", "--once")
        linli(ROOT, environment, "backup", str(home / "backups"), "--without-keys")
        assert "0 findings" in linli(ROOT, environment, "trace", "verify", "--deep")
    finally:
        cluster.down()
