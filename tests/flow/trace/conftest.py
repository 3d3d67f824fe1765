"""Trace tests run in both suites of algorithms."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import pytest_django
from django.db import connection
from trace_examples import forget_everything, switch_guards


@pytest.fixture(autouse=True, params=["aes", "sm"])
def suite(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name: str = request.param
    monkeypatch.setenv("LINLI_CRYPTO", name)
    return name


@pytest.fixture
def empty_trace(db: None) -> None:
    """A trace without facts, inside the test's own transaction."""
    forget_everything()


@pytest.fixture
def guards_back(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """Set up before the transactional database, so torn down after its flush: every guard is on again."""
    yield
    with django_db_blocker.unblock():
        switch_guards(on=True)
        connection.close()


@pytest.fixture
def committed(guards_back: None, transactional_db: None) -> Iterator[None]:
    """A database in which acts really commit. It is emptied as its owner, who can switch off the guards against TRUNCATE."""
    yield
    switch_guards(on=False)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM trace_fact")
        cursor.execute("UPDATE trace_head SET seq = 0, hash = ''")
        cursor.execute("DELETE FROM procrastinate_jobs")
