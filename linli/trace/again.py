"""Work that runs again when its database went away: a restart, a kill or a deadlock ends no job for good, and none keeps a dead connection.

What such a job does is safe to do again; it says so itself.
"""

from __future__ import annotations

import psycopg
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from procrastinate import RetryStrategy

TRANSIENT = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
AGAIN = RetryStrategy(max_attempts=12, exponential_wait=2, retry_exceptions=TRANSIENT)
"""After two seconds, four, eight … for two hours: a server that comes back finds its work waiting."""


def fresh() -> None:
    """At the beginning of a job: a server that was restarted leaves a dead connection in a long-lived worker."""
    if not connection.in_atomic_block:
        close_old_connections()
