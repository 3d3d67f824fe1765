"""Where something should go, as a planner asks it: what, how many, within how many minutes, for whom; the sites with what each adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.circles import queries
from linli.circles.declared import standard
from linli.circles.few import FEW, Split, exact_for, fewer, number
from linli.circles.models import Coverage
from linli.circles.queries.siting import HOSTS, MOST, Sited, Siting
from linli.circles.reachable import places_there
from linli.circles.standing import required
from linli.kernel.viewer import Viewer
from linli.registers.categories import categories
from linli.registers.queries.places import PlaceRow
from linli.rules import Label
from linli.web.circles import said
from linli.web.places.kept import area_words, role_words
from linli.web.templatetags.texts import words

CATEGORY = "terminal"
SHOWN = 60
"""Existing places that the page names; the list of places has all."""
GROUPS = ("residents", "elders", "children")
LEAST, USUAL = 1, 5
WHOLE = gettext_lazy("全市")


@dataclass(frozen=True, slots=True)
class Asked:
    """The question: category of what is to be sited, how many, minutes on foot, whose walks count, people of which area ("": the city)."""

    category: str
    places: int
    minutes: int
    group: str
    area: str

    @classmethod
    def read(cls, told: Mapping[str, str], viewer: Viewer) -> Asked:
        """What an address or a form says; what can't be is as usual."""
        many, areas = str(told.get("places", "")), [code for code, _name in choosable(viewer)]
        minutes, category, group, area = (str(told.get(name, "")) for name in ("minutes", "category", "group", "area"))
        return cls(
            category if category in categories(settings.LINLI_CITY) else CATEGORY,
            min(MOST, max(LEAST, int(many))) if many.isdecimal() and len(many) < 4 else USUAL,
            int(minutes) if minutes in map(str, said.LEVELS) else said.LEVELS[-1],
            group if group in GROUPS else GROUPS[0],
            area if area in areas else areas[0],
        )

    def parameters(self) -> dict[str, str]:
        """As an address has it."""
        return {"category": self.category, "places": str(self.places), "minutes": str(self.minutes), "group": self.group, "area": self.area}


def choosable(viewer: Viewer) -> list[tuple[str, str]]:
    """The areas whose people may count, widest first, with their names. Refused where there is none."""
    mine = sorted({area for role in queries.READERS for area in viewer.areas(role)}, key=lambda code: (len(code), code))
    if not mine:
        viewer.require(queries.READERS[0])
    return [(code, area_words(code) if code else str(WHOLE)) for code in mine]


def groups() -> list[tuple[str, str]]:
    """Whose walks may count."""
    run = queries.latest()
    told = standard().groups_on(run.day) if run else {}
    return [(key, words(told[key].label)) for key in GROUPS if key in told]


@dataclass(frozen=True, slots=True)
class Site:
    """A site: number in the plan, the place that there is, what it does now, where; what it adds, and whom all so far reach, of everybody.

    bound: what no choice of so many places could add. The three as the viewer is told of them.
    """

    number: int
    place: PlaceRow
    name: str
    what: str
    area: str
    adds: str
    covered: str
    bound: str


@dataclass(frozen=True, slots=True)
class Answer:
    """found: as reckoned; sites; existing: how many places of the category; there: the first of them, and where; before, after: who is
    covered, of all; bound: what no others could exceed; certified: by how much at most; drawn: for the map; exact: whether numbers are told
    exactly.
    """

    found: Siting
    sites: list[Site]
    existing: int
    there: list[tuple[str, str]]
    before: str
    after: str
    bound: str
    certified: str
    walks: str
    group: str
    drawn: dict[str, Any]
    exact: bool


def answer(viewer: Viewer, asked: Asked, run: Coverage) -> Answer:
    """The sites. The same question of the same computation is reckoned once in a process. LinliError where nothing can be sited."""
    there = required()
    kept: dict[Asked, Siting] = there.keep_for(run.uid, "siting", dict)
    if asked not in kept:
        kept[asked] = queries.siting(
            viewer, category=asked.category, places=asked.places, minutes=asked.minutes, group=asked.group, area=asked.area
        )
    found = kept[asked]
    rows = {row.uid: row for row in places_there(there, run.day).rows}
    group = standard().groups_on(run.day)[asked.group]
    exact = exact_for(viewer, asked.area)
    sites = [_site(place, one, rows[one.place], asked, found, exact=exact) for place, one in enumerate(found.steps, 1)]
    existing = [row for row in rows.values() if asked.category in row.roles]
    before = said.reached(Split(found.before, found.total - found.before, exact=exact))
    told = exact or sum(one.adds for one in found.steps) >= FEW
    return Answer(
        found,
        sites,
        len(existing),
        [(_name(row), area_words(row.area_code[:12])) for row in existing[:SHOWN]],
        before,
        sites[-1].covered if sites else before,
        sites[-1].bound if sites else "0",
        f"{100 * found.certified:.1f}%" if told else words(fewer()),
        str(said.WALKS[group.profile]),
        words(group.label),
        _drawn(sites, existing),
        exact,
    )


def _site(place: int, one: Sited, row: PlaceRow, asked: Asked, found: Siting, *, exact: bool) -> Site:
    what = ":".join((asked.category, str(asked.minutes), asked.group, asked.area))

    def told(count: int, of: str) -> str:
        return said.about(count, f"{what}:{of}", exact=exact)

    return Site(
        place,
        row,
        _name(row),
        _("、").join(role_words(slug, None) for slug in row.roles),
        area_words(row.area_code[:12]),
        f"+{told(one.adds, 'adds')}",
        said.share(one.covered, found.total) if exact else f"{told(one.covered, 'covered')}/{words(number(found.total))}",
        told(one.bound, "bound"),
    )


def _name(row: PlaceRow) -> str:
    return words(Label(row.name_zh, row.name_en or row.name_zh))


def _drawn(sites: list[Site], existing: list[PlaceRow]) -> dict[str, Any]:
    def dot(row: PlaceRow, name: str, more: str) -> dict[str, Any]:
        return {"at": [row.lon, row.lat], "name": name, "what": more, "hours": ""}

    chosen = [dot(one.place, f"{one.number} · {one.name}", one.adds) for one in sites]
    there = [dot(row, _name(row), "") for row in existing]
    points = [one["at"] for one in (chosen or there)]
    view = []
    if points:
        lon, lat = zip(*points, strict=True)
        view = [[min(lat), min(lon)], [max(lat), max(lon)]]
    return {"homes": [], "polygon": None, "walked": [], "places": there, "chosen": chosen, "view": view}


def hosts() -> list[str]:
    """What kinds of places can take it in."""
    known = categories(settings.LINLI_CITY)
    return [words(known[slug].label) for slug in HOSTS if slug in known]
