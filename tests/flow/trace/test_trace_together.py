"""Several writers at once, a long bulk act among them, a real worker, and kill -9."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import psycopg
import pytest
from django.contrib.auth.models import Group
from procrastinate.contrib.django import app
from together import cluster_of_its_own, database_url, environment, in_threads, wait_until_nobody_writes
from trace_examples import CLERK, LOADED, NOTED, findings, note

from linli.kernel.ids import uuid7
from linli.site.cluster import Cluster
from linli.trace import AlreadyDone, FactType, act, bulk_act, reaction
from linli.trace.models import Fact

pytestmark = pytest.mark.usefixtures("transactional_db")
HEARD = FactType("example.heard", version=1, schema={"type": "object"}, zh="听到", en="heard")


@pytest.fixture(autouse=True)
def suite() -> None:
    """Only the installation's suite: what happens at once does not depend on the algorithms."""


@reaction(HEARD, name="example.answer")
def answer(facts: Sequence[Fact]) -> None:
    """A group named after each fact's subject."""
    Group.objects.bulk_create(Group(name=fact.subject) for fact in facts)


def _mark() -> str:
    return f"case:{uuid7()}"


def test_many_writers_on_the_same_two_chains_neither_deadlock_nor_break_them() -> None:
    first, second = _mark(), _mark()

    def writer(seed: int) -> Callable[[], None]:
        def write() -> None:
            chance = random.Random(seed)
            for number in range(15):
                one, other = (first, second) if chance.random() < 0.5 else (second, first)
                note(one, str(number), also=(other,))

        return write

    in_threads([writer(seed) for seed in range(6)])
    assert Fact.objects.filter(subject__in=[first, second]).count() == 6 * 15 * 2
    assert findings() == []


def test_one_key_at_two_writers_is_done_once_and_both_get_the_result() -> None:
    key, results = str(uuid7()), []
    together = threading.Barrier(2)

    def write() -> None:
        together.wait(10)
        try:
            with act(CLERK, key=key) as a:
                a.record(NOTED, subject=f"case:{key}")
                time.sleep(0.2)
                a.result = {"receipt": "R-1"}
                results.append(a.result)
        except AlreadyDone as done:
            results.append(done.result)

    in_threads([write, write])
    assert results == [{"receipt": "R-1"}] * 2
    assert Fact.objects.filter(subject=f"case:{key}").count() == 1


def test_a_long_bulk_act_does_not_stop_eight_other_writers() -> None:
    began, finish = threading.Event(), threading.Event()
    marks = [_mark() for _ in range(8)]

    def import_list() -> None:
        with bulk_act(CLERK, LOADED, subject="list:long") as bulk:
            bulk.extend((NOTED, f"case:{number}", {"n": number}, {}) for number in range(6000))
            began.set()
            assert finish.wait(30), "the writers were held up by the bulk act"
            bulk.extend((NOTED, f"case:{number}", {"n": number}, {}) for number in range(6000))

    def writer(mark: str) -> Callable[[], None]:
        def write() -> None:
            assert began.wait(30)
            for number in range(8):
                note(mark, str(number), also=(f"home:{number}",))
            if Fact.objects.filter(subject__in=marks).count() == 8 * 8:
                finish.set()

        return write

    in_threads([import_list, *[writer(mark) for mark in marks]])
    assert findings() == []


def _run_worker() -> None:
    """The worker of the product, in this process, until no job is due."""
    with app.replace_connector(app.connector.get_worker_connector()):
        app.run_worker(wait=False, delete_jobs="always", install_signal_handlers=False)


