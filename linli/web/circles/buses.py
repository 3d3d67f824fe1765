"""How long villages have to their county seat by bus, in words: each with its parts, and each county with its counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.circles.models import BusTime
from linli.circles.reckoning.people import COUNTY
from linli.web.places.kept import area_words

SHOWN = 40
"""Villages that the page lists; the export has all."""
# state of a village -> kind of tag, icon, word
STATES: dict[str, tuple[str, str, Any]] = {
    "reached": ("good", "tick", gettext_lazy("能到")),
    "not_reached": ("bad", "cross", gettext_lazy("到不了")),
    "unlocated": ("open", "question", gettext_lazy("村没有位置")),
    "no_seat": ("open", "question", gettext_lazy("县城没有位置")),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A village. minutes: in all, a begun one counted, None where no seat is reached; parts: of walk, wait and ride; said: in words."""

    time: BusTime
    name: str
    county: str
    minutes: int | None
    parts: tuple[int, int, int] | None
    said: str
    kind: str
    sign: str
    state: str


@dataclass(frozen=True, slots=True)
class County:
    """A county's villages by state; middle: minutes within which half of those that reach the seat do, most: the longest."""

    code: str
    name: str
    villages: int
    reached: int
    not_reached: int
    unlocated: int
    middle: int | None
    most: int | None


def row(time: BusTime) -> Row:
    """One village in words. No query."""
    parts = None if time.seconds is None else tuple(_minutes(part or 0) for part in (time.walk, time.wait, time.ride))
    said = ""
    if parts is not None:
        said = _("走 %(walk)s 分，等 %(wait)s 分，坐 %(ride)s 分") % dict(zip(("walk", "wait", "ride"), parts, strict=True))
        if not time.way:
            said = _("走 %(walk)s 分，不用坐车") % {"walk": parts[0]}
    minutes = None if time.seconds is None else -(-time.seconds // 60)
    three = None if parts is None else (parts[0], parts[1], parts[2])
    return Row(time, area_words(time.area_code), area_words(time.area_code[:COUNTY]), minutes, three, said, *STATES[time.state])


def _minutes(seconds: int) -> int:
    """To the nearest minute."""
    return (seconds + 30) // 60


def counties(times: Sequence[BusTime]) -> list[County]:
    """By county, those with most villages that don't reach their seat first. No query."""
    by: dict[str, list[BusTime]] = {}
    for one in times:
        by.setdefault(one.area_code[:COUNTY], []).append(one)
    return sorted((_county(code, some) for code, some in by.items()), key=lambda one: (-one.not_reached, -one.reached, one.code))


def _county(code: str, times: Sequence[BusTime]) -> County:
    states = [one.state for one in times]
    minutes = sorted(-(-one.seconds // 60) for one in times if one.seconds is not None)
    reached, left = states.count("reached"), states.count("not_reached")
    middle, most = (minutes[(len(minutes) - 1) // 2], minutes[-1]) if minutes else (None, None)
    return County(code, area_words(code), len(times), reached, left, len(times) - reached - left, middle, most)
