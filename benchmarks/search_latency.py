"""search-latency: from the request to the finished page of residents, over HTTP, at a million residents; p95 in milliseconds.

Three people search: an officer of the city, one of a county, a grid worker. What they type is drawn from people who are there: two
characters of a name, a given name, pinyin, initials, a birth date, a name with a year, a whole identity number and a phone.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import time
from urllib.parse import quote

from benchmarks import million_city
from benchmarks.harness import record

PORT = 8741
ROUNDS = 30
WARM_UP = 3
SEARCHERS = ("officer", "yanhu", "steward")


def run() -> None:
    """Set the city up if it isn't, serve it, and search."""
    million_city.up()
    command = [sys.executable, "-m", "benchmarks.search_latency"]
    samples = json.loads(subprocess.run(command, check=True, env=million_city.environment(), stdout=subprocess.PIPE, text=True).stdout)
    times: dict[str, list[float]] = {}
    with million_city.Server(PORT) as server:
        for searcher in SEARCHERS:
            _search(server.port, searcher, samples, times)
    everything = [one for each in times.values() for one in each]
    slowest = sorted(times, key=lambda kind: -_p95(times[kind]))
    said = ", ".join(f"{kind} {_p95(times[kind]):.0f}" for kind in slowest)
    note = f"rounds: median to slowest; p95 by what is typed: {said}; the machine's load was {os.getloadavg()[0]:.1f}"
    spread = (statistics.median(everything), max(everything))
    record("search-latency", _p95(everything), "ms p95", 100, "lower", spread=spread, note=note)


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _search(port: int, login: str, samples: list[dict[str, str]], times: dict[str, list[float]]) -> None:
    browser = million_city.Browser(port)
    browser.sign_in(login)
    for turn, sample in enumerate(samples):
        for kind, typed in sample.items():
            began = time.perf_counter()
            if kind in ("identity", "phone"):
                status, _ = browser.post("/office/residents/", {"q": typed})
            else:
                status, _ = browser.get(f"/office/residents/?q={quote(typed)}")
            if status not in (200, 302):
                raise SystemExit(f"{login} searching {kind}: {status}")
            if turn >= WARM_UP:
                times.setdefault(kind, []).append((time.perf_counter() - began) * 1000)


def _sample() -> None:
    import django

    django.setup()
    from linli import vault
    from linli.kernel.viewer import system
    from linli.registers.models import Resident

    chance = random.Random(29)
    top = Resident.objects.order_by("-id").values_list("id", flat=True)[0]
    found: list[dict[str, str]] = []
    while len(found) < ROUNDS + WARM_UP:
        who = Resident.objects.filter(id__gte=chance.randrange(top), phone_cipher__gt="", birth_date__isnull=False).order_by("id").first()
        if who is None or len(who.name) < 2:
            continue
        ciphers = {"identity": who.identity_cipher, "phone": who.phone_cipher}
        numbers = vault.reveal(system("benchmark"), purpose="registers.match", subject=who.uid, fields=ciphers)
        syllables = who.name_pinyin.split()
        found.append(
            {
                "two characters": who.name[:2],
                "end of a name": who.name[-2:],
                "whole name": who.name,
                "pinyin": "".join(syllables),
                "surname in pinyin": syllables[0] if len(syllables[0]) > 1 else "".join(syllables[:2]),
                "initials": who.name_initials,
                "birth date": f"{who.birth_date}",
                "name and year": f"{who.name[:2]} {who.birth_date:%Y}",
                "initials and year": f"{who.name_initials} {who.birth_date:%Y}",
                **numbers,
            }
        )
    print(json.dumps(found))


if __name__ == "__main__":
    _sample()
