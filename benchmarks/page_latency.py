"""page-latency: list and detail pages at a million residents with 20 people working at once, beside a bare page in the same run; p95.

Twenty people open page after page, each with a second to look at it in the mean (drawn by chance, so that they also collide). Eighteen
are officers: the list of people found, its next page, one explanation, one resident, a search. Two lead the city: its figures, and how
its lists stand. The bare page takes its turn among the others. The note also says what a page takes when nobody ever pauses: then the
processors are shared by twenty.
"""

from __future__ import annotations

import os
import random
import re
import statistics

from benchmarks import million_city
from benchmarks.harness import record
from benchmarks.visitors import Person, by_kind, p95, work

PORT = 8742
CLIENTS = 20
LEADERS = 2
SECONDS = 40
PAUSE = 1.0


def run() -> None:
    """Set the city up if it isn't, serve it, and work."""
    million_city.up()
    with million_city.Server(PORT):
        people = [_person(number) for number in range(CLIENTS)]
        work(people, 8, 0.2)  # fills the caches that a running server has filled long ago
        steady, load = work(people, SECONDS, PAUSE), os.getloadavg()[0]
        rushed = work(people, SECONDS / 4, 0)
    pages = [one for kind, each in steady.items() if kind != "hello" for one in each]
    bare = p95(steady["hello"])
    said = f"p95 by page: {by_kind(steady)}; without any pause: {by_kind(rushed)}"
    note = f"hello page {bare:.1f} ms; {said}; rounds: median to slowest; load {load:.1f}"
    record("page-latency", p95(pages), "ms p95", 100, "lower", spread=(statistics.median(pages), max(pages)), note=note)


def _person(number: int) -> Person:
    """Somebody who has signed in, with what they can open."""
    browser = million_city.Browser(PORT)
    if number < LEADERS:
        browser.sign_in("officer")
        return browser, {"hello": ["/hello/"], "city": ["/city/"], "city lists": ["/city/lists/"]}, random.Random(number)
    browser.sign_in("yanhu" if number % 2 else "officer")
    return browser, _addresses(browser), random.Random(number)


def _addresses(browser: million_city.Browser) -> dict[str, list[str]]:
    """What this person can open: by kind of page, taken from the pages themselves."""
    runs = re.findall(r'"(/office/runs/[0-9a-f-]{36}/found/)"', browser.get("/office/")[1])
    listed = browser.get(runs[0])[1]
    following = re.search(r'href="(\?[^"]*after=[^"]*)"', listed)
    search = "/office/residents/?q=wang"
    return {
        "hello": ["/hello/"],
        "list": [runs[0], *([runs[0] + following[1].replace("&amp;", "&")] if following else [])],
        "explanation": re.findall(r'"(/office/runs/[0-9a-f-]{36}/subjects/[0-9a-f-]{36}/)"', listed),
        "search": [search, "/office/residents/?q=%E5%BB%BA%E5%9B%BD"],
        "resident": re.findall(r'"(/office/residents/[0-9a-f-]{36}/)"', browser.get(search)[1]),
    }
