"""A bank's answer as a file, whatever it answers about: taken once, staged row by row, finished when each row has been dealt with.

What is more than some thousand rows is kept as a file and read by the worker (reading.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from procrastinate.contrib.django import app
from psycopg import sql

from linli.kernel import clock
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.registers.statistics import gather_where_grown
from linli.settlement import facts
from linli.settlement.acts import shelf
from linli.settlement.banking.layouts import layout_of
from linli.settlement.banking.rows import BadRow, OutcomeRow, Told
from linli.settlement.models import BankAnswer
from linli.settlement.refusals import refused
from linli.trace import Act, FactType, act
from linli.trace.turns import one_at_a_time

PIECE = 500
"""Rows that are dealt with in one transaction."""
LARGEST_FILE = 512 * 1024 * 1024
MOST_ROWS = 1_000_000
"""Rows of one answer: the largest batch ten times over."""
AT_ONCE = 2000
"""Rows that are staged in one transaction, and at most while whoever sends the file waits."""
_SMALL = 2**20
EARLY = "not_handed_over"
# A reference that stands in a file twice: said the same twice, it counts once; said differently, nobody knows which is true.
_DUPLICATES = sql.SQL("""
UPDATE {table} r SET verdict = 'duplicate'
FROM (
    SELECT id, row_number() OVER (PARTITION BY reference ORDER BY line) AS place,
        count(*) OVER same AS alike, count(*) OVER (PARTITION BY reference) AS every
    FROM {table} WHERE {owner} = %(answer)s AND verdict = ''
    WINDOW same AS (PARTITION BY reference, {said})
) twice
WHERE r.id = twice.id AND twice.every > 1 AND (twice.alike < twice.every OR twice.place > 1)""")


@dataclass(frozen=True, slots=True)
class Reader:
    """How the answers of one kind are read. rows: those of the file; made: what is stored of a readable one, beside line, reference and
    code; said: the columns that say what the bank answered; allow: raises for who may not hand it in, once its rows stand; fact, done: its
    rows stand, and have been dealt with; job: the one that deals with them, and its argument's name."""

    kind: type[BankAnswer]
    rows: Callable[[Any, Path, Told], Iterator[OutcomeRow | BadRow]]
    made: Callable[[OutcomeRow], dict[str, Any]]
    said: tuple[str, ...]
    allow: Callable[[Viewer, Any], None]
    fact: FactType
    done: FactType
    job: tuple[str, str]


def require_not_too_large(path: Path) -> None:
    """Raise LinliError for a file that is larger than any bank's."""
    if path.stat().st_size > LARGEST_FILE:
        raise refused(
            "too_large", "file", ("文件过大", "The file is too large."), remedy=("请银行分文件提供", "ask the bank for several files")
        )


def take(viewer: Viewer, reader: Reader, *, layout: str, path: Path, name: str) -> Any:
    """The answer in a file: its row, or that of the time when the same file was taken before. One transaction; a large file is read by the
    job. It may be handed in anew where it was refused after all, where no row could be read (in another layout), or where it came before
    its file was handed over: its rows did nothing and are read again. Raises LinliError for what is no such file or in no known layout.
    """
    layout_of(Path(settings.LINLI_CITY), layout)
    require_not_too_large(path)
    digest, large = digest_of(path), is_large(path)
    with act(viewer) as current:
        one_at_a_time(f"settlement.receive:{digest}")
        row = reader.kind._default_manager.filter(file_digest=digest).first()  # type: ignore[attr-defined]
        if row is not None and not _may_be_anew(row, layout):
            if row.received_by != viewer.actor:
                _require_may_see(viewer, row)
            return row
        if row is not None:
            row.lines.all().delete()  # type: ignore[attr-defined]
        row = row or reader.kind(file_digest=digest)
        row.layout, row.file_name, row.received_by, row.received_at = layout, name[:120], viewer.actor, clock.now()
        row.state, row.refusal = ("reading" if large else "applying"), None
        row.grants = [[one.role, one.area, one.programme] for one in viewer.grants] if large else None
        row.save()
        payload = {"layout": layout, "file": digest}
        if large:
            shelf.keep(path, digest)
            current.record(facts.ANSWER_KEPT, subject=str(row), payload=payload, rows=[row])
        else:
            told = Told()
            for piece in pieces(reader.rows(row, path, told)):
                put(reader, row, piece)
            staged(current, viewer, reader, row, told)
        task, argument = reader.job
        app.configure_task(task).defer(**{argument: str(row.uid)})
    return row


