"""explain-latency: a live verdict with its reasons for one resident or household of the demo city, on the server, in milliseconds.

Residents are drawn at random and asked about the live programmes in turn; each call goes through linli.screening.explaining to
PostgreSQL and back to the finished explanation. The first calls fill caches that a running server has filled long ago.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import time

from benchmarks import demo_city
from benchmarks.harness import record

CALLS = 400
WARM_UP = 40


def run() -> None:
    """Set the demo city up if it isn't, then measure in a process that works on it."""
    if not demo_city.exists():
        demo_city.empty()
    demo_city.up()
    command = [sys.executable, "-m", "benchmarks.explain_latency"]
    answer = subprocess.run(command, check=True, env=demo_city.environment(), stdout=subprocess.PIPE, text=True)
    found = json.loads(answer.stdout.splitlines()[-1])
    times, busy = sorted(found["milliseconds"]), os.getloadavg()[0]
    tenths = statistics.quantiles(times, n=10)
    size = f"{found['residents']:,} residents, {found['programmes']} programmes"
    note = f"rounds: 10th to 90th percentile; {size}; the machine's load was {busy:.1f}"
    record("explain-latency", statistics.median(times), "ms", 10.0, "lower", spread=(tenths[0], tenths[-1]), note=note)


def _measure() -> None:
    import django

    django.setup()
    from linli.kernel import clock
    from linli.kernel.viewer import system
    from linli.programmes.queries import live_versions
    from linli.registers.models import Household, Resident
    from linli.screening.explaining import reasons

    chance = random.Random(17)
    homes = Household.objects.filter(kind="shared_living")
    live = [one for one in live_versions(clock.today()) if one.subject in ("person", "household")]
    pools = {"person": list(Resident.objects.values_list("uid", flat=True)), "household": list(homes.values_list("uid", flat=True))}
    milliseconds = []
    for call in range(-WARM_UP, CALLS):
        programme = live[call % len(live)]
        subject = chance.choice(pools[programme.subject])
        began = time.perf_counter()
        reasons(system("benchmark"), programme.slug, subject)
        if call >= 0:
            milliseconds.append((time.perf_counter() - began) * 1000)
    print(json.dumps({"milliseconds": milliseconds, "residents": len(pools["person"]), "programmes": len(live)}))


if __name__ == "__main__":
    _measure()
