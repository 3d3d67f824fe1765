"""去哪里办 before a place is chosen: the city's windows by county and town, narrowed by item, by words and to those that are open now."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from linli.kernel import clock
from linli.kernel.hours import spans_text
from linli.kernel.workdays import workdays
from linli.programmes.naming import area_name
from linli.registers.queries.windows import Listed, listed
from linli.rules import Label
from linli.web.frame import city
from linli.web.places.nearest import state_words
from linli.web.templatetags.texts import words

PAGE = 60
LONGEST = 40
COUNTY, TOWN = 6, 9


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader narrows by: a county's code, words of a name, place or number, and whether a window has to be open now."""

    item: str = ""
    county: str = ""
    text: str = ""
    open_only: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One window. kind, sign: of the tag that says whether it is open."""

    listed: Listed
    name: Label
    kind: str
    sign: str
    state: str
    today: str


@dataclass(frozen=True, slots=True)
class Town:
    """The windows of a town, or of the county itself, of one page."""

    name: str
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class County:
    """A county with how many windows are found there, and how many of them are open now."""

    code: str
    name: Label
    number: int
    open: int


@dataclass(frozen=True, slots=True)
class Directory:
    """asked: as understood; counties: those with windows; towns: none until a county or words are asked for; after: of the next page."""

    asked: Asked
    counties: list[County]
    towns: list[Town]
    found: int
    after: str


def directory(asked: Asked, at: datetime, after: str = "") -> Directory:
    """The windows as asked. One query, however many there are."""
    known = dict(city.counties())
    asked = Asked(asked.item, asked.county if asked.county in known else "", asked.text.strip()[:LONGEST], asked.open_only)
    every = [one for one in listed(asked.item, at, workdays(Path(settings.LINLI_CITY))) if one.standing.open or not asked.open_only]
    fitting = [one for one in every if _fits(one, asked.text.casefold())]
    number = Counter(one.window.area_code[:COUNTY] for one in fitting)
    opened = Counter(one.window.area_code[:COUNTY] for one in fitting if one.standing.open)
    counties = [County(code, name, number[code], opened[code]) for code, name in known.items() if number[code] or code == asked.county]
    if not asked.county and not asked.text:
        return Directory(asked, counties, [], len(fitting), "")
    here = [one for one in fitting if one.window.area_code.startswith(asked.county)]
    here.sort(key=lambda one: (one.window.area_code[:TOWN], one.window.area_code, one.window.code))
    start = next((place + 1 for place, one in enumerate(here) if one.window.code == after), 0)
    page = here[start : start + PAGE]
    following = page[-1].window.code if start + PAGE < len(here) else ""
    return Directory(asked, counties, _by_town(page, at, within=bool(asked.county)), len(here), following)


def _fits(one: Listed, text: str) -> bool:
    row = one.window
    return not text or any(text in told.casefold() for told in (row.name_zh, row.name_en, row.address, row.phone, _place(row.area_code)))


def _place(code: str) -> str:
    """County and town of a window, in the reader's language."""
    levels = [code[:length] for length in (COUNTY, TOWN) if len(code) >= length]
    names = [words(name) for level in levels if (name := area_name(Path(settings.LINLI_CITY), level))]
    return " · ".join(names) or _("全市")


def _by_town(page: list[Listed], at: datetime, *, within: bool) -> list[Town]:
    """within: of one county, whose name needs no saying."""
    found: dict[str, list[Entry]] = {}
    for one in page:
        place = _place(one.window.area_code)
        found.setdefault(place.rpartition(" · ")[2] if within else place, []).append(_entry(one, at))
    return [Town(name, entries) for name, entries in found.items()]


def _entry(one: Listed, at: datetime) -> Entry:
    today = clock.day_of(at)
    kind, sign = ("good", "tick") if one.standing.open else ("not", "clock")
    hours = spans_text(one.hours.on(today, workdays(Path(settings.LINLI_CITY)))) or _("休息")
    return Entry(one, Label(one.window.name_zh, one.window.name_en), kind, sign, state_words(one.standing, today), hours)
