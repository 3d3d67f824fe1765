"""instant-approval: from a resident's last tap to the page that says the application was approved (秒批); the slowest of them.

People whom the screening found apply one after the other through the pages, at a million residents and a million cases, while officers
and other residents work as in case-pages. CITY=20000 tries it on a small city without keeping a figure.
"""

from __future__ import annotations

import re
import threading
import time

from benchmarks import case_pages, million_cases, million_city
from benchmarks.harness import load, record
from benchmarks.visitors import p95, work

APPLICANTS = 40
GOAL = 2000
ADDRESS = f"/my/apply/{million_cases.ALLOWANCE}/"


def run() -> None:
    """Set the city and its cases up if they aren't, serve them, and apply."""
    million_city.up(cases=True)
    applicants = million_cases.signed_in("found", APPLICANTS)
    if not applicants:
        raise SystemExit(f"everybody who was found in {million_city.DATABASE} has applied: drop the database to begin anew")
    with million_city.Server(case_pages.PORT):
        others = [case_pages.officer(number) for number in range(case_pages.OFFICERS)] + case_pages.residents()
        work(others, 8, 0.2)
        beside = threading.Thread(target=work, args=(others, 60.0, case_pages.PAUSE))
        beside.start()
        took = [_applied(one, number) for number, one in enumerate(applicants)]
        beside.join()
    note = f"p95 {p95(took):.0f} ms of {len(took)} who applied while twenty others worked; {load()}"
    if million_city.WHOLE:
        record("instant-approval", max(took), "ms", GOAL, "lower", spread=(min(took), max(took)), note=note)
    else:
        print(f"  {million_city.RESIDENTS:,} residents: slowest {max(took):.0f} ms; {note}", flush=True)


def _applied(one: dict[str, str], number: int) -> float:
    """Milliseconds from sending what was confirmed until the page of the granted case is there."""
    browser = million_city.Browser(case_pages.PORT)
    name, _, session = one["cookie"].partition("=")
    browser.cookies[name] = session
    page = browser.get(ADDRESS)[1]
    key = re.search(r'name="(?:\w+-)?key" value="([^"]*)"', page)
    if key is None:
        raise SystemExit(f"{ADDRESS} shows no form")
    told = {"holder": one["name"], "number": f"9900000001{number:09}", "bank": "", "account": "another", "payee": "self", "key": key[1]}
    browser.post(ADDRESS, {**told, "page": "all"})
    began = time.perf_counter()
    status, _ = browser.post(ADDRESS, {**told, "page": "summary"})
    shown = browser.get(browser.location)[1] if status == 302 else ""
    took = (time.perf_counter() - began) * 1000
    if "自动审批通过" not in shown:
        raise SystemExit(f"not approved at once: {status}")
    return took
