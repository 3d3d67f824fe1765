"""Further measures from the same figures: nursery places per 1,000 children, and how content people were with what the city did there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import Count, Q

from linli.casework.models import Survey
from linli.circles.models import Circle, Home
from linli.circles.queries.circles import circles, latest, may_read
from linli.circles.reckoning.people import COMMUNITY, COUNTY
from linli.kernel import areas, clock
from linli.kernel.viewer import Viewer
from linli.registers.queries.places import open_places

CHILDCARE = "childcare"
CONTENT = 4  # of 5
FEWEST = 5  # answers: fewer say nothing of an area, and something of people
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class NurseryPlaces:
    """Nursery places (托位) beside children, two counts each time. area: a county's code, "" for all; circle: instead of an area.

    places: of the nurseries whose capacity is known; unknown: nurseries whose capacity nobody has said. infants: under three; children:
    under eighteen; residents: everybody.
    """

    area: str
    circle: Circle | None
    nurseries: int
    places: int
    unknown: int
    infants: int
    children: int
    residents: int

    def per_thousand(self, people: int) -> Fraction | None:
        """Places for a thousand of those people, exactly; None where there are none."""
        return Fraction(1000 * self.places, people) if people else None


def nursery_places(viewer: Viewer, *, on: date | None = None) -> list[NurseryPlaces]:
    """For everything and each county that the viewer may see, then for each of their circles by its communities. Six queries."""
    day = on or clock.today()
    nurseries = [(row.area_code, row.roles[CHILDCARE]) for row in open_places(day, {CHILDCARE}).rows]
    homes = list(Home.objects.values_list("code", "infants", "children", "residents"))
    run = latest()
    held = {code: set(codes) for code, codes in ((run.communities if run else None) or {}).items()}
    counties = sorted({code[:COUNTY] for code, *_ in homes if len(code) >= COUNTY})
    found = [
        _counted(area, None, [one for one in nurseries if one[0].startswith(area)], [one for one in homes if one[0].startswith(area)])
        for area in ("", *counties)
        if may_read(viewer, area)
    ]
    for circle in circles(viewer, on=day):
        mine = held.get(circle.code, set(circle.communities))
        there = [one for one in nurseries if one[0][:COMMUNITY] in mine]
        found.append(_counted("", circle, there, [one for one in homes if one[0][:COMMUNITY] in mine]))
    return found


def _counted(
    area: str, circle: Circle | None, nurseries: Iterable[tuple[str, int | None]], homes: Iterable[tuple[str, int, int, int]]
) -> NurseryPlaces:
    capacities = [capacity for _, capacity in nurseries]
    known = [one for one in capacities if one is not None]
    people = [sum(column) for column in zip(*(row[1:] for row in homes), strict=True)] or [0, 0, 0]
    return NurseryPlaces(area, circle, len(capacities), sum(known), len(capacities) - len(known), *people)


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Answers to what people are asked after a case was closed: content (4 or 5 of 5) of all that answered within a year."""

    content: int
    answered: int
    since: date


def satisfaction(viewer: Viewer, circle: Circle, *, on: date | None = None) -> Satisfaction | None:
    """Of the circle's communities; None for fewer than FEWEST answers, and for whoever may not see it. Two queries."""
    if not may_read(viewer, circle.area_code):
        return None
    since = (on or clock.today()) - YEAR
    run = latest()
    mine = ((run.communities if run else None) or {}).get(circle.code) or list(circle.communities)
    within = Q(pk__in=())
    for code in mine:
        within |= Q(case__area_code__gte=code, case__area_code__lt=areas.next_prefix(code))
    told = Survey.objects.filter(within, score__isnull=False, answered_at__gte=clock.midnight(since)).aggregate(
        answered=Count("id"), content=Count("id", filter=Q(score__gte=CONTENT))
    )
    return Satisfaction(told["content"], told["answered"], since) if told["answered"] >= FEWEST else None
