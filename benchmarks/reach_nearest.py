"""reach-nearest: the nearest place of 20 categories from every one of 300,000 corners, beside pandana, one thread, build included.

Also kept: the queries alone, and the peak memory of both processes. Answers must be the same but at exactly the limit.
"""

from __future__ import annotations

from benchmarks.harness import load, record
from benchmarks.walking import CORNERS, agreed, city, cold_seconds, ours, pandana, ratios, spent


def run() -> None:
    """Both arms over the same city."""
    folder = city(CORNERS)
    mine, theirs = ours(folder, "nearest"), pandana(folder, "nearest")
    differ, cold = agreed(folder, "nearest"), cold_seconds()
    value, spread = ratios(theirs, mine, "build", "queries")
    note = f"{spent(theirs, mine, 'build', 'queries')}; compiled once in {cold:.0f} s; {differ} answers differ, at the limit; {load()}"
    record("reach-nearest", value, "× faster than pandana", 60, "higher", spread=spread, note=note)
    value, spread = ratios(theirs, mine, "queries")
    record("reach-nearest-queries", value, "× faster than pandana", 40, "higher", spread=spread, note=spent(theirs, mine, "queries"))
    note = f"{mine[0]['peak_mib']:.0f} MiB beside {theirs['peak_mib']:.0f}, each a whole process"
    record("reach-nearest-memory", mine[0]["peak_mib"] / theirs["peak_mib"], "of pandana's memory", 0.4, "lower", note=note)


if __name__ == "__main__":
    run()
