"""Circles beside each other: by all their norms, or by one norm for one way of walking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.circles import queries
from linli.circles.declared import Norm, standard
from linli.circles.few import Split, exact_for
from linli.circles.models import Circle
from linli.circles.queries import Covered, Ranked
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.reach.profiles import PROFILES
from linli.web.circles import said
from linli.web.frame.counted import counted
from linli.web.templatetags.texts import chinese, words

SORTS = {
    "": gettext_lazy("缺口多的在前"),
    "uncovered": gettext_lazy("走不到的人多的在前"),
    "overdue": gettext_lazy("逾期措施多的在前"),
    "star": gettext_lazy("有星级的在前"),
    "code": gettext_lazy("按编号"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """How the ranking is narrowed. norm: of one norm alone, for one way of walking (profile; "": as the norm's own group walks)."""

    kind: str = ""
    tier: str = ""
    norm: str = ""
    profile: str = ""
    sort: str = ""

    @classmethod
    def read(cls, told: Mapping[str, str]) -> Choice:
        """What an address or a form says; anything that can't be is left out."""
        kinds, today = standard().kinds, clock.today()
        allowed = {
            "kind": kinds.types,
            "tier": kinds.tiers,
            "norm": {one.key for one in standard().asked(today)},
            "profile": PROFILES,
            "sort": SORTS,
        }
        return cls(**{name: str(told.get(name, "")) if told.get(name, "") in some else "" for name, some in allowed.items()})

    @property
    def asked(self) -> Norm | None:
        """The norm of the choice."""
        return standard().norm(self.norm, clock.today()) if self.norm else None

    @property
    def walks(self) -> str:
        """The way of walking: the chosen one, or that of the norm's group."""
        norm = self.asked
        if self.profile or norm is None:
            return self.profile or "adult"
        return standard().groups_on(clock.today())[norm.group].profile


@dataclass(frozen=True, slots=True)
class Line:
    """A circle of the ranking. star: in words, "" without; lacks, doubtful: trades in words; of: the figure of the chosen norm, in minutes.
    people: of that norm's group, else of the norm that misses most, as the reader is told of them.

    step: what to do next, in words, "" where there is nothing; on_plan: whether that is done on the plan's page.
    """

    ranked: Ranked
    circle: Circle
    name: str
    kind: str
    tier: str
    star: str
    lacks: list[str]
    doubtful: list[str]
    of: Covered | None
    people: Split
    minutes: int | None
    most: int | None
    step: str
    on_plan: bool


def lines(viewer: Viewer, choice: Choice) -> list[Line]:
    """The viewer's circles, narrowed and sorted. Five queries at most."""
    norm = choice.asked
    found = {one.figure.circle_id: one for one in queries.across(viewer, norm.key, choice.walks)} if norm else {}
    rows = [
        _line(one, norm, found.get(one.circle.pk), choice.walks, exact=exact_for(viewer, one.circle.area_code))
        for one in queries.ranking(viewer)
        if choice.kind in ("", one.circle.kind) and choice.tier in ("", one.circle.tier)
    ]
    if norm is not None:
        rows = [row for row in rows if row.of is not None]
        rows.sort(key=lambda row: (-row.people.rank, row.circle.code))
    keys: dict[str, Any] = {
        "uncovered": lambda row: (-row.people.rank, row.circle.code),
        "overdue": lambda row: (-row.ranked.overdue, row.circle.code),
        "star": lambda row: (not row.star, row.circle.code),
        "code": lambda row: row.circle.code,
    }
    return sorted(rows, key=keys[choice.sort]) if choice.sort else rows


def _line(one: Ranked, norm: Norm | None, of: Covered | None, profile: str, *, exact: bool) -> Line:
    circle, walks = one.circle, PROFILES[profile]
    people = of.people[norm.group] if of is not None and norm is not None else (one.people - one.uncovered, one.uncovered, 0)
    middle, most = (of.figure.median, of.figure.most) if of is not None else (None, None)
    return Line(
        one,
        circle,
        circle_words(circle),
        said.kind_words(circle.kind),
        said.tier_words(circle.tier) if circle.tier else "",
        star_words(one),
        _named(one.lacks),
        _named(one.doubtful),
        of,
        Split.of(people, exact=exact),
        None if middle is None else walks.minutes(middle),
        None if most is None else walks.minutes(most),
        *next_step(one),
    )


def _named(norms: Iterable[str]) -> list[str]:
    return [words(found.label) for key in norms if (found := standard().norm(key, clock.today()))]


def next_step(one: Ranked) -> tuple[str, bool]:
    """What a planner does next about a circle, and whether on its plan's page: what is late, then what waits for them, then what is new."""
    under_way = one.actions - one.closed
    if one.overdue:
        return counted("催办 %(n)s 项逾期", n=one.overdue), True
    if one.proposed:
        return counted("填好 %(n)s 项拟议，确定方案", n=one.proposed), True
    if one.open > under_way:
        return _("按缺口拟定方案"), True
    if under_way:
        return counted("%(n)s 项在办", n=under_way), True
    return (_("补上住址的位置"), False) if one.unknown else ("", False)


def circle_words(circle: Circle) -> str:
    """A circle's name in the reader's language."""
    return circle.name_zh if chinese() else circle.name_en


def star_words(one: Ranked) -> str:
    """“省级三星”, or “省级星级” where the source names no number; "" without."""
    if one.star is None:
        return ""
    return _("省级 %(stars)s 星") % {"stars": one.star.stars} if one.star.stars else _("省级星级")


@dataclass(frozen=True, slots=True)
class Trades:
    """A set of trades that every circle should have, and who lacks any: (circle, its name, trades nobody reaches, trades too few reach).

    doubtful: of how many more circles nobody knows whether they lack any.
    """

    name: str
    source: str
    circles: list[tuple[Circle, str, list[str], list[str]]]
    doubtful: int


def trades(viewer: Viewer) -> list[Trades]:
    """By set, who lacks what. Two queries."""
    return [
        Trades(
            words(one.label),
            words(one.source),
            [
                (
                    row.circle,
                    circle_words(row.circle),
                    [words(line.norm.label) for line in row.none],
                    [words(line.norm.label) for line in row.partly],
                )
                for row in rows
            ],
            doubtful,
        )
        for one, rows, doubtful in queries.lacking(viewer)
    ]
