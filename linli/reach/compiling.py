"""Compiled code of the engine: where it is kept between processes, and how all of it is compiled once, so that nobody waits for it."""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

FOLDER = "NUMBA_CACHE_DIR"
SEARCHES = ("search.buckets", "search.kernels", "search.labels", "search.repairs")
COMPILED = (*SEARCHES, "ground", "siting.bounding", "siting.cover", "siting.improving")


def keep_somewhere(environment: MutableMapping[str, str], package: Path) -> None:
    """Where the package's own folder can't be written, keep compiled code in the state folder, or else among temporary files.

    Without a folder that can be written numba refuses to start. Nothing is loaded by this.
    """
    if FOLDER not in environment and not os.access(package, os.W_OK):
        environment[FOLDER] = str(Path(environment.get("LINLI_STATE") or tempfile.gettempdir()) / "numba")


def compile_all() -> None:
    """Compile what this machine has not compiled yet: under a minute after an installation, a second or two later.

    Searches are compiled as they are loaded; the rest by what a very small town needs of it.
    """
    for name in COMPILED:
        importlib.import_module(f"linli.reach.{name}")
    _small_town()


def _small_town() -> None:
    import numpy as np

    from linli.reach.graph import Barrier, Graph, Origin
    from linli.reach.network import network_of
    from linli.reach.profiles import PROFILES
    from linli.reach.siting import best, cover_within, question
    from linli.reach.snapping import ground_of

    lon, lat = np.array([111.0, 111.001, 111.002]), np.array([35.0, 35.0, 35.0])
    ends, length = (np.array([0, 1], np.int32), np.array([1, 2], np.int32)), np.array([910, 910], np.int32)
    wall = Barrier("wall", ((111.0, 35.0005), (111.002, 35.0005)))
    kind, way = np.zeros(2, np.uint16), np.full(2, -1, np.int64)
    graph = Graph(np.arange(3, dtype=np.int64), lon, lat, *ends, length, kind, way, Origin("small", "", "WGS-84"), barriers=(wall,))
    network = network_of(graph, PROFILES["adult"])
    points = ground_of(network).snap(lon, lat + 0.0001)
    best(question(cover_within(network, points, points, 1000), [1, 2, 3], cost=[1, 1, 1]), budget=2)
