"""Other things than homes to ask from: every node of a network, and every cell of Uber's hexagonal grid (H3) that it runs through."""

from __future__ import annotations

from typing import Final

import numpy as np

from linli.reach.graph import Floats, Longs
from linli.reach.snapping import Snapped, Walked, Why

COARSEST, FINEST = 6, 12
CITY: Final = 9
"""The resolution that places are kept by: cells of about 0.1 km²."""


def cells_over(network: Walked, resolution: int = CITY) -> tuple[Longs, Floats, Floats]:
    """The cells (as bigints, ascending) that a node with a usable link lies in, with lon and lat of their centres. O(nodes)."""
    import h3.api.basic_int as h3

    graph = network.graph
    used = np.zeros(len(graph.key), bool)
    used[graph.u[network.usable]] = used[graph.v[network.usable]] = True
    pairs = zip(graph.lat[used].tolist(), graph.lon[used].tolist(), strict=True)
    cells = sorted({h3.latlng_to_cell(lat, lon, resolution) for lat, lon in pairs})
    centres = np.array([h3.cell_to_latlng(cell) for cell in cells]).reshape(-1, 2)
    return np.array(cells, np.int64), centres[:, 1].copy(), centres[:, 0].copy()


def nodes_on(network: Walked) -> Snapped:
    """Every node as a point on the network: at an end of its first usable link, without a leg; one without such a link is on none."""
    graph, usable = network.graph, network.usable
    n, links = len(graph.key), np.flatnonzero(usable)
    link = np.full(n, -1, np.int32)
    # From the last to the first, so that the first stays.
    for ends in (graph.v, graph.u):
        link[ends[links[::-1]]] = links[::-1]
    on = link >= 0
    starts = on & (graph.u[np.maximum(link, 0)] == np.arange(n))
    length = np.where(on, graph.length[np.maximum(link, 0)], 0).astype(np.int32)
    from_u = np.where(starts, 0, length).astype(np.int32)
    why = np.where(on, Why.FINE, Why.TOO_FAR).astype(np.uint8)
    ids = tuple(map(str, graph.key.tolist()))
    return Snapped(link, from_u, length - from_u, np.zeros(n, np.int32), why, ids, graph.lon, graph.lat)
