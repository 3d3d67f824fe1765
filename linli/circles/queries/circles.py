"""The circles that somebody may see, how they stand beside each other, their stars, and communities that lie in none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from linli.circles.declared import Ratio, standard
from linli.circles.few import Split, exact_for
from linli.circles.models import Action, Circle, Coverage, Gap, Home, Star
from linli.circles.reckoning.figures import NOBODY, stated
from linli.circles.reckoning.people import COMMUNITY, COUNTY
from linli.kernel import clock
from linli.kernel.areas import next_prefix
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.registers.bitemporal import true_on
from linli.registers.models import Area
from linli.registers.queries.areas import under

READERS = ("officer", "planner", "auditor")


def may_read(viewer: Viewer, area: str) -> bool:
    """Whether the viewer may see figures of an area."""
    return any(viewer.may(role, area=area) for role in READERS)


def circles(viewer: Viewer, *, on: date | None = None) -> QuerySet[Circle]:
    """The circles of the viewer's areas on a day (today), by number."""
    within = Q(pk__in=())
    for role in READERS:
        for area in viewer.areas(role):
            within |= under(area) if area else Q(pk__isnull=False)
    there = Q(ended_on__isnull=True) | Q(ended_on__gt=on or clock.today())
    return Circle.objects.filter(within, there).order_by("code")


def circle_of(viewer: Viewer, circle: UUID) -> Circle:
    """One circle. Refused where the viewer may not see it, whether or not there is one. One query."""
    found = circles(viewer).filter(uid=circle).first()
    if found is None:
        raise Refused("viewer.not_granted", zh="您没有查看这个生活圈的权限", en="You may not see this circle.")
    return found


def latest() -> Coverage | None:
    """The newest computation: what it was computed on, and when. For everybody. One query."""
    return Coverage.objects.select_related("network").order_by("-id").first()


@dataclass(frozen=True, slots=True)
class Ranked:
    """A circle beside the others. met, asked: how many of its mandatory norms are met, of how many; open, unknown: of the mandatory ones;
    idle: further mandatory ones that are about people of whom none live there, neither met nor open.

    advisory: gaps of norms that aren't mandatory. uncovered: people of the norm that misses most, of how many: people. lacks: norms of
    the four trades that are open, doubtful: unknown, has: met. star: the newest rating of the province, None without; actions, closed,
    overdue: of its plan as adopted; proposed: actions that are still to be completed and adopted.
    """

    circle: Circle
    met: int
    asked: int
    open: int
    unknown: int
    advisory: int
    uncovered: int
    people: int
    lacks: tuple[str, ...]
    doubtful: tuple[str, ...]
    has: tuple[str, ...]
    star: Star | None
    actions: int
    closed: int
    overdue: int
    proposed: int = 0
    idle: int = 0


def ranking(viewer: Viewer, *, on: date | None = None) -> list[Ranked]:
    """Circles with most mandatory gaps first, then by how many people the worst of them leaves out, then those of which not everything is
    known or to which nothing applies, then by number. Four queries."""
    day = on or clock.today()
    rows = list(circles(viewer, on=day))
    gaps: dict[int, list[Gap]] = {}
    for gap in Gap.objects.filter(circle__in=rows).exclude(state="ended").order_by("norm"):
        gaps.setdefault(gap.circle_id, []).append(gap)
    given: dict[int, Star] = {}
    for star in Star.objects.filter(circle__in=rows, level="province", given_on__lte=day).order_by("given_on"):
        given[star.circle_id] = star
    trades = {norm for one in standard().sets_on(day) for norm in one.norms}
    late = Q(state="open", due_on__lt=day)
    live = Action.objects.filter(plan__circle__in=rows).exclude(state="dropped").order_by()
    plans = {
        row["plan__circle"]: (row["actions"], row["closed"], row["overdue"], row["proposed"])
        for row in live.values("plan__circle").annotate(
            actions=Count("id", filter=~Q(state="proposed")),
            closed=Count("id", filter=Q(state="closed")),
            overdue=Count("id", filter=late),
            proposed=Count("id", filter=Q(state="proposed")),
        )
    }
    found = [_ranked(row, gaps.get(row.pk, []), trades, given.get(row.pk), plans.get(row.pk, (0, 0, 0, 0))) for row in rows]

    def order(one: Ranked) -> tuple[int, int, bool, str]:
        missed = Split(one.people - one.uncovered, one.uncovered, exact=exact_for(viewer, one.circle.area_code))
        return -one.open, -missed.rank, one.asked > 0 and not one.unknown, one.circle.code

    return sorted(found, key=order)


