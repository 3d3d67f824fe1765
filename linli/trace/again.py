"""Work that runs again when its database went away: a restart, a kill or a deadlock ends no job for good, and none keeps a dead connection.

What such a job does is safe to do again; it says so itself. Of many pieces of work each is done apart.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import TypeVar

import psycopg
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from procrastinate import RetryStrategy

TRANSIENT = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
T = TypeVar("T")
_log = logging.getLogger(__name__)
AGAIN = RetryStrategy(max_attempts=12, exponential_wait=2, retry_exceptions=TRANSIENT)
"""After two seconds, four, eight … for two hours: a server that comes back finds its work waiting."""


def fresh() -> None:
    """At the beginning of a job: a server that was restarted leaves a dead connection in a long-lived worker."""
    if not connection.in_atomic_block:
        close_old_connections()


def apart(about: object, do: Callable[[], T], otherwise: T) -> T:
    """What one of many pieces of work comes to. One that fails is logged and comes to `otherwise`: it holds up none of the others. Without
    a database there is nothing to go on with."""
    try:
        return do()
    except Exception:
        if connection.connection is None or connection.connection.closed:
            raise
        _log.exception("%s: failed, the others go on", about)
        return otherwise


def each(about: object, found: Iterator[T]) -> Iterator[T]:
    """All that is found of one of many; where finding fails that is logged, and the others go on."""
    end = object()
    while (one := apart(about, lambda: next(found, end), end)) is not end:
        yield one  # type: ignore[misc]
