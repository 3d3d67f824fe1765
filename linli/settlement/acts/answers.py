"""A bank's answer as a file, whatever it answers about: taken once, staged row by row, finished when each row has been dealt with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection, models
from procrastinate.contrib.django import app
from psycopg import sql

from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.settlement.acts.shared import one_at_a_time
from linli.settlement.banking.rows import Told
from linli.settlement.models import BankAnswer
from linli.settlement.refusals import refused
from linli.trace import Act, FactType, act

PIECE = 500
"""Rows that are dealt with in one transaction."""
LARGEST_FILE = 512 * 1024 * 1024
_STAGED = 2000
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

Answer = TypeVar("Answer", bound=BankAnswer)


def require_not_too_large(path: Path) -> None:
    """Raise LinliError for a file that is larger than any bank's."""
    if path.stat().st_size > LARGEST_FILE:
        raise refused(
            "too_large", "file", ("文件过大", "The file is too large."), remedy=("请银行分文件提供", "ask the bank for several files")
        )


def take(
    viewer: Viewer,
    kind: type[Answer],
    *,
    layout: str,
    path: Path,
    name: str,
    stage: Callable[[Answer], tuple[int, list[str]]],
    allow: Callable[[Answer], None],
    fact: FactType,
    job: tuple[str, str],
) -> Answer:
    """The answer in a file: its row, or that of the time when the same file was taken before. One transaction.

    stage: puts its rows beside it and says how many, and what the file contradicts. allow: raises for who may not hand it in. job: the one
    that deals with the rows, and the name of its argument.
    """
    digest = digest_of(path)
    with act(viewer) as current:
        one_at_a_time(f"receive:{digest}")
        known = kind._default_manager.filter(file_digest=digest).first()
        if known is not None:
            return known
        row = kind._default_manager.create(
            layout=layout, file_name=name[:120], file_digest=digest, received_by=viewer.actor, received_at=clock.now(), state="applying"
        )
        row.rows, row.warnings = stage(row)
        row.save(update_fields=["rows", "warnings"])
        allow(row)
        current.record(fact, subject=str(row), payload={"layout": layout, "file": digest, "rows": row.rows}, rows=[row])
        task, argument = job
        app.configure_task(task).defer(**{argument: str(row.uid)})
    return row


def staged(
    answer: models.Model, rows: Iterator[Any], made: Callable[[Any], models.Model], *, said: Iterable[str], told: Told
) -> tuple[int, list[str]]:
    """Put the rows of a file beside its answer, 2,000 at a time, about 0.1 ms each, and mark those whose reference stands there twice.

    made: the row to store; said: the columns that say what the bank answered. How many, and what the file contradicts. Raises LinliError
    where there is none.
    """
    count, first = 0, None
    while piece := [made(one) for one in islice(rows, _STAGED)]:
        first = first or piece[0]
        type(first)._default_manager.bulk_create(piece)
        count += len(piece)
    if first is None:
        raise refused(
            "empty", "file", ("文件里没有回盘记录", "The file holds no rows."), remedy=("核对文件和格式", "check the file and its layout")
        )
    owner = next(one.column for one in first._meta.concrete_fields if one.related_model is type(answer))
    statement = _DUPLICATES.format(
        table=sql.Identifier(first._meta.db_table), owner=sql.Identifier(str(owner)), said=sql.SQL(", ").join(map(sql.Identifier, said))
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"answer": answer.pk})
    return count, sorted(set(told.warnings))


def finish(current: Act, row: BankAnswer, refused_rows: int, fact: FactType) -> None:
    """Every row of the answer has been dealt with; again it does nothing."""
    if row.state != "done":
        row.state = "done"
        row.save(update_fields=["state"])
        current.record(fact, subject=str(row), payload={"rows": row.rows, "refused": refused_rows})


def digest_of(path: Path) -> str:
    """Of a file, "sha256:…"."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(2**18):
            found.update(block)
    return f"sha256:{found.hexdigest()}"


def safe(text: str, most: int) -> str:
    """What PostgreSQL can hold; a reference that isn't ours matches none anyway."""
    return text.replace("\x00", "�")[:most]
