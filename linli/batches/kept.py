"""A batch's counts, kept in this process while nothing that they were taken from has changed: its page reads no list then.

Every transaction that changes something counted leaves its number in batches_changed (sql/changed.sql), committed with the change. Counts
are kept with the database's snapshot from before they were taken; they hold as long as every number noted was visible in it. So they are
never older than a fresh count would be, whoever writes and through whatever. Acts do not read them: an approval counts anew.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from django.db import connection

from linli.batches import queries
from linli.batches.blocks import Counts, counts_of
from linli.batches.models import Batch

MOST, SECONDS = 256, 3600.0
"""How many batches are kept, and for how long: far shorter than what transactions note is kept, a day."""
_NEWS = """
    SELECT pg_current_snapshot()::text,
        (SELECT oid FROM pg_database WHERE datname = current_database())::text || pg_postmaster_start_time()::text,
        pg_current_xact_id_if_assigned() IS NOT NULL,
        EXISTS (SELECT FROM batches_changed WHERE programme IN (%(programme)s, '') AND xid >= pg_snapshot_xmin(%(seen)s)::text::bigint
            AND NOT pg_visible_in_snapshot(xid::text::xid8, %(seen)s))
"""
_FORGET = "DELETE FROM batches_changed WHERE at < now() - interval '1 day'"


@dataclass(frozen=True, slots=True)
class _Entry:
    """server: which database, since which start: the numbers of another one say nothing."""

    counts: Counts
    snapshot: str
    server: str
    state: str
    at: float


_KEPT: OrderedDict[UUID, _Entry] = OrderedDict()
_LOCK = Lock()


def counted(batch: Batch) -> Counts:
    """The counts as they are now. One query where nothing changed since they were taken, else those of blocks.counts_of too.

    Inside a transaction that has written they are counted and not kept: a snapshot does not tell its own transaction's changes apart.
    """
    with _LOCK:
        known = _KEPT.get(batch.uid)
    with connection.cursor() as cursor:
        cursor.execute(_NEWS, {"programme": batch.programme, "seen": known.snapshot if known else None})
        snapshot, server, writing, changed = cursor.fetchone()
    if writing:
        return counts_of(batch, queries.programme_of(batch))
    now = time.monotonic()
    if known and not changed and (known.server, known.state) == (server, batch.state) and now - known.at < SECONDS:
        return known.counts
    found = counts_of(batch, queries.programme_of(batch))
    with _LOCK:
        _KEPT[batch.uid] = _Entry(found, snapshot, server, batch.state, now)
        _KEPT.move_to_end(batch.uid)
        while len(_KEPT) > MOST:
            _KEPT.popitem(last=False)
    return found


def forget() -> None:
    """Delete what transactions of days ago noted: no kept counts are as old. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET)
