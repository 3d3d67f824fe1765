"""A database server that is stopped, starting or not to be reached: pages and calls say what to do, and nothing of where or why."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client

from linli.kernel.errors import is_database_away

pytestmark = pytest.mark.django_db


def away(*_: Any, **__: Any) -> None:
    """What Django raises where nobody answers at the server's address."""
    try:
        psycopg.connect("host=/nowhere dbname=linli")
    except psycopg.Error as cause:
        raise OperationalError(*cause.args) from cause


@pytest.mark.parametrize(("language", "said"), [("zh", "请过一分钟刷新"), ("en", "refresh in a minute")])
@pytest.mark.parametrize("address", ["/genuine/?q=12345678", "/office/sign-in/"])
def test_a_page_says_so_and_what_to_do(monkeypatch: pytest.MonkeyPatch, language: str, said: str, address: str) -> None:
    monkeypatch.setattr("linli.notices.queries.is_genuine", away)
    monkeypatch.setattr("linli.web.entrance.signin.keep_or_end", away)
    client = Client(raise_request_exception=False)
    client.cookies["linli_language"] = language
    client.cookies["linli_staff"] = client.cookies["linli_resident"] = "of-a-session-that-cannot-be-read"
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert said in answer.content.decode()
    assert "/nowhere" not in answer.content.decode()


@pytest.mark.parametrize("broken", ["linli.api.limits.counted", "linli.api.routes.programmes.live_versions"])
def test_a_call_is_a_problem_that_says_so(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    monkeypatch.setattr(broken, away)
    answer = Client(raise_request_exception=False).get("/api/v1/programmes")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert json.loads(answer.content)["code"] == "api.unavailable"


def test_alive_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linli.site.health.unapplied", away)
    client = Client()
    assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 503)


def _raised(statement: str) -> BaseException:
    """By a session of its own."""
    asked = {
        key: value for key, value in connection.get_connection_params().items() if key in ("dbname", "user", "password", "host", "port")
    }
    with pytest.raises(psycopg.Error) as caught, psycopg.connect(**asked, autocommit=True) as session:
        session.execute(statement)
    return caught.value


def test_a_session_that_the_server_ends_is_told_from_other_errors() -> None:
    assert is_database_away(_raised("SELECT pg_terminate_backend(pg_backend_pid())"))
    for statement in ("SELECT 1 / 0", "SELECT no_such_column", "SET statement_timeout = 1; SELECT pg_sleep(1)", "SELECT 'x'::int"):
        assert not is_database_away(_raised(statement)), statement
    assert not is_database_away(ValueError("no"))
