"""Blind spots: the streets of the circles that don't reach what is asked within a quarter of an hour, by kind of place and who walks.

Streets and corners alone: nobody's home is read here. Kept by each process for the newest computation, searched once for a way of walking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping, shape

from linli.circles.declared import Norm, standard
from linli.circles.declared.norms import moment
from linli.circles.models import Circle, Coverage
from linli.circles.reckoning.walks import LOOK_MINUTES, UNREACHED, Places, opened, unnamed
from linli.circles.scenes import circles_on, places_of
from linli.circles.standing import Standing, calendar
from linli.reach import profiles
from linli.reach.graph import Graph, Ints, Longs
from linli.reach.metric import Bools
from linli.reach.search import nearest, spread
from linli.registers.queries.places import open_places
from linli.rules.declare import Label

QUARTER = 15
"""The level of the norms that blind spots are of."""
ALL = "all"
_KEPT = "blind spots"
_ADULT, _WITHOUT_STEPS = "adult", "wheelchair"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of place that a quarter of an hour has to reach, with the norms that ask for it: one for each type of circle."""

    key: str
    label: Label
    norms: tuple[Norm, ...]

    def norm(self, circle: Circle, run: Coverage) -> Norm | None:
        """The norm that is asked of a circle; None where it isn't asked there."""
        return next((one for one in self.norms if one.applies(circle.kind, run.day)), None)


@dataclass(frozen=True, slots=True, eq=False)
class Bounded:
    """A circle on the network. start: the corner next to its middle; links: its streets, as numbers of links; edge: its outline."""

    circle: Circle
    start: int
    links: Longs
    edge: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Missing:
    """For one way of walking. missed: by kind, the links that reach none from either end; far: by kind, decimetres from each circle's start
    to the nearest, UNREACHED beyond LOOK_MINUTES; usable: links that can be walked."""

    missed: Mapping[str, Bools]
    far: Mapping[str, Ints]
    usable: Bools


@dataclass(slots=True, eq=False)
class Spots:
    """What one computation was of: its kinds of places and circles on the network in use, and for each way of walking what was found."""

    there: Standing
    run: Coverage
    kinds: tuple[Kind, ...]
    circles: tuple[Bounded, ...]
    places: Places
    kept: dict[Any, Any] = field(default_factory=dict)

    def missing(self, profile: str) -> Missing:
        """What isn't reached by who walks like this. O(kinds · links) the first time."""
        if profile not in self.kept:
            self.kept[profile] = _missing(self, profile)
        found: Missing = self.kept[profile]
        return found

    def asked(self, circle: Circle, key: str) -> list[Kind]:
        """The kinds to look at in a circle: the one, where the circle is asked for it; ALL: those that it must have."""
        found = [(kind, kind.norm(circle, self.run)) for kind in self.kinds if key in (ALL, kind.key)]
        return [kind for kind, norm in found if norm is not None and (key != ALL or norm.mandatory)]

    def lacks(self, one: Bounded, key: str, missing: Missing) -> Ints:
        """How many of the kinds each of a circle's links doesn't reach."""
        rows = [missing.missed[kind.key][one.links] for kind in self.asked(one.circle, key)]
        found: Ints = np.sum([np.zeros(len(one.links), np.int32), *rows], axis=0, dtype=np.int32)
        return found


def spots(there: Standing, run: Coverage) -> Spots:
    """The blind spots of a computation, made once in a process. Five queries the first time, none afterwards."""
    found: Spots = there.keep_for(run.uid, _KEPT, lambda: _spots(there, run))
    return found


def _spots(there: Standing, run: Coverage) -> Spots:
    on = there.network(_WITHOUT_STEPS).usable & there.network(_ADULT).usable
    graph = there.grounds.graph
    circles = (_bounded(there, circle, graph, on) for circle in circles_on(run.day))
    return Spots(there, run, _kinds(run), tuple(one for one in circles if one is not None), places_of(open_places(run.day).rows))


