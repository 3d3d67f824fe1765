"""Norms: which trade within how many minutes, mandatory or not, for which type of circle, since when and by whose word (norms.yaml)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from linli.circles.declared.groups import Group
from linli.circles.declared.reading import Days, days, items, keys, named, one_of, overlaps, slug, text, texts, whole, wrong
from linli.circles.declared.sources import source
from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError, Problems
from linli.kernel.workdays import ONE_DAY, Workdays
from linli.reach.profiles import Profile
from linli.rules.declare import Label
from linli.rules.source import Entry

LEVELS = (5, 10, 15)
"""The circles of GB 50180-2018, in minutes. Each is checked by itself: one does not stand for another."""
ALL = "all"
KINDS_OF_DAY = ("workday", "restday")
FAR_DAYS = 40  # a day of either kind comes sooner than that
_MOMENT = re.compile(r"(workday|restday) ([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class Norm:
    """categories: any of them will do. minutes or metres: how far, the other is None. types: of circles, () for all. group: of which people
    at least `percent` must reach it; at: every one of these moments ("workday 07:30"). source: by whose word."""

    key: str
    label: Label
    categories: tuple[str, ...]
    level: int
    minutes: int | None
    metres: int | None
    mandatory: bool
    types: tuple[str, ...]
    group: str
    percent: int
    at: tuple[str, ...]
    days: Days
    source: Label
    entry: Entry

    def applies(self, kind: str, day: date) -> bool:
        """Whether it is asked of circles of this type on that day."""
        return (not self.types or kind in self.types) and self.days.hold(day)

    def limit(self, profile: Profile) -> int:
        """The most decimetres that whoever walks like this may have to go: the distance itself, or how far they come in the minutes."""
        return self.metres * 10 if self.metres is not None else profile.limit(self.minutes or 0)

    def far(self) -> Label:
        """How far, in words."""
        if self.metres is not None:
            return Label(f"{self.metres:,} 米", f"{self.metres:,} m")
        return Label(f"{self.minutes} 分钟", f"{self.minutes} min")


@dataclass(frozen=True, slots=True)
class TradeSet:
    """Norms that are told together: a circle that lacks any of them is listed (一店一早、一菜一修)."""

    key: str
    label: Label
    norms: tuple[str, ...]
    days: Days
    source: Label
    entry: Entry


def moment(when: str, on: date, calendar: Workdays) -> datetime:
    """The first such moment on or after a day: "workday 07:30" on the next working day, "restday 09:00" on the next day off."""
    kind, clock = when.split(" ")
    day = on
    for _ in range(FAR_DAYS):
        if calendar.is_workday(day) == (kind == KINDS_OF_DAY[0]):
            return datetime.combine(day, time.fromisoformat(clock), SHANGHAI)
        day += ONE_DAY
    raise ValueError(f"no {kind} within {FAR_DAYS} days of {on}")


@dataclass(frozen=True, slots=True)
class Norms:
    """What a city's file asks. share, share_source: what part of a group must reach a norm that says no other, and by whose word."""

    norms: tuple[Norm, ...]
    sets: tuple[TradeSet, ...]
    share: int
    share_source: Label


def read_norms(entry: Entry, types: Iterable[str], groups: Iterable[Group]) -> Norms:
    """All norms and sets. Raises Problems with every fault, each with its place; of overlapping dates both places are named."""
    told = keys(entry, ("sources", "default_at", "share", "norms", "sets"))
    faults: list[LinliError] = []
    share = keys(told["share"], ("percent", "source"))
    known = _Known(
        {key: source(one) for key, one in told["sources"].value.items()},
        tuple(types),
        tuple({one.key for one in groups}),
        _moments(told["default_at"]),
        whole(share["percent"], 1, 100),
    )
    norms, sets = [], []
    for one in items(told["norms"]):
        try:
            norms.append(_norm(one, known))
        except LinliError as fault:
            faults.append(fault)
    # The same trade at one level, for the same type of circle: one answer on any day.
    faults += overlaps(((one.categories, one.level, kind), one) for one in norms for kind in (one.types or known.types))
    faults += overlaps((one.key, one) for one in norms)
    for one in items(told["sets"]):
        try:
            sets.append(_set(one, known, {norm.key for norm in norms}))
        except LinliError as fault:
            faults.append(fault)
    faults += overlaps((one.key, one) for one in sets)
    if faults:
        raise Problems(_once(faults))
    return Norms(tuple(norms), tuple(sets), known.percent, known.sources[one_of(share["source"], known.sources)])


@dataclass(frozen=True, slots=True)
class _Known:
    """What the entries of the file may name."""

    sources: Mapping[str, Label]
    types: tuple[str, ...]
    groups: tuple[str, ...]
    at: tuple[str, ...]
    percent: int


def _norm(entry: Entry, known: _Known) -> Norm:
    told = keys(
        entry,
        ("key", "zh", "en", "categories", "level", "mandatory", "types", "group", "from", "until", "source"),
        ("minutes", "metres", "at", "percent"),
    )
    if ("minutes" in told) == ("metres" in told):
        raise wrong(entry, ("minutes 或 metres，二者之一", "either minutes or metres"), text(told["key"]))
    return Norm(
        key=slug(told["key"]),
        label=named(told),
        categories=tuple(sorted(texts(told["categories"]))),
        level=(level := one_of(told["level"], LEVELS)),
        minutes=whole(told["minutes"], 1, level) if "minutes" in told else None,
        metres=whole(told["metres"], 1, 20_000) if "metres" in told else None,
        mandatory=one_of(told["mandatory"], (True, False)),
        types=_types(told["types"], known),
        group=one_of(told["group"], known.groups),
        percent=whole(told["percent"], 1, 100) if "percent" in told else known.percent,
        at=_moments(told["at"]) if "at" in told else known.at,
        days=days(told),
        source=known.sources[one_of(told["source"], known.sources)],
        entry=entry,
    )


def _types(entry: Entry, known: _Known) -> tuple[str, ...]:
    """() for all, which must be said: an empty list is none."""
    if entry.value == ALL:
        return ()
    texts(entry)
    return tuple(one_of(one, known.types) for one in items(entry))


def _moments(entry: Entry) -> tuple[str, ...]:
    found = texts(entry)
    for one, place in zip(found, items(entry), strict=True):
        if not _MOMENT.fullmatch(one):
            raise wrong(place, "workday 07:30, restday 09:00", one)
    return found


def _set(entry: Entry, known: _Known, norms: set[str]) -> TradeSet:
    told = keys(entry, ("key", "zh", "en", "norms", "from", "until", "source"))
    members = tuple(one_of(one, sorted(norms)) for one in items(told["norms"]))
    by = known.sources[one_of(told["source"], known.sources)]
    return TradeSet(slug(told["key"]), named(told), members, days(told), by, entry)


def _once(faults: Iterable[LinliError]) -> list[LinliError]:
    """Each fault once, though it was found for several types of circles."""
    return list({str(fault): fault for fault in faults}.values())


def require_known_categories(norms: Iterable[Norm], known: Collection[str]) -> None:
    """Raises Problems for norms that ask for a category that the city's places don't have: they could never be met."""
    there = ", ".join(known)
    if faults := [wrong(norm.entry, there, one) for norm in norms for one in norm.categories if one not in known]:
        raise Problems(faults)
