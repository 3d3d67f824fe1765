"""Arms run apart: each in its own process and, for a peer, its own environment under .venvs/, made from a lock with hashes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parent.parent
DATA = ROOT / ".linli" / "benchmarks"


def environment(name: str) -> Path:
    """The Python of .venvs/<name>, which is made from requirements-<name>.lock when it isn't there or the lock is newer."""
    folder = ROOT / ".venvs" / name
    lock, stamp, python = Path(__file__).parent / f"requirements-{name}.lock", folder / "stamp", folder / "bin" / "python"
    if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(lock)], check=True)
        stamp.touch()
    return python


def threads() -> int:
    """The processors that this process may use: what every arm is given."""
    return len(os.sched_getaffinity(0))


class Arm:
    """A process that does one round at a time, so that the arms of a comparison can take turns."""

    def __init__(self, *command: str | Path) -> None:
        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=_few_threads()
        )
        self._answer()

    def once(self) -> dict[str, Any]:
        """One round: its `cpu` seconds, `peak_mib` and whatever else the arm says."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"an arm ended early: {self.process.args!r}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def _few_threads() -> dict[str, str]:
    return {**os.environ, "POLARS_MAX_THREADS": str(threads())}


def generated_people(residents: int) -> Path:
    """A folder with the generated people of `residents`, seed 17, made on first use."""
    folder = DATA / f"people-{residents}"
    if not (folder / "people.parquet").exists():
        linli = Path(sys.executable).with_name("linli")
        command = [str(linli), "people", "generate", "--residents", str(residents), "--seed", "17"]
        subprocess.run([*command, "--as-of", "2026-11-01", "--out", str(folder)], check=True, cwd=ROOT)
    return folder
