"""Reads of what people report of places: by whoever looks after the neighbourhood, and by whoever reported it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from linli.circles.models import REPORT_OPEN, PlaceReport, ReportVoice
from linli.kernel import areas
from linli.kernel.positions import Position, metres
from linli.kernel.viewer import Viewer
from linli.registers.bitemporal import true_on
from linli.registers.models import Area
from linli.registers.models import Place as Shop
from linli.registers.queries.areas import buildings_of

LOOKERS = ("steward", "officer")
NEAR_METRES = 300
"""A building so near tells which grid a place is in; further off only the community is said."""
DEGREES = 0.02  # about two kilometres: what lies further is no neighbourhood
COMMUNITY = 12
PAGE = 50


@dataclass(frozen=True, slots=True)
class Reported:
    """A report with the place of the register that it is about, None for a new one that nobody has confirmed. voices: of everybody else
    who has said the same, where they are asked for."""

    report: PlaceReport
    shop: Shop | None
    voices: tuple[ReportVoice, ...] = ()

    @property
    def said(self) -> list[str]:
        """What people have said in their own words, the first first; none for who only said that it is so."""
        return [words for words in (self.report.words, *(voice.words for voice in self.voices)) if words]


def neighbourhood(spot: Position, on: date) -> str:
    """The building or group next to a place, else the community whose middle is nearest; "" where none is within a walk. One query."""
    box = {"lon__range": (spot.lon - DEGREES, spot.lon + DEGREES), "lat__range": (spot.lat - DEGREES, spot.lat + DEGREES)}
    rows = Area.objects.filter(true_on(on), level__in=("building", "group", "village"), **box).values_list("code", "level", "lon", "lat")
    far = sorted((metres(spot, Position(float(lon or 0), float(lat or 0))), code, level) for code, level, lon, lat in rows)
    near = next((code for away, code, level in far if level != "village" and away <= NEAR_METRES), "")
    return near or next((code[:COMMUNITY] for _away, code, _level in far), "")


def covers(viewer: Viewer, code: str, on: date) -> bool:
    """Whether somebody looks into what is reported there: officers of the area, its stewards, and of a grid also what is only known to lie
    in its community. One query for each grid."""
    return any(_holds(area, code, on) for role in LOOKERS for area in viewer.areas(role))


def _holds(area: str, code: str, on: date) -> bool:
    if areas.contains(area, code):
        return True
    return area[COMMUNITY : COMMUNITY + 1] == "G" and (code == area[:COMMUNITY] or code in buildings_of(area, on))


def reports(viewer: Viewer, on: date, roles: Sequence[str] = LOOKERS) -> QuerySet[PlaceReport]:
    """What was reported where the viewer looks after it, whatever its state. One query for each grid of theirs."""
    where = Q(pk__in=())
    for role in roles:
        for area in viewer.areas(role):
            if area[COMMUNITY : COMMUNITY + 1] == "G":
                where |= Q(area_code__in=[area[:COMMUNITY], *buildings_of(area, on)])
            else:
                where |= Q(area_code__gte=area, area_code__lt=areas.next_prefix(area)) if area else Q(pk__isnull=False)
    return PlaceReport.objects.filter(where)


def waiting(viewer: Viewer, on: date) -> list[Reported]:
    """What waits for a look, what most people have reported first; before that, for officers, what was found wrong and is theirs to put
    right. Three queries, and one for each grid."""
    passed = reports(viewer, on, ("officer",)).filter(state="passed").order_by("id")[:PAGE]
    return _with_shops([*passed, *reports(viewer, on).filter(state="waiting").order_by("-times", "id")[:PAGE]])


def to_mend(viewer: Viewer, on: date) -> int:
    """How many places were found wrong that the viewer as an officer has yet to put right. One query, none for who is no officer."""
    return reports(viewer, on, ("officer",)).filter(state="passed").count() if viewer.areas("officer") else 0


def open_of(viewer: Viewer, place: UUID, on: date) -> list[PlaceReport]:
    """What is said of one place and still waits, where the viewer looks after it. One query, and one for each grid of theirs."""
    return list(reports(viewer, on).filter(place=place, state__in=REPORT_OPEN).order_by("id"))


def report_for(viewer: Viewer, uid: UUID, on: date) -> Reported | None:
    """One of them with everything that was said; None where it isn't the viewer's to look into. Three queries."""
    found = next(iter(_with_shops(list(reports(viewer, on).filter(uid=uid)))), None)
    return replace(found, voices=tuple(found.report.voices.order_by("id")[:PAGE])) if found else None


def reported(uid: UUID) -> Reported | None:
    """A report by its own address, which only whoever reported it was given. Two queries."""
    return next(iter(_with_shops(list(PlaceReport.objects.filter(uid=uid)))), None)


def reported_by(viewer: Viewer) -> list[Reported]:
    """What somebody has reported, the newest first. Two queries."""
    also = ReportVoice.objects.filter(said_by=viewer.actor).values("report")
    return _with_shops(list(PlaceReport.objects.filter(Q(said_by=viewer.actor) | Q(pk__in=also)).order_by("-id")[:PAGE]))


def _with_shops(rows: list[PlaceReport]) -> list[Reported]:
    shops = {shop.uid: shop for shop in Shop.objects.filter(uid__in=[row.place for row in rows if row.place])} if rows else {}
    return [Reported(row, shops.get(row.place) if row.place else None) for row in rows]
