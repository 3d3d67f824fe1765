"""What the map of a circle draws: homes that reach what a norm asks for or don't, the places that would do, where the circle ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from shapely.geometry import shape

from linli.circles import queries
from linli.circles.declared import Norm
from linli.circles.few import band, exact_for, size
from linli.circles.models import Circle, Coverage
from linli.circles.queries.whatif import standing_figures
from linli.circles.reachable import places_there, reachable
from linli.circles.reckoning.figures import Scene, Walks, farthest, located
from linli.circles.standing import Standing, required
from linli.kernel.positions import Position
from linli.kernel.viewer import Viewer
from linli.reach.metric import straight
from linli.reach.profiles import PROFILES
from linli.registers.models import Area
from linli.registers.queries.places import PlaceRow
from linli.rules import Label
from linli.web.circles.whatif import Around
from linli.web.map import area
from linli.web.places.kept import role_words, week
from linli.web.templatetags.texts import chinese, words

LISTED = 60
EDGE_METRES = 1200
VILLAGE = 12
"""Digits of a community's code."""


@dataclass(frozen=True, slots=True)
class Home:
    """A building: its people of the norm's group in words, whether they reach it, minutes to the nearest (None beyond half an hour), and
    whether it is off the network.

    number: where it stands in an order, which gives away no more than the words."""

    lon: float
    lat: float
    code: str
    name: str
    number: int
    people: str
    size: int
    covered: bool
    minutes: int | None
    off: bool


@dataclass(frozen=True, slots=True)
class Layers:
    """homes: those of the circle that are on the network; off: those with a position that aren't; left: the ones that don't reach it, most
    people first; drawn: for the map."""

    homes: int
    off: int
    left: list[Home]
    more: int
    drawn: dict[str, Any]


def layers(viewer: Viewer, circle: Circle, norm: Norm, profile: str) -> Layers | None:
    """Of a circle and norm for one way of walking; None before anything was computed. Four queries while nothing has changed."""
    run = queries.latest()
    if run is None:
        return None
    there = required()
    scene, done, _before = standing_figures(run)
    if circle.code not in scene.scopes.circles:
        return None
    homes = _homes(viewer, scene, done, circle, norm, profile)
    left = sorted((one for one in homes if not one.covered), key=lambda one: (-one.number, one.code))
    walked = _walked(there, run, circle)
    drawn = {
        "homes": [_dot(one) for one in homes],
        "places": [_place(row, norm) for row in _near(there, run, circle, homes, norm)],
        "polygon": circle.polygon,
        "walked": walked,
        "view": _view(circle, homes, walked),
    }
    off = sum(one.off for one in homes)
    return Layers(len(homes) - off, off, left[:LISTED], max(0, len(left) - LISTED), drawn)


def _homes(viewer: Viewer, scene: Scene, done: Walks, circle: Circle, norm: Norm, profile: str) -> list[Home]:
    there = located(scene, done, profile)
    far, walks, limit = farthest(done, norm, profile), PROFILES[profile], norm.limit(PROFILES[profile])
    people, numbers = scene.people, scene.people.group(norm.group)
    exact = exact_for(viewer, circle.area_code)
    members = scene.scopes.homes(scene.scopes.circles.index(circle.code))
    chosen = [int(home) for home in members if people.positioned[home] and numbers[home]]
    names = _names([people.code[home] for home in chosen])
    return [
        Home(
            float(people.lon[home]),
            float(people.lat[home]),
            people.code[home],
            names[people.code[home]],
            int(numbers[home]) if exact else size(int(numbers[home])),
            words(band(int(numbers[home]), exact=exact)),
            size(int(numbers[home])),
            bool(0 <= far[home] <= limit),
            walks.minutes(int(far[home])) if far[home] >= 0 else None,
            not there[home],
        )
        for home in chosen
    ]


def _names(codes: Sequence[str]) -> dict[str, str]:
    """Buildings with the community before them, as whoever looks for one types it: many are called 1号楼. One query."""
    known = dict(
        Area.objects.filter(code__in={*codes, *(code[:VILLAGE] for code in codes)}).order_by("valid_from").values_list("code", "name")
    )
    return {code: known.get(code[:VILLAGE], "") * (len(code) > VILLAGE) + known.get(code, code) for code in codes}


def minutes_words(minutes: int | None) -> str:
    """'走 7 分钟', or that it is farther than anybody looked."""
    return _("走半小时也到不了") if minutes is None else _("走 %(minutes)s 分钟") % {"minutes": max(minutes, 1)}


