"""Searches on foot: the nearest, the k nearest, how many and which within a limit, how far from a point; exact, in any order of input."""

from linli.reach.search.edits import (
    Change,
    Closed,
    Edit,
    GateOpened,
    GateShut,
    LinkAdded,
    LinkRemoved,
    Moved,
    Opened,
    counts_after,
    homes_after,
    nearest_after,
    network_after,
    places_after,
    several_after,
)
from linli.reach.search.near import Nearest, Several, nearest, several
from linli.reach.search.ranges import Counts, Spread, Within, counts, spread, within
from linli.reach.search.starts import UNREACHED, Places, starts

__all__ = [
    "UNREACHED",
    "Change",
    "Closed",
    "Counts",
    "Edit",
    "GateOpened",
    "GateShut",
    "LinkAdded",
    "LinkRemoved",
    "Moved",
    "Nearest",
    "Opened",
    "Places",
    "Several",
    "Spread",
    "Within",
    "counts",
    "counts_after",
    "homes_after",
    "nearest",
    "nearest_after",
    "network_after",
    "places_after",
    "several",
    "several_after",
    "spread",
    "starts",
    "within",
]
