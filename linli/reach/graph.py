"""A walking network as it is kept: nodes, links with their length and kind, gates and barriers, and where all of it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate (小区大门、门禁) at a node: while it is shut nobody passes the node.

    hours: kernel.hours, "" for always open; shut: never open to the public. key: how its source calls it.
    """

    node: int
    key: str
    name: str = ""
    hours: str = ""
    shut: bool = False


@dataclass(frozen=True, slots=True)
class Barrier:
    """A line that nobody crosses but by a bridge, a tunnel or a crossing of the network: a river, a railway, a wall. Points: lon, lat.

    hole: the outline of land within a water area of the same kind and name, an island.
    """

    kind: str
    points: tuple[tuple[float, float], ...]
    name: str = ""
    hole: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a network comes from. system: the coordinate system its source declared (all is WGS-84 inside); edition: its own date or "".

    source_digest: of the bytes that were read. notes: how many of what was mended, left out or doubtful, by code of the warning.
    """

    source: str
    licence: str
    system: str
    edition: str = ""
    source_digest: str = ""
    notes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """n nodes and m links, every link a straight line between two nodes: a bend of a street is a node of its own.

    key: the source's number of each node, ascending and unique (int64, n). lon, lat: degrees, WGS-84 (float64, n).
    u, v: ends of each link as places in key (int32, m), no link from a node to itself. length: decimetres, not negative (int32, m).
    kind: reach.profiles.Way (uint16, m). way: the source's number of the street or path, -1 where it has none (int64, m).
    names: what way numbers are called, where they are called anything. narrow: nodes that no wheelchair passes (a raised kerb, a stile),
    ascending.
    """

    key: Longs
    lon: Floats
    lat: Floats
    u: Ints
    v: Ints
    length: Ints
    kind: Shorts
    way: Longs
    origin: Origin
    gates: tuple[Gate, ...] = ()
    barriers: tuple[Barrier, ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)
    narrow: tuple[int, ...] = ()
