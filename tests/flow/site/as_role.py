"""A pytest plugin: every page and call is answered under the database role that serves it, the public site's or the officers'.

`pytest -p as_role tests/flow/web` proves that the roles have every right that those tests need.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.client import ClientHandler

from linli.site import roles
from linli.web.frame.portals import site_of

PUBLIC_CALLS = ("/api/v1/programmes", "/api/v1/check", "/api/v1/areas", "/api/v1/fact-types")


def role_for(path: str) -> str:
    """Who would serve it. The public API is the public site's; what both have is asked of the officers'."""
    return "public" if site_of(path) == "public" or path.startswith(PUBLIC_CALLS) else "office"


@pytest.fixture(scope="session", autouse=True)
def granted(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Roles of the test database's own name, with their rights; taken away at the end."""
    with django_db_blocker.unblock():
        prefix = str(connection.settings_dict["NAME"])
        try:
            make_roles(prefix)
            yield prefix
        finally:
            drop_roles(prefix)


def make_roles(prefix: str) -> None:
    """The three roles, granted what rights.yaml says. Who runs the tests may take on each of them, also where that is no superuser."""
    with connection.cursor() as cursor:
        for role in roles.ROLES:
            cursor.execute(f'CREATE ROLE "{prefix}_{role}"')
            cursor.execute(f'GRANT "{prefix}_{role}" TO CURRENT_USER')
        cursor.execute(f'GRANT TEMPORARY ON DATABASE "{connection.settings_dict["NAME"]}" TO "{prefix}_office", "{prefix}_worker"')
        cursor.execute(f'REVOKE TEMPORARY ON DATABASE "{connection.settings_dict["NAME"]}" FROM PUBLIC')
    roles.grant(prefix)


def drop_roles(prefix: str) -> None:
    """They and all that was granted to them."""
    with connection.cursor() as cursor:
        for role in roles.ROLES:
            cursor.execute(f'DROP OWNED BY "{prefix}_{role}"')
            cursor.execute(f'DROP ROLE "{prefix}_{role}"')


def _behind_django(statement: str) -> None:
    """Not counted among a page's queries."""
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture(autouse=True)
def _as_role(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "db" not in request.fixturenames and not request.node.get_closest_marker("django_db"):
        return
    prefix, answer = request.getfixturevalue("granted"), ClientHandler.__call__

    def answered(self: ClientHandler, environ: dict[str, Any]) -> Any:
        _behind_django(f'SET ROLE "{prefix}_{role_for(environ["PATH_INFO"])}"')
        try:
            return answer(self, environ)
        finally:
            with suppress(psycopg.errors.InFailedSqlTransaction):  # the refusal that failed it is what the test should show
                _behind_django("RESET ROLE")

    monkeypatch.setattr(ClientHandler, "__call__", answered)
    for module in ("entrance.sessions", "frame.middleware"):  # the public site alone has residents' sessions everywhere
        monkeypatch.setattr(f"linli.web.{module}.is_residents", lambda asked: role_for(asked.path) == "public")
