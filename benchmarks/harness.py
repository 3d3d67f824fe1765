"""Keeping figures: benchmarks/results.json for programs, benchmarks/results.md for readers. A missed goal stays red."""

from __future__ import annotations

import fcntl
import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from linli.kernel import clock

README_HEADS = {"README.md": "| figure | measured | goal | |", "README.zh-CN.md": "| 项目 | 实测 | 目标 | |"}
FOLDER = Path(__file__).parent
Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Result:
    """A figure beside its goal. spread: lowest and highest of the rounds it is the median of."""

    name: str
    value: float
    unit: str
    goal: float
    better: Better
    date: str
    machine: str
    spread: tuple[float, float]
    note: str

    @property
    def met(self) -> bool:
        return self.value >= self.goal if self.better == "higher" else self.value <= self.goal


def record(
    name: str,
    value: float,
    unit: str,
    goal: float,
    better: Better,
    *,
    spread: tuple[float, float] | None = None,
    note: str = "",
    folder: Path = FOLDER,
) -> Result:
    """Print a figure and put it into both result files in place of the last one of this name. Four significant digits."""
    low, high = spread or (value, value)
    result = Result(
        name=name,
        value=_rounded(value),
        unit=unit,
        goal=float(goal),
        better=better,
        date=clock.today().isoformat(),
        machine=machine(),
        spread=(_rounded(low), _rounded(high)),
        note=note,
    )
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _write(result, folder)
    finally:
        os.close(lock)
    print(f"{'met   ' if result.met else 'MISSED'} {_line(result)}", flush=True)
    return result


def machine() -> str:
    """Processor architecture, cores this process may use, memory in GiB and Python: enough to judge whether two figures compare."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB, Python {platform.python_version()}"


def load() -> str:
    """How busy the machine has been during the last minute, the benchmark itself among it."""
    return f"load {os.getloadavg()[0]:.1f} at the end"


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _write(result: Result, folder: Path) -> None:
    file = folder / "results.json"
    known: dict[str, dict[str, Any]] = {one["name"]: one for one in json.loads(file.read_text())} if file.exists() else {}
    known[result.name] = asdict(result)
    ordered = [known[name] for name in sorted(known)]
    file.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")
    results = [Result(**{**one, "spread": tuple(one["spread"])}) for one in ordered]
    (folder / "results.md").write_text(_page(results))
    if folder == FOLDER:
        _show_in_readmes(results)


def _line(result: Result) -> str:
    sign = "≥" if result.better == "higher" else "≤"
    low, high = result.spread
    return f"{result.name}: {result.value:g} {result.unit} (goal {sign} {result.goal:g}; rounds {low:g} to {high:g}) {result.note}".rstrip()


def _page(results: list[Result]) -> str:
    head = [
        "# Measured figures",
        "",
        "Written by `make bench`; every figure is a ratio within one run, or a count, on the machine named beside it.",
        "",
        "| | name | value | goal | rounds | date | machine | note |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(_row(one) for one in results)]) + "\n"


def _show_in_readmes(results: list[Result]) -> None:
    """Put the figures between the marks of both READMEs."""
    for name, head in README_HEADS.items():
        path = FOLDER.parent / name
        table = "\n".join([head, "|---|---|---|---|", *(_short_row(one) for one in results)])
        before, _, rest = path.read_text().partition("<!-- figures -->\n")
        _, _, after = rest.partition("<!-- /figures -->")
        path.write_text(f"{before}<!-- figures -->\n{table}\n<!-- /figures -->{after}")


def _short_row(one: Result) -> str:
    goal = f"{'≥' if one.better == 'higher' else '≤'} {one.goal:g}"
    return f"| {one.name} | {one.value:g} {one.unit} | {goal} | {'🟢' if one.met else '🔴'} |"


def _row(one: Result) -> str:
    state = "🟢 met" if one.met else "🔴 **missed**"
    goal = f"{'≥' if one.better == 'higher' else '≤'} {one.goal:g}"
    cells = [state, one.name, f"{one.value:g} {one.unit}", goal, f"{one.spread[0]:g} to {one.spread[1]:g}", one.date, one.machine, one.note]
    return f"| {' | '.join(cells)} |"
