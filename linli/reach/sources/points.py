"""Homes, places and candidates for places out of csv files: who lives where, what is where, and what might be.

homes: id, lon, lat, and where known residents, elders, children, wheelchair. places: id, lon, lat, category, and where known hours,
opened and closed; a place with several roles names them all, with a semicolon between, or has a row for each. candidates: id, lon, lat,
and where known name, cost, decided.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from linli.kernel.clock import SHANGHAI, today
from linli.kernel.errors import LinliError, Problems
from linli.kernel.hours import Hours, read_hours, standing
from linli.kernel.money import fen_from_yuan
from linli.kernel.positions import WGS84
from linli.kernel.workdays import Workdays
from linli.reach.graph import Floats
from linli.reach.metric import Bools
from linli.reach.sources import checks
from linli.reach.sources.listing import Listing, refused
from linli.reach.sources.opening import understood
from linli.reach.sources.sheet import MOST_SAID, Sheet, read_sheet

GROUPS: Final = ("residents", "elders", "children", "wheelchair")
MOST_PEOPLE: Final = 1e8
"""More than any home, block or cell has: what is above is no number of people."""
_SEPARATORS = re.compile(r"[,，、;；|\n]")
_TAKES = re.compile(r"\s*[(（][0-9]{1,9}[)）]\s*$")


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points of a file in the order of their ids, whatever the order of its rows. lon, lat: WGS-84, NaN where the file has no number.

    rows: the line of each in the file, 0 where they come from none. weights: by GROUPS, as far as the file has them.
    """

    file: str
    ids: tuple[str, ...]
    lon: Floats
    lat: Floats
    system: str
    rows: npt.NDArray[np.int64]
    weights: dict[str, Floats] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Role:
    """What a place is: in which hours (None: not known, so at any moment), from which day on, and from which no longer."""

    hours: Hours | None = None
    opened: date | None = None
    closed: date | None = None

    def holds(self, day: date, at: datetime | None, calendar: Workdays) -> bool:
        """Whether it is that on a day and, where a moment is given, open then."""
        if (self.opened and day < self.opened) or (self.closed and day >= self.closed):
            return False
        return at is None or self.hours is None or standing(self.hours, at, calendar).open


@dataclass(frozen=True, slots=True, eq=False)
class Places(Points):
    """Places: each id once, with every category it has and what holds for it."""

    roles: tuple[Mapping[str, Role], ...] = ()

    def of(self, category: str, at: datetime | None = None, calendar: Workdays | None = None) -> Bools:
        """Which places have a category on the day of the moment (else today) and are open at the moment, where one is given."""
        day = at.astimezone(SHANGHAI).date() if at is not None else today()
        days = calendar or Workdays({}, "")
        return np.array([category in one and one[category].holds(day, at, days) for one in self.roles], bool)


def points_of(ids: Sequence[str], lon: npt.ArrayLike, lat: npt.ArrayLike, *, file: str = "") -> Points:
    """Points that come from no file, in the order given; degrees in WGS-84, NaN where there is no position. file: what errors call them."""
    x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    return Points(file, tuple(ids), x, y, WGS84, np.zeros(len(x), np.int64))


def read_homes(path: Path, listing: Listing | None = None, *, system: str | None = None) -> Points:
    """Homes of a file; a column whose name is nearly right is listed. Raises for ids that are there twice and for weights that are no
    numbers; a position that is none stays NaN."""
    sheet = read_sheet(path)
    sheet.require("id", "lon", "lat")
    if listing is not None:
        sheet.list_misspelt(listing, "system", "seat", *GROUPS)
    ids = _ids(sheet)
    checks.refuse_doubles(sheet, "id", np.array(ids))
    order = _order(ids)
    weights = {group: sheet.numbers(group, least=0.0, most=MOST_PEOPLE)[order] for group in GROUPS if sheet.column(group)}
    lon, lat, said = sheet.positions(system)
    return Points(sheet.name, tuple(ids[at] for at in order), lon[order], lat[order], said, _rows(sheet)[order], weights)


