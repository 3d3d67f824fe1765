"""kill -9 of a client, the worker or PostgreSQL during import, screening and trace writing: nothing committed is lost, nothing is repeated."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from linli.site.cluster import Cluster

pytestmark = pytest.mark.long
LINLI = [sys.executable, "-c", "from linli.site.command import main; main()"]
LIST, RESIDENTS = "social-insurance", 3000


class City:
    """A small generated city on a cluster of its own, worked on through the command line only."""

    def __init__(self, home: Path) -> None:
        self.cluster = Cluster.of(home / "state")
        self.cluster.up()
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("LINLI_", "DJANGO_", "DATABASE_"))},
            "DATABASE_URL": self.cluster.url(),
            "LINLI_STATE": str(home / "state"),
            "LINLI_DEMO": "1",
            "LINLI_LANG": "en",
        }
        self.files = home / "files"
        people = ["people", "generate", "--residents", str(RESIDENTS), "--seed", "7"]
        for command in (
            ["db", "migrate"],
            ["vault", "keys", "new"],
            ["areas", "import"],
            ["programme", "publish", "--all"],
            [*people, "--out", str(home / "frames"), "--load"],
            [*people, "--out", str(self.files), "--format", "lists"],
        ):
            done = self.linli(*command)
            assert done.returncode == 0 or command[0] == "programme", done.stdout + done.stderr

    def linli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*LINLI, *arguments], env=self.environment, capture_output=True, text=True)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*LINLI, *arguments], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill_server(self) -> None:
        os.kill(int((self.cluster.data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        while self.cluster.running():
            time.sleep(0.05)
        self.cluster.up()

    def value(self, query: str) -> object:
        with psycopg.connect(self.cluster.url()) as connection:
            row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]

    def assert_whole(self) -> None:
        verified = self.linli("trace", "verify", "--deep")
        assert verified.returncode == 0, verified.stdout

    def import_list(self) -> list[str]:
        return ["registers", "import", LIST, str(self.files / f"{LIST}.xlsx"), "--skip-wrong"]


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    home = Path("/tmp") / f"linli-kill-{os.getpid()}-{tmp_path_factory.mktemp('k').name}"
    made = City(home)
    yield made
    made.cluster.down()
    shutil.rmtree(home)


def killed_while(city: City, command: list[str], moment: float, *, server: bool) -> None:
    process = city.start(*command)
    time.sleep(moment)
    if server:
        city.kill_server()
    if process.poll() is None and not server:
        process.kill()
    process.wait(60)


@pytest.mark.parametrize("server", [False, True], ids=["client", "PostgreSQL"])
def test_an_import_that_was_killed_is_there_whole_or_not_at_all_and_once_when_repeated(city, server):
    for moment in (0.8, 1.4, 2.0, 2.6):
        killed_while(city, city.import_list(), moment, server=server)
        imports = city.value("SELECT count(*) FROM registers_listimport WHERE undone_at IS NULL")
        records = city.value(f"SELECT count(*) FROM registers_record WHERE list_slug = '{LIST}' AND known_to IS NULL")
        assert imports in (0, 1)
        assert (imports == 0) == (records == 0)
        city.assert_whole()
    for _ in range(2):
        assert city.linli(*city.import_list()).returncode == 0
        assert city.value("SELECT count(*) FROM registers_listimport WHERE undone_at IS NULL") == 1
    delivery = city.value("SELECT uid::text FROM registers_listimport WHERE undone_at IS NULL")
    undone = city.linli("registers", "undo", str(delivery))
    assert undone.returncode == 0, undone.stdout + undone.stderr
    city.assert_whole()


def test_a_screening_that_was_killed_leaves_what_an_undisturbed_one_leaves(city):
    assert city.linli(*city.import_list()).returncode == 0
    for moment, server in ((1.2, False), (1.8, True), (2.4, False), (3.0, True)):
        killed_while(city, ["screen", "--all"], moment, server=server)
        city.assert_whole()
    assert city.linli("screen", "--all").returncode == 0
    standing = "SELECT count(*) || ' ' || count(DISTINCT (programme, subject)) FROM screening_determination WHERE until IS NULL"
    before = city.value(standing)
    assert city.linli("screen", "--all").returncode == 0
    assert city.value(standing) == before
    programmes = city.value(
        "SELECT count(*) FROM (SELECT DISTINCT ON (programme) eligible, undecided, programme FROM screening_run ORDER BY programme, id DESC) r"
    )
    found = city.value(
        "SELECT sum(eligible + undecided) FROM (SELECT DISTINCT ON (programme) * FROM screening_run ORDER BY programme, id DESC) r"
    )
    assert programmes
    assert str(before).split() == [str(found), str(found)]


def test_a_worker_that_was_killed_leaves_its_jobs_to_the_next(city):
    resident = city.value("SELECT uid::text FROM registers_resident WHERE erased_at IS NULL ORDER BY id LIMIT 1")
    code = (
        "from linli.site import environment; environment.prepare()\n"
        "from datetime import date\n"
        "from linli.kernel.viewer import system\n"
        "from linli.registers import acts\n"
        "from linli.registers.models import Resident\n"
        f"who = Resident.objects.get(uid='{resident}')\n"
        "acts.record_death(system('test'), resident=who, deceased_on=date(2026, 1, 2))\n"
    )
    subprocess.run([sys.executable, "-c", code], env=city.environment, check=True)
    for _ in range(2):
        worker = city.start("worker")
        time.sleep(1.5)
        worker.kill()
        worker.wait()
    assert city.linli("worker", "--once").returncode == 0
    waiting = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND task_name = 'trace.react'"
    doing = city.value("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND task_name = 'trace.react'")
    assert city.value(waiting) == doing
    reacted = f"SELECT count(*) FROM trace_reacted r JOIN trace_fact f ON f.id = r.fact WHERE f.subject = 'resident:{resident}'"
    assert city.value(reacted) >= 1 - doing
    city.assert_whole()
