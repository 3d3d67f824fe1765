"""case-pages: a case, a batch and a resident's own case at a million residents and a million cases, beside a bare page; p95.

Twenty people open page after page, each with a second to look at it in the mean. Fourteen are officers, of the city and of a county: the
inbox, its next page, the inbox of one programme, a case, the batches, one of them, its items. Six are residents who look at their own
pages and at their case. The inbox is a figure of its own. CITY=20000 tries it on a small city without keeping a figure.
"""

from __future__ import annotations

import os
import random
import re
import statistics

from benchmarks import million_cases, million_city
from benchmarks.harness import record
from benchmarks.visitors import Person, by_kind, p95, work

PORT = 8743
OFFICERS, RESIDENTS = 14, 6
SECONDS, PAUSE = 120, 1.0
INBOX = ("inbox", "inbox of a programme")


def run() -> None:
    """Set the city and its cases up if they aren't, serve them, and work."""
    million_city.up(cases=True)
    with million_city.Server(PORT):
        people = [officer(number) for number in range(OFFICERS)] + residents()
        work(people, 8, 0.2)  # fills the caches that a running server has filled long ago
        steady, load = work(people, SECONDS, PAUSE), os.getloadavg()[0]
    note = f"hello page {p95(steady['hello']):.1f} ms; p95 by page: {by_kind(steady)}; rounds: median to slowest; load {load:.1f}"
    inbox = [one for kind, each in steady.items() if kind in INBOX for one in each]
    pages = [one for kind, each in steady.items() if kind not in (*INBOX, "hello") for one in each]
    for name, times in (("case-pages", pages), ("case-pages-inbox", inbox)):
        if million_city.WHOLE:
            record(name, p95(times), "ms p95", 100, "lower", spread=(statistics.median(times), max(times)), note=note)
        else:
            print(f"  {name}, {million_city.RESIDENTS:,} residents: {p95(times):.0f} ms p95; {note}", flush=True)


def officer(number: int) -> Person:
    """Somebody who has signed in, with what they can open, taken from the pages themselves."""
    browser = million_city.Browser(PORT)
    browser.sign_in("yanhu" if number % 2 else "officer")
    inbox = "/office/inbox/"
    of_programme = f"{inbox}?programme={million_cases.ALLOWANCE}"
    listed, cases = browser.get(inbox)[1], browser.get(of_programme)[1]
    following = re.search(r'href="(\?[^"]*after=[^"]*)"', listed)
    batch = re.findall(r'"(/batches/[0-9a-f-]{36}/)"', browser.get("/batches/")[1])
    return (
        browser,
        {
            "hello": ["/hello/"],
            "inbox": [inbox, *([inbox + following[1].replace("&amp;", "&")] if following else [])],
            "inbox of a programme": [of_programme],
            "case": re.findall(r'"(/office/cases/[0-9a-f-]{36}/)[?"]', cases),
            "batches": ["/batches/"],
            "batch": batch,
            "items": [f"{one}items/" for one in batch],
        },
        random.Random(number),
    )


def residents() -> list[Person]:
    """Residents with an application of their own."""
    found = []
    for number, one in enumerate(million_cases.signed_in("asked", RESIDENTS)):
        browser = million_city.Browser(PORT)
        name, _, key = one["cookie"].partition("=")
        browser.cookies[name] = key
        found.append((browser, {"my page": ["/my/"], "my case": [f"/my/cases/{one['case']}/"]}, random.Random(100 + number)))
    return found
