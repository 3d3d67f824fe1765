"""Many rules over a whole population into one columnar file: every verdict, condition and missing fact as a bitmap, in one pass."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import polars as pl
from polars.io.plugins import register_io_source

from linli.rules.evaluate import CHUNK_ROWS, Run, Tables, narrow
from linli.rules.frames import Table
from linli.rules.polars_engine import column_of
from linli.rules.program import Program
from linli.rules.rule import Rule
from linli.rules.tree import MONEY

FileFormat = Literal["arrow", "parquet"]


@dataclass(frozen=True, slots=True)
class Written:
    """One file of results. rows: how many subjects. rules: the names of the rules in it."""

    subject: str
    path: Path
    rows: int
    rules: tuple[str, ...]


def evaluate_to_files(
    rules: Sequence[Rule],
    people: Table,
    out: str | Path,
    *,
    as_of: date,
    households: Table | None = None,
    relations: Table | None = None,
    assume: bool = False,
    file_format: FileFormat = "arrow",
) -> list[Written]:
    """Evaluates the rules together and writes out/<subject>.arrow (or .parquet) for each kind of subject among them.

    Columns: subject_id, and per rule <rule>.eligible and <rule>.unknown (neither: not eligible), <rule>.condition.<id>.true and
    .unknown, <rule>.missing.<fact> (all boolean, never null), and <rule>.amount_fen. Beside it <subject>.json names the day, the
    rules' digests and whether defaults were assumed. A file appears whole or not at all.

    arrow (Arrow IPC, uncompressed) costs a quarter of the CPU to write and is read without copying, at about six times the
    size of parquet. Memory: see evaluate.Run.
    """
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    tables = Tables(people, households, relations)
    written = []
    for subject in dict.fromkeys(rule.subject for rule in rules):
        chosen = [rule for rule in rules if rule.subject == subject]
        session = Run(chosen, tables, as_of, assume=assume)
        path = folder / f"{subject}.{file_format}"
        about = metadata(chosen, as_of, assume)
        rows = sink(_wide(session), path, about, file_format)
        (folder / f"{subject}.json").write_text(json.dumps(about, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        written.append(Written(subject, path, rows, tuple(rule.name for rule in chosen)))
    return written


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
    """evaluate_to_files into Parquet, for files that are kept."""
    return evaluate_to_files(
        rules, people, out, as_of=as_of, households=households, relations=relations, assume=assume, file_format="parquet"
    )


def evaluate_file(rule: Rule, tables: Tables, out: str | Path, *, as_of: date, assume: bool = False) -> int:
    """One rule's results in the readers' form (see evaluate_frame) as one Parquet file, chunk by chunk; the number of subjects."""
    session = Run([rule], tables, as_of, assume=assume)
    plan = session.program.plans[0]
    frames = (narrow(plan, ids, outputs) for ids, outputs in session.chunks(session.program.outputs()))
    return sink(frames, Path(out), metadata([rule], as_of, assume), "parquet")


def metadata(rules: Sequence[Rule], as_of: date, assume: bool) -> dict[str, str]:
    """What a result says about itself."""
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


def _wide(session: Run) -> Iterator[pl.DataFrame]:
    columns = wide_columns(session.program)
    for ids, outputs in session.chunks([place for _, place in columns]):
        yield pl.DataFrame([ids, *(outputs[column_of(place)].alias(name) for name, place in columns)])


def sink(frames: Iterator[pl.DataFrame], path: Path, about: dict[str, str], file_format: FileFormat) -> int:
    """Writes the frames as one file under a temporary name, then renames it; the number of rows. There must be at least one frame."""
    first, second = next(frames), next(frames, None)
    rows = 0

    def source(*_: Any) -> Iterator[pl.DataFrame]:
        nonlocal rows
        for frame in itertools.chain((first,), () if second is None else (second,), frames):
            rows += frame.height
            yield frame

    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        if file_format == "arrow" and second is None:
            rows = first.height
            first.write_ipc(partial, compression="uncompressed")
        elif file_format == "arrow":
            register_io_source(source, schema=first.schema).sink_ipc(partial, compression="uncompressed")
        else:
            register_io_source(source, schema=first.schema).sink_parquet(
                partial, compression="lz4", statistics=False, metadata=about, row_group_size=CHUNK_ROWS
            )
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return rows
