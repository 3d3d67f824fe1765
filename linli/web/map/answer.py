"""一刻钟能走到哪里: what is reached on foot from a place by category, what isn't and how far that is; in words, and as the map draws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.circles.reachable import FAR_MINUTES, Reachable, nearest_first
from linli.kernel import clock
from linli.kernel.hours import Hours, Standing, read_hours, spans_text, standing
from linli.kernel.positions import Position
from linli.kernel.workdays import Workdays
from linli.reach.profiles import PROFILES, Profile
from linli.registers.categories import GROUPS, Category
from linli.registers.queries.places import PlaceRow, Places
from linli.rules import Label
from linli.web.frame.counted import counted
from linli.web.map import area
from linli.web.places.nearest import opens_words
from linli.web.templatetags.texts import words

MINUTES = (5, 10, 15)
MISSED = ("trade", "care", "green")
"""Groups of categories that everybody needs near by: what isn't reached of the others is no gap in anybody's day."""
MOST = 9  # further places of one category that are listed; the map shows as many
PROFILE_WORDS = {"adult": gettext_lazy("成人"), "elder": gettext_lazy("长辈"), "wheelchair": gettext_lazy("坐轮椅")}


@dataclass(frozen=True, slots=True)
class Found:
    """A place as it is listed. minutes: whole, a begun one counted; kind, sign, state: whether it is open now; today: its hours."""

    row: PlaceRow
    name: Label
    minutes: int
    metres: int
    kind: str
    sign: str
    state: str
    today: str
    report: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A category with its nearest place, the further ones within a quarter of an hour, and how many of those are not listed."""

    slug: str
    label: Label
    group: Label
    nearest: Found
    rest: list[Found]
    more: int

    @property
    def number(self) -> int:
        """How many places there are within a quarter of an hour."""
        return 1 + len(self.rest) + self.more

    @property
    def places(self) -> list[Found]:
        """All that are listed, the nearest first."""
        return [self.nearest, *self.rest]

    @property
    def summary(self) -> str:
        """'药店：3 处'."""
        return _("%(name)s：%(number)s") % {"name": words(self.label), "number": counted("%(number)s 处", number=self.number)}


@dataclass(frozen=True, slots=True)
class Band:
    """Categories whose nearest place is reached within so many minutes and not within the band before."""

    minutes: int
    kinds: list[Kind]


@dataclass(frozen=True, slots=True)
class Blind:
    """A category that a quarter of an hour doesn't reach, and the nearest of it within an hour's walk, if there is one. open: where only
    what is open now was asked for and the nearest is shut, the nearest that is open."""

    label: Label
    group: Label
    nearest: Found | None
    open: Found | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page says. limits: minutes with the metres they come to; unknown: places left out since nobody has said their hours."""

    profile: Profile
    limits: list[tuple[int, int]]
    bands: list[Band]
    blind: list[Blind]
    unknown: int
    leg: int
    why: str
    drawn: dict[str, Any]

    @property
    def every(self) -> str:
        """'一刻钟内的每一处：97 处', a place that does two things counted for each."""
        number = sum(kind.number for band in self.bands for kind in band.kinds)
        return _("%(name)s：%(number)s") % {"name": _("一刻钟内的每一处"), "number": counted("%(number)s 处", number=number)}

    @property
    def kinds(self) -> int:
        """How many categories are reached."""
        return sum(len(band.kinds) for band in self.bands)

    @property
    def missing(self) -> str:
        """'菜市场、老年助餐点': what a quarter of an hour doesn't reach; "" where it reaches everything."""
        return _("、").join(words(one.label) for one in self.blind)


def profiles() -> list[tuple[str, str]]:
    """Name and words of each way of walking."""
    return [(name, str(PROFILE_WORDS[name])) for name in PROFILES]


def speeds() -> str:
    """'每小时走：成人 4.0 公里、长辈 3.0 公里……'."""
    each = (_("%(who)s %(speed)s 公里") % {"who": PROFILE_WORDS[name], "speed": speed_words(one)} for name, one in PROFILES.items())
    return _("每小时走：%(each)s。坐轮椅不走台阶和陡坡。") % {"each": _("、").join(each)}


def speed_words(profile: Profile) -> str:
    """Kilometres an hour, with one digit."""
    return f"{profile.metres_per_hour / 1000:.1f}"


