"""kill -9 of a client, the web server, the worker or PostgreSQL in the middle of work: nothing committed is lost, nothing repeated."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from working_city import LIST, LOST, PASSWORD, Browser, City, children_of, eventually, free_port

from linli.kernel import clock

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    home = Path("/tmp") / f"linli-kill-{os.getpid()}-{tmp_path_factory.mktemp('k').name}"
    made = City(home)
    yield made
    made.cluster.down()
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def screened(city):
    """The same city after an import and a screening that nothing disturbed."""
    assert city.linli(*city.import_list()).returncode == 0
    assert city.linli("screen", "--all").returncode == 0
    return city


@pytest.mark.parametrize("server", [False, True], ids=["client", "PostgreSQL"])
def test_an_import_that_was_killed_is_there_whole_or_not_at_all_and_once_when_repeated(city, server):
    cut = []
    for moment in (0.0, 0.1, 0.3, 0.6):
        cut.append(city.cut(city.import_list(), moment, server=server))
        imports = city.value("SELECT count(*) FROM registers_listimport WHERE undone_at IS NULL")
        records = city.value(f"SELECT count(*) FROM registers_record WHERE list_slug = '{LIST}' AND known_to IS NULL")
        assert imports in (0, 1)
        assert (imports == 0) == (records == 0)
        city.assert_whole()
    assert any(cut)
    for _ in range(2):
        assert city.linli(*city.import_list()).returncode == 0
        assert city.value("SELECT count(*) FROM registers_listimport WHERE undone_at IS NULL") == 1
    delivery = city.value("SELECT uid::text FROM registers_listimport WHERE undone_at IS NULL")
    undone = city.linli("registers", "undo", str(delivery))
    assert undone.returncode == 0, undone.stdout + undone.stderr
    city.assert_whole()


def test_a_screening_that_was_killed_leaves_what_an_undisturbed_one_leaves(screened):
    newest = "SELECT DISTINCT ON (programme) * FROM screening_run ORDER BY programme, id DESC"
    standing = "SELECT count(*) || ' ' || count(DISTINCT (programme, subject)) FROM screening_determination WHERE until IS NULL"
    before = screened.value(standing)
    cut = []
    for moment, server in ((0.0, False), (0.5, True), (1.0, False), (1.5, True)):
        cut.append(screened.cut(["screen", "--all"], moment, server=server))
        screened.assert_whole()
    assert any(cut)
    assert screened.linli("screen", "--all").returncode == 0
    assert screened.value(standing) == before
    found = screened.value(f"SELECT sum(eligible + undecided) FROM ({newest}) r")
    assert str(before).split() == [str(found), str(found)]


def record_a_death(city: City) -> str:
    """A change that reactions answer. Returns the fact's subject."""
    resident = city.value("SELECT uid::text FROM registers_resident WHERE erased_at IS NULL AND deceased_on IS NULL ORDER BY id LIMIT 1")
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
    return f"resident:{resident}"


def test_a_job_whose_worker_was_killed_in_the_middle_is_done_once_by_the_next(screened):
    assert screened.linli("worker", "--once").returncode == 0
    subject = record_a_death(screened)
    doing = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND task_name = 'trace.react'"
    reacted = f"SELECT count(*) FROM trace_reacted r JOIN trace_fact f ON f.id = r.fact WHERE f.subject = '{subject}'"
    due = (
        "SELECT count(DISTINCT (args->>'reaction', one)) FROM procrastinate_jobs, jsonb_array_elements_text(args->'facts') one "
        f"JOIN trace_fact f ON f.id = one::bigint WHERE task_name = 'trace.react' AND f.subject = '{subject}'"
    )
    left = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND task_name = 'trace.react'"
    with psycopg.connect(screened.cluster.url()) as holding:
        holding.execute("LOCK TABLE trace_reacted IN EXCLUSIVE MODE")
        worker = screened.start("worker")
        eventually("the worker takes the job", lambda: screened.value(doing))
        worker.kill()
        worker.wait()
        assert screened.value(doing) == 1
    assert screened.value(reacted) == 0
    worker = screened.start("worker")
    eventually("the next worker does it", lambda: screened.value(reacted))
    eventually("no job is left", lambda: not screened.value(left))
    worker.terminate()
    worker.wait()
    assert screened.value(reacted) == screened.value(due) > 0
    repeated = "SELECT count(*) FROM (SELECT 1 FROM trace_reacted GROUP BY reaction, fact HAVING count(*) > 1) twice"
    assert screened.value(repeated) == 0
    screened.assert_whole()


def keep_exporting(browser: Browser, page: str, exported: list[bytes], stop: threading.Event) -> None:
    """Read the page and export its list again and again; what a killed server cut off is simply not counted."""
    while not stop.is_set():
        try:
            exported.append(browser.post(page + "export/", page, sensitive="1"))
        except LOST:
            continue


