"""The city's figures as they were last counted. Everything takes the viewer; what a grant doesn't cover is not there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Substr

from linli.insight.models import Count, Gap, TakeUp
from linli.kernel import clock
from linli.kernel.areas import next_prefix
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.notices.queries import about, invited, reached
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import Holding
from linli.screening import queries as screenings
from linli.screening.queries import Row

READERS = ("officer", "auditor", "planner")
"""Roles that see figures; rows are for screening.queries.READERS."""
FINEST = 9
"""Digits of the smallest area that is counted by itself: a township or street."""
PAGE = screenings.PAGE
STATES = ("invited", "uninvited", "reached", "taken", "untaken")


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of subjects as in TakeUp. key: programme slug or county."""

    key: str
    found: int
    invited: int
    reached: int
    entitled: int
    taken: int
    undecided: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Lacking:
    """A fact that undecided subjects of a programme lack. reasons: by reason as in Gap, in which counties, the most frequent first."""

    programme: str
    fact: str
    list_slug: str
    number: int
    reasons: tuple[tuple[str, tuple[str, ...]], ...]


def require(viewer: Viewer) -> None:
    """Raise Refused unless some grant of the viewer shows figures of a township or more."""
    if not viewer.all_seeing and not any(grant.role in READERS and len(grant.area) <= FINEST for grant in viewer.grants):
        raise Refused(
            "insight.not_granted",
            zh="您没有查看全市概览的权限",
            en="You have no grant to see the city's figures.",
            expected="officer, auditor or planner over a township or more",
            expected_zh="乡镇（街道）以上的经办、审计或规划权限",
            remedy_zh="请管理员授权",
            remedy_en="ask an administrator for the grant",
        )


def counted(viewer: Viewer) -> Count | None:
    """When the figures were counted; None: never yet. One query."""
    require(viewer)
    return Count.objects.first()


def reach(viewer: Viewer) -> Q:
    """Of tables with programme and area_code, the rows whose figures some grant of the viewer shows. No query."""
    if viewer.all_seeing:
        return Q()
    found = Q(pk__in=())
    for grant in viewer.grants:
        if grant.role in READERS and len(grant.area) <= FINEST:
            named = Q(programme=grant.programme) if grant.programme else ~Q(pk__in=())
            found |= named & inside(grant.area)
    return found


def inside(area: str) -> Q:
    """Rows whose area_code lies in the area, "" being everywhere."""
    return Q(area_code__gte=area, area_code__lt=next_prefix(area)) if area else Q()


def opens(viewer: Viewer, programme: str, county: str = "") -> bool:
    """Whether the viewer may open every row behind a figure of the programme in the county ("": in all they see). No query."""

    def areas(roles: Iterable[str]) -> set[str]:
        return {area for role in roles for area in viewer.areas(role, programme)}

    rows = areas(screenings.READERS)
    seen = {area for area in areas(READERS) if len(area) <= FINEST and (area.startswith(county) or county.startswith(area))}
    return bool(rows) and all(any(max(area, county, key=len).startswith(prefix) for prefix in rows) for area in seen)


def sees(viewer: Viewer, programme: str, area: str) -> bool:
    """Whether the viewer sees the figures of the whole area. No query."""
    return any(area.startswith(one) for role in READERS for one in viewer.areas(role, programme))


def by_programme(viewer: Viewer, *, county: str = "") -> list[Figures]:
    """Of each programme, in the order of slugs. One query."""
    return _summed(viewer, F("programme"), inside(county))


def by_county(viewer: Viewer, programme: str) -> list[Figures]:
    """Of each county, in the order of codes. One query."""
    return _summed(viewer, Substr("area_code", 1, 6), Q(programme=programme))


def _summed(viewer: Viewer, key: Any, chosen: Q) -> list[Figures]:
    require(viewer)
    sums = [Sum(name) for name in ("found", "invited", "reached", "entitled", "taken", "undecided", "amount_fen")]
    rows = TakeUp.objects.filter(reach(viewer), chosen).annotate(key=key).values_list("key").annotate(*sums).order_by("key")
    return [Figures(*row) for row in rows]


def lacking(viewer: Viewer, *, programme: str = "", county: str = "") -> list[Lacking]:
    """What undecided subjects lack, by programme and then by how many lack it. A subject may lack several facts. One query."""
    require(viewer)
    rows = Gap.objects.filter(reach(viewer), inside(county), **({"programme": programme} if programme else {}))
    by = ("programme", "fact", "list_slug", "reason", "county")
    counted = rows.annotate(county=Substr("area_code", 1, 6)).values_list(*by).annotate(all=Sum("number"))
    grouped: dict[tuple[str, str, str], list[tuple[str, str, int]]] = {}
    for slug, fact, list_slug, reason, where, number in counted.order_by("programme", "fact", "county"):
        grouped.setdefault((slug, fact, list_slug), []).append((reason, where, number))
    found = [_lacking(key, each) for key, each in grouped.items()]
    return sorted(found, key=lambda one: (one.programme, -one.number, one.fact))


def _lacking(key: tuple[str, str, str], each: list[tuple[str, str, int]]) -> Lacking:
    weight: dict[str, int] = {}
    places: dict[str, dict[str, None]] = {}
    for reason, county, number in each:
        weight[reason] = weight.get(reason, 0) + number
        places.setdefault(reason, {})[county] = None
    reasons = sorted(places, key=lambda reason: -weight[reason])
    return Lacking(*key, sum(weight.values()), tuple((reason, tuple(places[reason])) for reason in reasons))


def people(viewer: Viewer, programme: str, state: str, *, county: str = "", after: int = 0, limit: int | None = PAGE) -> list[Row]:
    """Those found by a programme who were told of it or not (invited, uninvited), whose letter arrived (reached), who have the benefit
    (taken, with whoever got it on papers while the registers leave them undecided) or not (untaken); by key. At most six queries.
    """
    letters = invited(programme)
    told, arrived, held = Q(subject__in=about(letters)), Q(subject__in=about(reached(letters))), _held(programme)
    chosen = {"invited": told, "uninvited": ~told, "reached": arrived, "taken": held, "untaken": ~held}[state]
    verdicts = ("eligible", "unknown") if state == "taken" else ("eligible",)
    return screenings.eligible(viewer, programme, chosen, verdicts=verdicts, county=county, after=after, limit=limit)


def _held(programme: str) -> Q:
    rows = Holding.objects.filter(believed(), true_on(clock.today()), programme_slug=programme)
    held = Q(pk__in=())
    for kind in ("resident", "household", "organisation"):
        held |= Q(Exists(rows.filter(**{f"{kind}__uid": OuterRef("subject")})))
    return held
