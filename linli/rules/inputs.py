"""The tables of one run, opened once: columns checked and typed, files that fit held in memory, defaults put in for a simulation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from linli.kernel.errors import LinliError, Place
from linli.rules.declare import FactDeclaration
from linli.rules.frames import Table, check_values, scan, typed
from linli.rules.groups import Numbering, number, rising
from linli.rules.program import Program
from linli.rules.tree import TEXT, Type

# Rows worked on at a time: enough that planning a step costs little beside doing it, few enough that memory is soon used again.
PIECE_ROWS = 524_288
# A people file is held in memory if the columns read take less than this.
HELD_BYTES = 2**29
Facts = Mapping[str, FactDeclaration]


@dataclass(frozen=True, slots=True)
class Tables:
    """What a run reads. households and relations may be absent."""

    people: Table
    households: Table | None = None
    relations: Table | None = None


class People:
    """The people's table as all the programs of a run need it: each column read once if the file is held, else once a pass."""

    def __init__(self, programs: Mapping[str, Program], facts: Facts, tables: Tables, *, assume: bool) -> None:
        source, self.name = scan(tables.people, "people")
        source = _with_homes_type(source, tables.households)
        self.present = frozenset(source.collect_schema().names())
        self.facts = facts
        wanted: dict[str, Type] = {}
        for subject, program in programs.items():
            wanted |= _people_columns(program, facts, subject)
        keys = [key for subject, program in programs.items() for key in self._keys(program, facts, subject)]
        self.lazy = defaults(typed(source, wanted, self.name, tuple(dict.fromkeys(keys))), facts, assume)
        self.frame = self._held()
        self._numbering: Numbering | None = None

    def _keys(self, program: Program, facts: Facts, subject: str) -> Iterator[str]:
        groups = program.groups()
        if subject != "household":
            yield "person_id"
        if subject == "household" or "household" in groups or home_facts(program, facts, subject):
            yield "household_id"
        if "family" in groups and "relations_known" in self.present:
            yield "relations_known"

    def _held(self) -> pl.DataFrame | None:
        schema = self.lazy.collect_schema()
        width = sum(16 if kind == pl.String else 8 for kind in schema.dtypes())
        fits = self.lazy.select(pl.len()).collect().item() * width <= HELD_BYTES
        frame = self.lazy.collect() if fits else None
        if frame is not None:
            check_values(frame, self.facts, self.name)
            self.lazy = frame.lazy()
        if "person_id" in schema:
            refuse_repeated(self.column("person_id"), self.name)
        return frame

    def pieces(self, columns: Iterable[str]) -> Iterator[pl.DataFrame]:
        """The rows in order, some at a time; an empty table is one empty piece."""
        chosen = list(columns)
        if self.frame is not None:
            yield from pieces(self.frame.select(chosen))
            return
        for piece in batches(self.lazy.select(chosen)):
            check_values(piece, self.facts, self.name)
            yield piece

    def column(self, name: str) -> pl.Series:
        """One whole column in one piece."""
        return self.lazy.select(name).collect().to_series().rechunk()

    def households(self) -> Numbering:
        """The people's households, numbered once for all subjects."""
        if self._numbering is None:
            self._numbering = number(self.column("household_id"), "household")
        return self._numbering


def _with_homes_type(people: pl.LazyFrame, households: Table | None) -> pl.LazyFrame:
    """A column of households in which nobody has one has no type of its own: it takes that of the households' file."""
    if people.collect_schema().get("household_id") != pl.Null:
        return people
    homes = {} if households is None else scan(households, "households")[0].collect_schema()
    return people.with_columns(pl.col("household_id").cast(homes.get("household_id", pl.String)))


def home_facts(program: Program, facts: Facts, subject: str) -> dict[str, Type]:
    """The facts that come from the households' table."""
    wanted = program.columns("subject")
    if subject == "household":
        return wanted
    return {name: kind for name, kind in wanted.items() if name in facts and facts[name].of == "household"}


def _people_columns(program: Program, facts: Facts, subject: str) -> dict[str, Type]:
    """Every fact read of people, in whatever scope."""
    scopes = ("household", "family") if subject == "household" else ("subject", "household", "family")
    home = {} if subject == "household" else home_facts(program, facts, subject)
    found = {name: kind for scope in scopes for name, kind in program.columns(scope).items()}
    return {name: kind for name, kind in found.items() if name not in home and name != "relation"}


