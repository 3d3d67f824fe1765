"""A made city of streets for the figures on walking: squares that are bent and broken as streets are, and places on their corners."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from linli.reach.graph import Graph, Ints, Origin

SPACING_METRES = 60.0
KEPT = 0.73  # of the squares' sides: 2.9 links meet at a corner, as in the real networks of Shenzhen and Helsinki
BLOCK = 200  # corners whose numbers follow each other, as where a map was drawn in sittings
CATEGORIES = 20
FEWEST, MOST = 30, 4000  # places of a category in a city of 300,000 corners
DEGREE_METRES = 111_195.0
CENTRE = (111.0, 35.02)


def streets(corners: int, seed: int = 17) -> Graph:
    """A connected network of about that many corners; lengths in decimetres are 1.0 to 1.3 of the straight line."""
    random = np.random.default_rng(seed)
    side = round((corners * 1.03) ** 0.5)
    x, y = (axis.reshape(-1) + random.uniform(-0.35, 0.35, side * side) for axis in np.meshgrid(np.arange(side), np.arange(side)))
    number = np.arange(side * side).reshape(side, side)
    u = np.concatenate([number[:, :-1].reshape(-1), number[:-1].reshape(-1)])
    v = np.concatenate([number[:, 1:].reshape(-1), number[1:].reshape(-1)])
    kept = random.random(len(u)) < KEPT
    u, v = u[kept], v[kept]
    u, v, inside = _largest(side * side, u, v)
    x, y = x[inside], y[inside]
    length = np.rint(np.hypot(x[u] - x[v], y[u] - y[v]) * SPACING_METRES * 10 * random.uniform(1.0, 1.3, len(u))).astype(np.int32)
    place = _numbering(x, y, random)
    lat = CENTRE[1] + y * SPACING_METRES / DEGREE_METRES
    lon = CENTRE[0] + x * SPACING_METRES / (DEGREE_METRES * np.cos(np.radians(CENTRE[1])))
    order = np.argsort(place)
    rows = random.permutation(len(u))
    return Graph(
        key=np.arange(len(x), dtype=np.int64),
        lon=lon[order],
        lat=lat[order],
        u=place[u][rows].astype(np.int32),
        v=place[v][rows].astype(np.int32),
        length=length[rows],
        kind=np.zeros(len(u), np.uint16),
        way=np.full(len(u), -1, np.int64),
        origin=Origin("made for the benchmarks", "Apache-2.0", "WGS-84"),
    )


def places(corners: int, seed: int = 18) -> dict[str, Ints]:
    """Corners with places, by category: from few of one kind to thousands of another, as many to a corner in any city."""
    random = np.random.default_rng(seed)
    many = np.geomspace(FEWEST, MOST, CATEGORIES) * corners / 300_000
    return {f"category-{index}": random.integers(0, corners, max(1, round(one))).astype(np.int32) for index, one in enumerate(many)}


def _largest(corners: int, u: Ints, v: Ints) -> tuple[Ints, Ints, Ints]:
    """The links of the largest part that hangs together, numbered anew, and which corners are in it."""
    _, part = connected_components(coo_matrix((np.ones(len(u), np.int8), (u, v)), (corners, corners)), directed=False)
    inside = np.flatnonzero(part == np.bincount(part).argmax())
    number = np.full(corners, -1, np.int64)
    number[inside] = np.arange(len(inside))
    linked = number[u] >= 0
    return number[u[linked]], number[v[linked]], inside


def _numbering(x: Ints, y: Ints, random: np.random.Generator) -> Ints:
    """A number for each corner: neighbours in runs, the runs in any order."""
    tile = round(BLOCK**0.5)
    near = np.lexsort((x, x.astype(np.int64) // tile, y.astype(np.int64) // tile))
    runs = np.array_split(near, max(1, len(near) // BLOCK))
    random.shuffle(runs)
    place = np.empty(len(near), np.int64)
    place[np.concatenate(runs)] = np.arange(len(near))
    return place