def read_places(path: Path, listing: Listing, *, system: str | None = None) -> Places:
    """Places of a file. Raises for a place without category, a role that is there twice, one id at two positions, and days that are
    none; hours that can't be read are listed and count as not known.
    """
    sheet = read_sheet(path)
    sheet.require("id", "lon", "lat", "category")
    sheet.list_misspelt(listing, "system", "hours", "dates", "opened", "closed")
    ids, lon, lat, said = _ids(sheet), *sheet.positions(system)
    roles = _roles(sheet, ids, listing)
    first: dict[str, int] = {}
    for row, one in enumerate(ids):
        first.setdefault(one, row)
    _refuse_moved(sheet, ids, first, lon, lat)
    known = list(first)
    kept = [first[known[at]] for at in _order(known)]
    named = tuple(ids[row] for row in kept)
    return Places(sheet.name, named, lon[kept], lat[kept], said, _rows(sheet)[kept], roles=tuple(roles[one] for one in named))


def known_categories(places: Places, asked: Sequence[str]) -> tuple[str, ...]:
    """The categories asked for, all there are if none. LinliError for one that no place has."""
    there = sorted(set().union(*places.roles))
    unknown = [one for one in asked if one not in there]
    if unknown:
        raise refused(
            "category",
            ("没有任何场所属于这个类别", "No place is of this category."),
            ("改正类别的写法，或从 --categories 中去掉", "correct the word, or leave it out of --categories"),
            file=places.file,
            field="category",
            expected=", ".join(there)[:400],
            found=", ".join(unknown),
        )
    return tuple(dict.fromkeys(asked)) or tuple(there)


def _ids(sheet: Sheet) -> list[str]:
    ids = sheet.texts("id") or []
    sheet.refuse_rows(np.flatnonzero([not one for one in ids]), "id", ("编号", "an id"))
    return ids


def _order(ids: Sequence[str]) -> npt.NDArray[np.int64]:
    """By number where all ids are numbers, else as text."""
    if all(one.isdecimal() and len(one) < 19 for one in ids):
        return np.lexsort((np.array(ids, dtype=str), np.array([int(one) for one in ids], np.int64)))
    return np.argsort(np.array(ids, dtype=str), kind="stable")


def _rows(sheet: Sheet) -> npt.NDArray[np.int64]:
    return sheet.lines


def _roles(sheet: Sheet, ids: list[str], listing: Listing) -> dict[str, dict[str, Role]]:
    """The roles of each id, by category. A number in brackets after a category says how many it takes, which nobody asks here."""
    said, opened, closed = _hours(sheet, listing), _days(sheet, "opened"), _days(sheet, "closed")
    roles: dict[str, dict[str, Role]] = {}
    problems: list[LinliError] = []
    for row, text in enumerate(sheet.texts("category") or []):
        words = [word for part in _SEPARATORS.split(text) if (word := _TAKES.sub("", part).strip())]
        if not words:
            problems.append(sheet.wrong(row, "category", ("类别", "a category"), ""))
        mine = roles.setdefault(ids[row], {})
        for word in words:
            if word in mine:
                once = ("每个场所的每个类别只写一次", "each category of a place once")
                problems.append(sheet.wrong(row, "category", once, f"{ids[row]}: {word}"))
            mine[word] = Role(said[row], opened[row], closed[row])
    if problems:
        raise Problems(problems[:MOST_SAID])
    return roles


def _days(sheet: Sheet, field: str) -> list[date | None]:
    found: list[date | None] = []
    problems: list[LinliError] = []
    for row, text in enumerate(sheet.texts(field) or [""] * len(sheet)):
        try:
            found.append(date.fromisoformat(text) if text else None)
        except ValueError:
            problems.append(sheet.wrong(row, sheet.column(field) or field, ("日期，如 2026-11-23", "a day such as 2026-11-23"), text))
    if problems:
        raise Problems(problems[:MOST_SAID])
    return found