def pieces(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """A frame's rows by the stretches of memory it lies in, since joining those first would copy everything."""
    lengths = frame.to_series(0).chunk_lengths() if frame.width else [0]
    if frame.height > PIECE_ROWS and len(lengths) > 4 * frame.height // PIECE_ROWS + 4:
        frame, lengths = frame.rechunk(), [frame.height]
    start = 0
    for length in lengths:
        for offset in range(0, max(length, 1), PIECE_ROWS):
            yield frame.slice(start + offset, min(PIECE_ROWS, length - offset))
        start += length


def batches(lazy: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """The rows of a table that is not held; an empty table is one empty batch."""
    found = False
    for batch in lazy.collect_batches(chunk_size=PIECE_ROWS, maintain_order=True):
        found = True
        yield batch
    if not found:
        yield lazy.head(0).collect()


def defaults(lazy: pl.LazyFrame, facts: Facts, assume: bool) -> pl.LazyFrame:
    """Declared defaults for unknown facts, if the run is such a simulation."""
    if not assume:
        return lazy
    names = {name: kind for name, kind in lazy.collect_schema().items() if name in facts and facts[name].assume is not None}
    plain = {name: pl.col(name).cast(pl.String) if isinstance(kind, pl.Enum) else pl.col(name) for name, kind in names.items()}
    return lazy.with_columns(column.fill_null(pl.lit(facts[name].assume)) for name, column in plain.items())


class Inputs:
    """What one program reads of people, households and relations."""

    def __init__(self, program: Program, facts: Facts, subject: str, tables: Tables, people: People, *, assume: bool) -> None:
        self.program, self.facts, self.subject, self.tables, self.people, self.assume = program, facts, subject, tables, people, assume
        self.key = "household_id" if subject == "household" else "person_id"
        self._homes: pl.DataFrame | None = None

    def subjects(self) -> Iterator[pl.DataFrame]:
        """The subjects' key and the facts used of them, some rows at a time; at least one piece."""
        if self.subject == "household":
            return pieces(self.homes())
        home = home_facts(self.program, self.facts, self.subject)
        own = [name for name in self.program.columns("subject") if name not in home]
        found = self.people.pieces(dict.fromkeys(["person_id", *(["household_id"] if home else []), *own]))
        if not home:
            return found
        return (piece.join(self.homes(), on="household_id", how="left", maintain_order="left") for piece in found)

    def homes(self) -> pl.DataFrame:
        """Households with their own facts; without a households' table those that people name, with nothing known of them."""
        if self._homes is None:
            self._homes = self._read_homes()
        return self._homes

    def _read_homes(self) -> pl.DataFrame:
        wanted = home_facts(self.program, self.facts, self.subject)
        if self.tables.households is None:
            bare = self.people.lazy.select("household_id").drop_nulls().unique(maintain_order=True)
            return typed(bare, wanted, "households", ("household_id",)).collect()
        source, name = scan(self.tables.households, "households")
        homes = defaults(typed(source, wanted, name, ("household_id",)), self.facts, self.assume).collect()
        refuse_repeated(homes["household_id"], name)
        self._refuse_other_type(homes.schema["household_id"], "household_id", name)
        check_values(homes, self.facts, name)
        return homes

    def members(self) -> Iterator[pl.DataFrame]:
        """The facts that household aggregates read, of every person in the order of the file; at least one piece."""
        return self.people.pieces(dict.fromkeys(["household_id", *self.program.columns("household")]))

    def places(self) -> pl.DataFrame:
        """person_id, place in the file, relations_known."""
        known = "relations_known" in self.people.present and self.tables.relations is not None
        people = self.people.lazy.select("person_id", *(["relations_known"] if known else []))
        people = people.with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64))
        if not known:
            people = people.with_columns(relations_known=pl.lit(self.tables.relations is not None))
        return people.with_columns(pl.col("relations_known").fill_null(False)).collect()

    def edges(self, places: pl.DataFrame) -> pl.DataFrame:
        """One row per relation: the person's place in the file as `subject`, relation, and the relative's facts.

        A relation of nobody in the file has no subject; a relative who is not in the file has no facts.
        """
        wanted = [name for name in self.program.columns("family") if name != "relation"]
        facts = self.people.lazy.select(pl.col("person_id").alias("relative_id"), *wanted)
        if self.tables.relations is None:
            ids = pl.DataFrame(
                schema={"person_id": places.schema["person_id"], "relative_id": places.schema["person_id"], "relation": pl.String}
            )
            edges, name = ids.lazy(), "relations"
        else:
            source, name = scan(self.tables.relations, "relations")
            edges = typed(source, {"relation": TEXT}, name, ("person_id", "relative_id"))
        for key in ("person_id", "relative_id"):
            self._refuse_other_type(edges.collect_schema()[key], key, name)
        edges = edges.join(places.lazy().select("person_id", subject="place"), on="person_id", how="left", maintain_order="left")
        found = edges.join(facts, on="relative_id", how="left", maintain_order="left").collect()
        check_values(found.select("relation"), self.facts, name)
        if self.people.frame is None:
            check_values(found, self.facts, self.people.name)
        return found

    def _refuse_other_type(self, found: pl.DataType, key: str, name: str) -> None:
        """Ids that are numbers in one file and text in another would never meet."""
        own = "household_id" if key == "household_id" else "person_id"
        wanted = self.people.lazy.collect_schema()[own]
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
    empty = ids.null_count() > 0 or (ids.dtype == pl.String and bool((ids == "").any()))
    if empty or (not rising(ids) and ids.n_unique() != len(ids)):
        again = ids.filter(ids.is_duplicated())
        raise LinliError(
            "rules.repeated_id",
            zh="标识为空或重复",
            en="An id is empty or stands in two rows.",
            place=Place(file, field=f"column {ids.name}"),
            expected=("每个标识一行", "one row per id"),
            found=f"{again[0]} ×{len(again):,}" if len(again) else '""',
            remedy_zh="合并重复的行，补上标识",
            remedy_en="merge the rows, fill in the id",
        )
