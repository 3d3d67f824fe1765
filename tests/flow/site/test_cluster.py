"""The private PostgreSQL: starts once however many ask, survives kill -9, refuses what it can't serve."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from linli.kernel.errors import LinliError
from linli.site import cluster as cluster_module
from linli.site.cluster import Cluster, candidate_bindirs, choose_bindir, major_version


@pytest.fixture
def own_cluster(tmp_path_factory):
    state = Path("/tmp") / f"linli-test-{os.getpid()}-{tmp_path_factory.mktemp('c').name}"
    made = Cluster.of(state)
    yield made
    made.down()
    subprocess.run(["rm", "-rf", state], check=True)


def _up_in_another_process(state: Path) -> subprocess.Popen:
    code = f"from pathlib import Path; from linli.site.cluster import Cluster; print(Cluster.of(Path({str(state)!r})).up())"
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def test_three_at_once_start_one_server_and_kill_nine_loses_nothing(own_cluster):
    starters = [_up_in_another_process(own_cluster.home.parent) for _ in range(3)]
    printed = sorted(process.communicate()[0].strip() for process in starters)
    assert printed == ["False", "False", "True"]

    with psycopg.connect(own_cluster.url()) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
        connection.commit()
        encoding = connection.execute("SHOW lc_ctype").fetchone()
    assert encoding == ("C.UTF-8",)

    server = int((own_cluster.data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(server, signal.SIGKILL)
    while own_cluster.running():
        pass
    assert own_cluster.up()
    with psycopg.connect(own_cluster.url()) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(1,)]


def test_a_cluster_of_another_major_version_is_refused_by_name(monkeypatch):
    newest = max(major_version(path) or 0 for path in candidate_bindirs())
    with pytest.raises(LinliError) as refused:
        choose_bindir(newest + 1)
    assert f"PostgreSQL {newest + 1}" in str(refused.value)


def test_without_any_binaries_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(cluster_module, "candidate_bindirs", list)
    with pytest.raises(LinliError) as refused:
        choose_bindir(None)
    assert "linli[embedded]" in str(refused.value)
