"""Bring what stands in line with what a run found: set-based, one transaction, one fact per changed subject."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
from django.db import connection

from linli.kernel import clock
from linli.screening import verdicts
from linli.screening.facts import DETERMINED
from linli.screening.models import Determination, Run
from linli.trace.bulk import BulkFact
from linli.trace.rows import with_digests

SQL = Path(__file__).parent / "sql"
SUBJECT_PREFIX = {"person": "resident", "household": "household", "organisation": "organisation"}


@dataclass(frozen=True, slots=True)
class Change:
    """How many subjects were newly found eligible, newly lost, and changed in any way."""

    found: int
    lost: int
    changed: int


def _sql(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


def lock_programme(slug: str) -> None:
    """One merge at a time per programme, until the transaction ends; others wait, writers of registers do not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('screening'), hashtext(%s))", [slug])


def stage(frames: Iterable[pl.DataFrame], areas: pl.DataFrame) -> None:
    """Copy what is eligible or unknown into the staging table. areas: (subject_id, area_code) of the programme's office."""
    with connection.cursor() as cursor:
        cursor.execute(_sql("staging"))
        copy = cursor.copy("COPY screened FROM STDIN")  # type: ignore[attr-defined]
        with copy as sink:
            for frame in frames:
                for row in _rows(frame, areas):
                    sink.write_row(row)
        cursor.execute("ANALYZE screened")


def _rows(frame: pl.DataFrame, areas: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
    conditions = verdicts.condition_columns(frame.columns)
    names = [column.removeprefix("condition.") for column in conditions]
    amount = pl.col("amount_fen") if "amount_fen" in frame.columns else pl.lit(None, dtype=pl.Int64).alias("amount_fen")
    standing = frame.filter(pl.col("verdict").cast(pl.String) != "not_eligible").select(
        pl.col("subject_id").cast(pl.String),
        pl.col("verdict").cast(pl.String),
        pl.when(pl.col("verdict").cast(pl.String) == "eligible").then(amount).alias("amount_fen"),
        verdicts.missing_list(frame.columns),
        *conditions,
    )
    joined = standing.join(areas, on="subject_id", how="left")
    for subject, verdict, fen, missing, *rest in joined.iter_rows():
        *values, area = rest
        yield subject, area or "", verdict, fen, missing, json.dumps(dict(zip(names, values, strict=True)))


def merge(*, run: Run | None, programme: str, kind: str, as_of: date, scope: Sequence[UUID] | None) -> Change:
    """End and begin determinations from the staging table. Locks: the rows it changes; call lock_programme first.

    A whole run looks at a snapshot: what changed after it was taken is newer than the run and stays.
    """
    values = {
        "programme": programme,
        "kind": kind,
        "run": run.pk if run else None,
        "as_of": as_of,
        "moment": clock.now(),
        "taken_at": run.known_at if run else None,
        "scope": None if scope is None else list(scope),
    }
    with connection.cursor() as cursor:
        if run:
            cursor.execute(_sql("newer"), values)
        cursor.execute(_sql("end"), values)
        cursor.execute(_sql("begin"), values)
        cursor.execute(
            "SELECT count(*) FILTER (WHERE b.verdict = 'eligible' AND e.verdict IS DISTINCT FROM 'eligible'),"
            " count(*) FILTER (WHERE e.verdict = 'eligible' AND b.verdict IS DISTINCT FROM 'eligible'), count(*)"
            " FROM begun AS b FULL JOIN ended AS e USING (subject)"
        )
        found, lost, changed = cursor.fetchone() or (0, 0, 0)
    return Change(found, lost, changed)


def changed_facts(kind: str, programme: str, run: Run | None) -> Iterator[BulkFact]:
    """One fact per subject whose determination changed in this transaction, with the digests of the rows it ended and began."""
    prefix = SUBJECT_PREFIX[kind]
    touched = Determination.objects.extra(where=["id IN (SELECT id FROM ended UNION ALL SELECT id FROM begun)"]).order_by("subject", "id")
    rows = with_digests(touched, "subject", "verdict", "amount_fen", "until")
    for subject, group in groupby(rows, key=lambda row: row[1][0]):
        digests: dict[str, str] = {}
        payload = {"programme": programme, "verdict": "not_eligible", "run": str(run.uid) if run else None, "amount_fen": None}
        for digest, (_, verdict, fen, until) in group:
            digests |= digest
            if until is None:
                payload |= {"verdict": verdict, "amount_fen": fen}
        yield DETERMINED, f"{prefix}:{subject}", payload, digests


def row_references(digests: Mapping[str, str]) -> list[tuple[type[Determination], int]]:
    """The determinations behind a fact's digests, as an act takes them."""
    return [(Determination, int(reference.rpartition(":")[2])) for reference in digests]
