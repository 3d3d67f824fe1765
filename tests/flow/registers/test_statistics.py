"""The planner knows the size of what was just loaded, and is not told again of every small addition."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any

import pytest
from as_role import drop_roles, make_roles
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity

from linli.kernel.ids import uuid7
from linli.registers.bulk import NewResident, register_residents
from linli.registers.statistics import gather_where_grown

Committed = Callable[..., AbstractContextManager[list[Any]]]
PROBE: Any = SimpleNamespace(_meta=SimpleNamespace(db_table="statistics_probe"))


def _after(additions: list[int], committed: Committed) -> float:
    """Rows the planner counted last, when a table of its own was added to so many times."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE statistics_probe (text text)")
        for rows in additions:
            with committed(execute=True):
                cursor.execute("INSERT INTO statistics_probe SELECT repeat('x', 1000) FROM generate_series(1, %s)", [rows])
                gather_where_grown(PROBE)
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'statistics_probe'::regclass")
        return float(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("additions", "known"),
    [
        pytest.param([300], 300, id="first rows"),
        pytest.param([300, 20], 300, id="a small addition"),
        pytest.param([300, 150, 200], 650, id="doubled by two additions"),
    ],
)
def test_a_table_is_looked_at_when_it_has_doubled(
    db: None, django_capture_on_commit_callbacks: Committed, additions: list[int], known: int
) -> None:
    assert _after(additions, django_capture_on_commit_callbacks) == known


def test_nothing_is_looked_at_before_the_commit(db: None, django_capture_on_commit_callbacks: Committed) -> None:
    with connection.cursor() as cursor, django_capture_on_commit_callbacks():
        cursor.execute("CREATE TEMPORARY TABLE statistics_probe (text text)")
        cursor.execute("INSERT INTO statistics_probe SELECT repeat('x', 1000) FROM generate_series(1, 100)")
        gather_where_grown(PROBE)
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'statistics_probe'::regclass")
        assert cursor.fetchone() == (-1,)


@pytest.mark.usefixtures("small_city")
def test_a_base_register_asks_for_every_table_it_fills(django_capture_on_commit_callbacks: Committed) -> None:
    someone = NewResident(uuid7(), "王建国", identity=identity(), situations=[("lives", VILLAGE, FIRST_DAY)])
    with CaptureQueriesContext(connection) as asked, django_capture_on_commit_callbacks(execute=True):
        register_residents(SYSTEM, [someone], source="test")
    looked_at = " ".join(query["sql"] for query in asked.captured_queries if "pg_relation_size" in query["sql"])
    assert all(f"registers_{name}'" in looked_at for name in ("resident", "situation", "household", "householdmember", "familylink"))


@pytest.mark.django_db(transaction=True)
def test_a_process_that_owns_no_table_tells_of_one_that_it_filled() -> None:
    with connection.cursor() as cursor:
        prefix = str(connection.settings_dict["NAME"])
        make_roles(prefix)
        try:
            with connection.cursor() as office, transaction.atomic():
                office.execute(f'SET LOCAL ROLE "{prefix}_office"')
                office.execute("INSERT INTO django_session SELECT 's' || n, repeat('x', 300), now() FROM generate_series(1, 900) n")
                office.execute("SELECT registers_gather('django_session'::regclass)")
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'django_session'::regclass")
            assert cursor.fetchone() == (900,)
            cursor.execute("SELECT has_function_privilege(%s, 'registers_gather(regclass)', 'EXECUTE')", [f"{prefix}_public"])
            assert cursor.fetchone() == (False,)
        finally:
            drop_roles(prefix)
