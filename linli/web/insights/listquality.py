"""How good the lists are, in words: a lamp for their age, two counts beside every rate, the rows behind each number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.casework.queries import fact_label
from linli.casework.receipts import grouped
from linli.insight import lists as quality
from linli.insight.lists import Freshness, Standing
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.registers.imports import waiting
from linli.registers.lists import ListDeclaration, load_lists
from linli.registers.models import Doubtful
from linli.rules import Label
from linli.web.frame import city
from linli.web.frame.counted import counted
from linli.web.insights import figures
from linli.web.insights.figures import Number
from linli.web.templatetags.texts import words

NumberOf: TypeAlias = Callable[..., Number]
"""(kind, value, county="") -> the number with its address."""

KINDS = {"doubtful": gettext_lazy("存疑待核"), "wrong": gettext_lazy("单元格有错"), "disputed": gettext_lazy("居民提出异议")}
LAMPS = {"red": ("bad", "warning"), "yellow": ("open", "clock"), "green": ("good", "tick"), "": ("note", "person")}
DOUBT_WORDS = {
    "name_differs": gettext_lazy("姓名不一致"),
    "identity_differs": gettext_lazy("身份证号不一致"),
    "several_candidates": gettext_lazy("可能是几个人中的一个"),
    "area_differs": gettext_lazy("地区不一致"),
    "duplicate_rows": gettext_lazy("同一人有互相矛盾的几行"),
    "cell_error": gettext_lazy("单元格有错"),
}


@dataclass(frozen=True, slots=True)
class Lamp:
    """A list's age as a tag: kind, sign and words."""

    kind: str
    sign: str
    words: str


@dataclass(frozen=True, slots=True)
class County:
    """One county's line of a list."""

    code: str
    name: str
    lamp: Lamp
    as_of: date | None
    records: int
    doubtful: Number
    wrong: Number
    disputed: Number


@dataclass(frozen=True, slots=True)
class ListRow:
    """One list in words. errors, unknown: (part, of, per cent) of the deliveries in force, None where none speaks of these counties
    alone; settled: (corrected, kept) disputes of a year.
    """

    slug: str
    label: Label
    owner: Label
    every_days: int
    lamp: Lamp
    late: str
    as_of: date | None
    age_days: int | None
    records: int
    errors: tuple[int, int, str] | None
    unknown: tuple[int, int, str] | None
    doubtful: Number
    wrong: Number
    disputed: Number
    settled: tuple[int, int]
    counties: tuple[County, ...]


def rows(viewer: Viewer) -> list[ListRow]:
    """Every list, the worst first, without its counties. Four queries."""
    linked = _linked(viewer)
    found = [_row(one, linked(one.declaration)) for one in quality.standings(viewer)]
    order = {kind: place for place, kind in enumerate(("bad", "open", "note", "good"))}
    return sorted(found, key=lambda one: (order[one.lamp.kind], one.slug))


def row(viewer: Viewer, slug: str) -> ListRow:
    """One list with its counties; LinliError where there is none. Four queries."""
    one = quality.standing(viewer, slug)
    number = _linked(viewer)(one.declaration)
    return replace(_row(one, number), counties=_counties(one, number))


def _linked(viewer: Viewer) -> Callable[[ListDeclaration], NumberOf]:
    """For a list: a number of it with the address of its rows, where the viewer may open them."""
    reach, department = quality.row_areas(viewer), quality.departments(viewer)

    def of(told: ListDeclaration) -> NumberOf:
        works = department is None or told.owner_zh in department

        def number(name: str, value: int, county: str = "") -> Number:
            seen = works and quality.sees_disputes(viewer, county) if name == "disputed" else quality.covers(viewer, reach, county)
            return Number(value, _address(told.slug, name, county) if value and seen else "")

        return number

    return of


def _counties(one: Standing, number: NumberOf) -> tuple[County, ...]:
    names = dict(city.counties())
    return tuple(
        County(each.county, figures.county_words(each.county, names), lamp(each), each.as_of, *_figures(one, each.county, number))
        for each in one.counties
    )


def _row(one: Standing, number: NumberOf) -> ListRow:
    told = one.declaration
    return ListRow(
        told.slug,
        Label(told.zh, told.en),
        Label(told.owner_zh, told.owner_en),
        told.every_days,
        lamp(one.worst),
        _late(one.counties),
        one.newest.as_of if one.newest else None,
        one.age_days,
        one.total("records"),
        _share(one.errors, one.rows),
        _share(one.unknown, one.rows),
        number("doubtful", one.total("doubtful")),
        number("wrong", one.total("wrong")),
        number("disputed", one.total("disputed")),
        (one.total("corrected"), one.total("kept")),
        (),
    )