def _refuse_moved(sheet: Sheet, ids: list[str], first: dict[str, int], lon: Floats, lat: Floats) -> None:
    if len(first) == len(ids):
        return
    at = np.array([first[one] for one in ids])
    same = ((lon == lon[at]) | (np.isnan(lon) & np.isnan(lon[at]))) & ((lat == lat[at]) | (np.isnan(lat) & np.isnan(lat[at])))
    sheet.refuse_rows(np.flatnonzero(~same), "lon", ("同一编号的场所在同一位置", "the same place at one position"))


def _hours(sheet: Sheet, listing: Listing) -> list[Hours | None]:
    """What the hours of each row say; None where they are not known. What is always open is never in doubt either."""
    texts, dates = (sheet.texts(name) or [""] * len(sheet) for name in ("hours", "dates"))
    found: list[Hours | None] = []
    for row, text in enumerate(texts):
        said = understood(text) if text else ""
        try:
            found.append(read_hours(said, dates[row]) if said else None)
        except LinliError:
            said = None
            found.append(None)
        if said is None:
            listing.add("place_hours", sheet.where(row), f"{text} {dates[row]}".strip())
    return found


def weights_of(homes: Points, kind: str = "home") -> dict[str, Any]:
    """What each home counts for, by group; every home for one where the file has no numbers."""
    return dict(homes.weights) or {f"{kind}s": np.ones(len(homes))}


@dataclass(frozen=True, slots=True, eq=False)
class Candidates(Points):
    """Where something might open. cost: fen, None where the file has no costs. forced, excluded: as the file decides."""

    names: tuple[str, ...] = ()
    cost: npt.NDArray[np.int64] | None = None
    forced: Bools = field(default_factory=lambda: np.zeros(0, bool))
    excluded: Bools = field(default_factory=lambda: np.zeros(0, bool))


_DECIDED: Final = {"": "", "forced": "forced", "必选": "forced", "excluded": "excluded", "排除": "excluded"}


def read_candidates(path: Path, listing: Listing, *, system: str | None = None) -> Candidates:
    """Candidates of a file: id, lon, lat, and where known name, cost (yuan) and decided (forced, excluded or nothing). Raises for ids that
    are there twice, costs that are no amounts and words that decide nothing."""
    sheet = read_sheet(path)
    sheet.require("id", "lon", "lat")
    sheet.list_misspelt(listing, "system", "name", "cost", "decided")
    ids = _ids(sheet)
    checks.refuse_doubles(sheet, "id", np.array(ids))
    lon, lat, said = sheet.positions(system)
    names, words = sheet.texts("name") or [""] * len(sheet), [one.lower() for one in sheet.texts("decided") or [""] * len(sheet)]
    sheet.refuse_rows(
        np.flatnonzero([one not in _DECIDED for one in words]), "decided", ("必选、排除或留空", "forced, excluded or nothing")
    )
    order, cost = _order(ids), _costs(sheet)
    decided = np.array([_DECIDED[words[row]] for row in order], dtype=str)
    return Candidates(
        sheet.name,
        tuple(ids[row] for row in order),
        lon[order],
        lat[order],
        said,
        _rows(sheet)[order],
        names=tuple(names[row] for row in order),
        cost=None if cost is None else cost[order],
        forced=decided == "forced",
        excluded=decided == "excluded",
    )


def _costs(sheet: Sheet) -> npt.NDArray[np.int64] | None:
    """Fen of each row."""
    fen: list[int] = []
    problems: list[LinliError] = []
    for row, text in enumerate(sheet.texts("cost") or ()):
        try:
            fen.append(fen_from_yuan(text))
        except LinliError:
            fen.append(-1)
        if fen[-1] < 0:
            problems.append(sheet.wrong(row, "cost", ("金额（元，最多两位小数）", "yuan with at most two decimals"), text))
    if problems:
        raise Problems(problems[:MOST_SAID])
    return np.array(fen, np.int64) if sheet.column("cost") else None
