"""A few people now, with their households and relatives: the same columns as the snapshot, in five statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import psycopg
from django.conf import settings
from django.db import connection
from psycopg.rows import dict_row

from linli.kernel import clock
from linli.registers.lists import ListDeclaration, load_lists
from linli.registers.snapshot import columns, statements
from linli.registers.snapshot.coverage import fresh_areas, programme_slugs

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
    schemas: dict[str, dict[str, Any]]

    def household_of(self, person: str, kind: str = "shared_living") -> Row | None:
        """The household's own facts, None if the person has none of that kind on record, or one whose members are not known."""
        return self.households.get(self.people[person][MEMBER_COLUMNS[kind][0]] or "")

    def members_of(self, household: str, kind: str = "shared_living") -> list[Row]:
        """Everybody in the household, by uid, with `role` as in that household; nobody if its members are not known."""
        column, role = MEMBER_COLUMNS[kind]
        found = [row for _, row in sorted(self.people.items()) if row[column] == household]
        return [{**row, "household_id": row[column], "role": row[role]} for row in found]

    def relatives_of(self, person: str) -> list[Row] | None:
        """The person's relatives with `relation`; None if not all of them are known."""
        if not self.people[person]["relations_known"]:
            return None
        return [
            {**self.people[other], "relation": relation} for one, other, relation in self.links if one == person and other in self.people
        ]

    def frames(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """(people, households, relations) as in the snapshot's files."""
        people = pl.DataFrame(list(self.people.values()), schema=self.schemas["people"], orient="row")
        households = pl.DataFrame(list(self.households.values()), schema=self.schemas["households"], orient="row")
        names = ("person_id", "relative_id", "relation")
        return people, households, pl.DataFrame(self.links, schema=dict.fromkeys(names, pl.String), orient="row")


def facts_for(
    residents: Iterable[UUID | str] = (), *, as_of: date, known_at: datetime | None = None, households: Iterable[UUID | str] = ()
) -> Family:
    """Facts of the residents (by uid) and of all members of the households (by uid), with co-members and relatives.

    Five statements, however many are asked for. Uids that are unknown, erased or of people dead by `as_of` are simply not in the answer.
    """
    scope: dict[str, Any] = {"as_of": as_of, "known_at": known_at or clock.now()}
    wanted = {"residents": [str(uid) for uid in residents], "households": [str(uid) for uid in households]}
    coverage = fresh_areas(as_of, scope["known_at"])
    selections = _selections()
    chosen = _rows(statements.EVERYONE, scope | wanted)
    arrays = scope | _arrays(chosen)
    people = _rows(selections["people"].sql(statements.CHOSEN_PEOPLE, as_text=False), selections["people"].parameters(coverage) | arrays)
    homes = sorted({home for row in chosen for home in (row["household_id"], row["book_id"], *(row["lost_homes"] or ())) if home})
    found_homes = _rows(
        selections["households"].sql(statements.CHOSEN_HOUSEHOLDS, as_text=False),
        selections["households"].parameters(coverage) | scope | {"homes": homes},
    )
    links = _rows(statements.LINKS, arrays)
    by_uid = {row["person_id"]: row for row in people if not row["is_deceased"]}
    return Family(
        asked=tuple(row["uid"] for row in chosen if row["asked"] and row["uid"] in by_uid),
        people=by_uid,
        households={row["household_id"]: row for row in found_homes},
        links=[(row["person"], row["relative"], row["relation"]) for row in links if row["relative"] in by_uid],
        schemas={name: selection.schema for name, selection in selections.items()},
    )


def organisation_facts(organisations: Iterable[UUID | str], *, as_of: date, known_at: datetime | None = None) -> dict[str, Row]:
    """Facts of organisations by uid, as in organisations.parquet. Two statements."""
    scope: dict[str, Any] = {"as_of": as_of, "known_at": known_at or clock.now()}
    selection = _selections()["organisations"]
    parameters = selection.parameters(fresh_areas(as_of, scope["known_at"])) | scope | {"wanted": [str(uid) for uid in organisations]}
    return {row["person_id"]: row for row in _rows(selection.sql(statements.CHOSEN_ORGANISATIONS, as_text=False), parameters)}


def _selections() -> dict[str, columns.Selection]:
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
def _built(lists: tuple[_ByDigest, ...], programmes: tuple[str, ...]) -> dict[str, columns.Selection]:
    declared = [one.declaration for one in lists]
    return {
        "people": columns.people(declared, programmes),
        "households": columns.households(declared, programmes),
        "organisations": columns.organisations(declared, programmes),
    }


def _rows(statement: str, parameters: dict[str, Any]) -> list[Row]:
    """Run one statement prepared on the server: planning the widest takes several times as long as running it."""
    connection.ensure_connection()
    # Django switches prepared statements off for a connection; its own cursors bind on the client and are not touched by this.
    connection.connection.prepare_threshold = 0
    with psycopg.Cursor(connection.connection, row_factory=dict_row) as cursor:
        return cursor.execute(statement, parameters, prepare=True).fetchall()


def _arrays(chosen: list[Row]) -> dict[str, Any]:
    arrays = {name: [row[name] for row in chosen] for name in ("id", "household_id", "role", "book_id", "book_role")}
    return arrays | {"asked": [row["id"] for row in chosen if row["asked"]]}
