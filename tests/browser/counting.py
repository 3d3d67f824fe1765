"""A hand that counts what it does to a page: clicks, fields filled in, keys pressed; and the seconds that the server took to answer.

A field that the page has already put the cursor into costs no click; one that it has not costs the click into it. A select costs two, a
file costs two. Text that is typed is counted by fields, not by letters. Ticking a box or a radio is a click.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, Request


@dataclass(frozen=True, slots=True)
class Effort:
    """What an errand took. seconds: of the server, from a request to the first byte of its answer, for pages alone."""

    clicks: int
    fields: int
    keys: int
    pages: int
    seconds: float


class Hand:
    """Does things to one page and counts them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = self.fields = self.keys = 0
        self._answers: list[Request] = []
        page.set_default_timeout(15_000)
        page.on("requestfinished", lambda request: self._answers.append(request) if _counts(request) else None)

    @contextmanager
    def errand(self, keep: Callable[[Effort], None]) -> Iterator[None]:
        """Count from nothing; hand over what it took."""
        self.clicks = self.fields = self.keys = 0
        self._answers.clear()
        yield
        seconds = sum(max(0.0, one.timing["responseStart"] - one.timing["requestStart"]) / 1000 for one in self._answers)
        keep(Effort(self.clicks, self.fields, self.keys, len(self._answers), seconds))

    def click(self, selector: str) -> None:
        """One click on the first of its kind that is in sight."""
        self.clicks += 1
        self._first(selector).click()

    def fill(self, selector: str, text: str) -> None:
        """Type into a field: a click too where the cursor isn't there yet."""
        field = self._first(selector)
        if not field.evaluate("field => document.activeElement === field"):
            self.clicks += 1
        self.fields += 1
        field.fill(text)

    def fill_day(self, name: str, parts: tuple[int, int, int]) -> None:
        """A day in its three fields: a click into the first, the tabulator to the others."""
        self.fill(f"input[name={name}_0]", str(parts[0]))
        for number in (1, 2):
            self.press("Tab")
            self.fill(f"input[name={name}_{number}]", str(parts[number]))

    def pick(self, selector: str, value: str) -> None:
        """Choose from a select: it is opened, then something is chosen."""
        self.clicks += 2
        self.fields += 1
        self._first(selector).select_option(value)

    def choose(self, path: Path) -> None:
        """The button that opens the browser's own window, and the file in it."""
        self.clicks += 2
        self.fields += 1
        self.page.set_input_files("input[type=file]", path)

    def press(self, *keys: str) -> None:
        """Keys, one after the other."""
        for key in keys:
            self.keys += 1
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type where the cursor stands."""
        self.fields += 1
        self.page.keyboard.insert_text(text)

    def see(self, selector: str) -> Locator:
        """Wait until something is in sight; looking costs nothing."""
        found = self._first(selector)
        found.wait_for()
        return found

    def _first(self, selector: str) -> Locator:
        return self.page.locator(f"{selector} >> visible=true").first


def _counts(request: Request) -> bool:
    return request.resource_type == "document" or request.method == "POST"
