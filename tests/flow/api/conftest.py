"""A small city that a program calls: published programmes, a few people, one screening, staff of every role, and the generated client."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser
from django.test import override_settings
from place_examples import FIRST_DAY as FIRST
from standing import standing
from web_examples import PASSWORD, SYSTEM, SmallCity, build, prepare_state

from linli.api import acts
from linli.api.models import Calls
from linli.kernel.viewer import Grant
from linli.registers import acts as registers
from linli.registers.models import Staff
from linli.registers.queries import viewer_of

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "clients" / "python"))
from linli_client import Client, Reply


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Iterator[SmallCity]:
    """See web_examples.build."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch, override_settings(**prepare_state(folder, patch)), standing(django_db_blocker):
        yield build()


class Tokens:
    """Makes staff and their tokens."""

    def staff(self, login: str, *grants: tuple[str, str, str]) -> Staff:
        """A member of staff with these (role, area, programme)."""
        who = registers.add_staff(SYSTEM, login=login, name="测试员", password=PASSWORD)
        for role, area, programme in grants:
            registers.place_grant(SYSTEM, staff=who, role=role, area_code=area, programme=programme, valid_from=FIRST)
        return who

    def secret(self, who: Staff, *grants: Grant) -> str:
        """A token of theirs for 30 days: with these grants, or all they have."""
        viewer = viewer_of(who)
        return acts.make_token(viewer, label="test", grants=grants or viewer.grants, days=30).secret


@pytest.fixture
def tokens() -> Tokens:
    """For one test."""
    return Tokens()


@pytest.fixture(scope="module")
def tokens_in_module() -> Tokens:
    """For the tests of a file."""
    return Tokens()


def through(browser: Browser) -> Any:
    """The generated client's way to the site under test."""

    def call(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        sent = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items() if name != "Content-Type"}
        kind = headers.get("Content-Type", "application/octet-stream")
        answer = browser.generic(method, url.removeprefix("http://testserver"), body or b"", content_type=kind, **sent)
        return answer.status_code, dict(answer.headers), answer.content

    return call


def client(secret: str = "") -> Client:
    """The generated client, calling the site under test once per call."""
    return Client("http://testserver", token=secret, transport=through(Browser(raise_request_exception=False)), attempts=1)


@pytest.fixture
def officer(city: SmallCity, db: None) -> Client:
    """A client with the token of the officer for the whole city."""
    return client(Tokens().secret(city.officer))


@pytest.fixture
def local(city: SmallCity, db: None) -> Client:
    """A client with the token of the officer for the student aid in one county."""
    return client(Tokens().secret(city.local))


@pytest.fixture(autouse=True)
def _fresh_minute(request: pytest.FixtureRequest) -> None:
    """Nobody has called yet."""
    if "db" in request.fixturenames or "city" in request.fixturenames:
        request.getfixturevalue("db")
        Calls.objects.all().delete()


@pytest.fixture
def caller() -> Any:
    """Makes a client: with a token, or without one."""
    return client