def answer(
    found: Reachable, start: Position, places: Places, known: Mapping[str, Category], at: datetime, calendar: Workdays, *, open_only: bool
) -> Answer:
    """Everything that is reached, by category in the city's order. No query; O(places within an hour's walk)."""
    profile = found.network.profile
    limit = profile.limit(MINUTES[-1])
    teller = _Teller(found, places, at, calendar)
    bands = [Band(minutes, []) for minutes in MINUTES]
    blind: list[Blind] = []
    for slug, category in known.items():
        near = nearest_first(found.places, places.of.get(slug, ()))
        group = GROUPS[category.group]
        within = [one for one in near if found.places[one] <= limit and (not open_only or teller.open(one))]
        if not within:
            if category.group in MISSED:
                blind.append(Blind(category.label, group, *teller.beyond(near, open_only=open_only)))
            continue
        told = [teller.told(one) for one in within[: MOST + 1]]
        band = next(band for band in bands if found.places[within[0]] <= profile.limit(band.minutes))
        band.kinds.append(Kind(slug, category.label, group, told[0], told[1:], len(within) - len(told)))
    return Answer(
        profile,
        [(minutes, profile.limit(minutes) // 10) for minutes in MINUTES],
        bands,
        blind,
        teller.unknown if open_only else 0,
        int(found.start.leg[0]) // 10,
        found.why.name.lower(),
        _drawn(found, start, bands, blind),
    )


class _Teller:
    """Tells places in words, each worked out once however many roles it has."""

    def __init__(self, found: Reachable, places: Places, at: datetime, calendar: Workdays) -> None:
        self._found, self._places, self._at, self._calendar = found, places, at, calendar
        self._today = clock.day_of(at)
        self._known: dict[int, Found] = {}
        self._now: dict[tuple[str, str], tuple[Hours, Standing]] = {}
        self._without: set[int] = set()

    @property
    def unknown(self) -> int:
        """How many of the places that were asked for have no hours on record."""
        return len(self._without)

    def open(self, one: int) -> bool:
        """Whether it is open now; one whose hours nobody has said is not, as far as anybody knows."""
        row = self._places.rows[one]
        if not row.hours:
            self._without.add(one)
            return False
        return self._standing(row)[1].open

    def _standing(self, row: PlaceRow) -> tuple[Hours, Standing]:
        """Its hours and what they say at the moment: worked out once for all that keep the same."""
        key = row.hours, row.dates
        if key not in self._now:
            hours = read_hours(*key)
            self._now[key] = hours, standing(hours, self._at, self._calendar)
        return self._now[key]

    def told(self, one: int) -> Found:
        """In words."""
        if one not in self._known:
            self._known[one] = self._tell(self._places.rows[one], int(self._found.places[one]))
        return self._known[one]

    def beyond(self, near: Sequence[int], *, open_only: bool) -> tuple[Found | None, Found | None]:
        """The nearest of all, which may be at the door and shut; and where that is asked for, the nearest open one if it is another."""
        if not near:
            return None, None
        far = next((one for one in near if self.open(one)), near[0]) if open_only else near[0]
        return self.told(near[0]), None if far == near[0] else self.told(far)

    def _tell(self, row: PlaceRow, decimetres: int) -> Found:
        kind, sign, state, today = "note", "question", _("没有登记营业时间"), ""
        if row.hours:
            hours, now = self._standing(row)
            kind, sign = ("good", "tick") if now.open else ("not", "clock")
            state = opens_words(now, self._today)
            today = spans_text(hours.on(self._today, self._calendar)) or _("今天休息")
        return Found(
            row,
            Label(row.name_zh, row.name_en or row.name_zh),
            self._found.network.profile.minutes(decimetres),
            decimetres // 10,
            kind,
            sign,
            state,
            today,
            f"{reverse('map_report')}?place={row.uid}" if row.key.startswith("place:") else "",
        )


def _drawn(found: Reachable, start: Position, bands: Sequence[Band], blind: Sequence[Blind]) -> dict[str, Any]:
    """What the map draws: the start, the streets that are reached in each time, every place that the tables name."""
    profile = found.network.profile
    streets = [
        {"minutes": minutes, "lines": area.reached(found.network, found.start, found.nodes, profile.limit(minutes))}
        for minutes in (reversed(MINUTES) if found.joined else ())
    ]
    dots: dict[str, dict[str, Any]] = {}
    for band in bands:
        for kind in band.kinds:
            for one in (kind.nearest, *kind.rest):
                _dot(dots, one, kind.label, "open" if one.kind == "good" else "closed")
    for missing in blind:
        for far in (missing.nearest, missing.open):
            if far:
                _dot(dots, far, missing.label, "closed" if far.minutes <= MINUTES[-1] else "beyond")
    return {"start": [start.lon, start.lat], "streets": streets, "places": list(dots.values()), "report": _("已经关门了？告诉网格员")}


def _dot(dots: dict[str, dict[str, Any]], one: Found, label: Label, kind: str) -> None:
    """A place with several roles is one dot, which names them all."""
    if one.row.key in dots:
        dots[one.row.key]["what"] += _("、") + words(label)
        return
    dots[one.row.key] = {
        "at": [one.row.lon, one.row.lat],
        "name": words(one.name),
        "what": words(label),
        "walk": minutes_words(one.minutes, one.metres),
        "state": one.state,
        "kind": kind,
        "report": one.report,
    }


def minutes_words(minutes: int, metres: int) -> str:
    """'走 7 分钟，约 460 米'."""
    rounded = max(10, round(metres, -1))
    return _("走 %(minutes)s 分钟，约 %(metres)s 米") % {"minutes": max(minutes, 1), "metres": f"{rounded:,}"}


def far_words(profile: Profile) -> str:
    """'走一小时（约 4.0 公里）也到不了'."""
    return _("走一小时（约 %(number)s 公里）也到不了") % {"number": f"{profile.limit(FAR_MINUTES) / 10_000:.1f}"}
