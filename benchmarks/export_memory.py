"""export-memory: what writing a list of a million rows adds to the memory of the process that writes it, in MiB at its peak.

The list of people found at a million residents, as an officer of the city exports it, again and again until a million rows are
written: the job's own function writes the file, from the database through the grants to the finished xlsx.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import million_city
from benchmarks.harness import record

ROWS = 1_000_000


def run() -> None:
    """Set the city up if it isn't, and export."""
    million_city.up()
    command = [sys.executable, "-m", "benchmarks.export_memory"]
    said = json.loads(subprocess.run(command, check=True, env=million_city.environment(), stdout=subprocess.PIPE, text=True).stdout)
    written = f"{said['rows']:,} rows in {said['seconds']:.0f} s, a file of {said['file_mib']:.0f} MiB"
    note = f"{written}; the process had {said['idle']:.0f} MiB before"
    record("export-memory", said["peak"] - said["idle"], "MiB", 200, "lower", note=note)


def _measure() -> None:
    import django

    django.setup()
    from linli.kernel import clock
    from linli.kernel.viewer import Viewer
    from linli.registers.models import Staff
    from linli.registers.queries import viewer_of
    from linli.screening.models import Run
    from linli.web.models import Download
    from linli.web.tables import downloads, exports

    def again(viewer: Viewer, parameters: Mapping[str, str]) -> exports.Sheet:
        first = exports.people(viewer, parameters)

        def rows() -> Iterator[tuple[Any, ...]]:
            while True:
                yield from exports.people(viewer, parameters).rows

        return replace(first, rows=islice(rows(), ROWS), count=lambda: ROWS)

    viewer = viewer_of(Staff.objects.get(login="officer"))
    found = Run.objects.filter(programme=million_city.PROGRAMME, merged=True).latest("id")
    downloads.LISTINGS["again"] = again
    download = Download.objects.create(
        actor=viewer.actor,
        listing="again",
        parameters={"run": str(found.uid), "kind": "found"},
        file_name="benchmark.xlsx",
        language="zh-hans",
        asked_at=clock.now(),
    )
    list(islice(again(viewer, download.parameters).rows, 1))  # what any list needs is loaded
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
    idle, began = _mib("VmRSS"), time.perf_counter()
    downloads.make(download.uid)
    download.refresh_from_db()
    said = {"rows": download.done, "seconds": time.perf_counter() - began, "idle": idle, "peak": _mib("VmHWM")}
    file = downloads.file_of(download)
    print(json.dumps({**said, "file_mib": os.stat(file).st_size / 2**20}))
    file.unlink()
    download.delete()


def _mib(line: str) -> float:
    """A figure of this process from /proc/self/status."""
    status = dict(part.split(":", 1) for part in Path("/proc/self/status").read_text().splitlines())
    return int(status[line].split()[0]) / 1024


if __name__ == "__main__":
    _measure()