def _require_may_see(viewer: Viewer, row: BankAnswer) -> None:
    """Raise Refused where another handed the file in before, and the viewer isn't shown what became of it (queries.outcome)."""
    try:
        viewer.require("officer")
    except Refused as why:
        raise Refused(
            "settlement.handed_in_before",
            zh="这个文件别人已经交过，系统已经在按它处理，不用再交",
            en="Somebody else handed in this file: it is being dealt with, and need not be sent again.",
            expected="a file that nobody handed in yet",
            expected_zh="还没有交过的回盘文件",
            found=clock.day_of(row.received_at).isoformat(),
            found_zh=f"{clock.day_of(row.received_at)} 已交",
            remedy_zh="在批次的页面查看本县的处理结果；文件里其他县的结果请问市级经办人员",
            remedy_en="see on the batch's page what became of your own payments; ask the city's office about the rest of the file",
        ) from why


def _may_be_anew(row: Any, layout: str) -> bool:
    """Whether a file that was handed in before is read once more: it was refused, or nothing in it counted, because it was read in another
    layout or came too early."""
    if row.refusal is not None:
        return True
    if row.state != "done":
        return False
    verdicts = set(row.lines.order_by().values_list("verdict", flat=True).distinct())
    early = EARLY in verdicts and verdicts <= set(row.not_used)
    return early or (row.layout != layout and verdicts <= {"unreadable"})


def is_large(path: Path) -> bool:
    """Whether a file may hold more rows than are staged while somebody waits. Reads 1 MB at most."""
    if path.stat().st_size > _SMALL:
        return True
    content = path.read_bytes()
    return max(content.count(b"\n"), content.count(b"TxInfAndSts>") // 2) > AT_ONCE


def pieces(rows: Iterator[Any]) -> Iterator[list[Any]]:
    """Rows, AT_ONCE at a time. Raises LinliError beyond MOST_ROWS."""
    count = 0
    while piece := list(islice(rows, AT_ONCE)):
        count += len(piece)
        if count > MOST_ROWS:
            raise refused(
                "too_many_rows",
                "file",
                ("文件里的记录过多", "The file holds too many rows."),
                expected=f"≤ {MOST_ROWS:,}",
                remedy=("请银行分文件提供", "ask the bank for several files"),
            )
        yield piece


def put(reader: Reader, row: BankAnswer, piece: list[Any]) -> None:
    """Store rows of a file beside its answer, about 0.1 ms each."""
    lines: Any = row.lines  # type: ignore[attr-defined]
    kind, owner = lines.model, {lines.field.name: row}
    kind._default_manager.bulk_create([kind(**owner, **_stored(reader, one)) for one in piece])


def _stored(reader: Reader, one: OutcomeRow | BadRow) -> dict[str, Any]:
    if isinstance(one, BadRow):
        return {"line": one.line, "verdict": "unreadable", "found": one.column[:80]}
    return {"line": one.line, "reference": _safe(one.reference, 40), "code": _safe(one.code, 40), **reader.made(one)}


def staged(current: Act, viewer: Viewer, reader: Reader, row: Any, told: Told) -> None:
    """All rows of the file stand beside its answer: mark those whose reference is there twice, see whether the viewer may hand it in, and
    tell. Raises LinliError for a file without rows. For an act that has locked the answer or made it."""
    lines = row.lines.model
    gather_where_grown(lines)
    owner = row.lines.field.column
    statement = _DUPLICATES.format(
        table=sql.Identifier(lines._meta.db_table),
        owner=sql.Identifier(str(owner)),
        said=sql.SQL(", ").join(map(sql.Identifier, reader.said)),
    )
    if not told.rows:
        raise refused(
            "empty", "file", ("文件里没有回盘记录", "The file holds no rows."), remedy=("核对文件和格式", "check the file and its layout")
        )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"answer": row.pk})
    row.rows, row.warnings, row.state = told.rows, sorted(set(told.warnings)), "applying"
    row.save()
    reader.allow(viewer, row)
    payload = {"layout": row.layout, "file": row.file_digest, "rows": row.rows}
    current.record(reader.fact, subject=str(row), payload=payload, rows=[row])


def next_piece(current: Act, reader: Reader, answer: UUID) -> tuple[Any, list[Any]]:
    """An answer, locked, and the next of its rows that wait, up to PIECE; none of one that is still being read. Where none waits any more
    the answer is finished; again it does nothing."""
    row: Any = reader.kind._default_manager.select_for_update().get(uid=answer)  # type: ignore[attr-defined]
    if row.state == "reading":
        return row, []
    waiting = list(row.lines.filter(verdict="").order_by("line")[:PIECE])
    if not waiting and row.state != "done":
        row.state = "done"
        row.save(update_fields=["state"])
        payload = {"rows": row.rows, "refused": row.lines.filter(verdict__in=row.not_used).count()}
        current.record(reader.done, subject=str(row), payload=payload)
    return row, waiting


def digest_of(path: Path) -> str:
    """Of a file, "sha256:…"."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(2**18):
            found.update(block)
    return f"sha256:{found.hexdigest()}"


def _safe(text: str, most: int) -> str:
    """What PostgreSQL can hold; a reference that isn't ours matches none anyway."""
    return text.replace("\x00", "�")[:most]
