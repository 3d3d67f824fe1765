"""Walking every chain: a fact altered, removed, moved or inserted behind the system is found and named.

One pass over the facts in chain order through a server-side cursor: bounded memory, no lock that a writer waits for. A walk sees
one snapshot of the database. What it cannot see alone is a tail cut off together with its head: that takes a seal (seals.py).
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from linli.kernel.digests import ALGORITHMS, algorithm_of
from linli.trace.chains import SHARED_CHAINS, content, link, origin, stored_text
from linli.trace.facts import BULK_KEY
from linli.trace.findings import Finding
from linli.trace.seals import Seal

SUSPECTS_COMPARED = 32
FINDINGS_PER_CHAIN = 100
FETCHED_AT_ONCE = 2000
_SQL = Path(__file__).parent / "sql"
_WALK = (_SQL / "walk.sql").read_text()
_ANCHORS = (_SQL / "anchors.sql").read_text()
_NAMES = (
    "chain", "seq", "id", "uid", "type", "version", "occurred_at", "recorded_at", "actor", "subject", "area", "echo_of",
    "payload", "digests",
)  # fmt: skip


@dataclass(slots=True)
class Tally:
    """What a verification has read, for its last line."""

    facts: int = 0
    chains: int = 0
    rows: int = 0


@dataclass(slots=True)
class _Row:
    """A fact as it is stored: its columns by name, and its hash."""

    columns: dict[str, Any]
    hash: str

    @property
    def seq(self) -> int:
        return int(self.columns["seq"])

    def fits(self, previous: str, *, seq: int | None = None) -> bool:
        """Whether the hash is that of these columns after `previous` (at another place, if given)."""
        algorithm = algorithm_of(self.hash)
        columns = self.columns if seq is None else {**self.columns, "seq": seq}
        if columns["occurred_at"] is None or columns["recorded_at"] is None:
            return False  # a moment that no calendar holds; walk.sql leaves it out
        return algorithm in ALGORITHMS and link(previous, content(**columns), algorithm) == self.hash


@dataclass(slots=True)
class _Walk:
    """One chain while it is read."""

    chain: int
    sealed: tuple[int, str] | None
    seq: int = 0
    hash: str = ""
    suspects: list[tuple[_Row, str]] = field(default_factory=list)
    unlisted: int = 0

    def __post_init__(self) -> None:
        self.hash = origin(self.chain)

    def step(self, row: _Row) -> Iterator[Finding]:
        """Take the next stored fact. After a gap its link cannot be checked: the gap itself is reported."""
        if row.seq <= self.seq:
            yield Finding("inserted", self.chain, row.seq, row.columns["id"])
            return
        if row.seq > self.seq + 1:
            yield Finding("removed", self.chain, self.seq + 1, other=row.seq - 1)
        elif not row.fits(self.hash):
            self._suspect(row)
        if self.sealed and row.seq == self.sealed[0] and row.hash != self.sealed[1]:
            yield Finding("seal_differs", self.chain, row.seq, row.columns["id"])
        self.seq, self.hash = row.seq, row.hash

    def _suspect(self, row: _Row) -> None:
        if len(self.suspects) < FINDINGS_PER_CHAIN:
            self.suspects.append((row, self.hash))
        else:
            self.unlisted += 1

    def end(self) -> Iterator[Finding]:
        """What only shows once the whole chain was read: facts that changed places, and a tail that a seal knew."""
        nearest = self.suspects[:SUSPECTS_COMPARED]
        compared = {one.seq for one, _ in nearest}
        hashes = {one.hash for one, _ in nearest} | {previous for _, previous in nearest}
        places = {seq + step for seq in compared for step in (-1, 0, 1)}
        doubted = {one.seq for one, _ in self.suspects}
        for row, _ in self.suspects:
            if row.seq - 1 in doubted and any(row.fits(previous) for previous in hashes):
                continue  # genuine: only what stands before it is not
            home = self._home(row, places, hashes) if row.seq in compared else None
            yield Finding("moved" if home else "altered", self.chain, row.seq, row.columns["id"], other=home)
        if self.unlisted:
            yield Finding("more", self.chain, other=self.unlisted)
        if self.sealed and self.seq < self.sealed[0]:
            yield Finding("seal_missing", self.chain, other=self.sealed[0])

    @staticmethod
    def _home(row: _Row, places: set[int], hashes: set[str]) -> int | None:
        """The place at which an unaltered fact fits after one of the hashes; tries at most 96 × 64 of them."""
        return next((seq for seq in sorted(places - {row.seq}) if any(row.fits(previous, seq=seq) for previous in hashes)), None)


@contextmanager
def snapshot() -> Iterator[None]:
    """One unchanging view of the database for a long read. Inside an open transaction, that transaction's own."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def verify_chains(*, seal: Seal | None = None, only: int | None = None, tally: Tally | None = None) -> Iterator[Finding]:
    """Every finding about the chains (or one chain), in chain order. About 20 µs a fact."""
    tally = tally or Tally()
    ends = _expected_ends(only)
    with closing(_rows(only)) as rows:
        for chain, stored in groupby(rows, key=lambda row: row.columns["chain"]):
            walk = _Walk(chain, seal.heads.get(chain) if seal else None)
            tally.chains += 1
            for row in stored:
                tally.facts += 1
                yield from walk.step(row)
            yield from walk.end()
            yield from _check_end(walk, ends.pop(chain, None))
    for chain, end in sorted(ends.items()):
        yield from _nothing_left(chain, end, seal)


