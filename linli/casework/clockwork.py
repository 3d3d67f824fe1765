"""The thread of the worker that fires timers: it sleeps until the next is due, and works beside the jobs so that none delays it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.db import Error as DatabaseError
from django.db import connection

from linli.casework import timers
from linli.kernel import clock
from linli.trace.again import fresh

# A timer set meanwhile by another process is noticed after this many seconds at the latest.
LONGEST_SLEEP = 1.0
PAUSE_WITHOUT_DATABASE = 2.0
_log = logging.getLogger("linli.casework.clockwork")


@contextmanager
def running() -> Iterator[None]:
    """Timers fire while the block runs. The thread's connection is its own; a database that is away is waited for."""
    stop = Event()
    thread = Thread(target=_run, args=(stop,), name="linli-timers", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=20)


def _run(stop: Event) -> None:
    try:
        while not stop.is_set():
            stop.wait(_turn())
    finally:
        connection.close()


def _turn() -> float:
    """Fire what is due; how many seconds to sleep."""
    try:
        fresh()
        timers.fire_due()
        due = timers.next_due()
    except DatabaseError as error:
        _log.warning("timers wait for the database: %s", type(error).__name__)
        connection.close()
        return PAUSE_WITHOUT_DATABASE
    if due is None:
        return LONGEST_SLEEP
    return min(LONGEST_SLEEP, max(0.0, (due - clock.now()).total_seconds()))
