"""What is logged of a walk through the whole site, of failures, and of the server's own messages: nothing about a person."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from gunicorn.config import Config
from own_browser import slip_of
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from site_examples import whole_site
from web_examples import PASSWORD, SmallCity

from linli import vault
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts
from linli.registers.models import Resident, Staff
from linli.site import metrics as figures
from linli.site.logs import JsonLines, TextLines, log_what_nobody_caught
from linli.site.server_log import ServerLog

pytestmark = pytest.mark.django_db
WINDOW = Viewer("staff:00000000-0000-7000-8000-000000000002", (Grant("clerk", "140802"),))


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that would reach standard error, as JSON and as text, from the lowest level that is ever on."""
    stream, root, requests = io.StringIO(), logging.getLogger(), logging.getLogger("linli.requests")
    handlers = [logging.StreamHandler(stream) for _ in range(2)]
    for handler, form in zip(handlers, (JsonLines(), TextLines()), strict=True):
        handler.setFormatter(form)
        root.addHandler(handler)
    before = requests.level
    requests.setLevel(logging.INFO)
    yield stream
    requests.setLevel(before)
    for handler in handlers:
        root.removeHandler(handler)


def private_words() -> set[str]:
    """Every name, number and telephone of the small city, and who is who."""
    words: set[str] = {PASSWORD}
    for one in Resident.objects.all():
        fields = {name: getattr(one, f"{name}_cipher") for name in ("identity", "phone") if getattr(one, f"{name}_cipher")}
        words |= {one.name, str(one.uid), *vault.reveal(SYSTEM, purpose="registers.match", subject=one.uid, fields=fields).values()}
    for staff in Staff.objects.all():
        words |= {staff.name, str(staff.uid)}
    return {word for word in words if word}


def lines_of(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines() if line.startswith("{")]


def test_a_walk_through_the_whole_site_leaves_no_word_about_anybody(small_city: SmallCity, client: Client, written: io.StringIO):
    """Every address as an officer, with people's names, numbers and ids in it, in forms and in query strings."""
    words = private_words()
    assert len(words) > 12
    assert client.post("/office/sign-in/", {"login": "officer", "password": PASSWORD}).status_code == 302
    client.raise_request_exception = False
    typed = {"q": small_city.found.name, "words": small_city.away.name, "contact": "12500000000", "name": small_city.found.name}
    for _, address in whole_site(small_city):
        client.get(address, typed)
    for address in (
        f"/nowhere/{small_city.found.name}/",
        f"/office/residents/{small_city.away.uid}/",
        "/my/sign-in/",
        "/office/residents/",
    ):
        client.get(address, typed)
        client.post(address, typed)
    told = written.getvalue()
    assert {word for word in words if word in told} == set()
    assert re.findall(r"(?<!\w)(?:1[3-9]\d{9}|12500\d{6}|\d{17}[\dX])(?!\w)", told) == []
    answers = [line for line in lines_of(written) if line["logger"] == "linli.requests"]
    assert len(answers) > 80
    assert {"anyone", "staff"} <= {line["who"] for line in answers}
    assert {line["path"] for line in answers} >= {"/office/residents/<uuid:uid>/", "/my/sign-in/", "none"}


def test_a_day_at_a_window_and_at_home_leaves_no_word_about_anybody_and_no_figure_has_one(
    client: Client, small_city: SmallCity, written: io.StringIO
):
    """A clerk finds a person by name, number and telephone, and prints a code; the person reads every page of theirs and searches."""
    number, phone, searched = identity(), "12500000123", "尘肺病怎么补"
    who = person("测试当事人", identity=number, phone=phone)
    code = slip_of(who)
    clerk = acts.add_staff(SYSTEM, login="window", name="测试窗口", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=clerk, role="clerk", area_code="140802", valid_from=FIRST_DAY)
    words = private_words() | {number, phone, searched, VILLAGE}
    window = Client()
    assert window.post("/office/sign-in/", {"login": "window", "password": PASSWORD}).status_code == 302
    assert client.post("/my/sign-in/code/", {"contact": number, "code": code})["Location"] == "/my/"
    for reader, sites in (
        (window, ("/window/", "/office/residents/")),
        (client, ("/my/", "/programmes/", "/check/", "/genuine/")),
    ):
        reader.raise_request_exception = False
        for _, address in whole_site(small_city):
            if address.startswith(sites):
                reader.get(address, {"q": searched, "area": VILLAGE})
        for typed in (who.name, number, phone, searched):
            reader.get(sites[0], {"q": typed})
            reader.post(sites[0], {"q": typed, "name": typed, "identity": typed, "contact": typed})
            reader.get(f"/api/v1/residents/{typed}", headers={"Authorization": f"Bearer linli_{typed}".encode().decode("latin-1")})
    assert {"anyone", "resident", "staff"} <= {line["who"] for line in lines_of(written) if line["logger"] == "linli.requests"}
    told = written.getvalue() + figures.text().decode()
    assert {word for word in words if word in told} == set()
    assert re.findall(rf"(?<![\w.]){code}(?!\w)", told) == []  # within some request's number six digits stand by chance
    assert "/my/letters/" in told


