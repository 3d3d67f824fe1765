"""reach-counts: how many places of 20 categories are within a kilometre of every one of 300,000 corners, beside pandana, one thread.

pandana's precompute(), without which every category would search anew, counts as its build; both builds are included.
"""

from __future__ import annotations

from benchmarks.harness import load, record
from benchmarks.walking import CORNERS, agreed, city, ours, pandana, ratios, spent


def run() -> None:
    """Both arms over the same city."""
    folder = city(CORNERS)
    mine, theirs = ours(folder, "counts"), pandana(folder, "counts")
    differ = agreed(folder, "counts")
    value, spread = ratios(theirs, mine, "build", "queries")
    alone, _ = ratios(theirs, mine, "queries")
    note = f"{spent(theirs, mine, 'build', 'queries')}; queries alone {alone:.1f} ×; {differ} counts differ, at the limit; {load()}"
    record("reach-counts", value, "× faster than pandana", 10, "higher", spread=spread, note=note)


if __name__ == "__main__":
    run()
