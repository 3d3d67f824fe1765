"""Linli's arm of the siting benchmark: python -m benchmarks.arms.siting FOLDER RADIUS PLACES, from distances to a plan."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from benchmarks.arms.rounds import serve
from linli.reach.siting import best, cover_of, question


def main() -> None:
    """Serves rounds; the compiled parts are loaded before the first."""
    folder, radius, places = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    distances, residents = np.load(folder / "distances.npy"), np.load(folder / "residents.npy")
    best(question(cover_of([0, 0, 1], [0, 1, 1], candidates=2, homes=2), [3, 4]), places=1)

    def once() -> dict[str, float]:
        home, candidate = np.nonzero(distances <= radius)
        plan = best(question(cover_of(candidate, home, candidates=distances.shape[1], homes=len(residents)), residents), places=places)
        return {"covered": plan.covered, "bound": plan.bound, "pairs": len(home), "wall": plan.seconds}

    serve(once)


if __name__ == "__main__":
    main()
