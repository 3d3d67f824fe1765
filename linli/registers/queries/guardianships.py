"""Papers by which somebody is somebody's guardian, for the two of them and for the offices that have to do with them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from linli.kernel.compiled import compiled
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.registers.acts.guards import county_of, home_of
from linli.registers.models import Guardianship, Resident

SHOWN = 20


def papers_of(viewer: Viewer, person: Resident, homes: Iterable[str] = ()) -> list[Guardianship]:
    """A person's papers as ward or guardian, newest first. One query. For themself at level card, for a clerk of any window, and for an
    officer of one of their homes (area codes)."""
    if viewer.is_self(person.uid):
        viewer.require_level("card")
    elif not viewer.areas("clerk") and not any(viewer.may("officer", area=area) for area in (*homes, "")):
        viewer.require("clerk")
    return _papers(person.pk)


@compiled
def _papers(person: int) -> QuerySet[Guardianship]:
    rows = Guardianship.objects.select_related("ward", "guardian").filter(Q(ward=person) | Q(guardian=person))
    return rows.order_by("-id")[:SHOWN]


def paper(viewer: Viewer, uid: UUID) -> Guardianship:
    """One paper, for an officer of the ward's county; Refused for anybody else and for a paper that there is not. Two queries."""
    found = Guardianship.objects.select_related("ward", "guardian").filter(uid=uid).first()
    if found is None or not viewer.may("officer", area=county_of(home_of(found.ward))):
        raise Refused(
            "guardianships.none",
            zh="没有这项监护登记，或不在您的职责范围内",
            en="There is no such guardianship, or it is not yours to see.",
            remedy_zh="从居民的页面进入",
            remedy_en="start from the resident's page",
        )
    return found
