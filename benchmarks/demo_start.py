"""demo-start: seconds until the demo city of 50,000 residents is up on an empty database, dependencies being there."""

from __future__ import annotations

import os

from benchmarks import demo_city
from benchmarks.harness import record


def run() -> None:
    """Once: wall time, as somebody who waits for it would measure."""
    demo_city.empty()
    seconds = demo_city.up()
    busy = os.getloadavg()[0]
    record("demo-start", seconds, "seconds", 60.0, "lower", note=f"50,000 residents; the machine's load was {busy:.1f} at the end")
