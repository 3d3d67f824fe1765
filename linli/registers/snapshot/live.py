"""A few people now, with their households and relatives: the same columns as the snapshot, in two statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import polars as pl
from django.conf import settings

from linli.kernel import clock
from linli.registers import prepared
from linli.registers.lists import ListDeclaration, load_lists
from linli.registers.snapshot import columns, statements
from linli.registers.snapshot.coverage import programme_slugs

Row = dict[str, Any]
MEMBER_COLUMNS = {"shared_living": ("household_id", "role"), "hukou_book": ("household_id.hukou_book", "role.hukou_book")}


@dataclass(frozen=True, slots=True)
class Family:
    """People asked for, everybody in their households, and their relatives. Rows are the snapshot's columns; None is unknown.

    people, households: row by uid; links: (person, relative, relation) of the people asked for; selections: for typed frames.
    """

    asked: tuple[str, ...]
    people: dict[str, Row]
    households: dict[str, Row]
    links: list[tuple[str, str, str]]
    selections: Mapping[str, columns.Selection]

    def household_of(self, person: str, kind: str = "shared_living") -> Row | None:
        """The household's own facts, None if the person has none of that kind on record, or one whose members are not known."""
        return self.households.get(self.people[person][MEMBER_COLUMNS[kind][0]] or "")

    def members_of(self, household: str, kind: str = "shared_living") -> list[Row]:
        """Everybody in the household, by uid, with `role` as in that household; nobody if its members are not known."""
        column, role = MEMBER_COLUMNS[kind]
        found = [row for _, row in sorted(self.people.items()) if row[column] == household]
        return [{**row, "household_id": row[column], "role": row[role]} for row in found]

    def housemates_of(self, person: str, kind: str = "shared_living") -> list[Row] | None:
        """Everybody in the person's household, the person included; None if the person has none of that kind on record."""
        household = self.people[person][MEMBER_COLUMNS[kind][0]]
        return self.members_of(household, kind) if household else None

    def relatives_of(self, person: str) -> list[Row] | None:
        """The person's relatives with `relation`; None if not all of them are known."""
        if not self.people[person]["relations_known"]:
            return None
        return [
            {**self.people[other], "relation": relation} for one, other, relation in self.links if one == person and other in self.people
        ]

    def frames(self, more: Mapping[str, Any] = MappingProxyType({})) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """(people, households, relations) as in the snapshot's files. more: columns that rows were given beside, with their types."""
        people = pl.DataFrame(list(self.people.values()), schema={**more, **self.selections["people"].schema}, orient="row")
        households = pl.DataFrame(list(self.households.values()), schema={**more, **self.selections["households"].schema}, orient="row")
        names = ("person_id", "relative_id", "relation")
        return people, households, pl.DataFrame(self.links, schema=dict.fromkeys(names, pl.String), orient="row")


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a look goes beyond the people asked for: to their co-members, their relatives, what is said of their households."""

    members: bool = True
    relatives: bool = True
    households: bool = True


ALL_AROUND = Reach()


def facts_for(
    residents: Iterable[UUID | str] = (),
    *,
    as_of: date,
    known_at: datetime | None = None,
    households: Iterable[UUID | str] = (),
    reach: Reach = ALL_AROUND,
) -> Family:
    """Facts of the residents (by uid) and of all members of the households (by uid), with co-members and relatives.

    Two statements, however many are asked for. Uids that are unknown, erased or of people dead by `as_of` are simply not in
    the answer, nor is what lies beyond `reach`.
    """
    scope: dict[str, Any] = {"as_of": as_of, "known_at": known_at or clock.now()}
    looks = _looks()
    wanted = {"residents": [str(uid) for uid in residents], "households": [str(uid) for uid in households]}
    everyone = looks["people"].rows(scope | wanted | {"members": reach.members, "relatives": reach.relatives})
    asked = [row for row in everyone if row.pop("#asked")]
    links = [(row["person_id"], *link) for row in everyone for link in row.pop("#relatives") or ()]
    lost = [home for row in everyone for home in row.pop("#lost_homes") or ()]
    homes = {row[column] for row in everyone for column, _ in MEMBER_COLUMNS.values() if row[column]}
    wanted = {"homes": sorted({*homes, *lost})}
    households_found = looks["households"].rows(scope | wanted) if reach.households else []
    alive = {row["person_id"]: row for row in everyone if not row["is_deceased"]}
    return Family(
        asked=tuple(row["person_id"] for row in asked if row["person_id"] in alive),
        people=alive,
        households={row["household_id"]: row for row in households_found},
        links=sorted(link for link in links if link[1] in alive),
        selections={name: look.selection for name, look in looks.items()},
    )


def organisation_facts(organisations: Iterable[UUID | str], *, as_of: date, known_at: datetime | None = None) -> dict[str, Row]:
    """Facts of organisations by uid, as in organisations.parquet. One statement."""
    scope: dict[str, Any] = {"as_of": as_of, "known_at": known_at or clock.now()}
    wanted = {"wanted": [str(uid) for uid in organisations]}
    rows = _looks()["organisations"].rows(scope | wanted)
    return {row["person_id"]: row for row in rows}


def organisation_frame(rows: Mapping[str, Row], more: Mapping[str, Any] = MappingProxyType({})) -> pl.DataFrame:
    """The same as a table. more: columns that rows were given beside, with their types."""
    return pl.DataFrame(list(rows.values()), schema={**more, **_looks()["organisations"].selection.schema}, orient="row")


@dataclass(frozen=True, slots=True)
class _Look:
    """A selection with its statement for a few subjects."""

    selection: columns.Selection
    statement: str

    def rows(self, parameters: dict[str, Any]) -> list[Row]:
        """What the registers say, in the selection's order."""
        return prepared.rows(self.statement, parameters)


def _looks() -> dict[str, _Look]:
    """The three SELECTs of this city as its files are now; built again only when a list or a programme comes or changes."""
    lists = load_lists(Path(settings.LINLI_CITY))
    return _built(tuple(_ByDigest(declaration) for declaration in lists.values()), tuple(programme_slugs()))


@dataclass(frozen=True, slots=True, eq=False)
class _ByDigest:
    """A declaration that is compared by its digest."""

    declaration: ListDeclaration

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByDigest) and other.declaration.digest == self.declaration.digest

    def __hash__(self) -> int:
        return hash(self.declaration.digest)


@lru_cache(maxsize=8)
def _built(lists: tuple[_ByDigest, ...], programmes: tuple[str, ...]) -> dict[str, _Look]:
    declared = [one.declaration for one in lists]
    people = columns.people(declared, programmes)
    households = columns.households(declared, programmes)
    organisations = columns.organisations(declared, programmes)
    return {
        "people": _Look(people, people.sql(statements.EVERYONE, as_text=False, beside=statements.BESIDE_PEOPLE)),
        "households": _Look(households, households.sql(statements.CHOSEN_HOUSEHOLDS, as_text=False)),
        "organisations": _Look(organisations, organisations.sql(statements.CHOSEN_ORGANISATIONS, as_text=False)),
    }
