"""The tables of one run, opened once: columns checked and typed, small files held in memory, defaults put in for a simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from linli.kernel.errors import LinliError, Place
from linli.rules.declare import FactDeclaration
from linli.rules.frames import Table, check_values, scan, typed
from linli.rules.program import Program
from linli.rules.tree import TEXT, Type

CHUNK_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Tables:
    """What a run reads. households and relations may be absent."""

    people: Table
    households: Table | None = None
    relations: Table | None = None


class Inputs:
    """The people, households and relations that a program needs, each column read once where the file fits into one chunk."""

    def __init__(self, program: Program, facts: Mapping[str, FactDeclaration], subject: str, tables: Tables, *, assume: bool) -> None:
        self.program, self.facts, self.subject, self.assume = program, facts, subject, assume
        self.tables = tables
        source, self.people_name = scan(tables.people, "people")
        self.columns = source.collect_schema().names()
        self.people = self._defaults(typed(source, self._people_columns(), self.people_name, self._keys()))
        self.held = self._hold()

    def _people_columns(self) -> dict[str, Type]:
        """Every fact read of people, in whatever scope."""
        scopes = ("household", "family") if self.subject == "household" else ("subject", "household", "family")
        home = self.home_facts()
        found = {name: kind for scope in scopes for name, kind in self.program.columns(scope).items()}
        return {name: kind for name, kind in found.items() if name not in home and name != "relation"}

    def home_facts(self) -> dict[str, Type]:
        """The facts that come from the households' table."""
        wanted = self.program.columns("subject")
        if self.subject == "household":
            return wanted
        return {name: kind for name, kind in wanted.items() if name in self.facts and self.facts[name].of == "household"}

    def _keys(self) -> tuple[str, ...]:
        groups = self.program.groups()
        keys = [] if self.subject == "household" else ["person_id"]
        if self.subject == "household" or "household" in groups or self.home_facts():
            keys.append("household_id")
        if "family" in groups and "relations_known" in self.columns:
            keys.append("relations_known")
        return tuple(keys)

    def _hold(self) -> bool:
        """Reads a file of at most one chunk into memory, once for all uses."""
        if self.people.select(pl.len()).collect().item() > CHUNK_ROWS:
            return False
        # One piece per column: everything that follows works on whole columns.
        frame = self.people.collect().rechunk()
        check_values(frame, self.facts, self.people_name)
        if self.subject != "household":
            refuse_repeated(frame["person_id"], self.people_name)
        self.people = frame.lazy()
        return True

    def _defaults(self, lazy: pl.LazyFrame) -> pl.LazyFrame:
        """Declared defaults for unknown facts, if the run is such a simulation."""
        if not self.assume:
            return lazy
        names = lazy.collect_schema().names()
        defaults = {name: self.facts[name].assume for name in names if name in self.facts and self.facts[name].assume is not None}
        return lazy.with_columns(pl.col(name).fill_null(pl.lit(value)) for name, value in defaults.items())

    def check(self, frame: pl.DataFrame, name: str) -> None:
        """Refuses values outside their declarations, unless that was done when the file was read."""
        if not (self.held and name == self.people_name):
            check_values(frame, self.facts, name)

    def subjects(self) -> tuple[str, pl.LazyFrame, str]:
        """The key column, the subjects' rows with the facts used, and what to call the table."""
        if self.subject == "household":
            lazy, name = self.homes()
            return "household_id", lazy, name
        home = self.home_facts()
        own = [name for name in self.program.columns("subject") if name not in home]
        lazy = self.people.select("person_id", *(["household_id"] if home else []), *own)
        if home:
            homes = self.homes()[0]
            lazy = lazy.join(homes, on="household_id", how="left", maintain_order="left")
        return "person_id", lazy, self.people_name

    def homes(self) -> tuple[pl.LazyFrame, str]:
        """Households with their own facts; without a households' table those that people name, with nothing known of them."""
        wanted = self.home_facts()
        if self.tables.households is None:
            bare = self.people.select("household_id").drop_nulls().unique(maintain_order=True)
            return typed(bare, wanted, "households", ("household_id",)), "households"
        source, name = scan(self.tables.households, "households")
        homes = typed(source, wanted, name, ("household_id",))
        refuse_repeated(homes.select("household_id").collect().to_series(), name)
        self._refuse_other_type(homes, "household_id", name)
        return self._defaults(homes), name

    def members(self) -> pl.DataFrame:
        """Every person's household_id and the facts that household aggregates read."""
        return self.people.select("household_id", *self.program.columns("household")).collect()

    def places(self) -> pl.DataFrame:
        """person_id, place in the file, relations_known."""
        people = self.people.select(pl.col("person_id", *(["relations_known"] if "relations_known" in self._keys() else [])))
        people = people.with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64))
        if self.tables.relations is None:
            people = people.with_columns(relations_known=pl.lit(False))
        elif "relations_known" not in self.columns:
            people = people.with_columns(relations_known=pl.lit(True))
        return people.with_columns(pl.col("relations_known").fill_null(False)).collect()

    def edges(self, places: pl.DataFrame) -> pl.DataFrame:
        """One row per relation: the person's place in the file as `subject`, relation, and the relative's facts.

        A relation of nobody in the file has no subject; a relative who is not in the file has no facts.
        """
        refuse_repeated(places["person_id"], self.people_name)
        wanted = [name for name in self.program.columns("family") if name != "relation"]
        facts = self.people.select(pl.col("person_id").alias("relative_id"), *wanted)
        if self.tables.relations is None:
            ids = pl.DataFrame(
                schema={"person_id": places.schema["person_id"], "relative_id": places.schema["person_id"], "relation": pl.String}
            )
            edges, name = ids.lazy(), "relations"
        else:
            source, name = scan(self.tables.relations, "relations")
            edges = typed(source, {"relation": TEXT}, name, ("person_id", "relative_id"))
        self._refuse_other_type(edges, "person_id", name)
        self._refuse_other_type(edges, "relative_id", name)
        edges = edges.join(places.lazy().select("person_id", subject="place"), on="person_id", how="left", maintain_order="left")
        return edges.join(facts, on="relative_id", how="left", maintain_order="left").collect()

    def _refuse_other_type(self, lazy: pl.LazyFrame, key: str, name: str) -> None:
        """Ids that are numbers in one file and text in another would never meet."""
        own = "household_id" if key == "household_id" else "person_id"
        wanted, found = self.people.collect_schema()[own], lazy.collect_schema()[key]
        if wanted != found:
            raise LinliError(
                "rules.wrong_column_type",
                zh="标识列的类型与人员文件不同",
                en="The id column has another type than in the people file.",
                place=Place(name, field=f"column {key}"),
                expected=str(wanted),
                found=str(found),
                remedy_zh="按同一类型导出",
                remedy_en="export both with the same type",
            )


def refuse_repeated(ids: pl.Series, file: str) -> None:
    """One row per id: a person who is there twice would be counted and paid twice."""
    ordered = ids.is_sorted()
    repeated = bool((ids == ids.shift(1)).any()) if ordered else ids.n_unique() != len(ids)
    if repeated or ids.null_count():
        again = ids.filter(ids.is_duplicated())
        raise LinliError(
            "rules.repeated_id",
            zh="标识为空或重复",
            en="An id is empty or stands in two rows.",
            place=Place(file, field=f"column {ids.name}"),
            expected="one row per id",
            found=f"{again[0]} ({len(again):,} rows)" if len(again) else "empty id",
            remedy_zh="合并重复的行，补上标识",
            remedy_en="merge the rows, fill in the id",
        )
