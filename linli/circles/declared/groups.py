"""Groups of people that coverage is counted by: who belongs to each by age or by a department's list, and how they walk (groups.yaml)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from linli.circles.declared.reading import Days, days, items, keys, named, one_of, overlaps, text, whole, wrong
from linli.circles.declared.sources import source
from linli.kernel.errors import LinliError, Problems
from linli.reach.profiles import PROFILES
from linli.rules.declare import Label
from linli.rules.source import Entry

COLUMNS = ("residents", "elders", "children", "infants", "wheelchair")
"""The groups that a home is counted by; what each means on a day, the city's file says. `residents` is everybody."""
EVERYBODY = COLUMNS[0]


@dataclass(frozen=True, slots=True)
class Group:
    """least_age: so many completed years or more; below_age: fewer than that. list_slug: on a department's list, with one of the values
    of each column in `where`. Neither: everybody. profile: how they walk."""

    key: str
    label: Label
    profile: str
    days: Days
    source: Label
    entry: Entry
    least_age: int | None = None
    below_age: int | None = None
    list_slug: str = ""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def plain(self) -> dict[str, object]:
        """What it means, as it is kept with the figures that were counted by it."""
        told: dict[str, object] = {"zh": self.label.zh, "en": self.label.en, "profile": self.profile, "since": str(self.days.since)}
        told |= {"source_zh": self.source.zh, "source_en": self.source.en}
        told |= {key: value for key in ("least_age", "below_age") if (value := getattr(self, key)) is not None}
        return told | (
            {"list": self.list_slug, "where": {key: list(values) for key, values in self.where.items()}} if self.list_slug else {}
        )


def read_groups(entry: Entry) -> tuple[Group, ...]:
    """All definitions. Raises Problems with every fault and its place."""
    found, faults = [], list[LinliError]()
    for one in items(keys(entry, ("groups",))["groups"]):
        try:
            found.append(_group(one))
        except LinliError as fault:
            faults.append(fault)
    faults += overlaps((one.key, one) for one in found)
    if faults:
        raise Problems(faults)
    return tuple(found)


def groups_on(groups: Iterable[Group], day: date) -> dict[str, Group]:
    """By key, the definitions that hold on a day, in the order of COLUMNS."""
    holding = {one.key: one for one in groups if one.days.hold(day)}
    return {key: holding[key] for key in COLUMNS if key in holding}


def _group(entry: Entry) -> Group:
    told = keys(entry, ("key", "zh", "en", "profile", "from", "until", "source"), ("least_age", "below_age", "list", "where"))
    by = [key for key in ("least_age", "below_age", "list") if key in told]
    key = one_of(told["key"], COLUMNS)
    if len(by) != (key != EVERYBODY) or ("where" in told and "list" not in told):
        raise wrong(
            entry,
            ("least_age、below_age 或 list 之一；居民不写", "one of least_age, below_age, list; none for residents"),
            ", ".join(by) or "—",
        )
    return Group(
        key=key,
        label=named(told),
        profile=one_of(told["profile"], PROFILES),
        days=days(told),
        source=source(told["source"]),
        entry=entry,
        least_age=whole(told["least_age"], 1, 120) if "least_age" in told else None,
        below_age=whole(told["below_age"], 1, 120) if "below_age" in told else None,
        list_slug=text(told["list"]) if "list" in told else "",
        where={name: tuple(str(one.plain()) for one in items(values)) for name, values in told["where"].value.items()}
        if "where" in told
        else {},
    )
