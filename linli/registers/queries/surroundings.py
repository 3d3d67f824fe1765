"""Who and what is around a person on a day, in one statement: a page that asks for each of it alone spends most of its time asking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from linli.registers import prepared
from linli.registers.models import Resident


@dataclass(frozen=True, slots=True)
class Place:
    """One situation, as registers_situation has it."""

    kind: str
    area_code: str
    valid_from: date
    known_from: datetime


@dataclass(frozen=True, slots=True)
class Near:
    """Somebody of a household (kind and role of the membership; the person themself is one of them) or of the family (kind "")."""

    resident_id: int
    uid: UUID
    name: str
    kind: str
    role: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is believed now of a person on a day. area_names: of the places' counties, townships, villages and houses, by code."""

    places: tuple[Place, ...]
    members: tuple[Near, ...]
    family: tuple[Near, ...]
    area_names: dict[str, str]


_SQL = Path(__file__).parents[1] / "sql"
_AROUND = (_SQL / "around_resident.sql").read_text(encoding="utf-8")
_HOMES = (_SQL / "homes_of.sql").read_text(encoding="utf-8")


def around(resident: Resident, on: date) -> Surroundings:
    """Where the person is, who is in their households, who is their family, and what the places are called. One prepared statement."""
    (row,) = prepared.rows(_AROUND, {"resident": resident.pk, "day": on})
    places = tuple(
        Place(kind, area, date.fromisoformat(since), datetime.fromisoformat(known)) for kind, area, since, known in row["places"] or ()
    )
    return Surroundings(places, _people(row["members"]), _people(row["family"]), row["area_names"] or {})


def homes_of(residents: Iterable[int], on: date) -> tuple[dict[int, str], dict[str, str]]:
    """Where each of the residents lives, or else is registered, by id, and the names of those places, by code. One prepared statement."""
    (row,) = prepared.rows(_HOMES, {"residents": list(residents), "day": on})
    return {int(resident): code for resident, code in (row["homes"] or {}).items()}, row["area_names"] or {}


def _people(rows: list[list[Any]] | None) -> tuple[Near, ...]:
    return tuple(Near(id_, UUID(uid), name, kind, role) for id_, uid, name, kind, role in rows or ())
