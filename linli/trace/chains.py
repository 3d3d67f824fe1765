"""Hash chains: which chain a subject belongs to, what a fact's hash binds, and appending.

64 shared chains, chosen by the subject's digest, whatever the number of clients. hash = H(previous hash, newline, canonical fact),
where the canonical fact holds every other column. The first fact of a chain follows the text "linli-chain:<number>".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from linli.kernel import clock
from linli.kernel.digests import canonical, default_algorithm, digest
from linli.kernel.errors import LinliError
from linli.kernel.ids import uuid7

SHARED_CHAINS = 64
_SQL = Path(__file__).parent / "sql"
_APPEND = (_SQL / "append.sql").read_text()
_COPY = (_SQL / "copy.sql").read_text()
_HOLD = (_SQL / "hold.sql").read_text()
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


@dataclass(slots=True)
class Entry:
    """A fact on its way into a chain. payload and digests are canonical JSON text; id is given before the place."""

    subject: str
    type: str
    version: int
    occurred_at: datetime
    actor: str
    area: str
    payload: str
    digests: str = "{}"
    id: int = 0
    echo_of: int | None = None
    uid: UUID = field(default_factory=uuid7)

    def echo(self, subject: str, id_: int) -> Entry:
        """This fact as another subject's chain shows it; row digests stay with the fact itself."""
        return replace(self, subject=subject, id=id_, echo_of=self.id, digests="{}", uid=uuid7())


def json_text(value: Any) -> str:
    """Canonical JSON text; raises TypeError on floats and on types without a canonical form."""
    return canonical(value).decode()


def stored_text(column: str) -> str:
    """Canonical JSON text of what a jsonb column holds. Unlike json_text it takes any JSON: a verification must not stop at it."""
    if column == "{}":
        return column
    try:
        return _encode(json.loads(column))
    except (ValueError, RecursionError):  # a depth or a number of digits that no act writes: as it stands it fits no hash
        return column


def digests_text(digests: Mapping[str, str]) -> str:
    """Canonical JSON text of row digests."""
    return _encode(dict(digests)) if digests else "{}"


def json_value(column: Any) -> Any:
    """A jsonb column of a raw cursor as a value: Django's connections hand it over as text."""
    return json.loads(column) if isinstance(column, str) else column


@lru_cache(maxsize=4096)
def chain_of(subject: str) -> int:
    """The shared chain of a subject: the same for ever, so it does not follow LINLI_CRYPTO."""
    return int.from_bytes(hashlib.sha256(subject.encode()).digest()[:4]) % SHARED_CHAINS


def origin(chain: int) -> str:
    """What stands before the first fact of a chain."""
    return f"linli-chain:{chain}"


def content(
    *, chain: int, seq: int, id: int, uid: UUID, type: str, version: int, occurred_at: datetime, recorded_at: datetime,
    actor: str, subject: str, area: str, echo_of: int | None, payload: str, digests: str,
) -> bytes:  # fmt: skip
    """The canonical bytes of a fact: a JSON list of its plain columns, then payload and digests as canonical JSON.

    Three JSON values in a row delimit themselves, so no two facts share these bytes.
    """
    plain = [
        chain, seq, id, str(uid), type, version, occurred_at.astimezone(UTC).isoformat(), recorded_at.astimezone(UTC).isoformat(),
        actor, subject, area, echo_of,
    ]  # fmt: skip
    return (_encode(plain) + payload + digests).encode()


def link(previous: str, body: bytes, algorithm: str) -> str:
    """The hash of a fact that follows `previous`."""
    return digest(previous.encode() + b"\n" + body, algorithm)


class Chain:
    """One chain while facts are appended to it in memory: where it stands and the rows to write."""

    __slots__ = ("_algorithm", "hash", "number", "seq")

    def __init__(self, number: int, seq: int = 0, head: str = "") -> None:
        self.number, self.seq, self.hash = number, seq, head or origin(number)
        self._algorithm = default_algorithm()

    def place(self, entry: Entry, recorded_at: datetime) -> tuple[Any, ...]:
        """Give the entry the next place; returns the row in the order of sql/append.sql."""
        self.seq += 1
        body = content(
            chain=self.number, seq=self.seq, id=entry.id, uid=entry.uid, type=entry.type, version=entry.version,
            occurred_at=entry.occurred_at, recorded_at=recorded_at, actor=entry.actor, subject=entry.subject, area=entry.area,
            echo_of=entry.echo_of, payload=entry.payload, digests=entry.digests,
        )  # fmt: skip
        self.hash = link(self.hash, body, self._algorithm)
        return (
            entry.id, self.number, self.seq, entry.uid, entry.type, entry.version, entry.occurred_at, recorded_at, entry.actor,
            entry.subject, entry.area, entry.payload, entry.digests, entry.echo_of, self.hash,
        )  # fmt: skip


def new_ids(count: int) -> list[int]:
    """Fact ids from the sequence. An act takes them after it wrote its rows: a later change of a row gets a greater id."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('trace_fact_id') FROM generate_series(1, %s)", [count])
        return [row[0] for row in cursor.fetchall()]


@dataclass(slots=True)
class Held:
    """The locked heads of some shared chains, and an id for each fact that is about to be appended."""

    ids: list[int]
    chains: dict[int, Chain]


def hold(subjects: Sequence[str]) -> Held:
    """Lock the heads of the subjects' chains, in chain order, until the commit, and take one id per subject. One statement."""
    numbers = sorted({chain_of(subject) for subject in subjects})
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [len(subjects), numbers])
        found = cursor.fetchall()
    if len(found) < len(numbers):
        raise _head_missing(set(numbers) - {row[0] for row in found})
    return Held(ids=found[0][3], chains={chain: Chain(chain, seq, head) for chain, seq, head, _ in found})


def append(entries: Sequence[Entry], held: Held) -> None:
    """Append to the held chains: facts and heads in one statement."""
    recorded_at = clock.now()
    rows = [held.chains[chain_of(entry.subject)].place(entry, recorded_at) for entry in entries]
    heads = [(chain.number, chain.seq, chain.hash) for chain in held.chains.values()]
    columns = [list(column) for table in (heads, rows) for column in zip(*table, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, columns)


def _head_missing(numbers: set[int]) -> LinliError:
    listed = ", ".join(map(str, sorted(numbers)))
    return LinliError(
        "trace.head_missing",
        zh="留痕链头缺失，拒绝写入",
        en="A chain's head is missing: nothing can be recorded.",
        expected=(f"{SHARED_CHAINS} 个链头", f"{SHARED_CHAINS} heads"),
        found=(f"缺少链头 {listed}", f"no head for {listed}"),
        remedy_zh="运行 linli trace verify 查明，再从备份恢复",
        remedy_en="run: linli trace verify, and restore from the backup",
    )


def new_bulk_chain() -> Chain:
    """A chain of its own for a bulk act. Numbers are never reused; a rolled back act leaves a gap."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('trace_bulk_chain')")
        return Chain(cursor.fetchone()[0])


def copy(chain: Chain, entries: Iterable[Entry]) -> None:
    """Append to a bulk chain by COPY. Takes no lock that another act waits for."""
    recorded_at = clock.now()
    with connection.cursor() as cursor, cursor.copy(_COPY) as stream:
        for entry in entries:
            stream.write_row(chain.place(entry, recorded_at))
