"""People who open page after page at once, each with a pause between two, and how long each page took them."""

from __future__ import annotations

import random
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks.million_city import Browser

Times = dict[str, list[float]]
"""Milliseconds by kind of page."""
Person = tuple[Browser, dict[str, list[str]], random.Random]
"""A browser that has signed in, the addresses that it can open by kind of page, and chance of its own."""


def p95(times: list[float]) -> float:
    """The 95th percentile; of a single time that one."""
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


def by_kind(times: Times) -> str:
    """p95 of each kind, for a note."""
    return ", ".join(f"{kind} {p95(each):.0f}" for kind, each in sorted(times.items()) if len(each) > 1)


def work(people: list[Person], seconds: float, pause: float) -> Times:
    """All of them at once for so long; pause: seconds before each page of one person in the mean, drawn by chance, 0 for none.

    The first page too has its pause: twenty people who all press in the same millisecond are no work, and their queue was one in twenty
    of all that was measured.
    """
    times: Times = {}
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(len(people)) as pool:
        for each in pool.map(lambda person: _one(person, until, pause), people):
            for kind, took in each:
                times.setdefault(kind, []).append(took)
    return times


def _one(person: Person, until: float, pause: float) -> list[tuple[str, float]]:
    browser, addresses, chance = person
    found = []
    while True:
        time.sleep(chance.expovariate(1 / pause) if pause else 0)
        if time.monotonic() >= until:
            return found
        kind = chance.choice(list(addresses))
        if not addresses[kind]:
            raise SystemExit(f"no page shows an address of: {kind}")
        address = chance.choice(addresses[kind])
        began = time.perf_counter()
        status, _ = browser.get(address)
        found.append((kind, (time.perf_counter() - began) * 1000))
        if status != 200:
            raise RuntimeError(f"{address}: {status}")
