"""what-if: from a warm process, the answer after one change of places, gates or bridges at 300,000 corners and 20 categories.

The slowest kind of change is what is kept: a place of the most frequent and the rarest category opens, closes and moves, a gate is
shut, a street is closed, a bridge is added. Each result is compared with a whole computation, which is not counted.
"""

from __future__ import annotations

import dataclasses
import statistics
import time

import numpy as np

from benchmarks.arms.walk import graph_of
from benchmarks.harness import load, record
from benchmarks.walking import CORNERS, LIMIT, city
from linli.reach.graph import Gate
from linli.reach.network import Link, network_of
from linli.reach.profiles import PROFILES
from linli.reach.search import (
    Closed,
    Edit,
    GateShut,
    LinkAdded,
    LinkRemoved,
    Moved,
    Nearest,
    Opened,
    nearest,
    nearest_after,
    network_after,
    places_after,
)

ROUNDS = 9


def run() -> None:
    """Wall milliseconds of every kind of change, the slowest kept."""
    graph, places = graph_of(city(CORNERS))
    corner = len(graph.key) // 2
    graph = dataclasses.replace(graph, gates=(Gate(corner, "gate"),))
    found = nearest(network_of(graph, PROFILES["adult"]), places, LIMIT)
    times = {}
    for name, edit in _edits(corner, tuple(places)).items():
        _same(found, edit)
        times[name] = [_milliseconds(found, edit) for _ in range(ROUNDS)]
        print(f"  {name}: {statistics.median(times[name]):.0f} ms ({min(times[name]):.0f} to {max(times[name]):.0f})", flush=True)
    slowest = max(times, key=lambda name: statistics.median(times[name]))
    kept, note = times[slowest], f"slowest of {len(times)} kinds: {slowest}; {load()}"
    record("what-if", statistics.median(kept), "ms", 200, "lower", spread=(min(kept), max(kept)), note=note)


def _edits(corner: int, categories: tuple[str, ...]) -> dict[str, Edit]:
    edits: dict[str, Edit] = {
        "gate shut": GateShut("gate"),
        "street closed": LinkRemoved(corner),
        "bridge": LinkAdded(Link(corner, corner + 90)),
    }
    for word, category in (("rare", categories[0]), ("frequent", categories[-1])):
        edits[f"{word} place opens"] = Opened(category, corner)
        edits[f"{word} place closes"] = Closed(category, 0)
        edits[f"{word} place moves"] = Moved(category, 1, corner)
    return edits


def _milliseconds(found: Nearest, edit: Edit) -> float:
    before = time.perf_counter()
    nearest_after(found, [edit])
    return (time.perf_counter() - before) * 1000


def _same(found: Nearest, edit: Edit) -> None:
    """The repaired result is the whole computation's."""
    mine = nearest_after(found, [edit])
    lists = {name: places_after(one, name, [edit]) for name, one in zip(found.categories, found.places, strict=True)}
    whole = nearest(network_after(found.network, [edit]), lists, LIMIT)
    if not (np.array_equal(mine.distance, whole.distance) and np.array_equal(mine.place, whole.place)):
        raise SystemExit(f"the repair differs from a whole computation: {edit}")


if __name__ == "__main__":
    run()
