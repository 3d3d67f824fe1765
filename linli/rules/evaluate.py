"""Rules over whole files with Polars: read once, aggregated once, verdicts out some rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import polars as pl

from linli.rules.frames import Table
from linli.rules.groups import Booleans, Integers, Reduction, refuse_crowds
from linli.rules.inputs import Inputs, People, Tables, pieces
from linli.rules.lower import lower
from linli.rules.polars_engine import Pass, column_of
from linli.rules.program import RulePlan
from linli.rules.rule import Rule, merged_facts

__all__ = ["Run", "Tables", "evaluate_frame", "narrow", "runs"]


def runs(rules: Sequence[Rule], tables: Tables, as_of: date, *, assume: bool = False) -> list[Run]:
    """One run for each kind of subject among the rules, all over the same people, who are read once."""
    facts = merged_facts(rules)
    kinds = dict.fromkeys(rule.subject for rule in rules)
    programs = {kind: lower([rule for rule in rules if rule.subject == kind], as_of) for kind in kinds}
    people = People(programs, facts, tables, assume=assume)
    return [Run(Inputs(program, facts, kind, tables, people, assume=assume)) for kind, program in programs.items()]


class Run:
    """Rules of one kind of subject (person, household or organisation) over one set of tables.

    Memory: the columns that are read if they fit into inputs.HELD_BYTES, else a piece of them; the ids; a number per group for each sum
    and a bit for each some.
    """

    def __init__(self, inputs: Inputs) -> None:
        self.subject, self.inputs, self.program = inputs.subject, inputs, inputs.program

    def pieces(self) -> Iterator[tuple[pl.Series, Pass]]:
        """Some subjects at a time, in the order of the file: their ids, and the program ready to run over them. At least one piece."""
        reductions = [self._reduction(group) for group in self.program.groups()]
        offset = 0
        for piece in self.inputs.subjects():
            injected: dict[int, pl.Series] = {}
            for reduction, groups in reductions:
                injected |= reduction.columns(groups[offset : offset + piece.height])
            offset += piece.height
            yield piece[self.inputs.key].alias("subject_id"), Pass(self.program.scopes["subject"], piece, injected)

    def outputs(self) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        """Some subjects at a time: their ids and every output of the program."""
        for ids, work in self.pieces():
            yield ids, work.outputs(self.program.outputs())

    def _reduction(self, group: str) -> tuple[Reduction, Integers]:
        """What was added up over the members of every group, and each subject's group."""
        return self._household() if group == "household" else self._family()

    def _household(self) -> tuple[Reduction, Integers]:
        numbering = self.inputs.people.households()
        hidden = np.append(numbering.ids.is_null().to_numpy(), True)
        targets = numbering.of(self.inputs.homes()["household_id"]) if self.subject == "household" else numbering.codes
        return self._reduced("household", self.inputs.members(), numbering.codes, hidden), targets

    def _family(self) -> tuple[Reduction, Integers]:
        places = self.inputs.places()
        edges = self.inputs.edges(places).rechunk()
        codes = edges["subject"].fill_null(places.height).to_numpy()
        refuse_crowds(np.bincount(codes, minlength=places.height + 1)[:-1], "person's relations")
        hidden = np.append(~places["relations_known"].to_numpy(), True)
        return self._reduced("family", pieces(edges), codes, hidden), places["place"].to_numpy()

    def _reduced(self, group: str, members: Iterator[pl.DataFrame], codes: Integers, hidden: Booleans) -> Reduction:
        subject, scope, parts = self.program.scopes["subject"], self.program.scopes[group], self.program.reductions(group)
        kinds = {kind: [place for place in parts if subject.ops[place].kind == kind] for kind in ("sum", "some")}
        found = Reduction(subject.add("group_unknown", (), group), kinds["sum"], kinds["some"], hidden)
        offset = 0
        for piece in members:
            found.add(codes[offset : offset + piece.height], Pass(scope, piece), parts)
            offset += piece.height
        found.close()
        return found


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
    (session,) = runs([rule], Tables(people, households, relations), as_of, assume=assume)
    plan = session.program.plans[0]
    return pl.concat([narrow(plan, ids, outputs) for ids, outputs in session.outputs()])
