"""A delivery's rows in a temporary table, by COPY: only tokens, names and values, no identity number in clear."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Max, Min

from linli import vault
from linli.papers import Table
from linli.registers.imports.reading import SaidRow
from linli.registers.imports.report import ImportReport
from linli.registers.models import Resident
from linli.vault.blinding import current_prefix

BATCH = 2_000
Progress = Callable[[str, float], None]
TABLES = ("import_stage", "import_candidate", "import_outside", "import_wanted", "import_withdrawn", "import_touched", "import_held")


@contextmanager
def staging() -> Iterator[None]:
    """The temporary table, gone at the end. It needs no transaction: reading a file takes minutes and may hold no lock."""
    drop = f"DROP TABLE IF EXISTS {', '.join(TABLES)}"
    with connection.cursor() as cursor:
        cursor.execute(drop)
        cursor.execute(
            """
            CREATE TEMPORARY TABLE import_stage (
                row integer PRIMARY KEY, token text COLLATE "C", others text[], name text, birth_date date, area text COLLATE "C",
                data jsonb, valid_from date, valid_to date, wrong boolean, subject bigint, reason text
            )
            """
        )
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(drop)


def stage(rows: Iterator[SaidRow], table: Table, report: ImportReport, *, by_identity: bool, progress: Progress) -> None:
    """Copy the rows in batches of 2,000, noting every error. Memory does not grow with the file."""
    alternates = by_identity and _older_tokens_exist()
    with connection.cursor() as cursor:
        while batch := list(islice(rows, BATCH)):
            for row in batch:
                for error in row.wrong:
                    report.note(error)
            report.rows += len(batch)
            report.wrong += sum(1 for row in batch if row.wrong)
            with cursor.copy(
                "COPY import_stage (row, token, others, name, birth_date, area, data, valid_from, valid_to, wrong) FROM STDIN"
            ) as copy:
                for row, token in zip(batch, _tokens(batch, by_identity), strict=True):
                    copy.write_row(_staged(row, token, alternates))
            progress("read", table.fraction)
        cursor.execute("ANALYZE import_stage")


def _tokens(batch: list[SaidRow], by_identity: bool) -> list[str | None]:
    if not by_identity:
        return [row.key for row in batch]
    made = iter(vault.blind_many("identity", [row.key for row in batch if row.key]))
    return [next(made) if row.key else None for row in batch]


def _staged(row: SaidRow, token: str | None, alternates: bool) -> tuple[Any, ...]:
    others = vault.blinds("identity", row.key)[1:] if alternates and row.key else None
    data = json.dumps(row.data, ensure_ascii=False)
    return (row.number, token, others, row.name, row.birth_date, row.area, data, row.valid_from, row.valid_to, bool(row.wrong))


def _older_tokens_exist() -> bool:
    """Whether some residents are indexed under an older key or suite, so that rows need every token they may be found by.

    Tokens sort byte by byte, so the first and the last of them tell: two probes of the index, however many residents there are.
    """
    prefix = current_prefix()
    ends = Resident.objects.aggregate(first=Min("identity_blind"), last=Max("identity_blind"))
    return not all(token is None or token.startswith(prefix) for token in ends.values())
