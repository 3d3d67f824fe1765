"""siting: the optimum of spopt's maximal covering (PuLP with CBC) at 4,000 homes and 400 candidates, and how much sooner Linli has it.

Both go from the same distances to a plan, Linli with its bound. Two questions: 20 places within 1,000 m, where a home has 25 candidates,
and within 500 m, where it has 9; the figure is the smaller ratio of CPU, and both plans must cover as many residents as spopt's optimum.
siting-gap: 20,000 homes and 2,000 candidates, 100 places within 300 m: how far from the optimum at most, proved in one run; its note
has the CPU seconds, whose ceiling of ten ends the benchmark when it is passed.
"""

from __future__ import annotations

import statistics
import sys

from benchmarks.apart import Arm, environment
from benchmarks.harness import FOLDER, record
from benchmarks.siting_inputs import prepared

ROUNDS = 3
QUESTIONS = ((1000, 20), (500, 20))
LARGE = (300, 100)
CEILING = 10.0


def run() -> None:
    """The two comparisons, then the large case."""
    python, folder = environment("spopt"), prepared(4_000, 400)
    ratios, notes = [], []
    for radius, places in QUESTIONS:
        words = (str(folder), str(radius), str(places))
        with (
            Arm(sys.executable, "-m", "benchmarks.arms.siting", *words) as linli,
            Arm(python, FOLDER / "arms" / "spopt_mclp.py", *words) as spopt,
        ):
            linli.once()
            rounds = [(linli.once(), spopt.once()) for _ in range(ROUNDS)]
        ours, theirs = rounds[-1]
        if ours["covered"] != theirs["covered"]:
            raise SystemExit(f"{radius} m: {ours['covered']:,} residents covered, spopt's optimum is {theirs['covered']:,}")
        ratios.append([their["cpu"] / our["cpu"] for our, their in rounds])
        solving = statistics.median(their["solving"] for _, their in rounds)
        notes.append(
            f"{radius} m: {ours['cpu']:.2f} s beside {theirs['cpu']:.2f} s (CBC alone {solving:.2f} s), "
            f"{ours['covered']:,} residents, bound {ours['bound']:,}"
        )
    least = min(ratios, key=statistics.median)
    record("siting", statistics.median(least), "× faster", 20, "higher", spread=(min(least), max(least)), note="; ".join(notes))
    _large()


def _large() -> None:
    folder, (radius, places) = prepared(20_000, 2_000), LARGE
    with Arm(sys.executable, "-m", "benchmarks.arms.siting", str(folder), str(radius), str(places)) as linli:
        rounds = [linli.once() for _ in range(ROUNDS)]
    cpu = statistics.median(one["cpu"] for one in rounds)
    if cpu >= CEILING:
        raise SystemExit(f"20,000 × 2,000 took {cpu:.1f} s of CPU, more than {CEILING:.0f}")
    last = rounds[-1]
    gap = 100 * (last["bound"] - last["covered"]) / last["bound"]
    note = f"{last['covered']:,} residents, bound {last['bound']:,}, {last['pairs']:,} pairs, {cpu:.2f} s of CPU (ceiling {CEILING:.0f})"
    record("siting-gap", gap, "% of the bound", 1, "lower", note=note)


if __name__ == "__main__":
    run()
