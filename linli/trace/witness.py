"""Witnessing append-only logs whose rows are no facts of their own: who read whose data, what was done to the keys, what the book holds.

A read must not wait for a chain, nor a payment. At least once an hour, and before every seal, one fact per
log states a range of ids: how many rows it has, which ids are unused, and a digest over the text of the rows. The deep
verification reads every witnessed range again. A row changed before it was first witnessed cannot be told from a genuine one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from django.db import connection
from psycopg import sql

from linli.kernel.digests import algorithm_of, default_algorithm, hasher
from linli.kernel.viewer import Viewer
from linli.trace.acts import Act, act
from linli.trace.facts import LOG_WITNESSED
from linli.trace.findings import Finding
from linli.trace.rows import Digested, covering
from linli.trace.verify import stream
from linli.vault.models import Access, KeyEvent

PATIENCE_SECONDS = 20.0
GAPS_STATED = 200
GAPS_READ = 10_000
SPANS_NAMED = 20
Span = tuple[int, int]
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('linli.trace.witness', 0))"
_WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE relation = %s::regclass AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND mode = 'RowExclusiveLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid()"""
_HANDED_OUT = """
SELECT coalesce(max(last_value), 0) FROM pg_sequences
WHERE format('%%I.%%I', schemaname, sequencename) = pg_get_serial_sequence(%s, %s)"""
_STATED = "SELECT id, chain, seq, payload::text FROM trace_fact WHERE type = %s AND echo_of IS NULL ORDER BY id"


@dataclass(frozen=True, slots=True)
class _Content:
    """What a range of a log holds. gaps: its unused ids, None if there are too many to list."""

    count: int
    digest: str
    gaps: list[Span] | None


@dataclass(frozen=True, slots=True)
class _Range:
    """A witnessed range: the fact that states it, and what it held then."""

    fact: int
    chain: int
    seq: int
    first: int
    last: int
    content: _Content


_registry: dict[str, Digested] = {}


def witnessed(log: Digested) -> str:
    """Declare a log of a later stage, in its facts.py; the log's name. What `log.text()` says of a row is what is witnessed of it."""
    _registry[_name(log)] = log
    return _name(log)


def logs() -> list[Digested]:
    """The witnessed tables. Their ids come from a sequence and their rows never change."""
    return [covering(Access), covering(KeyEvent), *(_registry[name] for name in sorted(_registry))]


def take(viewer: Viewer, *, only: str | None = None) -> list[str]:
    """Witness what each log (or the named one) has gained; returns the logs that had to be left for the next time.

    One at a time. Holds up no writer: it waits, for 20 seconds at most, until the transactions have ended that may still commit
    a smaller id than the last one it sees. About 4 µs a row with the database, in bounded memory. Nothing new leaves no fact.
    """
    with act(viewer) as current:
        _value(_ALONE)
        stated = _ranges()
        return [_name(log) for log in _chosen(only) if not _witness(current, log, stated.get(_name(log), []))]


def _chosen(only: str | None) -> list[Digested]:
    return [log for log in logs() if only in (None, _name(log))]


def _witness(current: Act, log: Digested, stated: list[_Range]) -> bool:
    first = stated[-1].last + 1 if stated else 1
    # An id that the sequence never gave was put there by hand: taken into the range it would swallow the ids still to come.
    greatest = _value(sql.SQL("SELECT max({}) FROM {} WHERE {} <= {}").format(log.key, log.table, log.key, _handed_out(log))) or 0
    if greatest < first:
        return True
    if not _writers_ended(log):
        return False
    content = _content(log, first, greatest, default_algorithm(), GAPS_STATED)
    payload = {"log": _name(log), "first": first, "last": greatest, "count": content.count, "digest": content.digest}
    if content.gaps is not None:
        payload["gaps"] = [list(span) for span in content.gaps]
    current.record(LOG_WITNESSED, subject=f"log:{_name(log)}", payload=payload)
    return True


