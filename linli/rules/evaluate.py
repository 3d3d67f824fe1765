"""Rules over whole files with Polars: read once, aggregated once, verdicts out chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from linli.rules.frames import Table, check_values, scan, typed
from linli.rules.groups import Grouping, number_groups
from linli.rules.lower import lower
from linli.rules.polars_engine import column_of, run
from linli.rules.program import Program, RulePlan
from linli.rules.rule import Rule, merged_facts
from linli.rules.tree import TEXT

CHUNK_ROWS = 250_000


@dataclass(frozen=True, slots=True)
class Tables:
    """What a run reads. households and relations may be absent."""

    people: Table
    households: Table | None = None
    relations: Table | None = None


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
        self.facts = merged_facts(rules)
        self.tables, self.assume = tables, assume
        self.people, self.people_name = scan(tables.people, "people")
        self.households, self.households_name = (
            scan(tables.households, "households") if tables.households is not None else (None, "households")
        )

    def chunks(self, outputs: Sequence[int]) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        """For each chunk of subjects their ids and these outputs of the program, in the order of the file; at least one chunk."""
        key, lazy, name = self.subjects()
        injected = self._injected()
        offset = 0
        for chunk in lazy.collect_batches(chunk_size=CHUNK_ROWS, maintain_order=True):
            check_values(chunk, self.facts, name)
            frame = self.assumed(chunk)
            if injected is not None:
                frame = frame.hstack(injected.slice(offset, chunk.height))
            offset += chunk.height
            yield chunk[key].alias("subject_id"), run(self.program.scopes["subject"], outputs, frame)

    def subjects(self) -> tuple[str, pl.LazyFrame, str]:
        """The key column, the subjects' rows with the facts used, and what to call the table."""
        wanted = self.program.columns("subject")
        if self.subject == "household":
            if self.households is None:
                bare = self.people.select("household_id").drop_nulls().unique(maintain_order=True)
                return "household_id", typed(bare, wanted, self.people_name, ("household_id",)), self.people_name
            return "household_id", typed(self.households, wanted, self.households_name, ("household_id",)), self.households_name
        shared = {name: kind for name, kind in wanted.items() if name in self.facts and self.facts[name].of == "household"}
        own = {name: kind for name, kind in wanted.items() if name not in shared}
        keys = ("person_id", "household_id") if shared else ("person_id",)
        lazy = typed(self.people, own, self.people_name, keys)
        if shared:
            homes = self.people.select("household_id").head(0) if self.households is None else self.households
            lazy = lazy.join(
                typed(homes, shared, self.households_name, ("household_id",)), on="household_id", how="left", maintain_order="left"
            )
        return "person_id", lazy, self.people_name

    def assumed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with declared defaults for unknown facts, if the run is such a simulation."""
        if not self.assume:
            return frame
        defaults = {name: self.facts[name].assume for name in frame.columns if name in self.facts and self.facts[name].assume is not None}
        return frame.with_columns(pl.col(name).fill_null(pl.lit(value)) for name, value in defaults.items())

    def _injected(self) -> pl.DataFrame | None:
        """The columns that come from groups, one row per subject; None if no rule has an aggregate."""
        columns: list[pl.Series] = []
        for group in self.program.groups():
            columns.extend(self._household() if group == "household" else self._family())
        return pl.DataFrame(columns) if columns else None

    def members(self) -> pl.DataFrame:
        """Every person's household_id and the facts that household aggregates read."""
        return typed(self.people, self.program.columns("household"), self.people_name, ("household_id",)).collect()

    def _household(self) -> list[pl.Series]:
        members = self.members()
        if self.subject == "household":
            homes = self.subjects()[1].select("household_id").collect()["household_id"]
            (codes, targets), count = number_groups(members["household_id"], homes)
        else:
            (codes,), count = number_groups(members["household_id"])
            targets = codes
        grouping = Grouping(codes, count, "household")
        return self._reduced("household", members, grouping, targets, None)

    def _family(self) -> list[pl.Series]:
        people, edges = self.edges()
        codes = edges["subject"].cast(pl.Int64).fill_null(-1).to_numpy()
        targets = people["place"].to_numpy()
        known = people["relations_known"] if "relations_known" in people.columns else None
        grouping = Grouping(codes, people.height, "person")
        return self._reduced("family", edges, grouping, targets, known)

    def edges(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """People with their place in the file, and one row per relation with the relative's facts."""
        columns = {name: kind for name, kind in self.program.columns("family").items() if name != "relation"}
        facts = typed(self.people, columns, self.people_name, ("person_id",))
        schema = self.people.collect_schema()
        people = self.people.select("person_id", *(["relations_known"] if "relations_known" in schema else []))
        people = people.with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64))
        if self.tables.relations is None:
            found = people.with_columns(relations_known=pl.lit(False)).collect()
            empty = typed(pl.DataFrame(schema={"person_id": schema["person_id"]}).lazy(), {}, "", ("person_id",)).collect()
            return found, empty.select(subject=pl.lit(0, dtype=pl.Int64)).head(0).join(facts.head(0).collect(), how="cross").with_columns(
                relation=pl.lit("", dtype=pl.String)
            )
        lazy, name = scan(self.tables.relations, "relations")
        edges = typed(lazy, {"relation": TEXT}, name, ("person_id", "relative_id"))
        edges = edges.join(people.select("person_id", subject="place"), on="person_id", how="left", maintain_order="left")
        edges = edges.join(facts.rename({"person_id": "relative_id"}), on="relative_id", how="left", maintain_order="left")
        return people.collect(), edges.collect()

    def _reduced(self, group: str, members: pl.DataFrame, grouping: Grouping, targets, known: pl.Series | None) -> list[pl.Series]:
        scope = self.program.scopes[group]
        places = self.program.reductions(group)
        details = {place: self.program.scopes["subject"].ops[place].detail[1] for place in places}  # type: ignore[index]
        check_values(members, self.facts, self.people_name)
        results = run(scope, details.values(), self.assumed(members))
        unknown = targets < 0 if group == "household" else None
        if group == "household":
            unknown = unknown | ~grouping.present()[targets]
        hidden = pl.Series(unknown) if unknown is not None else (~known.fill_null(False) if known is not None else None)
        columns = [self._unknown(group, hidden, len(targets))]
        for place, part in details.items():
            series = results[column_of(part)]
            total = self.program.scopes["subject"].ops[place].kind == "sum"
            values = pl.Series(column_of(place), (grouping.sums(series) if total else grouping.somes(series))[targets])
            columns.append(values if hidden is None else _emptied(values, hidden, total))
        return columns

    def _unknown(self, group: str, hidden: pl.Series | None, height: int) -> pl.Series:
        place = self.program.scopes["subject"].add("group_unknown", (), group)
        values = pl.Series([False], dtype=pl.Boolean).new_from_index(0, height) if hidden is None else hidden
        return values.alias(column_of(place))


