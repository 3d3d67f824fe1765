"""The streets that are reached on foot within a time, as lines to draw: whole links, and others as far as one comes."""

from __future__ import annotations

import numpy as np

from linli.reach.graph import Floats, Graph, Ints
from linli.reach.network import Network
from linli.reach.profiles import Way
from linli.reach.snapping import Snapped
from linli.web.map.base import DEGREE, strung

Lines = list[list[list[float]]]


def reached(network: Network, start: Snapped, distance: Ints, limit: int) -> Lines:
    """Lines of longitude and latitude of everything within `limit` decimetres of the start.

    distance: from the start to each node of the graph, -1 where that is further than was searched. O(links).
    """
    graph = network.graph
    links = np.flatnonzero(network.usable & (_near(distance[graph.u], limit) | _near(distance[graph.v], limit)))
    length = graph.length[links]
    kind = graph.kind[links]
    from_u = _along(distance[graph.u[links]], length, limit, (kind & Way.BACKWARD) == 0)
    from_v = _along(distance[graph.v[links]], length, limit, (kind & Way.FORWARD) == 0)
    whole = from_u + from_v >= length
    lines = [np.column_stack((graph.lon[chain], graph.lat[chain])) for chain in _chains(graph, links[whole])]
    for part, place in ((from_u, 0.0), (from_v, 1.0)):
        some = np.flatnonzero(~whole & (part > 0))
        share = part[some] / length[some]
        lines += _pieces(graph, links[some], place, np.abs(place - share))
    return [line.round(DEGREE).tolist() for line in (*lines, *_beginning(graph, start, limit))]


def _near(distance: Ints, limit: int) -> np.ndarray:
    return (distance >= 0) & (distance <= limit)


def _along(distance: Ints, length: Ints, limit: int, allowed: np.ndarray) -> Ints:
    """How far one comes into each link from one of its ends."""
    far: Ints = np.minimum(np.where((distance >= 0) & allowed, limit - distance, 0), length).clip(min=0)
    return far


def _chains(graph: Graph, links: np.ndarray) -> list[list[int]]:
    return strung(graph.u[links].tolist(), graph.v[links].tolist())


def _pieces(graph: Graph, links: np.ndarray, begin: float, end: np.ndarray) -> list[Floats]:
    """The part of each link between two shares of its length, counted from its u."""
    first, second = (_at(graph, links, share) for share in (np.full(len(links), begin), end))
    return list(np.stack((first, second), axis=1))


def _at(graph: Graph, links: np.ndarray, share: np.ndarray) -> Floats:
    u, v = graph.u[links], graph.v[links]
    lon = graph.lon[u] + (graph.lon[v] - graph.lon[u]) * share
    lat = graph.lat[u] + (graph.lat[v] - graph.lat[u]) * share
    return np.column_stack((lon, lat))


def _beginning(graph: Graph, start: Snapped, limit: int) -> list[Floats]:
    """The link that one starts on, both ways from where one joins it."""
    left = limit - int(start.leg[0])
    if start.link[0] < 0 or left <= 0:
        return []
    link, length = start.link[:1], max(int(graph.length[start.link[0]]), 1)
    joined = int(start.from_u[0]) / length
    kind = int(graph.kind[link[0]])
    back = joined if kind & Way.FORWARD else max(joined - left / length, 0.0)
    on = joined if kind & Way.BACKWARD else min(joined + left / length, 1.0)
    return [np.vstack((_at(graph, link, np.array([back])), _at(graph, link, np.array([on]))))]
