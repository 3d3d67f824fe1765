"""Many rules over a whole population into Parquet: every verdict, condition and missing fact as plain bitmaps, in one pass."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from linli.rules.evaluate import Run, Tables, narrow
from linli.rules.frames import Table
from linli.rules.polars_engine import column_of
from linli.rules.program import Program
from linli.rules.rule import Rule
from linli.rules.tree import MONEY


@dataclass(frozen=True, slots=True)
class Written:
    """One file of results. rows: how many subjects. rules: the names of the rules in it."""

    subject: str
    path: Path
    rows: int
    rules: tuple[str, ...]


def evaluate_to_parquet(
    rules: Sequence[Rule],
    people: Table,
    out: str | Path,
    *,
    as_of: date,
    households: Table | None = None,
    relations: Table | None = None,
    assume: bool = False,
) -> list[Written]:
    """Evaluates the rules together and writes out/<subject>.parquet for each kind of subject among them.

    Columns: subject_id, and per rule <rule>.eligible and <rule>.unknown (neither: not eligible), <rule>.condition.<id>.true and
    .unknown, <rule>.missing.<fact> (all boolean, never null), and <rule>.amount_fen. The file's metadata name the day, the rules'
    digests and whether defaults were assumed. A file appears whole or not at all. Memory: see evaluate.Run.
    """
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    tables = Tables(people, households, relations)
    written = []
    for subject in dict.fromkeys(rule.subject for rule in rules):
        chosen = [rule for rule in rules if rule.subject == subject]
        session = Run(chosen, tables, as_of, assume=assume)
        path = folder / f"{subject}.parquet"
        rows = _write(session, path, metadata(chosen, as_of, assume))
        written.append(Written(subject, path, rows, tuple(rule.name for rule in chosen)))
    return written


def evaluate_file(rule: Rule, tables: Tables, out: str | Path, *, as_of: date, assume: bool = False) -> int:
    """One rule's results in the readers' form (see evaluate_frame) as one Parquet file, chunk by chunk; the number of subjects."""
    session = Run([rule], tables, as_of, assume=assume)
    plan = session.program.plans[0]
    frames = (narrow(plan, ids, outputs) for ids, outputs in session.chunks(session.program.outputs()))
    return sink(frames, Path(out), metadata([rule], as_of, assume))


def metadata(rules: Sequence[Rule], as_of: date, assume: bool) -> dict[str, str]:
    """What a result file says about itself."""
    return {
        "linli.as_of": as_of.isoformat(),
        "linli.assumed": "yes: unknown facts were given their declared defaults" if assume else "no",
        **{f"linli.rule.{rule.name}": rule.digest for rule in rules},
    }


def wide_columns(program: Program) -> list[tuple[str, int]]:
    """The bulk file's columns and where their values stand. Adds the two-valued forms to the program."""
    scope = program.scopes["subject"]
    columns = []
    for plan in program.plans:
        eligible = scope.sure(plan.verdict)
        columns += [(f"{plan.name}.eligible", eligible), (f"{plan.name}.unknown", scope.unknown(plan.verdict))]
        for name, place in plan.conditions:
            columns += [
                (f"{plan.name}.condition.{name}.true", scope.sure(place)),
                (f"{plan.name}.condition.{name}.unknown", scope.unknown(place)),
            ]
        columns += [(f"{plan.name}.missing.{key}", place) for key, place in plan.missing]
        if plan.amount is not None:
            paid = scope.add("unless", (scope.negation(eligible), plan.amount), None, MONEY)
            columns.append((f"{plan.name}.amount_fen", paid))
    return columns


def _write(session: Run, path: Path, about: dict[str, str]) -> int:
    columns = wide_columns(session.program)
    places = [place for _, place in columns]
    frames = (_wide(ids, outputs, columns) for ids, outputs in session.chunks(places))
    return sink(frames, path, about)


def _wide(ids: pl.Series, outputs: pl.DataFrame, columns: list[tuple[str, int]]) -> pl.DataFrame:
    return pl.DataFrame([ids, *(outputs[column_of(place)].alias(name) for name, place in columns)])


def sink(frames: Iterator[pl.DataFrame], path: Path, about: dict[str, str]) -> int:
    """Writes the frames as one Parquet file under a temporary name, then renames it; the number of rows."""
    first = next(frames)
    rows = 0

    def source(*_: Any) -> Iterator[pl.DataFrame]:
        nonlocal rows
        frame: pl.DataFrame | None = first
        while frame is not None:
            rows += frame.height
            yield frame
            frame = next(frames, None)

    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        lazy = register_io_source(source, schema=first.schema)
        lazy.sink_parquet(partial, compression="lz4", statistics=False, metadata=about)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return rows
