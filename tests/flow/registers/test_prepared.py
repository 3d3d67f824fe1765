"""Prepared statements fail and recover as Django's own queries do."""

from __future__ import annotations

import psycopg
import pytest
from django.db import OperationalError, ProgrammingError, connection

from linli.registers import prepared

QUESTION = "SELECT %(number)s::int AS answer"


@pytest.mark.django_db(transaction=True)
def test_the_next_request_gets_a_new_connection_when_the_old_one_died() -> None:
    assert prepared.rows(QUESTION, {"number": 1}) == [{"answer": 1}]
    mine = connection.connection.info
    with psycopg.connect(mine.dsn, password=mine.password or None, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [mine.backend_pid])
    with pytest.raises(OperationalError):
        prepared.rows(QUESTION, {"number": 2})
    # What Django does at the start and the end of every request.
    connection.close_if_unusable_or_obsolete()
    assert prepared.rows(QUESTION, {"number": 3}) == [{"answer": 3}]


@pytest.mark.django_db
def test_an_error_is_one_of_djangos() -> None:
    with pytest.raises(ProgrammingError):
        prepared.rows("SELECT missing FROM nowhere", {})
