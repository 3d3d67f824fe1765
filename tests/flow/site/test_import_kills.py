"""kill -9 of the web process and of the worker in the middle of the import wizard: what was confirmed is done, once."""

from __future__ import annotations

import csv
import http.client
import os
import re
import shutil
import signal
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from working_city import PASSWORD, Browser, City, children_of, eventually, free_port

from linli.kernel.identity import check_character
from linli.papers import read_table
from linli.registers.lists import load_list

pytestmark = pytest.mark.long
LIST = "social-insurance"
ROOT = Path(__file__).resolve().parents[3]
SEND = f"/office/imports/lists/{LIST}/"
GONE = (urllib.error.URLError, ConnectionError, TimeoutError, http.client.HTTPException)


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    made = City(Path("/tmp") / f"linli-import-kill-{os.getpid()}-{tmp_path_factory.mktemp('k').name}")
    yield made
    made.cluster.down()
    shutil.rmtree(made.files.parent)


@pytest.fixture
def served(city):
    """The city's site with somebody signed in; (server, browser). Its processes are killed in the tests, not the server itself."""
    port = free_port()
    server, browser = city.start("serve", "--port", str(port)), Browser(port)

    def answers() -> bool:
        try:
            return bool(browser.get("/healthz"))
        except GONE:
            return False

    eventually("the site answers", answers)
    browser.post("/office/sign-in/", "/office/sign-in/", login="officer", password=PASSWORD)
    yield server, browser
    server.terminate()
    server.wait()


def a_list(city: City, folder: Path, rows: int, day: str) -> Path:
    """The generated list made longer with people whom nobody knows: it takes the software long enough to be killed in."""
    table = read_table(city.files / f"{LIST}.xlsx")
    own = [[cell.text for cell in row.cells] for row in table.rows]
    declared = load_list(ROOT / "cities" / "yuncheng" / "registers" / f"{LIST}.yaml")
    at, name = (
        next(index for index, header in enumerate(table.headers) if header in declared.column(column).headers)
        for column in (declared.key, declared.fallback["name"])
    )
    path = folder / f"{LIST}-{day}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.headers)
        writer.writerows(own)
        for number in range(rows - len(own)):
            first = f"990000{1950 + number % 40}0101{number // 40 % 1000:03d}"
            cells = list(own[number % len(own)])
            cells[at], cells[name] = first + check_character(first), f"外人{number}"
            writer.writerow(cells)
    return path


def sent(browser: Browser, path: Path, day: str) -> str:
    """Upload the file and accept its columns; the address of the upload."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(SEND))
    fields = {"csrfmiddlewaretoken": token[1], "as_of": day, "area": "1408", "whole": ""}
    edge = "edge-of-a-part"
    parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode() for name, text in fields.items()]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\nContent-Type: text/csv\r\n\r\n'
    body = b"".join([*parts, head.encode(), path.read_bytes(), f"\r\n--{edge}--\r\n".encode()])
    request = urllib.request.Request(browser.address + SEND, body, {"Content-Type": f"multipart/form-data; boundary={edge}"})
    with browser.opener.open(request, timeout=60) as response:
        page, where = response.read().decode(), response.url.removeprefix(browser.address)
    if where.endswith("/columns/"):
        options = re.findall(r'name="(column-\d+)">(.*?)</select>', page, re.DOTALL)
        chosen = {name: found[0] if (found := re.findall(r'value="(\w+)" selected', text)) else "" for name, text in options}
        browser.post(where, where, **chosen)
    return where.removesuffix("columns/")


def plan_on(browser: Browser, upload: str) -> str:
    found = re.search(r'name="plan" value="([^"]+)"', browser.get(upload))
    assert found
    return found[1]


def state_of(city: City, upload: str) -> object:
    uid = upload.rstrip("/").rpartition("/")[2]
    return city.value(f"SELECT state FROM registers_upload WHERE uid = '{uid}'")


def deliveries(city: City) -> int:
    return int(str(city.value(f"SELECT count(*) FROM registers_listimport WHERE list_slug = '{LIST}'")))


def assert_applied_once(city: City, upload: str, before: int) -> None:
    uid = upload.rstrip("/").rpartition("/")[2]
    assert deliveries(city) == before + 1
    told, recorded = (
        city.value(f"SELECT (counts->>'opened')::int FROM registers_upload WHERE uid = '{uid}'"),
        city.value(
            "SELECT count(*) FROM registers_record r JOIN registers_upload u ON u.delivery_id = r.source_import_id "
            f"WHERE u.uid = '{uid}' AND r.recorded_by_id = u.delivery_id AND r.known_to IS NULL"
        ),
    )
    changed = city.value(f"SELECT (counts->>'changed')::int FROM registers_upload WHERE uid = '{uid}'")
    assert recorded == int(str(told)) + int(str(changed))
    city.assert_whole()


def test_a_web_process_killed_while_a_checked_file_is_applied_applies_it_whole_and_once(city, served, tmp_path):
    server, browser = served
    before = deliveries(city)
    upload = sent(browser, a_list(city, tmp_path, 4_000, "a"), "2026-11-01")
    plan = plan_on(browser, upload)

    def apply() -> None:
        try:
            browser.post(upload, SEND, verb="apply", plan=plan, leave="1")
        except (*GONE, AssertionError):
            return

    writing = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'linli' AND backend_xid IS NOT NULL AND state <> 'idle'"
    for _ in range(3):
        if state_of(city, upload) == "applied":
            break
        asking = threading.Thread(target=apply)
        asking.start()
        eventually("it writes", lambda asking=asking: city.value(writing) or not asking.is_alive())
        for child in children_of(server.pid):
            os.kill(child, signal.SIGKILL)
        asking.join()
        assert state_of(city, upload) in ("checked", "applied")
    eventually("the site answers again", lambda: apply() or state_of(city, upload) == "applied")
    apply()
    assert_applied_once(city, upload, before)


def test_a_worker_killed_while_it_checks_and_applies_a_large_file_goes_on_with_the_next_worker(city, served, tmp_path):
    _server, browser = served
    before = deliveries(city)
    upload = sent(browser, a_list(city, tmp_path, 12_000, "b"), "2026-11-02")
    assert state_of(city, upload) == "checking"
    doing = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND task_name = 'registers.{}_upload'"
    for step, after, plan in (("check", "checked", ""), ("apply", "applied", "ask")):
        if plan:
            browser.post(upload, SEND, verb="apply", plan=plan_on(browser, upload), leave="1")
            assert state_of(city, upload) == "applying"
        worker = city.start("worker")
        eventually("the worker takes it", lambda step=step: city.value(doing.format(step)))
        worker.kill()
        worker.wait()
        assert state_of(city, upload) == f"{step}ing"
        assert city.value("SELECT count(*) FROM registers_listimport WHERE as_of = '2026-11-02'") == 0
        worker = city.start("worker")
        eventually("the next worker does it", lambda after=after: state_of(city, upload) == after)
        worker.terminate()
        worker.wait()
    assert_applied_once(city, upload, before)