def _writers_ended(log: Digested) -> bool:
    """Wait for the transactions that were writing the log. An INSERT holds its table lock from before it takes an id until its
    transaction has ended, so afterwards no smaller id can appear any more."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    before = _writers(log)
    while before & _writers(log):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


def _writers(log: Digested) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS, [_name(log)])
        return {transaction for (transaction,) in cursor.fetchall()}


def _content(log: Digested, first: int, last: int, algorithm: str, listed: int) -> _Content:
    """Read a range in the order of its ids, listing at most so many gaps."""
    query = sql.SQL("SELECT {key}, {text} FROM {table} WHERE {key} BETWEEN {first} AND {last} ORDER BY {key}").format(
        key=log.key, text=log.text(), table=log.table, first=first, last=last
    )
    state, count, due = hasher(algorithm), 0, first
    gaps: list[Span] = []
    with closing(stream(query)) as rows:
        for id_, text in rows:
            if id_ > due and len(gaps) <= listed:
                gaps.append((due, id_ - 1))
            count, due = count + 1, id_ + 1
            # A row's text has no empty line, so an empty line ends a row.
            state.update(f"{log.label}:{id_}\n{text}\n\n".encode())
    if due <= last:
        gaps.append((due, last))
    return _Content(count, f"{algorithm}:{state.hexdigest()}", gaps if len(gaps) <= listed else None)


def verify_logs(*, only: str | None = None, newer: dict[str, int] | None = None) -> Iterator[Finding]:
    """Every witnessed range, of all logs or the named one, whose rows are no longer those that were witnessed.

    Reads each log once, in bounded memory.
    newer: filled with the number of rows of each log that are not witnessed yet. It trusts the facts: verify the chains first.
    """
    stated = _ranges()
    for log in _chosen(only):
        ranges, covered = stated.get(_name(log), []), 0
        for one in ranges:
            now = _content(log, one.first, one.last, algorithm_of(one.content.digest), GAPS_READ)
            covered += now.count
            yield from _compare(_name(log), one, now)
        known, handed_out = ranges[-1].last if ranges else 0, _handed_out(log)
        outside = _rows_where(log, sql.SQL("<= {}").format(known)) + _rows_where(log, sql.SQL("> {}").format(handed_out)) - covered
        if outside > 0:
            yield Finding("log_outside", log=_name(log), other=outside)
        if newer is not None:
            newer[_name(log)] = _rows_where(log, sql.SQL("BETWEEN {} AND {}").format(known + 1, handed_out))


def _compare(name: str, one: _Range, now: _Content) -> Iterator[Finding]:
    if now.digest == one.content.digest:
        return

    def finding(code: str, other: int | None = None, spans: list[Span] | None = None) -> Finding:
        return Finding(code, one.chain, one.seq, one.fact, other=other, log=f"{name} {one.first}–{one.last}", ids=_ids(spans or []))

    difference = now.count - one.content.count
    if now.gaps is None or one.content.gaps is None:
        code = "log_altered" if difference == 0 else "log_removed" if difference < 0 else "log_inserted"
        yield finding(code, abs(difference))
        return
    removed, inserted = _without(now.gaps, one.content.gaps), _without(one.content.gaps, now.gaps)
    if removed:
        yield finding("log_removed", _length(removed), removed)
    if inserted:
        yield finding("log_inserted", _length(inserted), inserted)
    if not removed and not inserted:
        yield finding("log_altered")


def _without(spans: list[Span], others: list[Span]) -> list[Span]:
    """The parts of the spans that none of the others covers; both in order."""
    left = []
    for start, end in spans:
        for low, high in others:
            if start <= high and low <= end:
                if start < low:
                    left.append((start, low - 1))
                start = high + 1
        if start <= end:
            left.append((start, end))
    return left


def _length(spans: list[Span]) -> int:
    return sum(end - start + 1 for start, end in spans)


def _ids(spans: list[Span]) -> str:
    named = [str(start) if start == end else f"{start}–{end}" for start, end in spans[:SPANS_NAMED]]
    return ", ".join([*named, "…"] if len(spans) > SPANS_NAMED else named)


def _ranges() -> dict[str, list[_Range]]:
    """The witnessed ranges of each log, in order. A witness that was spoilt is left out: the walk finds that fact altered."""
    found: dict[str, list[_Range]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_STATED, [LOG_WITNESSED.name])
        for fact, chain, seq, text in cursor.fetchall():
            try:
                payload = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if LOG_WITNESSED.fits(payload):
                found.setdefault(payload["log"], []).append(_Range(fact, chain, seq, payload["first"], payload["last"], _held(payload)))
    return found


def _held(payload: dict[str, Any]) -> _Content:
    gaps = payload.get("gaps")
    return _Content(payload["count"], payload["digest"], None if gaps is None else [(start, end) for start, end in gaps])


def _name(log: Digested) -> str:
    return log.model._meta.db_table


def _handed_out(log: Digested) -> int:
    """The last id that the log's sequence gave."""
    with connection.cursor() as cursor:
        cursor.execute(_HANDED_OUT, [_name(log), str(log.model._meta.pk.column)])
        return int(cursor.fetchone()[0])


def _rows_where(log: Digested, ids: sql.Composable) -> int:
    return int(_value(sql.SQL("SELECT count(*) FROM {} WHERE {} {}").format(log.table, log.key, ids)))


def _value(query: str | sql.Composable) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]
