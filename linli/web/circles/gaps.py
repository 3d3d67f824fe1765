"""What a circle lacks, level by level and for whom, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from linli.circles import queries
from linli.circles.declared import standard
from linli.circles.few import Split, exact_for
from linli.circles.models import Circle, Star
from linli.circles.queries import GapLine
from linli.circles.reckoning.figures import NOBODY
from linli.kernel.viewer import Viewer
from linli.rules import Label
from linli.web.circles import said
from linli.web.places.kept import area_words
from linli.web.templatetags.texts import words


@dataclass(frozen=True, slots=True)
class Level:
    """The norms of one level, each checked by itself: one level does not stand for another."""

    minutes: int
    lines: list[GapRow]


@dataclass(frozen=True, slots=True)
class GapRow:
    """A norm and how the circle stands with it. walks: how its group walks; people: of the group, as the reader is told of them."""

    line: GapLine
    walks: str
    people: Split
    kind: str
    sign: str
    state: str


def table(viewer: Viewer, circle: Circle) -> list[Level]:
    """The gap table by level. One query."""
    exact = exact_for(viewer, circle.area_code)
    rows = [
        GapRow(line, str(said.WALKS[line.gap.profile]), line.told(exact=exact), *said.STATES[line.state])
        for line in queries.gaps(viewer, circle)
    ]
    return [Level(minutes, some) for minutes in said.LEVELS if (some := [row for row in rows if row.line.norm.level == minutes])]


@dataclass(frozen=True, slots=True)
class Summary:
    """How a circle stands. met, asked: of the mandatory norms; open, unknown, advisory: gaps of the mandatory ones, and of the others;
    missing: those that aren't met, mandatory ones and those that leave out most people first; all: how many are asked in all; idle: the
    mandatory ones that are about people of whom none live there, not among those asked."""

    met: int
    asked: int
    open: int
    unknown: int
    advisory: int
    missing: list[GapRow]
    all: int
    idle: int

    @property
    def mandatory(self) -> str:
        """'9/14'."""
        return f"{self.met}/{self.asked}"


def summary(levels: list[Level]) -> Summary:
    """Of a gap table. No query."""
    rows = [row for level in levels for row in level.lines]
    every = [row.line.state for row in rows if row.line.gap.mandatory]
    must = [state for state in every if state != NOBODY]
    missing = [row for row in rows if row.line.state not in ("met", NOBODY)]
    missing.sort(key=lambda row: (not row.line.gap.mandatory, row.line.gap.state != "open", -row.people.rank, row.line.norm.key))
    met, found, unknown = (must.count(state) for state in ("met", "open", "unknown"))
    advisory = sum(row.line.gap.state == "open" for row in missing) - found
    return Summary(met, len(must), found, unknown, advisory, missing, len(rows), len(every) - len(must))


@dataclass(frozen=True, slots=True)
class Missed:
    """By group, how many don't reach what a norm asks for within its limit as they themselves walk, of how many, and how many of them
    nobody can place, as the reader is told of them."""

    what: str
    cells: list[tuple[str, Split]]


@dataclass(frozen=True, slots=True)
class People:
    """Uncovered people of every group. groups: their names, and how each walks."""

    groups: list[tuple[Label, str]]
    rows: list[Missed]


def people(viewer: Viewer, circle: Circle) -> People:
    """Every norm by every group, each as it walks itself. One query."""
    figures = {(one.norm.key, one.figure.profile): one for one in queries.coverage(viewer, circle=circle)}
    day = next((one.figure.run.day for one in figures.values()), None)
    if day is None:
        return People([], [])
    groups, exact = standard().groups_on(day), exact_for(viewer, circle.area_code)
    norms = sorted({one.norm.key: one.norm for one in figures.values()}.values(), key=lambda norm: (norm.level, norm.key))
    rows = []
    for norm in norms:
        cells = []
        for key, group in groups.items():
            one = figures.get((norm.key, group.profile))
            cells.append((words(group.label), Split.of(one.people[key] if one is not None else (0, 0, 0), exact=exact)))
        rows.append(Missed(said.norm_words(norm.key), cells))
    return People([(group.label, str(said.WALKS[group.profile])) for group in groups.values()], rows)


def star_words(star: Star) -> str:
    """“省级 3 星”, or that no number is named."""
    level = {"province": _("省级"), "city": _("市级")}[star.level]
    return _("%(level)s %(stars)s 星") % {"level": level, "stars": star.stars} if star.stars else _("%(level)s星级") % {"level": level}


def communities(circle: Circle) -> list[str]:
    """The communities that the circle holds, as the newest computation found them, else as it declares. One query."""
    run = queries.latest()
    codes = ((run.communities if run else None) or {}).get(circle.code) or circle.communities
    return [area_words(code) for code in codes]
