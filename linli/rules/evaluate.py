"""Rules over whole files with Polars: read once, aggregated once, verdicts out chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import polars as pl

from linli.rules.frames import Table
from linli.rules.groups import LANES, MOST_FLAGS, Grouping, Integers, number_groups
from linli.rules.inputs import CHUNK_ROWS, Inputs, Tables
from linli.rules.lower import lower
from linli.rules.polars_engine import column_of, run
from linli.rules.program import Program, RulePlan
from linli.rules.rule import Rule, merged_facts

__all__ = ["CHUNK_ROWS", "Run", "Tables", "evaluate_frame", "narrow"]


class Run:
    """Rules of one kind of subject (person, household or organisation) over one set of tables.

    Memory: one chunk of rows with the columns used, plus, for the whole file, the columns inside aggregates and their results.
    """

    def __init__(self, rules: Sequence[Rule], tables: Tables, as_of: date, *, assume: bool = False) -> None:
        subjects = {rule.subject for rule in rules}
        if len(subjects) != 1:
            raise ValueError(f"a run takes rules of one kind of subject, not {sorted(subjects)}")
        self.subject = subjects.pop()
        self.program: Program = lower(rules, as_of)
        self.inputs = Inputs(self.program, merged_facts(rules), self.subject, tables, assume=assume)

    def chunks(self, outputs: Sequence[int]) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        """For each chunk of subjects their ids and these outputs of the program, in the order of the file; at least one chunk."""
        key, lazy, name = self.inputs.subjects()
        injected = self._injected()
        offset = 0
        for chunk in [lazy.collect()] if self.inputs.held else _batches(lazy):
            self.inputs.check(chunk, name)
            frame = chunk if injected is None else chunk.hstack(injected.slice(offset, chunk.height))
            offset += chunk.height
            yield chunk[key].alias("subject_id"), run(self.program.scopes["subject"], outputs, frame)

    def _injected(self) -> pl.DataFrame | None:
        """The columns that come from groups, one row per subject; None if no rule has an aggregate."""
        columns: list[pl.Series] = []
        for group in self.program.groups():
            columns.extend(self._household() if group == "household" else self._family())
        return pl.DataFrame(columns) if columns else None

    def _household(self) -> list[pl.Series]:
        members = self.inputs.members()
        if self.subject == "household":
            homes = self.inputs.homes()[0].select("household_id").collect()["household_id"]
            (codes, targets), none = number_groups(members["household_id"], homes)
        else:
            (codes,), none = number_groups(members["household_id"])
            targets = codes
        present = Grouping(codes, none, "household")
        hidden = (none | ~present.present())[targets]
        return self._reduced("household", members, present, targets, pl.Series(hidden))

    def _family(self) -> list[pl.Series]:
        places = self.inputs.places()
        edges = self.inputs.edges(places)
        codes = edges["subject"].fill_null(places.height).to_numpy()
        grouping = Grouping(codes, np.arange(places.height + 1) == places.height, "person")
        return self._reduced("family", edges, grouping, places["place"].to_numpy(), ~places["relations_known"])

    def _reduced(self, group: str, members: pl.DataFrame, grouping: Grouping, targets: Integers, hidden: pl.Series) -> list[pl.Series]:
        """Per subject: whether the group is unknown, and every sum and some over it; 0 or false for an unknown group."""
        subject = self.program.scopes["subject"]
        parts = self.program.reductions(group)
        self.inputs.check(members, self.inputs.people_name)
        results = run(self.program.scopes[group], parts.values(), members)
        unknown = subject.add("group_unknown", (), group)
        columns = [hidden.alias(column_of(unknown))]
        totals = [place for place in parts if subject.ops[place].kind == "sum"]
        columns += [pl.Series(column_of(place), grouping.sums(results[column_of(parts[place])])[targets]) for place in totals]
        somes = [place for place in parts if subject.ops[place].kind == "some"]
        for start in range(0, len(somes), MOST_FLAGS):
            block = somes[start : start + MOST_FLAGS]
            flags = grouping.somes([results[column_of(parts[place])] for place in block])
            for lane in range(0, len(block), LANES):
                shared = np.ascontiguousarray(flags[:, lane // LANES])[targets]
                named = enumerate(block[lane : lane + LANES])
                columns += [pl.Series(column_of(place), (shared & np.uint8(1 << bit)) != 0) for bit, place in named]
        shown = ~hidden
        return columns if shown.all() else [columns[0], *(_emptied(column, shown) for column in columns[1:])]


def _batches(lazy: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """The rows in chunks; an empty table is one empty chunk."""
    found = False
    for chunk in lazy.collect_batches(chunk_size=CHUNK_ROWS, maintain_order=True):
        found = True
        yield chunk
    if not found:
        yield lazy.head(0).collect()


def _emptied(values: pl.Series, shown: pl.Series) -> pl.Series:
    """0 or false where the group is unknown."""
    if values.dtype == pl.Boolean:
        return values & shown
    return pl.select(pl.when(shown).then(values).otherwise(0)).to_series().alias(values.name)


def narrow(plan: RulePlan, ids: pl.Series, outputs: pl.DataFrame) -> pl.DataFrame:
    """One rule's results for readers: subject_id, verdict, condition.<id>, missing (list), amount_fen."""
    missing = [pl.when(pl.col(column_of(place))).then(pl.lit(key)) for key, place in plan.missing]
    amount = pl.col(column_of(plan.amount)) if plan.amount is not None else pl.lit(None, dtype=pl.Int64)
    eligible = pl.col(column_of(plan.verdict))
    verdict = pl.when(eligible).then(pl.lit("eligible")).when(~eligible).then(pl.lit("not_eligible")).otherwise(pl.lit("unknown"))
    listed = pl.concat_list(missing).list.drop_nulls() if missing else pl.lit([], dtype=pl.List(pl.String))
    table = outputs.select(
        verdict.alias("verdict"),
        *(pl.col(column_of(place)).alias(f"condition.{name}") for name, place in plan.conditions),
        listed.alias("missing"),
        pl.when(eligible).then(amount).alias("amount_fen"),
    )
    return table.insert_column(0, ids)


def evaluate_frame(
    rule: Rule, people: Table, households: Table | None = None, relations: Table | None = None, *, as_of: date, assume: bool = False
) -> pl.DataFrame:
    """The rule's verdict for every subject: subject_id, verdict, condition.<id> (null: unknown), missing (list of facts), amount_fen.

    Tables are Polars frames, or paths of Parquet files or directories of them. assume: put the declared `assume` values in for
    unknown facts (simulation only). Raises LinliError for columns that don't fit.
    """
    session = Run([rule], Tables(people, households, relations), as_of, assume=assume)
    plan = session.program.plans[0]
    return pl.concat([narrow(plan, ids, outputs) for ids, outputs in session.chunks(session.program.outputs())])
