"""What is reached on foot from one point: every place with its distance, and how far one comes along the streets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.db import connection

from linli.circles.standing import Standing
from linli.kernel.positions import Position
from linli.reach.graph import Ints
from linli.reach.network import Network
from linli.reach.search import UNREACHED, spread
from linli.reach.snapping import Snapped, Why
from linli.registers.queries.places import Places, open_places

FAR_MINUTES = 60
"""How far is looked for the nearest of what a quarter of an hour doesn't reach."""
_KEPT = "places of a day"
# Another whenever a row of places, roles or windows was written, added or taken out (registers/sql/placestamp.sql): a row a connection.
_STAMP = "SELECT string_agg(number::text, '.' ORDER BY number) FROM registers_placestamp"


@dataclass(frozen=True, slots=True, eq=False)
class Reachable:
    """From one point, for one way of walking, at one moment of the gates.

    start: where it joins the network; why: Why.FINE, or why it doesn't (nothing is reached then) or what is doubtful about it.
    nodes, places: decimetres from the start with both legs, UNREACHED beyond `limit`.
    """

    network: Network
    start: Snapped
    why: Why
    nodes: Ints
    places: Ints
    limit: int

    @property
    def joined(self) -> bool:
        """Whether the start is on the network at all."""
        return bool(self.start.link[0] >= 0)


def reachable(there: Standing, profile: str, start: Position, on: date, at: datetime | None, minutes: int = FAR_MINUTES) -> Reachable:
    """Everything within so many minutes of a point, on the places of a day with the gates as they are at a moment: one bounded search.

    One query. O(what is within reach + places).
    """
    network = there.network(profile, at)
    limit = network.profile.limit(minutes)
    snapped = snapped_places(there, profile, on)
    joined = there.grounds.by_profile[profile].snap([start.lon], [start.lat])
    why = Why(int(joined.why[0]))
    if joined.link[0] < 0:
        nodes, none = (np.full(many, UNREACHED, np.int32) for many in (len(network.graph.key), len(snapped)))
        return Reachable(network, joined, why, nodes, none, limit)
    found = spread(network, joined, limit)
    return Reachable(network, joined, why, found.distance[: len(network.graph.key)], found.at(snapped), limit)


def places_there(there: Standing, on: date) -> Places:
    """The places of a day as this process keeps them. One query while nothing has changed, five otherwise."""
    return _kept(there, on)[0]


def snapped_places(there: Standing, profile: str, on: date) -> Snapped:
    """Where the places of a day lie on the network of a profile, in the order of places_there(). One query."""
    places, snapped = _kept(there, on)
    if profile not in snapped:
        snapped[profile] = there.grounds.by_profile[profile].snap(places.lon, places.lat, ids=[row.key for row in places.rows])
    return snapped[profile]


def _kept(there: Standing, on: date) -> tuple[Places, dict[str, Snapped]]:
    with connection.cursor() as cursor:
        cursor.execute(_STAMP)
        key = (_KEPT, on, tuple(cursor.fetchone()))
    earlier = [one for one in list(there.kept) if isinstance(one, tuple) and one[0] == _KEPT and one != key]
    found: tuple[Places, dict[str, Snapped]] = there.keep(key, lambda: (open_places(on), {}), instead_of=earlier)
    return found


def nearest_first(decimetres: Ints, among: Sequence[int] | Ints) -> list[int]:
    """Those of the places that are reached, the nearest first; at equal distances in the order of the register."""
    chosen = np.asarray(among, np.int64)
    chosen = chosen[decimetres[chosen] >= 0]
    return [int(one) for one in chosen[np.argsort(decimetres[chosen], kind="stable")]]
