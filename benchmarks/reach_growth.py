"""reach-growth: CPU per corner of the nearest of 20 categories, build included, in a city of 3,000,000 corners and in one of 30,000.

Places are as many to a corner in each. The figure is the power of the number of corners that the time grows with: 1 is linear.
"""

from __future__ import annotations

import math
import statistics

from benchmarks.harness import load, record
from benchmarks.walking import city, ours

SMALL, LARGE = 30_000, 3_000_000


def run() -> None:
    """Each city in a process of its own."""
    small, large = ([one["build"] + one["queries"] for one in ours(city(corners), "nearest")] for corners in (SMALL, LARGE))
    middle = statistics.median(small), statistics.median(large)
    powers = [_power(one / middle[0]) for one in large]
    note = f"{middle[0]:.3f} s at {SMALL:,} corners, {middle[1]:.2f} s at {LARGE:,}; {load()}"
    record(
        "reach-growth", _power(middle[1] / middle[0]), "power of the corners", 1.1, "lower", spread=(min(powers), max(powers)), note=note
    )


def _power(longer: float) -> float:
    return math.log(longer) / math.log(LARGE / SMALL)


if __name__ == "__main__":
    run()
