"""The city's figures in words: each number with the rows behind it, undecided people with the list that would settle it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.insight import queries
from linli.insight.models import Count
from linli.insight.queries import Figures, Lacking
from linli.kernel.viewer import Viewer
from linli.programmes import Programme
from linli.programmes.naming import area_name, naming
from linli.registers.lists import load_lists
from linli.rules import Label
from linli.rules.explain import missing_label
from linli.screening.queries import standing_runs
from linli.web.frame import city
from linli.web.programme import shelf
from linli.web.templatetags.texts import words

STATE_WORDS = {
    "invited": gettext_lazy("已写信告知的人"),
    "uninvited": gettext_lazy("还没有写信告知的人"),
    "reached": gettext_lazy("信已送到的人"),
    "taken": gettext_lazy("已给予的人（含名单记载）"),
    "untaken": gettext_lazy("找到了、还没有给予的人"),
}


@dataclass(frozen=True, slots=True)
class Number:
    """A figure and the address of the rows behind it, "" where the viewer may not open them all."""

    value: int
    address: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One programme or one county. taken None: nobody's benefit is on record, so nothing can be said of take-up.

    entitled: of whom taken is a part; screened: whether the whole city was ever looked at, else nobody knows how many they are.
    """

    key: str
    name: str
    address: str
    found: Number
    invited: Number
    reached: Number
    entitled: int
    screened: bool
    taken: Number | None
    undecided: Number
    amount_fen: int

    @property
    def rate(self) -> str:
        """Take-up in per cent, with one decimal; "" where it isn't known."""
        return percent(self.taken.value, self.entitled) if self.screened and self.taken is not None and self.entitled else ""


@dataclass(frozen=True, slots=True)
class Want:
    """A fact that undecided people lack, in words, with where it would come from and why it did not."""

    fact: Label
    source: Label
    reasons: tuple[str, ...]
    number: Number
    list_slug: str


@dataclass(frozen=True, slots=True)
class Wants:
    """What the undecided of a programme lack, the most frequent first: the first few in words, and how many there are."""

    first: list[Want]
    number: int


def percent(part: int, whole: int) -> str:
    """'12.5%'."""
    return f"{Decimal(100 * part) / whole:.1f}%"


def screened(count: Count | None, slug: str) -> bool:
    """Whether the whole city was ever looked at under a programme when the figures were counted."""
    return count is not None and slug in count.screened


