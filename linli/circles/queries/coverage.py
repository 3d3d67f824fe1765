"""Coverage as it was last computed: the gap table of a circle, figures of a circle or area, who lacks one of the four trades."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.db.models.functions import Left

from linli.circles.declared import Norm, TradeSet, standard
from linli.circles.few import Split
from linli.circles.models import Circle, Coverage, Figure, Gap, Unplaced
from linli.circles.queries.circles import circles, may_read
from linli.circles.reckoning.figures import NOBODY, stated
from linli.circles.reckoning.people import COMMUNITY
from linli.kernel import clock
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.reach import profiles
from linli.rules.declare import Label

_ORDER = {"open": 0, "unknown": 1, "met": 2, NOBODY: 3}


@dataclass(frozen=True, slots=True)
class GapLine:
    """How a circle stands with a norm. required: how far, in words; metres: what that is for the way this group walks; group: of whom."""

    gap: Gap
    norm: Norm
    required: Label
    metres: int
    group: Label

    @property
    def people(self) -> int:
        """Everybody of the group: covered and uncovered."""
        return self.gap.covered + self.gap.uncovered

    @property
    def state(self) -> str:
        """The gap's state, or that the norm is about people of whom none live there."""
        return stated(self.gap.state, self.people)

    def told(self, *, exact: bool = False) -> Split:
        """The people of the group as whoever doesn't read exact counts is told of them."""
        return split_of(self.gap, exact=exact)


def split_of(gap: Gap, *, exact: bool = False) -> Split:
    """The people of a gap's group."""
    return Split(gap.covered, gap.uncovered, gap.unlocated, exact)


def gaps(viewer: Viewer, circle: Circle) -> list[GapLine]:
    """The gap table: open ones first, mandatory before others, shortest way first. One query."""
    _require(viewer, circle.area_code)
    rows = Gap.objects.filter(circle=circle).exclude(state="ended").select_related("run", "circle")
    found = [line for gap in rows if (line := gap_line(gap)) is not None]
    return sorted(found, key=lambda one: (_ORDER[one.state], not one.gap.mandatory, one.norm.level, one.norm.key))


def gap_line(gap: Gap) -> GapLine | None:
    """A gap with its norm as it was on the day of the computation; None where the city has taken the norm out of its files."""
    told = standard()
    norm = told.norm(gap.norm, gap.run.day)
    if norm is None:
        return None
    group = told.groups_on(gap.run.day)[gap.group]
    return GapLine(gap, norm, norm.far(), norm.limit(profiles.profile(gap.profile)) // 10, group.label)


@dataclass(frozen=True, slots=True)
class Covered:
    """A figure with its norm: people by group [covered, uncovered, not located]. minutes: what the limit is for the profile, rounded up."""

    figure: Figure
    norm: Norm
    metres: int
    people: Mapping[str, Sequence[int]]


def coverage(viewer: Viewer, *, circle: Circle | None = None, area: str = "", profile: str = "") -> list[Covered]:
    """Figures of a circle, or of a community, a county or ("") everything; profile: of one way of walking alone. One query.

    An area's figures are of all norms, whatever the type of its circles.
    """
    _require(viewer, circle.area_code if circle else area)
    rows = Figure.objects.filter(circle=circle, area_code="" if circle else area).select_related("run").order_by("norm", "profile")
    if profile:
        rows = rows.filter(profile=profile)
    told = standard()
    found = ((row, told.norm(row.norm, row.run.day)) for row in rows)
    return [Covered(row, norm, row.limit // 10, row.people) for row, norm in found if norm is not None]


def across(viewer: Viewer, norm: str, profile: str) -> list[Covered]:
    """Figures of one norm for one way of walking in every circle of the viewer's areas; none where the type isn't asked. One query."""
    rows = Figure.objects.filter(circle__in=circles(viewer), norm=norm, profile=profile).select_related("run").order_by("circle__code")
    told = standard()
    found = ((row, told.norm(row.norm, row.run.day)) for row in rows)
    return [Covered(row, one, row.limit // 10, row.people) for row, one in found if one is not None]


def beside(viewer: Viewer, norms: Sequence[Norm]) -> list[Covered]:
    """Figures of norms, each as its own group walks: of the city, counties, communities and circles that the viewer may see. One query."""
    told, day = standard(), clock.today()
    asked = Q(pk__in=())
    for norm in norms:
        asked |= Q(norm=norm.key, profile=told.groups_on(day)[norm.group].profile)
    rows = Figure.objects.filter(asked).select_related("run", "circle").order_by("circle__code", "area_code", "norm")
    known = {norm.key: norm for norm in norms}
    mine = (row for row in rows if may_read(viewer, row.circle.area_code if row.circle else row.area_code))
    return [Covered(row, known[row.norm], row.limit // 10, row.people) for row in mine]


@dataclass(frozen=True, slots=True)
class Lacking:
    """A circle that lacks some of a set of trades. none: norms that nobody there reaches a place for; partly: reached by too few."""

    circle: Circle
    none: tuple[GapLine, ...]
    partly: tuple[GapLine, ...]


def lacking(viewer: Viewer, *, on: date | None = None) -> list[tuple[TradeSet, list[Lacking], int]]:
    """By set of trades (一店一早、一菜一修), the circles that lack any of them, by number, and of how many more it is unknown. Two
    queries."""
    day = on or clock.today()
    rows = {row.pk: row for row in circles(viewer, on=day)}
    found = []
    there = (
        Gap.objects.filter(circle__in=list(rows.values()), state__in=("open", "unknown")).select_related("run", "circle").order_by("norm")
    )
    lines = [line for gap in there if (line := gap_line(gap)) is not None]
    for one in standard().sets_on(day):
        named = [line for line in lines if line.norm.key in one.norms]
        mine = [line for line in named if line.state == "open"]
        lack = {line.gap.circle_id for line in mine}
        doubtful = {line.gap.circle_id for line in named} - lack
        found.append((one, [_lacking(row, mine) for row in rows.values() if row.pk in lack], len(doubtful)))
    return found


def _lacking(circle: Circle, lines: Iterable[GapLine]) -> Lacking:
    mine = [line for line in lines if line.gap.circle_id == circle.pk]
    return Lacking(circle, tuple(one for one in mine if not one.gap.found), tuple(one for one in mine if one.gap.found))


def unplaced(viewer: Viewer, what: str) -> list[Unplaced]:
    """Homes or places ("home", "place") that could not be put on the network, most people first. For readers of the whole city."""
    _require(viewer, "")
    return list(Unplaced.objects.filter(what=what).order_by("-residents", "code"))


def unlocated_homes(run: Coverage, circle: Circle) -> int | None:
    """How many homes of the circle's communities that computation could not put on the network; None where it holds none. One query."""
    held = (run.communities or {}).get(circle.code) or circle.communities
    if not held:
        return None
    rows = Unplaced.objects.filter(run=run, what="home").annotate(community=Left("code", COMMUNITY))
    return rows.filter(community__in=held).count()


def _require(viewer: Viewer, area: str) -> None:
    if not may_read(viewer, area):
        raise Refused("viewer.not_granted", zh="您没有查看这个范围的权限", en="You may not see figures of this area.")
