"""What tests that commit start from: a copy of the database as migrated, the next one made while the test before still runs."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg
from django.db import connection, connections

Server = psycopg.Connection[tuple[object, ...]]
PATIENCE = 5
"""Seconds that a session has to end before the copying says so."""


class Copies:
    """The test database under its own name, its untouched copy, and a spare that takes its place after a test.

    Django's own way to empty the database, TRUNCATE, is what the guards refuse. Making a copy takes 0.3 seconds and dropping one up to one:
    a thread does both, so that a test waits only for two changes of name.
    """

    def __init__(self) -> None:
        self.name = str(connection.settings_dict["NAME"])
        self.untouched, self.spare, self.used = (f"{self.name}_{what}" for what in ("untouched", "spare", "used"))
        self._parameters = connection.get_connection_params() | {"dbname": "postgres"}
        self._thread = ThreadPoolExecutor(1)
        connections.close_all()
        with self._server() as server:
            for one in (self.untouched, self.spare, self.used):
                _dropped(server, one)
            _ended(server, self.name)
            server.execute(f"CREATE DATABASE {_quoted(self.untouched)} TEMPLATE {_quoted(self.name)}")
        self._next: Future[None] = self._thread.submit(self._prepared)

    def _server(self) -> Server:
        """Not by Django's connections: the thread works while a test may be forbidden to use them."""
        return psycopg.connect(**self._parameters, autocommit=True)

    def _prepared(self) -> None:
        with self._server() as server:
            _dropped(server, self.used)
            server.execute(f"CREATE DATABASE {_quoted(self.spare)} TEMPLATE {_quoted(self.untouched)} STRATEGY file_copy")

    def renewed(self) -> None:
        """The test database is as it was migrated. Sessions in the used one end; no page that is still open connects to it."""
        connections.close_all()
        self._next.result()
        with self._server() as server:
            server.execute(f"ALTER DATABASE {_quoted(self.name)} WITH ALLOW_CONNECTIONS false")
            _ended(server, self.name)
            server.execute(f"ALTER DATABASE {_quoted(self.name)} RENAME TO {_quoted(self.used)}")
            server.execute(f"ALTER DATABASE {_quoted(self.spare)} RENAME TO {_quoted(self.name)}")
        self._next = self._thread.submit(self._prepared)

    def gone(self) -> None:
        """Only the test database is left; whoever made it drops it."""
        self._next.result()
        self._thread.shutdown()
        with self._server() as server:
            for one in (self.untouched, self.spare):
                _dropped(server, one)


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))


def _dropped(server: Server, name: str) -> None:
    """Not WITH (FORCE): it asks for the right to end an automatic vacuum too, a superuser's; a plain DROP ends that by itself."""
    _ended(server, name)
    server.execute(f"DROP DATABASE IF EXISTS {_quoted(name)}")


def _ended(server: Server, name: str) -> None:
    """Sessions in it are ended: those of a test's threads, and one that a browser's event loop hides from close_all."""
    clients, until = "FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'", time.monotonic() + PATIENCE
    server.execute(f"SELECT pg_terminate_backend(pid) {clients}", [name])
    while server.execute(f"SELECT 1 {clients} LIMIT 1", [name]).fetchone():
        if time.monotonic() > until:
            raise TimeoutError(f"sessions in {name} did not end within {PATIENCE} s")
        time.sleep(0.005)