class Desk:
    """What one viewer sees of the figures, and the addresses of the rows that they may open. Three queries, for any number of figures."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.count: Count | None = queries.counted(viewer)
        self._runs: dict[str, UUID] = standing_runs(viewer)
        self._programmes: dict[str, Programme] = {one.slug: one.programme for one in shelf.shelf()}

    def label(self, slug: str) -> Label:
        """A programme's name."""
        return self._programmes[slug].label if slug in self._programmes else Label(slug, slug)

    def run(self, slug: str) -> UUID | None:
        """The screening whose findings stand, where the viewer reads it."""
        return self._runs.get(slug)

    def knows(self, slug: str) -> bool:
        """Whether the programme is a published one."""
        return slug in self._programmes

    def programmes(self, county: str = "") -> list[Line]:
        """One line for each programme. One query."""
        narrowed = f"?{urlencode({'county': county})}" if county else ""
        return [
            self._line(one, one.key, county, words(self.label(one.key)), reverse("city:programme", args=[one.key]) + narrowed)
            for one in queries.by_programme(self.viewer, county=county)
        ]

    def counties(self, slug: str) -> list[Line]:
        """One line for each county of a programme. One query."""
        names = dict(city.counties())
        return [
            self._line(one, slug, one.key, county_words(one.key, names), f"{reverse('city:home')}?{urlencode({'county': one.key})}")
            for one in queries.by_county(self.viewer, slug)
        ]

    def states(self, lines: Sequence[Line], slug: str) -> list[tuple[str, Number]]:
        """What became of everybody whom a programme found, over all the counties seen."""
        opens = slug in self._runs and queries.opens(self.viewer, slug)
        sums = {"invited": 0, "uninvited": 0, "reached": 0}
        for line in lines:
            sums["invited"] += line.invited.value
            sums["uninvited"] += line.found.value - line.invited.value
            sums["reached"] += line.reached.value
        taken = [line.taken.value for line in lines if line.taken is not None]
        entitled = sum(line.entitled for line in lines)
        if taken:
            sums |= {"taken": sum(taken), "untaken": entitled - sum(taken)}

        def number(state: str, value: int) -> Number:
            return Number(value, self._rows(slug, state, "") if opens and value else "")

        return [(str(STATE_WORDS[state]), number(state, value)) for state, value in sums.items()]

    def _line(self, one: Figures, slug: str, county: str, name: str, address: str) -> Line:
        opens = slug in self._runs and queries.opens(self.viewer, slug, county)

        def number(value: int, state: str) -> Number:
            return Number(value, self._rows(slug, state, county) if opens and value else "")

        recorded = self.count is not None and slug in self.count.recorded
        return Line(
            one.key,
            name,
            address,
            number(one.found, "found"),
            number(one.invited, "invited"),
            number(one.reached, "reached"),
            one.entitled,
            screened(self.count, slug),
            number(one.taken, "taken") if recorded else None,
            number(one.undecided, "undecided"),
            one.amount_fen,
        )

    def _rows(self, slug: str, state: str, county: str, missing: str = "") -> str:
        narrowed = {name: value for name, value in (("county", county), ("missing", missing)) if value}
        if state in ("found", "undecided"):
            address = reverse("office:people", kwargs={"run": self._runs[slug], "kind": state})
        else:
            address = reverse("city:people", args=[slug, state])
        return f"{address}?{urlencode(narrowed)}" if narrowed else address

    def lacking(self, slug: str = "", county: str = "", *, first: int | None = None) -> dict[str, Wants]:
        """What undecided people lack, by programme; first: how many facts of each are put in words, None for all. One query."""
        lists, found = load_lists(settings.LINLI_CITY), dict[str, list[Lacking]]()
        for one in queries.lacking(self.viewer, programme=slug, county=county):
            if one.programme in self._programmes:
                found.setdefault(one.programme, []).append(one)
        return {slug: Wants([self._want(one, county, lists) for one in each[:first]], len(each)) for slug, each in found.items()}

    def _want(self, one: Lacking, county: str, lists: Mapping[str, Any]) -> Want:
        opens = one.programme in self._runs and queries.opens(self.viewer, one.programme, county)
        address = self._rows(one.programme, "undecided", county, one.fact) if opens else ""
        declared = lists.get(one.list_slug)
        source = Label(declared.zh, declared.en) if declared else _REGISTER
        fact = missing_label(self._programmes[one.programme].rule, one.fact, naming(settings.LINLI_CITY))
        return Want(fact, source, tuple(_reasons(one)), Number(one.number, address), one.list_slug if declared else "")


_REGISTER = Label("人口登记", "population register")


def reason_words(reason: str) -> str:
    """Why a list did not settle a fact."""
    return {
        "never": _("这份名单从未报送"),
        "partly": _("这份名单只报送了部分地区"),
        "stale": _("这份名单已过期"),
        "each": _("要经本人授权逐人核对"),
        "silent": _("名单已按时报送，没有写明"),
        "register": _("人口登记里没有"),
        "programme": _("政策文件的表里没有对应的一行"),
    }[reason]


def _reasons(one: Lacking) -> Iterable[str]:
    """A single reason by itself; several each with their counties."""
    names = dict(city.counties())
    for reason, counties in one.reasons:
        where = _("、").join(county_words(code, names) for code in counties)
        yield (
            reason_words(reason) if len(one.reasons) == 1 else _("%(reason)s：%(where)s") % {"reason": reason_words(reason), "where": where}
        )


def county_words(code: str, names: Mapping[str, Label]) -> str:
    """A county's name, also of another city's; that it is elsewhere, or that none is known."""
    if code in names:
        return words(names[code])
    known = area_name(Path(settings.LINLI_CITY), code) if code else None
    return words(known) if known else _("本市以外（%(code)s）") % {"code": code} if code else _("地区不明")


def counties_seen(viewer: Viewer) -> list[tuple[str, str]]:
    """(code, name) of the counties in which the viewer sees figures. No query."""
    areas = {grant.area for grant in viewer.grants if grant.role in queries.READERS}
    names = [(code, words(label)) for code, label in city.counties()]
    return names if viewer.all_seeing else [(code, name) for code, name in names if any(_near(code, area) for area in areas)]


def _near(code: str, area: str) -> bool:
    return code.startswith(area) or area.startswith(code)


def tiles(viewer: Viewer, lines: Iterable[Line]) -> list[tuple[str, int, str]]:
    """(county, found, address of the rows) of every county in which the viewer sees figures."""
    found = {line.key: (line.found.value, line.found.address) for line in lines}
    return [(code, *found.get(code, (0, ""))) for code, _name in counties_seen(viewer)]