def _figures(one: Standing, county: str, number: NumberOf) -> Iterable[Any]:
    held = one.figures.get(county, {})
    yield held.get("records", 0)
    for name in KINDS:
        yield number(name, held.get(name, 0), county)


def _share(part: int | None, whole: int | None) -> tuple[int, int, str] | None:
    return None if part is None or not whole else (part, whole, figures.percent(part, whole))


def _address(slug: str, kind: str, county: str) -> str:
    address = reverse("city:list_rows", args=[slug, kind])
    return f"{address}?{urlencode({'county': county})}" if county else address


def lamp(one: Freshness) -> Lamp:
    """“红灯 · 已过期 12 天”."""
    kind, sign = LAMPS[one.colour]
    return Lamp(kind, sign, _age_words(one))


def _age_words(one: Freshness) -> str:
    left = (one.fresh_until - clock.today()).days if one.fresh_until else 0
    if one.reason == "each":
        return _("逐人核对，不整份报送")
    if one.reason == "never":
        return _("红灯 · 从未报送")
    if one.reason == "partly":
        return _("黄灯 · 只报送了部分地区")
    if one.reason == "stale" and not left:
        return _("红灯 · 今天起过期")
    if one.reason == "stale":
        return counted("红灯 · 已过期 %(number)s 天", number=-left)
    if one.colour == "yellow":
        return counted("黄灯 · 还有 %(number)s 天到期", number=left)
    return counted("绿灯 · 还有 %(number)s 天到期", number=left)


def _late(counties: Sequence[Freshness]) -> str:
    """How many counties are out of date where not all are alike."""
    late = [one for one in counties if one.colour == "red"]
    if not late or len(late) == len(counties):
        return ""
    return _("%(all)s 个县（市、区）中 %(number)s 个没有有效名单") % {"all": len(counties), "number": len(late)}


@dataclass(frozen=True, slots=True)
class Behind:
    """A row behind a number. id: for the next page; title and note say what it is; address: where it is dealt with."""

    id: int
    title: str
    note: str
    address: str
    county: str
    name: str
    birth_date: date | None
    since: Any


def behind(viewer: Viewer, slug: str, kind: str, *, county: str = "", after: int = 0, limit: int | None = quality.PAGE) -> list[Behind]:
    """The rows behind a number of a list's quality, each with the page that settles it where the viewer may. At most five queries."""
    names = dict(city.counties())
    if kind == "disputed":
        tasks = quality.disputes(viewer, slug, county=county, after=after, limit=limit)
        return [
            Behind(
                task.pk,
                words(fact_label(task.case.fact)),
                grouped(task.case.receipt),
                reverse("office:case", args=[task.case.uid]),
                figures.county_words(task.area_code[:6], names),
                "",
                None,
                task.case.opened_at,
            )
            for task in tasks
        ]
    doubts = quality.doubts(viewer, slug, wrong=kind == "wrong", county=county, after=after, limit=limit)
    settles = _settles(viewer, slug, doubts)
    return [_doubt(one, names, one.pk in settles) for one in doubts]


def _settles(viewer: Viewer, slug: str, doubts: Sequence[Doubtful]) -> frozenset[int]:
    """Keys of those that are the viewer's to settle: an officer of the list's department, or of none."""
    own = quality.departments(viewer)
    declared = load_lists(Path(settings.LINLI_CITY)).get(slug)
    if own is not None and (declared is None or declared.owner_zh not in own):
        return frozenset()
    return frozenset(waiting(viewer, list_slug=slug).filter(pk__in=[one.pk for one in doubts]).values_list("pk", flat=True))


def _doubt(one: Doubtful, names: dict[str, Label], settles: bool) -> Behind:
    title = _("%(file)s 第 %(row)s 行") % {"file": one.list_import.file_name, "row": one.row}
    place = one.area_code or one.list_import.area_code
    return Behind(
        one.pk,
        title,
        str(DOUBT_WORDS[one.reason]),
        reverse("imports:doubt", args=[one.uid]) if settles else "",
        figures.county_words(place[:6] if len(place) >= 6 else "", names),
        one.name,
        one.birth_date,
        one.known_from,
    )
