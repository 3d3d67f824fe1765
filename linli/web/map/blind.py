"""盲区: which streets of the circles a quarter of an hour doesn't bring to a kind of place, by circle in words, and as the map draws it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.urls import reverse
from django.utils.html import json_script
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from linli.circles.blindspots import ALL, Bounded, Kind, Missing, Spots
from linli.insight import opendata
from linli.insight.opencoverage import FEW, FEWER, MORE, MOST, UNKNOWN, UNTOLD, WORDS, Line, coverage_lines
from linli.reach.graph import Graph, Longs
from linli.reach.profiles import profile
from linli.rules import Label
from linli.web.map.base import strung, thinned
from linli.web.map.sheets import source_words
from linli.web.templatetags.texts import words

SEVERAL = 3
"""From so many missing kinds on a street is drawn as one that misses several."""
ZOOM = 15  # half a pixel of that is two metres
People = dict[tuple[str, str], Line]
"""By circle and norm, what part of the residents it reaches, as it is published."""
_RANK = {key: rank for rank, key in enumerate((FEW, FEWER, MORE, MOST, UNKNOWN, UNTOLD))}


@dataclass(frozen=True, slots=True)
class Row:
    """A circle. lacks: the kinds that some of its streets or people don't reach, most first; kind: the one that the rest is of.

    missed, streets: metres from which one or more isn't reached, and all; told: of its residents as published, None
    where the city publishes nothing; minutes: from its middle, None for beyond half an hour.
    """

    name: Label
    lacks: tuple[Label, ...]
    kind: Label
    missed: int
    streets: int
    told: Line | None
    minutes: int | None
    link: str

    @property
    def lengths(self) -> str:
        """'1.2 / 8.4 公里'."""
        return _("%(missed)s / %(every)s 公里") % {"missed": _kilometres(self.missed), "every": _kilometres(self.streets)}

    @property
    def people(self) -> str:
        """'一半以上的人走得到（住着约 1,205 人）': the share of its residents, as it is published."""
        if self.told is None:
            return _("人数没有公布")
        share = words(WORDS[self.told.share])
        if self.told.share == UNTOLD or self.told.residents is None:
            return share
        return _("%(share)s（住着约 %(residents)s 人）") % {"share": share, "residents": f"{self.told.residents:,}"}

    @property
    def rank(self) -> int:
        """By the share, the worst first."""
        return _rank(self.told)

    @property
    def others(self) -> int:
        """How many more kinds some of its streets don't reach."""
        return max(len(self.lacks) - 1, 0)


@dataclass(frozen=True, slots=True)
class Told:
    """What the page says. label: of the kind of place, None for all; limit: metres; drawn: a script element; smallest: of which numbers of
    people are multiples, 0 where none is published."""

    label: Label | None
    limit: int
    rows: list[Row]
    drawn: SafeString
    source: str
    smallest: int


def kinds(found: Spots) -> list[tuple[str, str]]:
    """Key and words of every kind of place that may be chosen, all that circles must have first."""
    return [(ALL, _("生活圈必备的全部种类")), *((one.key, words(one.label)) for one in found.kinds)]


def told(found: Spots, key: str, name: str) -> Told:
    """The blind spots of one kind of place or ALL. The first time in a process one query and a search; none afterwards."""
    missing, said = found.missing(name), opendata.declared()
    smallest = said.smallest if said else 0
    people = _people(found, name, smallest) if said else {}
    rows = found.kept.get(("rows", key, name, smallest))
    if rows is None:
        each = (_row(found, one, key, name, missing, people) for one in found.circles)
        rows = sorted((row for row in each if row), key=lambda row: (row.rank, -row.missed, row.name.zh))
        found.kept["rows", key, name, smallest] = rows
    kind = next((one for one in found.kinds if one.key == key), None)
    drawn = found.kept.get(("drawn", key, name))
    if drawn is None:
        drawn = found.kept["drawn", key, name] = _drawn(found, key, missing)
    how = profile(name)
    limit = (kind.norms[0].limit(how) if kind else how.limit(15)) // 10
    return Told(kind.label if kind else None, limit, rows, drawn, source_words(found.run.network), smallest)


def _people(found: Spots, name: str, smallest: int) -> People:
    key = "people", name, smallest
    if key not in found.kept:
        lines = coverage_lines(found.run, smallest, profile=name, circle__isnull=False)
        found.kept[key] = {(line.circle, line.norm.key): line for line in lines}
    people: People = found.kept[key]
    return people


def _row(found: Spots, one: Bounded, key: str, name: str, missing: Missing, people: People) -> Row | None:
    """None where the circle isn't asked for such places."""
    asked = found.asked(one.circle, key)
    if not asked:
        return None
    graph, how = found.there.grounds.graph, profile(name)
    length = graph.length[one.links] * missing.usable[one.links]

    def said(kind: Kind) -> Line | None:
        norm = kind.norm(one.circle, found.run)
        return people.get((one.circle.code, norm.key)) if norm else None

    missed = {kind.key: int(length[missing.missed[kind.key][one.links]].sum()) for kind in asked}
    order = sorted(asked, key=lambda kind: (_rank(said(kind)), -missed[kind.key]))
    worst = order[0]
    far = int(missing.far[worst.key][found.circles.index(one)])
    return Row(
        Label(one.circle.name_zh, one.circle.name_en),
        tuple(kind.label for kind in order if missed[kind.key] or _rank(said(kind)) < _RANK[MOST]),
        worst.label,
        int(length[found.lacks(one, key, missing) > 0].sum()) // 10,
        int(length.sum()) // 10,
        said(worst),
        None if far < 0 else max(how.minutes(far), 1),
        _link(graph, one.start, name),
    )


def _link(graph: Graph, start: int, name: str) -> str:
    """The map's own answer from the corner next to the middle of a circle."""
    where = {"lon": f"{graph.lon[start]:.5f}", "lat": f"{graph.lat[start]:.5f}", "profile": name}
    return f"{reverse('map')}?{urlencode(where)}"


def _drawn(found: Spots, key: str, missing: Missing) -> SafeString:
    """Streets that miss one or two kinds, those that miss several, and where circles end; written once, for that is most of the page."""
    graph = found.there.grounds.graph
    most = np.zeros(len(graph.u), np.int32)
    for one in found.circles:
        np.maximum.at(most, one.links, found.lacks(one, key, missing) * missing.usable[one.links])
    several = most >= (SEVERAL if key == ALL else 1)
    shapes = [one.edge for one in found.circles]
    lines = {"few": _lines(graph, np.flatnonzero((most > 0) & ~several)), "many": _lines(graph, np.flatnonzero(several))}
    return json_script({**lines, "circles": shapes}, "drawn")


def _lines(graph: Graph, links: Longs) -> list[list[list[float]]]:
    chains = strung(graph.u[links].tolist(), graph.v[links].tolist())
    return thinned([np.column_stack((graph.lon[chain], graph.lat[chain])) for chain in chains], ZOOM) if chains else []


def _kilometres(metres: int) -> str:
    return f"{metres / 1000:,.1f}"


def _rank(told: Line | None) -> int:
    return _RANK[told.share if told else UNTOLD]
