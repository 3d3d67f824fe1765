"""What several pages of circles say alike: states, ways of walking, what a figure was computed on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.circles import queries
from linli.circles.declared import Norm, standard
from linli.circles.few import FEW, Split, fewer
from linli.circles.models import Circle
from linli.circles.reckoning.figures import NOBODY
from linli.insight import suppressing
from linli.insight.opendata import shift
from linli.kernel import clock
from linli.reach.profiles import PROFILES, Way
from linli.rules import Label
from linli.web.insights.figures import percent
from linli.web.map.answer import PROFILE_WORDS
from linli.web.templatetags.texts import day, words

# state of a gap -> kind of tag, icon, word
STATES: dict[str, tuple[str, str, Any]] = {
    "open": ("bad", "cross", gettext_lazy("有缺口")),
    "unknown": ("open", "question", gettext_lazy("待定")),
    "met": ("good", "tick", gettext_lazy("达标")),
    NOBODY: ("not", "dash", gettext_lazy("不涉及")),
}
WALKS = PROFILE_WORDS
LEVELS = (5, 10, 15)


@dataclass(frozen=True, slots=True)
class Pace:
    """A way of walking: kilometres an hour, and (minutes, metres) for each level."""

    name: str
    words: str
    kilometres: str
    metres: tuple[tuple[int, int], ...]
    stepless: bool


def paces() -> list[Pace]:
    """What “15 minutes” is for each way of walking."""
    return [
        Pace(
            one.name,
            str(WALKS[one.name]),
            f"{one.metres_per_hour / 1000:.1f}",
            tuple((minutes, one.limit(minutes) // 10) for minutes in LEVELS),
            bool(one.without & Way.STEPS),
        )
        for one in PROFILES.values()
    ]


@dataclass(frozen=True, slots=True)
class Basis:
    """What the figures were computed on. unlocated: homes that are on no map, of the circle's communities (own), else of all counties
    that have circles; stale: the standard has changed since."""

    day: date
    homes_as_of: date
    made_at: datetime
    source: str
    licence: str
    unlocated: int
    own: bool
    places: int
    unknown_hours: int
    stale: bool


def basis(circle: Circle | None = None) -> Basis | None:
    """The newest computation, None before the first. circle: whose homes are told of. One query, with a circle two."""
    run = queries.latest()
    if run is None:
        return None
    own = queries.unlocated_homes(run, circle) if circle is not None else None
    return Basis(
        run.day,
        run.homes_as_of,
        run.made_at,
        words(Label.of(run.network.source)),
        run.network.licence,
        run.unlocated_homes + run.unsnapped_homes if own is None else own,
        own is not None,
        run.places,
        run.unknown_hours,
        run.standard != standard().digest,
    )


def share(part: int, whole: int) -> str:
    """'11/24（45.8%）': never a percentage without its counts."""
    if not whole:
        return f"{part}/0"
    return _("%(part)s/%(whole)s（%(percent)s）") % {"part": part, "whole": whole, "percent": percent(part, whole)}


def reached(people: Split) -> str:
    """'11/24（45.8%）', or as much as is told of so few."""
    return share(people.covered, people.people) if people.plain and people.told else words(people.reached)


def about(count: int, what: str, *, exact: bool) -> str:
    """A number of people that an answer to a question of one's own has: exactly, or as open data tells numbers (insight/suppressing.py),
    for the difference of two questions would say how many live in one building. what: names the number."""
    if exact or not count:
        return f"{count:,}"
    told = coarse(count, what)
    return _("约 %(number)s") % {"number": f"{told:,}"} if told else words(fewer())


def coarse(count: int, what: str) -> int:
    """The same as a number, 0 for few."""
    return suppressing.told({what: count}, FEW, partial(shift, "circles")).cells[what] or 0


def kind_words(kind: str) -> str:
    """A type of circle in the reader's language."""
    known = standard().kinds.types
    return words(known[kind][0]) if kind in known else kind


def tier_words(tier: str) -> str:
    """A tier of service, which no source defines."""
    known = standard().kinds.tiers
    return words(known[tier]) if tier in known else tier


def norm_words(key: str) -> str:
    """A norm's name with its level: “早餐店（15 分钟圈）”; of several called alike what tells them apart: “超市（15 分钟圈，老旧小区）”."""
    norm = standard().norm(key, clock.today())
    if norm is None:
        return key
    alike = [one for one in standard().asked(clock.today()) if (one.label, one.level) == (norm.label, norm.level)]
    apart = _apart(norm, alike) if len(alike) > 1 else ""
    given = {"what": words(norm.label), "minutes": norm.level, "apart": apart}
    return _("%(what)s（%(minutes)s 分钟圈，%(apart)s）") % given if apart else _("%(what)s（%(minutes)s 分钟圈）") % given


def _apart(norm: Norm, alike: Sequence[Norm]) -> str:
    """What no other of those that are called alike has: the types of circles, the people, the source, else since when."""
    groups = standard().groups_on(clock.today())
    told: tuple[Callable[[Norm], str], ...] = (
        lambda one: _("、").join(kind_words(kind) for kind in one.types) or _("各类生活圈"),
        lambda one: words(groups[one.group].label),
        lambda one: words(one.source),
        lambda one: day(one.days.since),
    )
    return next((say(norm) for say in told if len({say(one) for one in alike}) == len(alike)), norm.key)