def _kinds(run: Coverage) -> tuple[Kind, ...]:
    """Norms of a quarter of an hour that ask for the same are one kind; those that some circle must have come first."""
    same: dict[tuple[object, ...], list[Norm]] = {}
    for norm in standard().asked(run.day):
        if norm.level == QUARTER:
            same.setdefault((norm.categories, norm.at, norm.minutes, norm.metres), []).append(norm)
    found = [Kind(norms[0].key, norms[0].label, tuple(norms)) for norms in same.values()]
    return tuple(sorted(found, key=lambda kind: not any(norm.mandatory for norm in kind.norms)))


def _bounded(there: Standing, circle: Circle, graph: Graph, on: Bools) -> Bounded | None:
    """A circle on the network; None where it has no street that everybody can walk."""
    if circle.polygon is not None:
        drawn = shape(circle.polygon)
        shapely.prepare(drawn)
        nodes = shapely.intersects_xy(drawn, graph.lon, graph.lat)
        middle = drawn.representative_point()
        lon, lat = (0.0, 0.0) if middle.is_empty else (middle.x, middle.y)
    else:
        lon, lat = float(circle.lon or 0), float(circle.lat or 0)
        how = circle.profile or _ADULT
        begun = there.grounds.snap(how, np.array([lon]), np.array([lat]), [circle.code])
        limit = profiles.profile(how).limit(circle.minutes or 0)
        nodes = np.zeros(len(graph.key), bool)
        if begun.link[0] >= 0:
            nodes = spread(there.network(how), begun, limit).distance[: len(graph.key)] >= 0
    links = np.flatnonzero(nodes[graph.u] & nodes[graph.v])
    ends = np.unique(graph.u[links[on[links]]])
    if not len(ends):
        return None
    away = ((graph.lon[ends] - lon) * np.cos(np.radians(lat))) ** 2 + (graph.lat[ends] - lat) ** 2
    return Bounded(circle, int(ends[np.argmin(away)]), links.astype(np.int64), _edge(circle, graph, links))


def _edge(circle: Circle, graph: Graph, links: Longs) -> dict[str, Any]:
    """Its outline; that of its streets where it was grown and has no other."""
    ends = np.unique(np.concatenate((graph.u[links], graph.v[links])))
    grown = shapely.MultiPoint(np.column_stack((graph.lon[ends], graph.lat[ends]))).convex_hull
    return dict(mapping(grown if circle.polygon is None else shape(circle.polygon)))


def _missing(found: Spots, name: str) -> Missing:
    there, how = found.there, profiles.profile(name)
    graph = there.grounds.graph
    moments = {when: moment(when, found.run.day, calendar()) for kind in found.kinds for when in kind.norms[0].at}
    limits = {kind.key: kind.norms[0].limit(how) for kind in found.kinds}
    looked = max([how.limit(LOOK_MINUTES), *limits.values()])
    joined = unnamed(there.grounds.snap(name, found.places.lon, found.places.lat, found.places.code))
    rows: dict[str, list[Ints]] = {kind.key: [] for kind in found.kinds}
    for when, at in moments.items():
        listed = dict(zip(found.places.categories, opened(found.places, at, calendar()), strict=True))
        wanted = {kind.key: _of(listed, kind.norms[0].categories) for kind in found.kinds if when in kind.norms[0].at}
        reached = nearest(there.network(name, at), {key: joined.part(numbers) for key, numbers in wanted.items()}, looked)
        for key, row in zip(reached.categories, reached.distance, strict=True):
            rows[key].append(row)
    starts = np.array([one.start for one in found.circles], np.int64)
    missed, far = {}, {}
    for key, every in rows.items():
        worst = reduce(_worse, every)
        blind = (worst < 0) | (worst > limits[key])
        missed[key] = blind[graph.u] & blind[graph.v]
        far[key] = worst[starts]
    return Missing(missed, far, there.network(name).usable)


def _of(listed: Mapping[str, Longs], categories: Sequence[str]) -> Longs:
    return np.unique(np.concatenate([np.zeros(0, np.int64), *(listed[one] for one in categories if one in listed)]))


def _worse(one: Ints, other: Ints) -> Ints:
    """The longer way of two moments; what one of them doesn't reach isn't reached."""
    found: Ints = np.where((one < 0) | (other < 0), UNREACHED, np.maximum(one, other))
    return found
