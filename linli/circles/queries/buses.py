"""How long villages have to their county seat by bus, as last computed."""

from __future__ import annotations

from django.db.models import Q

from linli.circles.models import BusRun, BusTime
from linli.circles.queries.circles import READERS
from linli.kernel.viewer import Viewer
from linli.registers.queries.areas import under


def bus_run() -> BusRun | None:
    """The newest computation, None before the first. For everybody. One query."""
    return BusRun.objects.select_related("feed", "network").order_by("-id").first()


def bus_times(viewer: Viewer, county: str = "") -> list[BusTime]:
    """Villages of the viewer's areas, of one county where one is named: those that reach no seat first, then the longest way, then those
    without a position. One query.
    """
    within = Q(pk__in=())
    for role in READERS:
        for area in viewer.areas(role):
            within |= under(area) if area else Q(pk__isnull=False)
    order = {"not_reached": 0, "reached": 1, "no_seat": 2, "unlocated": 3}
    rows = BusTime.objects.filter(within, under(county) if county else Q())
    return sorted(rows, key=lambda one: (order[one.state], -(one.seconds or 0), one.area_code))
