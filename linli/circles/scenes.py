"""What is computed on, out of the registers: the network in use, homes, the places of a day, circles and norms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np

from linli.circles.declared import COLUMNS, standard
from linli.circles.models import Circle, Home
from linli.circles.reckoning.figures import Scene, scene
from linli.circles.reckoning.people import Bounds, People, people_of
from linli.circles.reckoning.walks import Places
from linli.circles.standing import Standing, calendar
from linli.kernel.hours import read_hours
from linli.registers.queries.places import PlaceRow, open_places

STALL = "stall"


def scene_of(there: Standing, day: date) -> Scene:
    """Everything for one day. Seven queries; homes and places are read whole."""
    return scene(
        there.grounds, homes(), places_of(open_places(day).rows), [bounds(one) for one in circles_on(day)], standard(), day, calendar()
    )


def homes() -> People:
    """The homes as they were last counted. One query."""
    return people_of(Home.objects.order_by("code").values_list("code", "lon", "lat", *COLUMNS))


def circles_on(day: date) -> list[Circle]:
    """The circles that there are on a day, by number. One query."""
    return [one for one in Circle.objects.order_by("code") if one.ended_on is None or day < one.ended_on]


def bounds(circle: Circle) -> Bounds:
    """Where a circle ends."""
    lon, lat = (None if value is None else float(value) for value in (circle.lon, circle.lat))
    held = tuple(circle.communities)
    return Bounds(circle.code, circle.kind, circle.polygon, lon, lat, circle.minutes, circle.profile, held)


def places_of(rows: Iterable[PlaceRow]) -> Places:
    """Places as arrays; they are known by their uid."""
    kept = sorted(rows, key=lambda row: row.uid)
    return Places(
        tuple(row.uid for row in kept),
        np.array([row.lon for row in kept], np.float64),
        np.array([row.lat for row in kept], np.float64),
        tuple(frozenset(row.roles) for row in kept),
        tuple(read_hours(row.hours, row.dates) if row.hours else None for row in kept),
        np.array([row.kind == STALL for row in kept], bool),
    )
