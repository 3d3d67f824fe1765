"""Linli's arm on foot: nearest places, counts or the k nearest over a made city, from files of arrays to files of arrays.

Run as: python -m benchmarks.arms.walk FOLDER nearest|counts|several LIMIT K. A round builds the network anew from the city's arrays.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.arms.rounds import cpu_seconds, serve
from linli.reach.graph import Graph, Origin
from linli.reach.network import Network, network_of
from linli.reach.profiles import PROFILES
from linli.reach.search import counts, nearest, several


def graph_of(folder: Path) -> tuple[Graph, dict[str, Any]]:
    """The city's graph and its places by category."""
    city = np.load(folder / "city.npz")
    kind, way = np.zeros(len(city["u"]), np.uint16), np.full(len(city["u"]), -1, np.int64)
    key, origin = np.arange(len(city["x"]), dtype=np.int64), Origin("made for the benchmarks", "Apache-2.0", "WGS-84")
    graph = Graph(key, city["x"], city["y"], city["u"], city["v"], city["length"], kind, way, origin)
    return graph, {name.removeprefix("places "): city[name] for name in city.files if name.startswith("places ")}


def main() -> None:
    """Serves rounds; what is imported before the first is not counted, what a search loads on its first use is in the first round."""
    folder, asked, limit, k = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])

    def once() -> dict[str, float]:
        graph, places = graph_of(folder)
        before = cpu_seconds()
        network = network_of(graph, PROFILES["adult"])
        building = cpu_seconds() - before
        answers = _answers(network, places, asked, limit, k)
        querying = cpu_seconds() - before - building
        if asked == "counts":
            np.save(folder / "ours-below.npy", counts(network, places, limit - 1).counts)
        np.save(folder / "ours.npy", answers)
        return {"build": building, "queries": querying}

    serve(once)


def _answers(network: Network, places: dict[str, Any], asked: str, limit: int, k: int) -> Any:
    if asked == "nearest":
        return nearest(network, places, limit).distance
    if asked == "counts":
        return counts(network, places, limit).counts
    return np.stack([several(network, one, k, limit).distance for one in places.values()])


if __name__ == "__main__":
    main()
