"""demo-start: seconds until the demo city of 50,000 residents is up on an empty database, dependencies being there."""

from __future__ import annotations

import os
import resource

from benchmarks import demo_city
from benchmarks.harness import record


def run() -> None:
    """Once: wall time, as somebody who waits for it would measure."""
    demo_city.empty()
    seconds = demo_city.up()
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    work = spent.ru_utime + spent.ru_stime
    busy = os.getloadavg()[0]
    record(
        "demo-start",
        seconds,
        "seconds",
        60.0,
        "lower",
        note=f"50,000 residents; {work:.0f} s of processor time beside the database's; load {busy:.1f} at the end",
    )
