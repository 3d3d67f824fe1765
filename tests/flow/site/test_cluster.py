"""The private PostgreSQL: starts once however many ask, survives kill -9, refuses what it can't serve."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

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
        encoding = connection.execute("SELECT datctype FROM pg_database WHERE datname = current_database()").fetchone()
    assert encoding == ("C.UTF-8",)

    server = int((own_cluster.data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(server, signal.SIGKILL)
    while own_cluster.running():
        pass
    # After a restart of the machine the dead server's number may be anyone's: here it is this test's.
    lock = own_cluster.data / "postmaster.pid"
    lock.write_text("\n".join([str(os.getpid()), *lock.read_text().splitlines()[1:]]))
    assert own_cluster.up()
    with psycopg.connect(own_cluster.url()) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(1,)]


def test_a_statement_that_goes_on_after_kill_nine_does_not_keep_the_server_down(own_cluster):
    own_cluster.up()
    busy = "import sys, psycopg; psycopg.connect(sys.argv[1]).execute('SELECT sum(n) FROM generate_series(1, 1e9) n')"
    client = subprocess.Popen([sys.executable, "-c", busy, own_cluster.url()], stderr=subprocess.DEVNULL)
    with psycopg.connect(own_cluster.url(), autocommit=True) as connection:
        while not connection.execute("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT sum(n)%'").fetchone()[0]:
            time.sleep(0.05)
    os.kill(int((own_cluster.data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
    while own_cluster.running():
        time.sleep(0.02)
    assert own_cluster.up()
    assert client.wait(10) != 0


def test_the_last_of_several_users_stops_the_server_and_a_killed_one_does_not_count(own_cluster):
    first, second = own_cluster.hold(), own_cluster.hold()
    code = (
        "from pathlib import Path; from linli.site.cluster import Cluster; import time\n"
        f"kept = Cluster.of(Path({str(own_cluster.home.parent)!r})).hold(); print('held', flush=True); time.sleep(60)"
    )
    third = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert third.stdout.readline() == "held\n"
    first()
    second()
    assert own_cluster.running()
    third.kill()
    third.communicate()
    own_cluster.hold()()
    assert not own_cluster.running()


def test_a_server_that_was_started_to_stay_outlives_its_users(own_cluster):
    own_cluster.up(stay=True)
    with own_cluster.held_up():
        pass
    assert own_cluster.running()
    assert own_cluster.down()
    assert not own_cluster.running()


def test_what_a_passing_cluster_held_is_gone_when_it_starts_again(own_cluster):
    passing = Cluster.of(own_cluster.home.parent / "tests", passing=True)
    for _ in range(2):
        with passing.held_up() as address, psycopg.connect(address) as connection:
            assert connection.execute("SELECT to_regclass('kept'), current_setting('fsync')").fetchone() == (None, "off")
            connection.execute("CREATE TABLE kept (n int)")
            connection.commit()
        assert not passing.running()


def test_a_database_that_is_named_is_used_and_no_server_is_started(tmp_path):
    code = "import os; print(os.environ['DATABASE_URL']); raise SystemExit(3)"
    environment = {**os.environ, "DATABASE_URL": "postgresql://somewhere/else", "LINLI_STATE": str(tmp_path)}
    linli = [sys.executable, "-c", "from linli.site.command import main; main()"]
    done = subprocess.run([*linli, "db", "run", "--", sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (3, "postgresql://somewhere/else")
    assert "none is started" in done.stderr
    assert not Cluster.of(tmp_path).home.exists()


def test_a_server_of_another_account_gets_to_its_folder_whatever_the_umask(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_module, "_server_account", lambda: object())
    before = os.umask(0o077)
    try:
        home = tmp_path / "lib" / "mark" / "postgres"
        Cluster(home=home, socket=home / "socket")._make_home()
    finally:
        os.umask(before)
    assert [folder.stat().st_mode & 0o777 for folder in (home, *home.parents[:2])] == [0o755] * 3


def test_a_server_that_finds_no_room_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_module.shutil, "disk_usage", lambda path: SimpleNamespace(free=1 << 20))
    with pytest.raises(LinliError, match="disk is full"):
        Cluster(home=tmp_path, socket=tmp_path)._run("pg_ctl", "status", "-D", tmp_path / "nowhere")


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
