"""screening-vs-scan: CPU of screening 1,000,000 generated people by the 20 rules of benchmarks/rules, beside a true scan of what they read.

Every round runs Linli's arm and the three scanning engines in turn, each in its own process with the same number of threads, over
the same file (in the page cache since the round that is not counted). CPU is user and system time of all threads. The figure is
the median of Linli's rounds over the median of the fastest engine.

Another set of rules or people: python -m benchmarks.screening_vs_scan --rules FOLDER --people FILE.parquet [--as-of DATE]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import polars as pl

from benchmarks.apart import Arm, environment, generated_people, threads
from benchmarks.harness import record
from benchmarks.rulesets import columns_read, load_rules

RULES = Path(__file__).parent / "rules"
RESIDENTS = 1_000_000
AS_OF = "2026-11-01"
ENGINES = ("polars", "pyarrow", "duckdb")
ROUNDS = 9


def run() -> None:
    """Our own rules over the generated people, kept as the figure of this benchmark."""
    compared, columns = compare(RULES, generated_people(RESIDENTS) / "people.parquet", AS_OF)
    ratios = [ours / scan for ours, scan in zip(compared["linli"], compared["scan"], strict=True)]
    ours, scan = statistics.median(compared["linli"]), statistics.median(compared["scan"])
    note = f"{ours:.2f} s of CPU beside {scan:.3f} s; {columns} columns, {threads()} threads"
    record("screening-vs-scan", ours / scan, "× the CPU of a true scan", 3.0, "lower", spread=(min(ratios), max(ratios)), note=note)


def compare(rules: Path, people: Path, as_of: str) -> tuple[dict[str, list[float]], int]:
    """CPU seconds per round of "linli" and of the fastest "scan", and how many columns are read."""
    columns = columns_read(load_rules(rules), pl.scan_parquet(people).collect_schema().names())
    scanner, python = Path(__file__).parent / "arms" / "scan.py", environment("scan")
    with tempfile.TemporaryDirectory() as out:
        arms = {"linli": Arm(sys.executable, "-m", "benchmarks.arms.screen", rules.resolve(), people.resolve(), as_of, out)}
        for engine in ENGINES:
            arms[engine] = Arm(python, scanner, engine, people.resolve(), str(threads()), *columns)
        rounds = {name: arm.once() for name, arm in arms.items()}
        _same_sums([rounds[engine]["sums"] for engine in ENGINES])
        costs: dict[str, list[float]] = {name: [] for name in arms}
        for _ in range(ROUNDS):
            for name, arm in arms.items():
                costs[name].append(arm.once()["cpu"])
        for arm in arms.values():
            arm.__exit__(None, None, None)
    for name, seconds in costs.items():
        print(f"  {name}: {statistics.median(seconds):.3f} s of CPU ({min(seconds):.3f} to {max(seconds):.3f})", flush=True)
    fastest = min(ENGINES, key=lambda engine: statistics.median(costs[engine]))
    return {"linli": costs["linli"], "scan": costs[fastest]}, len(columns)


def _same_sums(found: list[dict[str, int]]) -> None:
    """Engines that really read every value agree on every column."""
    if any(sums != found[0] for sums in found[1:]):
        raise SystemExit(f"the scans disagree: {found}")


def main() -> None:
    """Another set of rules or people, printed only."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rules", type=Path, default=RULES)
    parser.add_argument("--people", type=Path)
    parser.add_argument("--as-of", default=AS_OF)
    chosen = parser.parse_args()
    people = chosen.people or generated_people(RESIDENTS) / "people.parquet"
    compared, columns = compare(chosen.rules, people, chosen.as_of)
    ratio = statistics.median(compared["linli"]) / statistics.median(compared["scan"])
    print(f"{ratio:.2f} × the CPU of a true scan of {columns} columns, {threads()} threads")


if __name__ == "__main__":
    main()