def _emptied(values: pl.Series, hidden: pl.Series, total: bool) -> pl.Series:
    """0 or false where the group is unknown."""
    if not total:
        return values & ~hidden
    return pl.select(pl.when(~hidden).then(values).otherwise(0)).to_series().alias(values.name)


def narrow(plan: RulePlan, ids: pl.Series, outputs: pl.DataFrame) -> pl.DataFrame:
    """One rule's results for readers: subject_id, verdict, condition.<id>, missing (list), amount_fen."""
    verdict = outputs[column_of(plan.verdict)]
    missing = [pl.when(pl.col(column_of(place))).then(pl.lit(key)) for key, place in plan.missing]
    amount = pl.col(column_of(plan.amount)) if plan.amount is not None else pl.lit(None, dtype=pl.Int64)
    eligible = pl.col(column_of(plan.verdict))
    table = outputs.select(
        pl.when(eligible)
        .then(pl.lit("eligible"))
        .when(~eligible)
        .then(pl.lit("not_eligible"))
        .otherwise(pl.lit("unknown"))
        .alias("verdict"),
        *(pl.col(column_of(place)).alias(f"condition.{name}") for name, place in plan.conditions),
        (pl.concat_list(missing).list.drop_nulls() if missing else pl.lit([], dtype=pl.List(pl.String))).alias("missing"),
        pl.when(eligible).then(amount).alias("amount_fen"),
    )
    assert len(verdict) == len(ids)
    return table.insert_column(0, ids)


def evaluate_frame(
    rule: Rule, people: Table, households: Table | None = None, relations: Table | None = None, *, as_of: date, assume: bool = False
) -> pl.DataFrame:
    """The rule's verdict for every subject: subject_id, verdict, condition.<id> (null: unknown), missing (list of facts), amount_fen.

    Tables are Polars frames, or paths of Parquet files or directories of them. assume: put the declared `assume` values in for
    unknown facts (simulation only). Raises LinliError for columns that don't fit.
    """
    parts = [part for _, part in _narrowed(rule, Tables(people, households, relations), as_of, assume)]
    return pl.concat(parts) if parts else pl.DataFrame()


def _narrowed(rule: Rule, tables: Tables, as_of: date, assume: bool) -> Iterator[tuple[int, pl.DataFrame]]:
    session = Run([rule], tables, as_of, assume=assume)
    plan = session.program.plans[0]
    for index, (ids, outputs) in enumerate(session.chunks(session.program.outputs())):
        yield index, narrow(plan, ids, outputs)
