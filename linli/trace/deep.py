"""The deep verification: every digested row against the newest fact that speaks of it.

Two streams in the same order, digests and rows, merged: bounded memory here, a sort on disk in PostgreSQL. It trusts the facts,
so the chains are verified first.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

from psycopg import sql

from linli.kernel.digests import ALGORITHMS, algorithm_of
from linli.trace.findings import Finding
from linli.trace.named import verify_named
from linli.trace.rows import GONE, digest_of, registered
from linli.trace.verify import Tally, stream

_DIGESTS = (Path(__file__).parent / "sql" / "digests.sql").read_text()
_Known = tuple[str, str, int, int, int]
_Stored = tuple[str, str, str, str]


def verify_rows(*, tally: Tally | None = None) -> Iterator[Finding]:
    """Every digested row that was altered, deleted or inserted behind the trace, and what they name that is gone. O(n log n) in rows and
    facts."""
    tally = tally or Tally()
    labels = {declared.label for declared in registered()}
    with closing(_known(labels)) as known_rows, closing(_stored()) as stored_rows:
        known, stored = next(known_rows, None), next(stored_rows, None)
        while known or stored:
            if stored is None or (known and known[0] < stored[0]):
                if known and known[1] != GONE:
                    yield _finding("row_deleted", known)
                known = next(known_rows, None)
                continue
            tally.rows += 1
            if known is None or stored[0] < known[0]:
                yield Finding("row_unrecorded", row=stored[0])
            else:
                yield from _compare(known, stored)
                known = next(known_rows, None)
            stored = next(stored_rows, None)
    yield from verify_named()


def _compare(known: _Known, stored: _Stored) -> Iterator[Finding]:
    _, label, key, text = stored
    if known[1] == GONE:
        yield _finding("row_unrecorded", known)
        return
    algorithm = algorithm_of(known[1])
    if algorithm not in ALGORITHMS or digest_of(label, key, text, algorithm) != known[1]:
        yield _finding("row_altered", known)


def _finding(code: str, known: _Known) -> Finding:
    row, _, fact, chain, seq = known
    return Finding(code, chain, seq, fact, row=row)


def _known(labels: set[str]) -> Generator[_Known]:
    """(row, digest, fact id, chain, seq) of the newest fact of each row, in byte order of the row's name."""
    with closing(stream(_DIGESTS)) as digests:
        for row, digest, fact, chain, seq in digests:
            if row.split(":", 1)[0] in labels:
                yield row, digest, fact, chain, seq


def _stored() -> Generator[_Stored]:
    """(row, label, key, text) of every row of every digested model, in the same order."""
    for declared in sorted(registered(), key=lambda one: f"{one.label}:"):
        query = sql.SQL('SELECT {key}::text, {text} FROM {table} ORDER BY {key}::text COLLATE "C"').format(
            key=declared.key, text=declared.text(), table=declared.table
        )
        with closing(stream(query)) as rows:
            for key, text in rows:
                yield f"{declared.label}:{key}", declared.label, key, text
