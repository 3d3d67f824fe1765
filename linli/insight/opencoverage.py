"""How many people a circle's norms reach, as everyone may read it: of a circle or county a band of the share alone, of all together counts.

Places, streets and buildings are public, so everybody can work out which buildings each of some thirty norms and ways of walking reaches.
Counts of so many different subsets of the same few buildings, however rounded, are equations that an integer program solves to the last
child. Of a circle nothing is told that has more than four values (docs/circles.md, "Few people").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from linli.circles.declared import Norm, standard
from linli.circles.models import Coverage, Figure
from linli.circles.reckoning.people import COUNTY
from linli.insight import suppressing
from linli.insight.opendata import shift
from linli.rules import Label

LEAST_PEOPLE = 40
"""Where fewer residents live than so many times the city's smallest number (200), no share is told."""
BLUR = 4
"""A share is reckoned from numbers rounded to so many times the smallest (20), a tenth of LEAST_PEOPLE at the most: whoever solves what is
told of every set of buildings is left with both 4 and 8 for a small one."""
LEAST_BUILDINGS = 100
"""Where fewer inhabited buildings and village groups are on the network, all of them together have no counts either."""
COARSER = 10
"""Counts of all together are multiples of so many times the smallest number, more than live in most buildings: two norms that differ by one
building alone say little of it."""
MOST, MORE, FEWER, FEW, UNKNOWN, UNTOLD = "most", "more", "fewer", "few", "unknown", ""
Counts = Sequence[int]
"""Residents covered, uncovered, and of the uncovered those who can't be located."""
WORDS = {
    MOST: Label("九成以上的人走得到", "nine in ten or more reach it"),
    MORE: Label("一半以上的人走得到", "half or more reach it"),
    FEWER: Label("走得到的人不到一半", "fewer than half reach it"),
    FEW: Label("走得到的人不到一成", "fewer than one in ten reach it"),
    UNKNOWN: Label("有多少人走得到还查不清", "how many reach it can't be said yet"),
    UNTOLD: Label("住的人少，不公布", "too few live there to publish it"),
}
"""What is said of a share, the best first."""
_EDGES = ((9, 10, MOST), (1, 2, MORE), (1, 10, FEWER), (0, 1, FEW))


@dataclass(frozen=True, slots=True)
class Line:
    """What is published of a norm for one way of walking: of a circle; of the county area, where that is ""; of all, where both are.

    limit: metres; share: a key of WORDS; covered, uncovered, unlocated: residents, None of every circle and county; residents: all of them,
    of one circle the same for every norm.
    """

    circle: str
    area: str
    norm: Norm
    profile: str
    limit: int
    share: str
    residents: int | None
    covered: int | None = None
    uncovered: int | None = None
    unlocated: int | None = None


def share(people: Counts, smallest: int, about: str) -> str:
    """The band of a share. about: whose people they are.

    Reckoned from numbers that are rounded with shifts that only the installation knows and are never published themselves, so that where a
    band begins is known to 20 people, not to the person. UNKNOWN where those who can't be located decide it.
    """
    covered, uncovered, lost = people
    if covered + uncovered < LEAST_PEOPLE * smallest:
        return UNTOLD
    unit = BLUR * smallest
    apart, whole = (shift(f"{about}:share", key, unit) for key in ("covered", "residents"))
    least, most = ((count + apart) // unit * unit for count in (covered, covered + lost))
    every = (covered + uncovered + whole) // unit * unit
    low, high = _band(least, every), _band(most, every)
    return low if low == high else UNKNOWN


def _band(part: int, every: int) -> str:
    return next(key for numerator, denominator, key in _EDGES if part * denominator >= every * numerator)


def coverage_lines(run: Coverage, smallest: int, **only: Any) -> Iterator[Line]:
    """Of each circle, of each county, and of all counties that a network says anything of, by norm. only: fields of the figures that are
    wanted. One query."""
    norms = standard()
    every: dict[tuple[str, str], Line] = {}
    people: dict[tuple[str, str], Counts] = {}
    for row in Figure.objects.filter(run=run, **only).select_related("circle").order_by("circle__code", "area_code", "norm", "profile"):
        norm = norms.norm(row.norm, run.day)
        if norm is None or (row.circle is None and len(row.area_code) != COUNTY):
            continue
        line = _line(row, norm, smallest)
        yield line
        if row.circle is None:
            key = row.norm, row.profile
            every[key] = line
            people[key] = tuple(map(sum, zip(people.get(key, (0, 0, 0)), row.people["residents"], strict=True)))
    located = run.homes - run.unlocated_homes - run.unsnapped_homes
    yield from (_together(line, people[key], smallest, located >= LEAST_BUILDINGS) for key, line in every.items())


def _line(row: Figure, norm: Norm, smallest: int) -> Line:
    people = row.people["residents"]
    circle, area = (row.circle.code, row.circle.area_code) if row.circle else ("", row.area_code)
    about = f"circle:{circle}" if circle else f"county:{area}"
    residents = _rounded(people[0] + people[1], "residents", smallest, about)
    return Line(circle, area, norm, row.profile, row.limit // 10, share(people, smallest, about), residents)


def _together(line: Line, people: Counts, smallest: int, counted: bool) -> Line:
    covered, uncovered, lost = people
    cells = {"residents": covered + uncovered}
    if counted:
        cells |= {"covered": covered, "uncovered": uncovered - lost, "unlocated": lost}
    told = {key: _rounded(count, key, smallest * COARSER, "circles") for key, count in cells.items()}
    return replace(
        line,
        area="",
        share=share(people, smallest, "circles"),
        residents=told["residents"],
        covered=told.get("covered"),
        uncovered=told.get("uncovered"),
        unlocated=told.get("unlocated"),
    )


def _rounded(count: int, what: str, unit: int, about: str) -> int | None:
    return suppressing.told({what: count}, unit, partial(shift, about)).cells[what]
