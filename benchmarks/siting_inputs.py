"""Towns for the siting benchmark: homes in clusters with their residents, candidates in the same clusters, straight distances."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.apart import DATA

METRES = 10_000


def town(homes: int, candidates: int, *, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions of homes and candidates in metres, and residents of each home: a cluster for every 150 homes in a square of 10 km."""
    numbers = np.random.default_rng(seed)
    centres = numbers.random((max(5, homes // 150), 2)) * METRES
    home = centres[numbers.integers(0, len(centres), homes)] + numbers.normal(0, 300, (homes, 2))
    candidate = centres[numbers.integers(0, len(centres), candidates)] + numbers.normal(0, 400, (candidates, 2))
    return home, candidate, numbers.integers(1, 60, homes)


def prepared(homes: int, candidates: int) -> Path:
    """A folder with distances.npy (homes, candidates; metres) and residents.npy, made on first use."""
    folder = DATA / f"siting-{homes}-{candidates}"
    if not (folder / "residents.npy").exists():
        folder.mkdir(parents=True, exist_ok=True)
        home, candidate, residents = town(homes, candidates)
        np.save(folder / "distances.npy", np.hypot(*(home[:, None] - candidate[None]).transpose(2, 0, 1)))
        np.save(folder / "residents.npy", residents)
    return folder
