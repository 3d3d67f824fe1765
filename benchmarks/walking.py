"""What the figures on walking share: a made city on disk, the arms that take turns over it, and whether they agree."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.apart import DATA, ROOT, Arm, environment
from benchmarks.streets import places, streets

CORNERS = 300_000
LIMIT = 10_000  # decimetres: the guide's 15 minutes of an adult
ROUNDS = 7
Rounds = list[dict[str, float]]


def city(corners: int) -> Path:
    """A folder with city.npz, made on first use: x, y, u, v, length, and "places NAME" for each category."""
    folder = DATA / f"streets-{corners}"
    if not (folder / "city.npz").exists():
        folder.mkdir(parents=True, exist_ok=True)
        graph = streets(corners)
        found = {f"places {name}": nodes for name, nodes in places(len(graph.key)).items()}
        np.savez(folder / "city.npz", x=graph.lon, y=graph.lat, u=graph.u, v=graph.v, length=graph.length, **found)
    return folder


def ours(folder: Path, asked: str, k: int = 1) -> Rounds:
    """Rounds of Linli's arm in a process of its own; the first, which loads the compiled searches, only counts for memory."""
    with Arm(sys.executable, "-m", "benchmarks.arms.walk", folder, asked, str(LIMIT), str(k)) as arm:
        first = arm.once()
        rounds = [arm.once() for _ in range(ROUNDS)]
    for one in rounds:
        one["peak_mib"] = first["peak_mib"]
    return rounds


def pandana(folder: Path, asked: str, k: int = 1) -> dict[str, float]:
    """One round of pandana, one thread: it takes minutes, and its rounds differ by a few hundredths."""
    arm = Path(__file__).parent / "arms" / "walking_pandana.py"
    with Arm("env", "OMP_NUM_THREADS=1", environment("pandana"), arm, folder, asked, str(LIMIT), str(k)) as peer:
        return peer.once()


def ratios(theirs: dict[str, float], mine: Rounds, *parts: str) -> tuple[float, tuple[float, float]]:
    """How many times our CPU pandana needs for these parts: by the median of our rounds, and by the slowest and the fastest."""
    whole = sum(theirs[part] for part in parts)
    each = [whole / sum(one[part] for part in parts) for one in mine]
    return statistics.median(each), (min(each), max(each))


def agreed(folder: Path, asked: str) -> int:
    """How many answers differ, all of them at exactly the limit; the run ends where one differs for another reason."""
    theirs, found = np.load(folder / "pandana.npy"), np.load(folder / "ours.npy")
    theirs = theirs.reshape(found.shape)
    if asked == "counts":  # a place at exactly the limit counts here
        wrong = (theirs > found) | (theirs < np.load(folder / "ours-below.npy"))
    else:
        wrong = (theirs != found) & ((found != LIMIT) | (theirs != -1))
    if wrong.any():
        raise SystemExit(f"{int(wrong.sum())} of {wrong.size} answers differ from pandana's")
    return int((theirs != found).sum())


def cold_seconds() -> float:
    """CPU seconds to compile every search, as `linli reach compile` does once after an installation."""
    with tempfile.TemporaryDirectory() as cache:
        before = os.times()
        command = [sys.executable, "-c", "from linli.reach.compiling import compile_all; compile_all()"]
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "NUMBA_CACHE_DIR": cache})
        after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def spent(theirs: dict[str, float], mine: Rounds, *parts: str) -> str:
    """Both costs in words."""
    own = statistics.median(sum(one[part] for part in parts) for one in mine)
    return f"{own:.2f} s of CPU beside {sum(theirs[part] for part in parts):.0f} s"