def _dot(one: Home) -> dict[str, Any]:
    said = _("%(people)s 人") % {"people": one.people}
    return {
        "at": [one.lon, one.lat],
        "name": one.name,
        "people": said,
        "walk": _("不在路网上，算不出来") if one.off else minutes_words(one.minutes),
        "covered": one.covered,
        "size": one.size,
    }


def _near(there: Standing, run: Coverage, circle: Circle, homes: Sequence[Home], norm: Norm) -> list[PlaceRow]:
    """The places that would do, round the circle's homes."""
    rows = [row for row in places_there(there, run.day).rows if not row.roles.keys().isdisjoint(norm.categories)]
    if not rows or not homes:
        return []
    lon, lat = float(np.mean([one.lon for one in homes])), float(np.mean([one.lat for one in homes]))

    def metres(points: Sequence[Any]) -> Any:
        many = len(points)
        return straight(
            np.array([one.lon for one in points]), np.array([one.lat for one in points]), np.full(many, lon), np.full(many, lat)
        )

    reach = float(metres(homes).max()) + EDGE_METRES
    return [row for row, far in zip(rows, metres(rows), strict=True) if far <= reach]


def _place(row: PlaceRow, norm: Norm) -> dict[str, Any]:
    does = _("、").join(role_words(slug, many) for slug, many in row.roles.items() if slug in norm.categories)
    hours = week(row.hours, row.dates)
    return {
        "at": [row.lon, row.lat],
        "key": row.uid,
        "name": words(Label(row.name_zh, row.name_en or row.name_zh)),
        "what": does,
        "hours": _("；").join(hours) if hours else _("没有登记营业时间"),
    }


def _walked(there: Standing, run: Coverage, circle: Circle) -> list[Any]:
    """The streets that a circle grown from its centre takes in."""
    if circle.polygon is not None or circle.lon is None or circle.lat is None:
        return []
    centre = Position(float(circle.lon), float(circle.lat))
    found = reachable(there, circle.profile or "adult", centre, run.day, None, minutes=circle.minutes or 0)
    return area.reached(found.network, found.start, found.nodes, found.limit) if found.joined else []


def _view(circle: Circle, homes: Sequence[Home], walked: Sequence[Any]) -> list[list[float]]:
    """South-west and north-east of what is to be seen: the homes and the circle itself."""
    points = [[one.lon, one.lat] for one in homes] + [point for line in walked for point in line]
    if circle.polygon is not None:
        west, south, east, north = shape(circle.polygon).bounds
        points += [[west, south], [east, north]]
    if not points:
        return []
    lon, lat = zip(*points, strict=True)
    return [[min(lat), min(lon)], [max(lat), max(lon)]]


def box(circle: Circle, run: Coverage) -> list[list[float]]:
    """South-west and north-east of a circle's homes; [] where it has none on the map."""
    scene, _done, _before = standing_figures(run)
    if circle.code not in scene.scopes.circles:
        return []
    members = scene.scopes.homes(scene.scopes.circles.index(circle.code))
    chosen = members[scene.people.positioned[members]]
    if not len(chosen):
        return []
    lon, lat = scene.people.lon[chosen], scene.people.lat[chosen]
    return [[float(lat.min()), float(lon.min())], [float(lat.max()), float(lon.max())]]


def scenery(there: Standing, around: Around, within: Sequence[Sequence[float]]) -> dict[str, Any]:
    """The places and gates that a what-if can choose from, as the map draws them."""
    graph, comma = there.grounds.graph, _("、")
    role = cache(lambda slug: role_words(slug, None))
    dots = [
        {
            "at": [one.row.lon, one.row.lat],
            "key": one.row.uid,
            "name": one.name,
            "what": " · ".join((comma.join(role(slug) for slug in one.row.roles), one.where)),
        }
        for one in around.places
    ]
    gates = [
        {"at": [float(graph.lon[gate.node]), float(graph.lat[gate.node])], "key": gate.key, "name": gate.name or gate.key}
        for gate in around.gates
    ]
    return {"places": dots, "gates": gates, "view": list(within)}


def choices(circle: Circle, norms: Sequence[Norm], day: Any) -> list[tuple[str, str]]:
    """The norms that are asked of a circle of this type, by level."""
    asked = sorted((norm for norm in norms if norm.applies(circle.kind, day)), key=lambda norm: (norm.level, norm.key))
    return [(norm.key, f"{words(norm.label)} · {norm.level}{' 分钟' if chinese() else ' min'}") for norm in asked]