def test_a_failure_is_logged_by_type_and_place_and_never_by_value(
    small_city: SmallCity, office: Client, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
):
    """A database quotes the row, a refusal the value, a traceback the line with its literals: none of it arrives."""
    secret = small_city.found.name

    def broken(*args: Any, **kwargs: Any) -> Any:
        secret_of_the_frame = secret
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int", [secret_of_the_frame])

    monkeypatch.setattr("linli.web.views.residents.person_page.page", broken)
    office.raise_request_exception = False
    response = office.get(f"/office/residents/{small_city.found.uid}/")
    assert response.status_code == 500
    assert secret not in written.getvalue()
    (failure,) = [line for line in lines_of(written) if line.get("error")]
    assert failure["error"] == "django.db.utils.DataError"
    assert any(place.startswith("linli/web/views/residents.py:") for place in failure["places"])
    assert failure["request"] == response["X-Request-ID"]
    assert (failure["event"], failure["level"]) == ("Internal Server Error", "error")


def test_the_request_id_of_a_proxy_is_kept_and_anything_else_is_not(client: Client, written: io.StringIO):
    given = "0123456789abcdef0123456789abcdef"
    assert client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"] == given
    assert lines_of(written)[-1]["request"] == given
    for forged in ("张三", "a" * 40, "x\ny", ""):
        answered = client.get("/healthz", headers={"X-Request-ID": forged})["X-Request-ID"]
        assert re.fullmatch(r"[0-9a-f]{32}", answered)
        assert answered != forged


@pytest.mark.parametrize(
    ("logger", "message", "arguments", "event"),
    [
        ("gunicorn.error", "Invalid request from ip=10.1.2.3: Invalid HTTP request line: 'GET /?q=张三'", (), "Invalid request from ip"),
        ("django.request", "Not Found: %s", ("/my/张三/",), "Not Found"),
        ("django.security.DisallowedHost", "Invalid HTTP_HOST header: '张三.cn'.", (), "Invalid HTTP_HOST header"),
        ("procrastinate.worker", "Job site.work[12](name='张三') ended with status: Error", (), "Job site.work"),
        ("somebody.elses", "%s and %s", ("张三", "李四"), ""),
        ("linli.casework", "timers wait for the database: %s", ("OperationalError",), "timers wait for the database: OperationalError"),
    ],
)
def test_of_a_record_by_others_only_the_words_before_the_first_value_remain(logger: str, message: str, arguments: Any, event: str):
    record = logging.LogRecord(logger, logging.WARNING, __file__, 1, message, arguments, None)
    record.job = {"id": 12, "task_name": "site.work", "task_kwargs": {"name": "张三"}}
    record.action = "job_error"
    for form in (JsonLines(), TextLines()):
        assert "张三" not in form.format(record)
    told = json.loads(JsonLines().format(record))
    assert (told["event"], told["task"], told["job"]) == (event, "site.work", 12)


def test_a_refusal_keeps_its_code_and_loses_what_it_found(written: io.StringIO):
    try:
        raise LinliError("registers.no_resident", zh="没有", en="none", found="张三")
    except LinliError:
        logging.getLogger("linli.somewhere").exception("a job failed")
    (line,) = lines_of(written)
    assert (line["code"], line["error"]) == ("registers.no_resident", "linli.kernel.errors.LinliError")
    assert "张三" not in written.getvalue()


def test_what_ends_a_process_or_a_thread_becomes_a_line(written: io.StringIO, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    log_what_nobody_caught()

    def broken() -> None:
        raise ValueError("张三")

    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()
    try:
        broken()
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert [(line["event"], line["error"]) for line in lines_of(written)] == [
        ("a thread ends", "builtins.ValueError"),
        ("the process ends", "builtins.ValueError"),
    ]
    assert "张三" not in written.getvalue()


def test_the_server_writes_the_same_lines(capsys: pytest.CaptureFixture[str], settings: Any):
    settings.LINLI_LOG = "json"
    server = ServerLog(Config())
    stream = io.StringIO()
    for handler in server.error_log.handlers:
        handler.setStream(stream)
    server.error("Worker (pid:%s) was sent SIG%s!", 7, "KILL")
    assert json.loads(stream.getvalue())["event"] == "Worker"


def test_the_signal_that_ended_a_process_of_the_servers_is_told():
    told = json.loads(
        JsonLines().format(logging.LogRecord("gunicorn.error", 40, __file__, 1, "Worker (pid:%s) was sent %s!", (7, "SIGBUS"), None))
    )
    assert (told["event"], told["signal"]) == ("Worker", "SIGBUS")
    other = logging.LogRecord("gunicorn.error", 40, __file__, 1, "Worker (pid:%s) was sent %s!", (7, "张三"), None)
    assert "signal" not in json.loads(JsonLines().format(other))
