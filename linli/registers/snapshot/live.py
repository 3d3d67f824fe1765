"""A few people now, with their households and relatives: the same columns as the snapshot, in five statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
from django.conf import settings
from django.db import connection

from linli.kernel import clock
from linli.registers.lists import load_lists
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
        """The household's own facts, None if the person has none of that kind on record."""
        return self.households.get(self.people[person][MEMBER_COLUMNS[kind][0]] or "")

    def members_of(self, household: str, kind: str = "shared_living") -> list[Row]:
        """Everybody in the household, by uid, with `role` as in that household."""
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

    Five statements, however many are asked for. Unknown and erased uids are simply not in the answer.
    """
    scope: dict[str, Any] = {"as_of": as_of, "known_at": known_at or clock.now()}
    wanted = {"residents": [str(uid) for uid in residents], "households": [str(uid) for uid in households]}
    lists = load_lists(Path(settings.LINLI_CITY)).values()
    coverage, programmes = fresh_areas(as_of, scope["known_at"]), programme_slugs()
    chosen = _rows(statements.EVERYONE, scope | wanted)
    selections = {
        "people": columns.people(lists, coverage, programmes),
        "households": columns.households(lists, coverage, programmes),
    }
    people = _rows(
        selections["people"].sql(statements.CHOSEN_PEOPLE, as_text=False), selections["people"].parameters | scope | _arrays(chosen)
    )
    homes = sorted({home for row in chosen for home in (row["household_id"], row["book_id"]) if home})
    found_homes = _rows(
        selections["households"].sql(statements.CHOSEN_HOUSEHOLDS, as_text=False),
        selections["households"].parameters | scope | {"homes": homes},
    )
    links = _rows(statements.LINKS, scope | _arrays(chosen))
    by_uid = {row["person_id"]: row for row in people}
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
    lists = load_lists(Path(settings.LINLI_CITY)).values()
    selection = columns.organisations(lists, fresh_areas(as_of, scope["known_at"]), programme_slugs())
    parameters = selection.parameters | scope | {"wanted": [str(uid) for uid in organisations]}
    return {row["person_id"]: row for row in _rows(selection.sql(statements.CHOSEN_ORGANISATIONS, as_text=False), parameters)}


def _rows(statement: str, parameters: dict[str, Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _arrays(chosen: list[Row]) -> dict[str, Any]:
    arrays = {name: [row[name] for row in chosen] for name in ("id", "household_id", "role", "book_id", "book_role")}
    return arrays | {"asked": [row["id"] for row in chosen if row["asked"]]}