@contextmanager
def served(city: City) -> Iterator[tuple[subprocess.Popen[bytes], Browser]]:
    """The site by real processes, and an officer who has signed in."""
    port = free_port()
    server = city.start("serve", "--port", str(port))
    browser = Browser(port)

    def answers() -> bool:
        try:
            return bool(browser.get("/healthz"))
        except LOST:
            return False

    try:
        eventually("the site answers", answers)
        browser.post("/office/sign-in/", "/office/sign-in/", login="officer", password=PASSWORD)
        yield server, browser
    finally:
        server.terminate()
        server.wait()


def test_a_web_process_that_was_killed_takes_neither_session_nor_recorded_reads_with_it(screened):
    with served(screened) as (server, browser):
        run = screened.value("SELECT uid::text FROM screening_run WHERE eligible > 0 ORDER BY programme, id DESC LIMIT 1")
        page = f"/office/runs/{run}/found/"
        people = len(set(re.findall(rf"/office/runs/{run}/subjects/([0-9a-f-]+)/", browser.get(page))))
        assert people
        exported, stop = [], threading.Event()
        officer = threading.Thread(target=keep_exporting, args=(browser, page, exported, stop))
        officer.start()
        for _ in range(3):
            seen = len(exported)
            eventually("an export arrives", lambda seen=seen: len(exported) > seen)
            for child in children_of(server.pid):
                os.kill(child, signal.SIGKILL)
        seen = len(exported)
        eventually("exports go on in the same session", lambda: len(exported) > seen)
        stop.set()
        officer.join()
        assert page in browser.get(page)
    assert all(zipfile.ZipFile(io.BytesIO(file)).testzip() is None for file in exported)
    reads = screened.value("SELECT count(*) FROM vault_access WHERE purpose = 'screening.export'")
    assert int(str(reads)) >= len(exported)
    screened.assert_whole()


def open_overdue_cases(city: City, number: int) -> None:
    """Home visits asked for long ago, whose clocks are all due now."""
    code = (
        "from linli.site import environment; environment.prepare()\n"
        "from datetime import datetime, timezone\n"
        "from linli.casework import acts\n"
        "from linli.kernel import clock\n"
        "from linli.kernel.viewer import Grant, Viewer\n"
        "from linli.registers.models import Resident\n"
        "window = Viewer('staff:00000000-0000-7000-8000-000000000001', (Grant('clerk'),))\n"
        f"for who in Resident.objects.filter(erased_at=None, deceased_on=None).order_by('id')[:{number}]:\n"
        "    with clock.frozen(datetime(2026, 9, 1, tzinfo=timezone.utc)):\n"
        "        acts.open_home_visit(window, who.uid)\n"
    )
    subprocess.run([sys.executable, "-c", code], env=city.environment, check=True)


