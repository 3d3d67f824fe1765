"""What tests of several writers share: threads with connections of their own, other processes on the test database, own servers."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connection, connections

from linli.kernel.errors import LinliError, Problems
from linli.site.cluster import Cluster


def in_threads(works: Sequence[Callable[[], None]]) -> None:
    """Run all at once, each on a database connection of its own; the first error is raised here."""
    errors: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a writer never came back"
    if errors:
        raise errors[0]


def at_once(*works: Callable[[], object]) -> list[object]:
    """Let all go at the same moment, each with its connection open; of each in turn what it returned, or the code it was refused with."""
    gate, answers = threading.Barrier(len(works)), [None] * len(works)

    def one(place: int) -> None:
        connection.ensure_connection()
        gate.wait(30)
        try:
            answers[place] = works[place]()
        except Problems as problems:
            answers[place] = problems.problems[0].code
        except LinliError as problem:
            answers[place] = problem.code

    in_threads([lambda place=place: one(place) for place in range(len(works))])  # type: ignore[misc]
    return answers


def environment(url: str) -> dict[str, str]:
    """What another process needs to import as this one does, and to work on that database."""
    return {**os.environ, "DATABASE_URL": url, "PYTHONPATH": os.pathsep.join(sys.path)}


def database_url() -> str:
    """The test database's: wherever its server listens, and with the password that it asks for."""
    settings = connection.settings_dict
    user, password, host, database = (quote(str(settings[key]), safe="") for key in ("USER", "PASSWORD", "HOST", "NAME"))
    who = f"{user}:{password}" if password else user
    port = f"&port={settings['PORT']}" if settings["PORT"] else ""
    return f"postgresql://{who}@/{database}?host={host}{port}"


@contextmanager
def cluster_of_its_own(name: str) -> Iterator[Cluster]:
    """A PostgreSQL that only this block uses, on a Unix socket. Its folder is gone afterwards."""
    state = Path(tempfile.mkdtemp(prefix=f"linli-{name}-"))
    state.chmod(0o755)
    cluster = Cluster.of(state)
    cluster.up()
    try:
        yield cluster
    finally:
        cluster.down()
        shutil.rmtree(state)


def wait_until_nobody_writes() -> None:
    """Until every other session on the test database is idle; five seconds at most."""
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            if cursor.fetchone()[0] == 0:
                return
        time.sleep(0.05)


def waiting(number: int) -> None:
    """Return once so many sessions on the test database wait for a lock; thirty seconds at most."""
    for _ in range(600):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction would be told the same again
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
            if cursor.fetchone()[0] >= number:
                return
        time.sleep(0.05)
    raise AssertionError(f"never: {number} wait for a lock")
