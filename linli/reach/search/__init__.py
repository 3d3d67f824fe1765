"""Searches on foot: the nearest, the k nearest, how many and which within a limit, how far from a point; exact, in any order of input."""

from linli.reach.search.near import Nearest, Several, nearest, several
from linli.reach.search.ranges import Counts, Spread, Within, counts, spread, within
from linli.reach.search.starts import UNREACHED, Places

__all__ = [
    "UNREACHED",
    "Counts",
    "Nearest",
    "Places",
    "Several",
    "Spread",
    "Within",
    "counts",
    "nearest",
    "several",
    "spread",
    "within",
]
