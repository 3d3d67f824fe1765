"""A database that cannot search Chinese is refused before anything is written to it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from linli.kernel.errors import LinliError
from linli.registers.encoding import require_chinese

NAME = f"test_linli_without_chinese_{os.getpid()}"


@pytest.fixture
def without_chinese(db: None) -> Iterator[BaseDatabaseWrapper]:
    """A connection to a new database of LC_CTYPE C, made outside the test's transaction."""
    known = connection.get_connection_params()
    server = psycopg.connect(
        **{name: known[name] for name in ("dbname", "user", "host", "port", "password") if name in known}, autocommit=True
    )
    server.execute(f"DROP DATABASE IF EXISTS {NAME}")
    server.execute(f"CREATE DATABASE {NAME} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
    other = connection.copy()
    other.settings_dict = {**connection.settings_dict, "NAME": NAME}
    yield other
    other.close()
    server.execute(f"DROP DATABASE {NAME}")
    server.close()


def test_a_database_without_chinese_is_refused_with_the_remedy(without_chinese: BaseDatabaseWrapper) -> None:
    with pytest.raises(LinliError) as caught:
        require_chinese(without_chinese)
    assert caught.value.code == "registers.database_locale"
    assert "LC_CTYPE C" in str(caught.value)
    assert "initdb" in caught.value.remedy_en


@pytest.mark.django_db
def test_the_databases_of_linli_pass() -> None:
    require_chinese(connection)
