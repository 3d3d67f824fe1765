"""Further measures from the same figures: nursery places per 1,000 children, and how content people were with what the city did there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.db.models.functions import Left

from linli.casework.models import Survey
from linli.circles.models import Circle, Home
from linli.circles.queries.circles import circles, latest, may_read
from linli.circles.reckoning.people import COMMUNITY, COUNTY
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.programmes.catalogue import load_city
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


def nursery_places(viewer: Viewer, *, on: date | None = None, communities: bool = False) -> list[NurseryPlaces]:
    """For everything and each county that the viewer may see, then each of their circles by its communities. Six queries.

    communities: then each community that the viewer may see, by code. People are summed in the database, a row for each community.
    """
    day = on or clock.today()
    beds = _by_community((row.area_code, _beds(row.roles[CHILDCARE])) for row in open_places(day, {CHILDCARE}).rows)
    homes = Home.objects.annotate(community=Left("code", COMMUNITY)).values_list("community").order_by("community")
    people = {
        code: numbers for code, *numbers in homes.annotate(some=Sum("infants"), young=Sum("children"), every=Sum("residents")).values_list(
            "community", "some", "young", "every"
        )
    }  # fmt: skip
    run = latest()
    held = {code: set(codes) for code, codes in ((run.communities if run else None) or {}).items()}
    city = load_city(settings.LINLI_CITY).area
    codes = sorted(code for code in people.keys() | beds.keys() if code.startswith(city))  # whoever lives elsewhere needs none here

    def counted(area: str, circle: Circle | None, within: Iterable[str]) -> NurseryPlaces:
        mine = list(within)
        return NurseryPlaces(area, circle, *_summed((beds.get(code) for code in mine), 3), *_summed((people.get(code) for code in mine), 3))

    counties = sorted({code[:COUNTY] for code in codes if len(code) >= COUNTY})
    found = [counted(area, None, (code for code in codes if code.startswith(area))) for area in ("", *counties) if may_read(viewer, area)]
    found += [counted("", one, held.get(one.code, set(one.communities))) for one in circles(viewer, on=day)]
    if communities:
        found += [counted(code, None, (code,)) for code in codes if len(code) == COMMUNITY and may_read(viewer, code)]
    return found


def _beds(capacity: int | None) -> tuple[int, int, int]:
    """A nursery as numbers: itself, its places, whether nobody has said how many."""
    return 1, capacity or 0, int(capacity is None)


def _by_community(rows: Iterable[tuple[str, tuple[int, int, int]]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for area, numbers in rows:
        kept = found.setdefault(area[:COMMUNITY], [0, 0, 0])
        kept[:] = [one + more for one, more in zip(kept, numbers, strict=True)]
    return found


def _summed(rows: Iterable[list[int] | None], width: int) -> list[int]:
    return [sum(column) for column in zip(*(row for row in rows if row is not None), strict=True)] or [0] * width


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Answers to what people are asked after a case was closed: content (4 or 5 of 5) of all that answered within a year."""

    content: int
    answered: int
    since: date


def satisfaction(viewer: Viewer, circle: Circle, *, on: date | None = None) -> Satisfaction | None:
    """Of one circle: see satisfactions(); None too for whoever may not see it. Two queries."""
    return satisfactions(viewer, [circle], on=on).get(circle.pk)


def satisfactions(viewer: Viewer, of: Sequence[Circle], *, on: date | None = None) -> dict[int, Satisfaction]:
    """By the key of each circle that the viewer may see, of its communities; none with fewer than FEWEST answers. Two queries."""
    since = (on or clock.today()) - YEAR
    run = latest()
    held = (run.communities if run else None) or {}
    rows = Survey.objects.filter(score__isnull=False, answered_at__gte=clock.midnight(since)).annotate(
        community=Left("case__area_code", COMMUNITY)
    )
    told = {
        code: (content, answered)
        for code, content, answered in rows.values("community")
        .annotate(answered=Count("id"), content=Count("id", filter=Q(score__gte=CONTENT)))
        .values_list("community", "content", "answered")
    }
    found = {}
    for circle in of:
        mine = [told[code] for code in held.get(circle.code) or circle.communities if code in told]
        content, answered = (sum(column) for column in zip(*mine, strict=True)) if mine else (0, 0)
        if answered >= FEWEST and may_read(viewer, circle.area_code):
            found[circle.pk] = Satisfaction(content, answered, since)
    return found
