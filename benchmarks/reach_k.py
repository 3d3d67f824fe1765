"""reach-k: the three nearest places of 20 categories from every one of 300,000 corners, beside pandana, one thread, queries alone."""

from __future__ import annotations

from benchmarks.harness import load, record
from benchmarks.walking import CORNERS, agreed, city, ours, pandana, ratios, spent

K = 3


def run() -> None:
    """Both arms over the same city."""
    folder = city(CORNERS)
    mine, theirs = ours(folder, "several", K), pandana(folder, "several", K)
    differ = agreed(folder, "several")
    value, spread = ratios(theirs, mine, "queries")
    whole, _ = ratios(theirs, mine, "build", "queries")
    note = f"{spent(theirs, mine, 'queries')}; with the build {whole:.0f} ×; {differ} answers differ, at the limit; {load()}"
    record("reach-k", value, "× faster than pandana", 4, "higher", spread=spread, note=note)


if __name__ == "__main__":
    run()
