"""what-if-policy: from pressing the button to the figures on the officer's page, at a million residents; the slowest press, in seconds.

Web server and worker are two processes as in an installation. The first press finds a worker that has computed nothing yet. The page is
asked for again every second, as it asks itself. Two programmes take turns: an allowance to people by age and a household's income measured
by a table of counties, which has to add up over everybody's household.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import million_city
from benchmarks.apart import ROOT
from benchmarks.harness import load, record

PORT = 8747
TURNS = (
    ("old-age-allowance", "rule__parameters__minimum_age__values-0__value", ("75", "79", "70", "85")),
    ("subsistence-allowance", "rule__parameters__asset_limit__values-0__value", ("20000", "35000", "40000", "25000")),
)
LONGEST = 120
FIELD = re.compile(r'name="([a-z_0-9-]+)"[^>]*? value="([^"]*)"')


def run() -> None:
    """Set the city up if it isn't, serve it with a worker, and try figure after figure."""
    million_city.up()
    environment = million_city.environment()
    subprocess.run([sys.executable, "-m", "benchmarks.what_if_policy"], check=True, env=environment)
    linli = Path(sys.executable).with_name("linli")
    subprocess.run([str(linli), "worker", "--once"], check=True, env=environment, cwd=ROOT)
    worker = subprocess.Popen([str(linli), "worker"], env=environment, cwd=ROOT)
    try:
        with million_city.Server(PORT):
            times = _turns()
    finally:
        worker.terminate()
        worker.wait()
    slowest = {slug: max(each) for slug, each in times.items()}
    every = [one for each in times.values() for one in each]
    said = ", ".join(f"{slug} {statistics.median(each):.1f} in the median" for slug, each in times.items())
    note = f"{said}; the first press {times[TURNS[0][0]][0]:.1f}; {load()}"
    record("what-if-policy", max(slowest.values()), "s", 10, "lower", spread=(min(every), max(every)), note=note)


def _turns() -> dict[str, list[float]]:
    browser = million_city.Browser(PORT)
    browser.sign_in("officer")
    pages = {slug: _begun(browser, slug) for slug, _field, _values in TURNS}
    times: dict[str, list[float]] = {slug: [] for slug in pages}
    for round_ in zip(*(values for _slug, _field, values in TURNS), strict=True):
        for (slug, field, _values), value in zip(TURNS, round_, strict=True):
            times[slug].append(_pressed(browser, pages[slug], field, value))
    for address in pages.values():
        browser.post(f"{address}discard/", {})
    return times


def _begun(browser: million_city.Browser, slug: str) -> str:
    """The address of a what-if begun from the version in force."""
    home = f"/office/programmes/{slug}/whatif/"
    start = re.search(r'value="(version:[^"]+)"', browser.get(home)[1])
    if start is None or browser.post(home, {"name": "benchmark", "start": start[1]})[0] != 302:
        raise SystemExit(f"no what-if of {slug} could be begun")
    newest = re.search(rf'href="({home}[0-9a-f-]{{36}}/)"', browser.get(home)[1])
    assert newest is not None
    return newest[1]


def _pressed(browser: million_city.Browser, address: str, field: str, value: str) -> float:
    """Seconds from pressing the button to the page that has the figures."""
    fields = {name: text for name, text in FIELD.findall(browser.get(address)[1]) if name.startswith(("rule__", "revision", "day_"))}
    began = time.perf_counter()
    if browser.post(address, {**fields, field: value})[0] != 302:
        raise SystemExit(f"{address}: {field} was refused")
    while "data-watch=" in (page := browser.get(address)[1]):
        if time.perf_counter() - began > LONGEST:
            raise SystemExit(f"{address}: nothing after {LONGEST} s")
        time.sleep(1)
    if f"{address}file/" not in page:
        raise SystemExit(f"{address}: it could not be worked out")
    return time.perf_counter() - began


def _screen() -> None:
    """What the nightly screening leaves behind: a snapshot of yesterday or today."""
    import django

    django.setup()
    from linli.kernel.viewer import system
    from linli.screening import acts, previewing

    if previewing.newest_run() is None:
        acts.screen(viewer=system("benchmark"), slugs=[million_city.PROGRAMME])


if __name__ == "__main__":
    _screen()
