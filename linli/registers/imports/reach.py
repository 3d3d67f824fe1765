"""Whom a delivery may speak of, and who may look into its doubts: a sender writes and reads nobody outside the delivery's area.

A person belongs to every area in which they are registered, live, or are as the list's coverage says, today; a household and an
organisation to their own. Whoever is nowhere today is reached only by a delivery of the whole list whose sender sees the whole city.
A row about anybody else is as one about nobody: that somebody is registered elsewhere is none of the sender's business.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.registers.lists import ListDeclaration
from linli.registers.models import Doubtful, DoubtfulCandidate
from linli.registers.queries.residents import living_in

HOME = ("registered", "lives")


def scope(viewer: Viewer, declaration: ListDeclaration, area: str) -> dict[str, Any]:
    """Parameters of the conditions below."""
    sees_all = viewer.may("officer") and area == declaration.area
    return {"places": sorted({*HOME, declaration.place}), "area": area, "today": clock.today(), "sees_all": sees_all}


_TODAY = "h.known_to IS NULL AND h.kind = ANY(%(places)s) AND h.valid_from <= %(today)s AND (h.valid_to IS NULL OR h.valid_to > %(today)s)"


def is_nowhere(person: str) -> str:
    """The SQL condition that a person has no place today. One probe of an index."""
    return f"NOT EXISTS (SELECT FROM registers_situation h WHERE h.resident_id = {person} AND {_TODAY})"


def is_inside(subject: str, key: str) -> str:
    """The SQL condition that a person, household or organisation belongs to the delivery's area. A probe or two of an index.

    A scalar subquery, which is asked row by row: as a join it would be planned by guesses about a table that was filled just now.
    """
    if subject != "person":
        return f"(SELECT TRUE FROM registers_{subject} h WHERE h.id = {key} AND h.area_code ^@ %(area)s) IS TRUE"  # noqa: S608 - constants
    here = f"SELECT TRUE FROM registers_situation h WHERE h.resident_id = {key} AND h.area_code ^@ %(area)s AND {_TODAY} LIMIT 1"  # noqa: S608 - constants
    return f"(({here}) IS TRUE OR (%(sees_all)s AND {is_nowhere(key)}))"


def within(viewer: Viewer, doubts: QuerySet[Doubtful]) -> QuerySet[Doubtful]:
    """The doubtful rows that are the viewer's to settle: of deliveries in their areas, about nobody outside these.

    A row that may mean somebody outside waits at the desk whose areas hold them all, in the end the city's.
    """
    return within_areas(viewer.areas("officer"), doubts)


def within_areas(reach: tuple[str, ...], doubts: QuerySet[Doubtful]) -> QuerySet[Doubtful]:
    """The same for an officer's areas."""
    if "" in reach:
        return doubts
    if not reach:
        return doubts.none()
    other = ~living_in(reach, person="resident_id")
    elsewhere = DoubtfulCandidate.objects.filter(other, doubtful=OuterRef("pk"))
    sent = reduce(or_, (Q(list_import__area_code__startswith=area) for area in reach))
    return doubts.filter(sent, ~Exists(elsewhere), _own("household", reach), _own("organisation", reach))


def _own(subject: str, reach: tuple[str, ...]) -> Q:
    """Rows whose key names none of the kind, or one in the areas."""
    inside = (Q(**{f"{subject}__area_code__startswith": area}) for area in reach)
    return reduce(or_, inside, Q(**{f"{subject}__isnull": True}))
