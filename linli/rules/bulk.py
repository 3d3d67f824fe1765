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

from linli.rules.evaluate import Run, Tables, narrow, runs
from linli.rules.frames import GROUP_ROWS, Table
from linli.rules.inputs import PIECE_ROWS
from linli.rules.polars_engine import Pass
from linli.rules.program import Program
from linli.rules.rule import Rule

FileFormat = Literal["arrow", "parquet"]


@dataclass(frozen=True, slots=True)
class Written:
    """One kind of subject's results. rows: how many subjects. rules: the names of the rules. amounts: None if no rule has an amount."""

    subject: str
    path: Path
    amounts: Path | None
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
    .unknown, and <rule>.missing.<fact> (all boolean, never null). What the eligible are due stands in <subject>.amounts.<format>:
    rule, row (0-based, of the first file) and amount_fen (null: not known), a rule's rows in order. Beside them <subject>.json names the
    day, the rules' digests and whether defaults were assumed. A file appears whole or not at all.

    arrow (Arrow IPC, uncompressed) costs a quarter of the CPU to write and is read without copying, at about six times the
    size of parquet. Memory: see evaluate.Run; and the results, if arrow is written of people who are held in memory.
    """
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for session in runs(rules, Tables(people, households, relations), as_of, assume=assume):
        chosen = [rule for rule in rules if rule.subject == session.subject]
        path, about = folder / f"{session.subject}.{file_format}", metadata(chosen, as_of, assume)
        amounts = _Amounts(session.program)
        rows = sink(_wide(session, amounts), path, about, file_format, whole=session.inputs.people.frame is not None)
        due = path.with_name(f"{session.subject}.amounts.{file_format}") if amounts.plans else None
        if due is not None:
            sink(amounts.frames(), due, about, file_format, whole=True)
        (folder / f"{session.subject}.json").write_text(json.dumps(about, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        written.append(Written(session.subject, path, due, rows, tuple(rule.name for rule in chosen)))
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
    """One rule's results in the readers' form (see evaluate_frame) as one Parquet file, some rows at a time; the number of subjects."""
    (session,) = runs([rule], tables, as_of, assume=assume)
    plan = session.program.plans[0]
    frames = (narrow(plan, ids, outputs) for ids, outputs in session.outputs())
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
        columns += [(f"{plan.name}.eligible", scope.sure(plan.verdict)), (f"{plan.name}.unknown", scope.unknown(plan.verdict))]
        for name, place in plan.conditions:
            columns += [
                (f"{plan.name}.condition.{name}.true", scope.sure(place)),
                (f"{plan.name}.condition.{name}.unknown", scope.unknown(place)),
            ]
        columns += [(f"{plan.name}.missing.{key}", place) for key, place in plan.missing]
    return columns


def _wide(session: Run, amounts: _Amounts) -> Iterator[pl.DataFrame]:
    columns = wide_columns(session.program)
    offset = 0
    for ids, work in session.pieces():
        amounts.add(work, offset, len(ids))
        offset += len(ids)
        yield pl.DataFrame([ids, *(work.column(place).alias(name) for name, place in columns)])


class _Amounts:
    """What the eligible are due, worked out for them alone: a rule finds few, and an amount costs more than a condition."""

    def __init__(self, program: Program) -> None:
        self.scope = program.scopes["subject"]
        self.plans = [(plan, plan.amount) for plan in program.plans if plan.amount is not None]
        self.names = pl.Enum([plan.name for plan, _ in self.plans])
        self._waiting: dict[str, list[pl.DataFrame]] = {plan.name: [] for plan, _ in self.plans}
        self._done: list[pl.DataFrame] = []

    def add(self, work: Pass, offset: int, height: int) -> None:
        """A piece of the subjects, the first of them in row `offset`."""
        rows = pl.int_range(offset, offset + height, dtype=pl.UInt32, eager=True).alias("row")
        for plan, place in self.plans:
            eligible = work.holds(plan.verdict)
            if eligible.any():
                waiting = self._waiting[plan.name]
                waiting.append(pl.DataFrame([rows if eligible.all() else rows.filter(eligible), *work.among(eligible, place)]))
                if sum(frame.height for frame in waiting) >= PIECE_ROWS:
                    self._work(plan.name, place)

    def _work(self, name: str, place: int) -> None:
        frame = pl.concat(self._waiting[name], rechunk=True)
        amount = Pass(self.scope, frame).column(place).alias("amount_fen")
        rule = pl.Series("rule", [name], dtype=self.names).new_from_index(0, frame.height)
        self._done.append(pl.DataFrame([rule, frame["row"], amount]))
        self._waiting[name] = []

    def frames(self) -> Iterator[pl.DataFrame]:
        """Everything found; at least one frame."""
        for plan, place in self.plans:
            if self._waiting[plan.name]:
                self._work(plan.name, place)
        yield from self._done or [pl.DataFrame(schema={"rule": self.names, "row": pl.UInt32, "amount_fen": pl.Int64})]


def sink(frames: Iterator[pl.DataFrame], path: Path, about: dict[str, str], file_format: FileFormat, *, whole: bool = False) -> int:
    """Writes the frames as one file under a temporary name, then renames it; the number of rows. There must be at least one frame.

    whole: an arrow file's frames may be held together, which costs less than passing them on one by one.
    """
    rows = 0

    def source(*_: Any) -> Iterator[pl.DataFrame]:
        nonlocal rows
        for frame in itertools.chain((first,), frames):
            rows += frame.height
            yield frame

    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        if whole and file_format == "arrow":
            table = pl.concat(frames, rechunk=False)
            rows = table.height
            table.write_ipc(partial, compression="uncompressed")
        else:
            first = next(frames)
            written = register_io_source(source, schema=first.schema)
            if file_format == "arrow":
                written.sink_ipc(partial, compression="uncompressed")
            else:
                written.sink_parquet(partial, compression="lz4", statistics=False, metadata=about, row_group_size=GROUP_ROWS)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return rows