def test_the_worker_runs_reactions_of_committed_acts_only() -> None:
    kept, lost = _mark(), _mark()
    with act(CLERK) as a:
        a.record(HEARD, subject=kept)
    with pytest.raises(ZeroDivisionError), act(CLERK) as a:
        a.record(HEARD, subject=lost, payload={"never": 1 // 0})
    in_threads([_run_worker])
    assert list(Group.objects.values_list("name", flat=True)) == [kept]


WRITER = """
import django, sys
django.setup()
import trace_examples as ours
from django.contrib.auth.models import Group
from linli.trace import AlreadyDone, act
mark = sys.argv[1]
for number in range(100_000):
    try:
        with act(ours.CLERK, key=f"{mark}-{number}") as a:
            group = Group.objects.create(name=f"{mark}-{number}")
            a.record(ours.NOTED, subject=mark, payload={"n": number}, rows=[group], also=[f"home:{number}"])
    except AlreadyDone:
        pass
    print(number, flush=True)
"""


def _writer(mark: str, url: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", WRITER, mark], stdout=subprocess.PIPE, text=True, env=environment(url))


def test_kill_9_of_a_writer_loses_nothing_committed_and_leaves_no_half_act() -> None:
    mark = _mark()
    process = _writer(mark, database_url())
    assert process.stdout is not None
    acknowledged = [int(process.stdout.readline()) for _ in range(15)][-1]
    process.send_signal(signal.SIGKILL)
    acknowledged = max([acknowledged, *[int(line) for line in process.stdout if line.strip().isdigit()]])
    process.wait(10)
    wait_until_nobody_writes()
    recorded = sorted(Fact.objects.filter(subject=mark, echo_of=None).values_list("payload__n", flat=True))
    assert recorded in (list(range(acknowledged + 1)), list(range(acknowledged + 2)))
    assert Group.objects.filter(name__startswith=f"{mark}-").count() == len(recorded)
    assert findings() == []


SLOW_WORKER = """
import django, time
django.setup()
import test_trace_together as ours
from linli.site.jobs import run_worker
from linli.trace.reactions import named
quick = named("example.answer").handler
def slow(facts):
    quick(facts)
    print("half-way", flush=True)
    time.sleep(60)
object.__setattr__(named("example.answer"), "handler", slow)
run_worker()
"""


@pytest.mark.long
def test_kill_9_of_a_worker_in_the_middle_of_a_reaction_repeats_and_loses_nothing() -> None:
    mark = _mark()
    with act(CLERK) as a:
        a.record(HEARD, subject=mark)
    worker = subprocess.Popen([sys.executable, "-c", SLOW_WORKER], stdout=subprocess.PIPE, text=True, env=environment(database_url()))
    assert worker.stdout is not None
    assert worker.stdout.readline() == "half-way\n"
    worker.send_signal(signal.SIGKILL)
    worker.wait(10)
    wait_until_nobody_writes()
    assert not Group.objects.filter(name=mark).exists()
    in_threads([_retry_stalled])
    in_threads([_run_worker])
    assert Group.objects.filter(name=mark).count() == 1


def _retry_stalled() -> None:
    """What the housekeeping job does every two minutes, without waiting for the dead worker's heartbeat to be missed."""

    async def retry() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as worker:
            async with worker.open_async():
                for job in await worker.job_manager.get_stalled_jobs(seconds_since_heartbeat=0):
                    await worker.job_manager.retry_job(job)

    asyncio.run(retry())


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    with cluster_of_its_own("trace") as cluster:
        yield cluster


@pytest.mark.long
def test_kill_9_of_the_server_loses_nothing_acknowledged_and_repeats_nothing(own_cluster: Cluster) -> None:
    variables = {**os.environ, "DATABASE_URL": own_cluster.url()}
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], check=True, env=variables)
    mark, recorded = _mark(), list[int]()
    for _ in range(3):
        acknowledged = _write_until_the_server_is_killed(own_cluster, mark, after=len(recorded) + 20)
        own_cluster.up()
        with psycopg.connect(own_cluster.url()) as direct:
            found = direct.execute("SELECT (payload->>'n')::int FROM trace_fact WHERE subject = %s ORDER BY id", [mark])
            recorded = [row[0] for row in found]
        assert recorded == sorted(set(recorded)), "an act was repeated"
        assert set(acknowledged) <= set(recorded), "an acknowledged act was lost"
    verify = "from linli.site.command import main; main()"
    verified = subprocess.run([sys.executable, "-c", verify, "trace", "verify", "--deep"], capture_output=True, text=True, env=variables)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def _write_until_the_server_is_killed(cluster: Cluster, mark: str, *, after: int) -> list[int]:
    """Numbers of the acts that the writer saw committed. It starts from 0 each time: keys make the old ones no-ops."""
    process = _writer(mark, cluster.url())
    assert process.stdout is not None
    acknowledged = [int(process.stdout.readline()) for _ in range(after)]
    parent = int((cluster.data / "postmaster.pid").read_text().split()[0])
    os.kill(parent, signal.SIGKILL)
    acknowledged += [int(line) for line in process.stdout]
    process.wait(30)
    while cluster.running():
        time.sleep(0.05)
    return acknowledged
