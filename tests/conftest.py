"""What tests that really commit start from, without a superuser and without touching the guards of append-only tables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker


def _database() -> tuple[str, str]:
    """The test database and its untouched copy, both quoted."""
    name = str(connection.settings_dict["NAME"])
    quote = connection.ops.quote_name
    return quote(name), quote(f"{name}_untouched")


def _copied(source: str, target: str) -> None:
    """Sessions in either are ended: those of a test's threads, and one that a browser's event loop hides from close_all.

    Not by WITH (FORCE): it asks for the right to end an automatic vacuum too, which only a superuser has; a plain DROP ends that by itself.
    A page that is still open would connect anew before the DROP: nobody may any more.
    """
    connections.close_all()
    names = [source.strip('"'), target.strip('"')]
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [names[1]])
        if cursor.fetchone():
            cursor.execute(f"ALTER DATABASE {target} WITH ALLOW_CONNECTIONS false")
        clients = "datname IN (%s, %s) AND backend_type = 'client backend'"
        cursor.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {clients}", names)
        cursor.execute(f"DROP DATABASE IF EXISTS {target}")
        cursor.execute(f"CREATE DATABASE {target} TEMPLATE {source}")


@pytest.fixture(scope="session")
def untouched_copy(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A copy of the database as migrated; tests that commit are followed by a new copy of it.

    Django's own way to empty the database, TRUNCATE, is what the guards refuse. Tests that roll back leave nothing in it.
    """
    name, copy = _database()
    with django_db_blocker.unblock():
        _copied(name, copy)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: _copied(copy, name))
        yield
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {copy}")


@pytest.fixture(autouse=True)
def _committed_rows_go(request: pytest.FixtureRequest) -> None:
    """Make that copy before the first test that commits."""
    marker = request.node.get_closest_marker("django_db")
    if (marker and marker.kwargs.get("transaction")) or {"transactional_db", "live_server"} & set(request.fixturenames):
        request.getfixturevalue("untouched_copy")