def stream(query: str | sql.Composable, parameters: dict[str, Any] | None = None) -> Generator[tuple[Any, ...]]:
    """The rows of a query through a server-side cursor, some thousands in memory at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.cursor.itersize = FETCHED_AT_ONCE
        cursor.execute(query, parameters)
        yield from cursor


def _rows(only: int | None) -> Generator[_Row]:
    with closing(stream(_WALK, {"only": only})) as stored:
        for *values, hash_ in stored:
            columns = dict(zip(_NAMES, values, strict=True))
            columns["payload"] = stored_text(columns["payload"])
            columns["digests"] = stored_text(columns["digests"])
            yield _Row(columns, hash_)


def _expected_ends(only: int | None) -> dict[int, tuple[int, str] | None]:
    """Where each chain must end: the heads of the shared ones (None if the head is gone), the anchors of the bulk ones."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT chain, seq, hash FROM trace_head")
        ends: dict[int, tuple[int, str] | None] = dict.fromkeys(range(SHARED_CHAINS))
        ends.update({chain: (seq, hash_) for chain, seq, hash_ in cursor.fetchall()})
        cursor.execute(_ANCHORS, {"shared": SHARED_CHAINS})
        ends.update(end for (payload,) in cursor.fetchall() if (end := _anchored(payload)))
    return ends if only is None else {chain: end for chain, end in ends.items() if chain == only}


def _anchored(payload: str) -> tuple[int, tuple[int, str]] | None:
    """The bulk chain that an anchor names, with its end. None for an act without bulk facts, and for an anchor that was spoilt:
    the walk finds that fact altered and the bulk chain without its anchor."""
    try:
        bulk = json.loads(payload)[BULK_KEY]
        chain, count, root = bulk["chain"], bulk["count"], bulk["root"]
    except (ValueError, RecursionError, TypeError, KeyError):
        return None
    known = isinstance(chain, int) and chain >= SHARED_CHAINS and isinstance(count, int) and isinstance(root, str)
    return (chain, (count, root)) if known else None


def _check_end(walk: _Walk, end: tuple[int, str] | None) -> Iterator[Finding]:
    shared = walk.chain < SHARED_CHAINS
    if end is None:
        yield Finding("head_missing", walk.chain) if shared else Finding("bulk_unanchored", walk.chain, other=walk.seq)
    elif walk.seq < end[0]:
        yield Finding("removed", walk.chain, walk.seq + 1, other=end[0])
    elif walk.seq > end[0]:
        yield Finding("inserted", walk.chain, end[0] + 1)
    elif walk.hash != end[1]:
        yield Finding("head_differs" if shared else "bulk_differs", walk.chain, walk.seq)


def _nothing_left(chain: int, end: tuple[int, str] | None, seal: Seal | None) -> Iterator[Finding]:
    """A chain that should exist and has no fact at all."""
    if chain >= SHARED_CHAINS:
        yield Finding("bulk_missing", chain, other=end[0] if end else None)
    elif end is None:
        yield Finding("head_missing", chain)
    elif end[0] > 0:
        yield Finding("removed", chain, 1, other=end[0])
    if seal and chain in seal.heads and seal.heads[chain][0] > 0:
        yield Finding("seal_missing", chain, other=seal.heads[chain][0])