def test_timers_of_a_worker_that_is_killed_again_and_again_fire_once_each(screened):
    number = 60
    open_overdue_cases(screened, number)
    fired = "SELECT count(*) FROM trace_fact WHERE type = 'casework.escalated' AND echo_of IS NULL"
    for step in range(1, 4):
        worker = screened.start("worker")
        eventually("some timers fire", lambda step=step: int(str(screened.value(fired))) >= step * number // 5)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    worker = screened.start("worker")
    eventually("all timers fire", lambda: screened.value(fired) == number)
    worker.terminate()
    worker.wait()
    once = "SELECT count(*) FROM casework_task WHERE level = 1"
    assert screened.value(once) == number
    assert screened.value("SELECT count(*) FROM casework_timer WHERE attempts > 0") == 0
    screened.assert_whole()


def open_disputes(city: City, number: int) -> None:
    """People at a window who say that a fact of theirs is wrong."""
    code = (
        "from linli.site import environment; environment.prepare()\n"
        "from linli.casework import acts\n"
        "from linli.kernel.viewer import Grant, Viewer\n"
        "from linli.registers.models import Resident\n"
        "window = Viewer('staff:00000000-0000-7000-8000-000000000001', (Grant('clerk'),))\n"
        f"for who in Resident.objects.filter(erased_at=None, deceased_on=None).order_by('id')[:{number}]:\n"
        "    acts.open_dispute(window, who.uid, 'disability_level', '不是这一级')\n"
    )
    subprocess.run([sys.executable, "-c", code], env=city.environment, check=True)


@pytest.mark.parametrize(
    ("verb", "fact", "words"),
    [("take", "casework.task_taken", {}), ("keep", "casework.answered", {"words": "证上写的就是这一级"})],
    ids=["taking", "answering"],
)
def test_a_bulk_act_whose_web_process_is_killed_again_and_again_is_done_once_for_each(screened, verb, fact, words):
    number = 80
    dispute = "kind = 'fact_dispute' AND status = 'open'"
    if not screened.value(f"SELECT count(*) FROM casework_case WHERE {dispute}"):
        open_disputes(screened, number)
    with psycopg.connect(screened.cluster.url()) as connection:
        cases = [uid for (uid,) in connection.execute(f"SELECT uid::text FROM casework_case WHERE {dispute}").fetchall()]
    assert len(cases) == number
    facts = f"FROM trace_fact WHERE type = '{fact}' AND echo_of IS NULL"
    done = f"SELECT count(*) {facts}"
    with served(screened) as (server, browser):
        preview = browser.post("/office/inbox/bulk/", "/office/", verb=verb, case=cases).decode()
        key = re.search(r'name="key" value="([^"]+)"', preview)
        assert key
        form = {"verb": verb, "case": cases, "key": key[1], "confirm": "1", **words}
        answered: list[bytes] = []

        def send() -> None:
            try:
                answered.append(browser.post("/office/inbox/bulk/", "/office/", **form))
            except LOST:
                return

        interrupted = 0
        for step in range(1, 4):
            sending = threading.Thread(target=send)
            sending.start()
            eventually("some are done", lambda step=step: int(str(screened.value(done))) >= step * number // 5)
            for child in children_of(server.pid):
                os.kill(child, signal.SIGKILL)
            sending.join()
            interrupted += not answered
        assert interrupted, "no process was killed in the middle of the act"
        assert int(str(screened.value(done))) <= number
        eventually("the same form, sent once more, is answered", lambda: send() or answered)
        assert answered[-1].decode().count('class="task"') == number
    assert screened.value(done) == number
    assert screened.value(f"SELECT count(DISTINCT payload->>'case') {facts}") == number
    open_now = screened.value(f"SELECT count(*) FROM casework_case WHERE {dispute}")
    assert open_now == (number if verb == "take" else 0)
    screened.assert_whole()


UPLOADED = "elder-survey"


def confirmed_columns(browser: Browser, page: str) -> None:
    """Accept the columns as they were guessed, unless the sender's are known and the file is being tried already."""
    found = browser.get(page)
    guessed = re.findall(r'name="(column-\d+)">(.*?)</select>', found, re.DOTALL)
    told = {name: "".join(re.findall(r'value="(\w+)" selected', options)) for name, options in guessed}
    if told:
        browser.post(page, page, **told)


def interrupted(city: City, server: subprocess.Popen[bytes], send: Callable[[], object], moment: float) -> bool:
    """Send something and kill the web processes `moment` seconds after the database is written to. True if no answer came."""
    answers: list[object] = []

    def sending() -> None:
        try:
            answers.append(send())
        except LOST:
            return

    browser = threading.Thread(target=sending)
    writing = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'linli' AND backend_xid IS NOT NULL"
    browser.start()
    eventually("it writes, or is done", lambda: answers or city.value(writing))
    time.sleep(moment)
    for child in children_of(server.pid):
        os.kill(child, signal.SIGKILL)
    browser.join()
    return not answers


def test_an_upload_whose_web_process_is_killed_while_it_is_tried_or_applied_is_delivered_once(screened):
    standing = f"SELECT count(*) FROM registers_listimport WHERE list_slug = '{UPLOADED}' AND undone_at IS NULL"
    records = f"SELECT count(*) FROM registers_record WHERE list_slug = '{UPLOADED}' AND known_to IS NULL"
    cut, whole = [], 0
    with served(screened) as (server, browser):
        for moment in (0.0, 0.05, 0.2, 0.5):
            form = {"as_of": clock.today().isoformat(), "area": "1408", "whole": "1"}
            browser.upload(f"/office/imports/lists/{UPLOADED}/", screened.files / f"{UPLOADED}.xlsx", **form)
            uid = screened.value("SELECT uid::text FROM registers_upload ORDER BY id DESC LIMIT 1")
            page, columns = f"/office/imports/files/{uid}/", f"/office/imports/files/{uid}/columns/"
            cut.append(interrupted(screened, server, lambda columns=columns: confirmed_columns(browser, columns), moment))
            assert screened.value(standing) == 0
            eventually("the site answers again", lambda page=page: browser.get(page))
            if screened.value(f"SELECT state FROM registers_upload WHERE uid = '{uid}'") == "columns":
                confirmed_columns(browser, columns)
            checked = re.search(r'name="plan" value="([^"]+)"', browser.get(page))
            assert checked
            told = {"verb": "apply", "plan": checked[1], "leave": "1", "drop": "1"}
            cut.append(interrupted(screened, server, lambda page=page, told=told: browser.post(page, page, **told), moment))
            assert screened.value(standing) in (0, 1)
            assert (screened.value(standing) == 0) == (screened.value(records) == 0)
            for _ in range(2):
                browser.post(page, "/office/", **told)
            assert screened.value(standing) == 1
            assert screened.value(records) == whole or not whole
            whole = int(str(screened.value(records)))
            delivery = screened.value(f"SELECT uid::text FROM registers_listimport WHERE list_slug = '{UPLOADED}' AND undone_at IS NULL")
            undone = screened.linli("registers", "undo", str(delivery))
            assert undone.returncode == 0, undone.stdout + undone.stderr
    assert whole > 100
    assert any(cut)
    screened.assert_whole()