def _ranked(circle: Circle, gaps: Iterable[Gap], trades: set[str], star: Star | None, plan: tuple[int, int, int, int]) -> Ranked:
    kept = list(gaps)
    every = [gap for gap in kept if gap.mandatory]
    must = [gap for gap in every if stated(gap.state, gap.covered + gap.uncovered) != NOBODY]
    missing = [gap for gap in must if gap.state == "open"]
    worst = max(missing, key=lambda gap: gap.uncovered, default=None)
    return Ranked(
        circle=circle,
        met=sum(gap.state == "met" for gap in must),
        asked=len(must),
        open=len(missing),
        unknown=sum(gap.state == "unknown" for gap in must),
        advisory=sum(gap.state == "open" for gap in kept) - len(missing),
        uncovered=worst.uncovered if worst else 0,
        people=worst.covered + worst.uncovered if worst else 0,
        lacks=_of(kept, trades, "open"),
        doubtful=_of(kept, trades, "unknown"),
        has=_of(kept, trades, "met"),
        star=star,
        actions=plan[0],
        closed=plan[1],
        overdue=plan[2],
        proposed=plan[3],
        idle=len(every) - len(must),
    )


def _of(gaps: Iterable[Gap], norms: set[str], state: str) -> tuple[str, ...]:
    """Those of some norms that stand like this, as it is told."""
    return tuple(gap.norm for gap in gaps if gap.norm in norms and stated(gap.state, gap.covered + gap.uncovered) == state)


@dataclass(frozen=True, slots=True)
class Stars:
    """Circles with a star of the province, of how many circles; and of how many starred circles in the whole city as the source puts it:
    two ratios with different denominators, each with both its counts. as_of: the newest rating's day."""

    starred: int
    circles: int
    elsewhere: Ratio
    as_of: date | None


def stars(*, on: date | None = None) -> Stars:
    """Both ratios. For everybody. Two queries."""
    day = on or clock.today()
    there = Circle.objects.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=day))
    given = Star.objects.filter(circle__in=there, level="province", given_on__lte=day).aggregate(
        number=Count("circle", distinct=True), newest=Max("given_on")
    )
    return Stars(given["number"], there.count(), standard().stars, given["newest"])


@dataclass(frozen=True, slots=True)
class Without:
    """A community that lies in no circle, and how many residents it has by the registers. told: as the viewer is told of them."""

    area: Area
    residents: int
    told: Split


def without_circle(viewer: Viewer, *, on: date | None = None) -> list[Without]:
    """Communities (居委会, 村委会) of the circles' counties that lie in no circle, by code: 社区全覆盖 holds where there is none.

    Of the viewer's areas. Which communities a circle holds, the newest computation says; before the first, what the circles declare. Four
    queries.
    """
    day = on or clock.today()
    run = latest()
    rows = list(Circle.objects.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=day)))
    held = {code for one in rows for code in one.communities}
    held |= {code for codes in ((run.communities if run else None) or {}).values() for code in codes}
    counties = sorted({one.area_code[:COUNTY] for one in rows})
    within = Q(pk__in=())
    for county in counties:
        within |= Q(code__gte=county, code__lt=next_prefix(county))
    areas = Area.objects.filter(true_on(day), within, level="village").exclude(code__in=held).order_by("code")
    found = [area for area in areas if may_read(viewer, area.code)]
    people: dict[str, int] = {}
    for code, residents in Home.objects.values_list("code", "residents"):
        people[code[:COMMUNITY]] = people.get(code[:COMMUNITY], 0) + residents
    return [Without(area, (every := people.get(area.code, 0)), Split(0, every, exact=exact_for(viewer, area.code))) for area in found]
