"""Officers in a browser who press again when no answer came, and people who only read: both through the site's pages."""

from __future__ import annotations

import random
import re
import threading
import time
import urllib.error
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from working_city import LOST, PASSWORD, Browser, City

AWAY = (502, 503, 504)
_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
BEGAN = time.monotonic()
_STATES = "(SELECT string_agg(state || n, ' ' ORDER BY state) FROM (SELECT state, count(*) AS n FROM {} GROUP BY state) s)"
_TABLES = (
    "batches_batch", "batches_draw", "batches_item", "settlement_payment", "settlement_order", "settlement_instruction",
    "settlement_outcome", "web_download",
)  # fmt: skip
_COUNTS = (
    "batches_secret WHERE secret <> ''",
    "batches_secret",
    "batches_check WHERE result <> ''",
    "batches_batch WHERE frozen_at IS NOT NULL",
    "settlement_payer",
    "settlement_outcomerow",
    "settlement_outcomerow WHERE verdict <> ''",
    "ledger_transfer",
    "notices_notice",
    "procrastinate_jobs WHERE status = 'succeeded' AND task_name NOT IN (SELECT task_name FROM procrastinate_periodic_defers)",
)
_LOOKS = [*(_STATES.format(table) for table in _TABLES), *(f"(SELECT count(*) FROM {rows})" for rows in _COUNTS)]
_MOVED = f"SELECT concat_ws('; ', {', '.join(_LOOKS)})"


class Faults:
    """found: answers that no kill explains; refused: how often each page said no."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.refused: Counter[str] = Counter()

    def judge(self, path: str, problem: urllib.error.HTTPError) -> None:
        """Keep it unless it says that the database is away for a moment."""
        if problem.code >= 500 and problem.code not in AWAY:
            self.found.append(f"{problem.code} {path}")
        self.refused[f"{problem.code} {_UID.sub('-', path)}"] += 1


class Officer:
    """Somebody who has signed in. Every seventh form or so is sent a second time at the same moment, as by an impatient hand."""

    def __init__(self, login: str, port: int, faults: Faults, seed: int) -> None:
        self.login, self.port, self.faults = login, port, faults
        self.chance = random.Random(seed)
        self.browser: Browser | None = None

    def send(self, path: str, page: str = "", **fields: str) -> bytes | None:
        """Send the form of `page` (the path itself if left out); None if no answer came."""
        return self._with_browser(path, lambda browser: browser.post(path, page or path, **fields))

    def upload(self, path: str, file: Path) -> bytes | None:
        """Send a file with the form of that page; None if no answer came."""
        return self._with_browser(path, lambda browser: browser.upload(path, file))

    def read(self, path: str) -> str | None:
        """A page; None if no answer came."""
        return self._with_browser(path, lambda browser: browser.get(path), once=True)

    def _with_browser(self, path: str, do: Callable[[Browser], Any], *, once: bool = False) -> Any:
        second = None
        try:
            browser = self._signed_in()
            if not once and self.chance.random() < 1 / 7:
                second = threading.Thread(target=self._quietly, args=(path, lambda: do(browser)))
                second.start()
            return self._quietly(path, lambda: do(browser))
        except LOST:
            return None  # not signed in yet
        finally:
            if second is not None:
                second.join()

    def _quietly(self, path: str, do: Callable[[], Any]) -> Any:
        try:
            return do()
        except urllib.error.HTTPError as problem:
            self.faults.judge(path, problem)
        except LOST:
            pass
        return None

    def _signed_in(self) -> Browser:
        if self.browser is None:
            browser = Browser(self.port)
            browser.post("/office/sign-in/", "/office/sign-in/", login=self.login, password=PASSWORD)
            self.browser = browser
        return self.browser


class Reader(threading.Thread):
    """Reads page after page, whatever happens; counts what it got."""

    def __init__(self, officer: Officer, pages: Callable[[], list[str]], stop: threading.Event) -> None:
        super().__init__()
        self.officer, self.pages, self.stop = officer, pages, stop
        self.read: Counter[str] = Counter()

    def run(self) -> None:
        """Until it is told to stop. A second's rest after each page, so that reading doesn't take the time of those who pay."""
        while not self.stop.is_set():
            for page in self.pages():
                self.read["answered" if self.officer.read(page) is not None else "lost"] += 1
                if self.stop.wait(1):
                    return


def tell(line: str) -> None:
    """A line of the log, with the seconds since the start."""
    print(f"  {time.monotonic() - BEGAN:7.1f} s {line}", flush=True)


def look(city: City, query: str) -> Any:
    """The first value of a query; None where there is no row, and while the database is away."""
    try:
        with psycopg.connect(city.cluster.url()) as connection:
            row = connection.execute(query).fetchone()
    except psycopg.OperationalError:
        return None
    return row[0] if row else None


class Watch:
    """Says for how long nothing has moved. still: seconds of that which are a fault; last: seconds after which it is one too."""

    EVERY = 2.0

    def __init__(self, city: City, still: float, last: float) -> None:
        self.city, self.still = city, still
        self.end = time.monotonic() + last
        self.seen: Any = None
        self.trouble: list[BaseException] = []
        self.moved = self.looked = time.monotonic()
        self.lock = threading.Lock()

    def idle(self) -> float:
        """Seconds since something moved: a row that stands in another state, a job that is done. Looked for every two seconds."""
        with self.lock:
            if time.monotonic() - self.looked >= self.EVERY:
                found = look(self.city, _MOVED)
                self.looked = time.monotonic()
                if found is not None and found != self.seen:
                    self.seen, self.moved = found, self.looked
            return time.monotonic() - self.moved

    def check(self, what: str) -> None:
        """Whoever waits for this waits in vain once nothing has moved for so long, or once the dead are no longer brought back."""
        if self.trouble:
            raise self.trouble[0]
        assert self.idle() < self.still, f"never: {what}: nothing has moved for {self.still:.0f} s"
        assert time.monotonic() < self.end, f"never: {what}"


def until(what: str, done: Callable[[], Any], do: Callable[[], Any], watch: Watch) -> Any:
    """Do it again and again, as people and supervisors do, until it is so; returns what done() said."""
    while not (found := done()):
        watch.check(what)
        do()
        time.sleep(0.05)
    tell(what)
    return found
