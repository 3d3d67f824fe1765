"""Reads that are put together once: the rows are Django's, and what would keep another question than the one asked is refused."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Q, QuerySet
from django.test.utils import CaptureQueriesContext

from linli.kernel import compiled as keeping
from linli.kernel.compiled import Fixed, compiled

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


@compiled
def ending(keys: tuple[str, ...], after: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key__in=keys, expire_date__gt=after).order_by("session_key")


@compiled
def beginning(text: str) -> QuerySet[Session, str]:
    return Session.objects.filter(session_key__startswith=text).values_list("session_key", flat=True)


@compiled
def lasting(since: datetime) -> QuerySet[Session]:
    return Session.objects.filter(Q(expire_date__gt=since) | Q(expire_date__lt=since - timedelta(days=1)))


@compiled
def around(moment: Fixed[datetime]) -> QuerySet[Session, str]:
    day = timedelta(days=1)
    rows = Session.objects.filter(expire_date__gt=moment.value - day, expire_date__lt=moment.value + day)
    return rows.order_by("session_key").values_list("session_key", flat=True)


@pytest.fixture
def kept() -> None:
    for number in range(5):
        Session.objects.create(session_key=f"s{number}", session_data="", expire_date=NOON + timedelta(days=number))


@pytest.mark.django_db
@pytest.mark.usefixtures("kept")
def test_the_rows_are_djangos_whatever_the_values() -> None:
    assert [one.session_key for one in ending(("s0", "s1", "s2"), NOON)] == ["s1", "s2"]
    assert [one.session_key for one in ending(("s4", "s3"), NOON + timedelta(days=3))] == ["s4"]
    assert ending.first(("nobody",), NOON) is None
    assert around(Fixed(NOON)) == ["s0"]
    assert around(Fixed(NOON + timedelta(hours=12))) == ["s0", "s1"]
    with CaptureQueriesContext(connection) as asked:
        ending(("s1", "s2"), NOON)
    assert len(asked) == 1
    assert "'s1', 's2'" in asked[0]["sql"]


@pytest.mark.django_db
def test_a_value_that_is_changed_or_computed_from_is_refused() -> None:
    for read, value in ((beginning, "s"), (lasting, NOON)):
        with pytest.raises(TypeError, match="not as it was given"):
            read(value)  # type: ignore[operator]


@pytest.mark.django_db
@pytest.mark.usefixtures("kept")
def test_what_is_asked_besides_the_values_is_noticed_where_everything_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["s1"]

    @compiled
    def loose(after: datetime) -> QuerySet[Session]:
        return Session.objects.filter(session_key=wanted[0], expire_date__gt=after)

    assert keeping.checking  # in all tests
    assert len(loose(NOON)) == 1
    wanted[0] = "s2"
    with pytest.raises(AssertionError, match="not what is kept"):
        loose(NOON)
    monkeypatch.setattr(keeping, "checking", False)
    assert [one.session_key for one in loose(NOON)] == ["s1"]


@pytest.fixture
def closing() -> Iterator[None]:
    yield
    connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("kept", "closing")
def test_threads_ask_at_once_each_on_its_own_connection() -> None:
    def ask(number: int) -> list[Any]:
        try:
            return [[one.session_key for one in ending((f"s{number % 5}",), NOON - timedelta(days=9))] for _ in range(20)]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(16)))
    assert found == [[[f"s{number % 5}"]] * 20 for number in range(16)]
