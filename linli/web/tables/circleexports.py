"""Living circles as spreadsheets: the ranking, the communities in no circle, the gap table of one circle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from linli.circles import queries
from linli.circles.acts.issuing import issue_plan, printed
from linli.circles.few import Split, number
from linli.kernel.viewer import Viewer
from linli.rules import Label
from linli.web.circles import buses, gaps, plans, ranking, said, siting, topics
from linli.web.tables.exports import Filled, Sheet
from linli.web.templatetags.texts import words

Parameters = Mapping[str, str]
ASKED = ("kind", "tier", "norm", "profile", "sort", "circle", "topic", "category", "places", "minutes", "group", "area")


def circles(viewer: Viewer, parameters: Parameters) -> Sheet:
    """The ranking as it is narrowed on the page: by all norms, or by one for one way of walking."""
    choice = ranking.Choice.read(parameters)
    rows = ranking.lines(viewer, choice)
    return _by_norm(rows, choice) if choice.asked is not None else _by_all(rows)


def _headers() -> tuple[str, ...]:
    return _("编号"), _("生活圈"), _("类型"), _("层级"), _("星级")


def _by_norm(rows: Iterable[ranking.Line], choice: ranking.Choice) -> Sheet:
    more = (_("要求"), _("谁来走"), _("走得到的处数"), _("一半人走到最近的（分钟）"), _("最远的（分钟）"))
    counts = (_("走不到的人"), _("其中查不到位置"), _("总人数"))
    about = (said.norm_words(choice.norm), str(said.WALKS[choice.walks]))

    def told(one: ranking.Line) -> tuple[Any, ...]:
        found = one.of.figure.found if one.of else None
        _reached, missed, lost, every = _cells(one.people.cells())
        return *_about(one), *about, found, one.minutes, one.most, missed, lost, every

    return Sheet(_("生活圈"), (*_headers(), *more, *counts), map(told, rows))


def _by_all(rows: Iterable[ranking.Line]) -> Sheet:
    norms = (_("必备要求达标"), _("必备要求"), _("缺口"), _("待定"), _("提升类缺口"), _("最缺的一类走不到的人"), _("最缺的一类的人数"))
    plans = (_("一店一早、一菜一修缺"), _("一店一早、一菜一修待定"), _("措施"), _("办结"), _("逾期"))
    return Sheet(_("生活圈"), (*_headers(), *norms, *plans), map(_ranked, rows))


def _cells(told: Iterable[Any]) -> list[Any]:
    """Values as a table has them: numbers as numbers, what is told of few people in words."""
    return [words(one) if isinstance(one, Label) else one for one in told]


def _about(one: ranking.Line) -> tuple[Any, ...]:
    return one.circle.code, one.name, one.kind, one.tier, one.star


def _ranked(one: ranking.Line) -> tuple[Any, ...]:
    of = one.ranked
    _reached, missed, _lost, every = _cells(one.people.cells())
    counts = (of.met, of.asked, of.open, of.unknown, of.advisory, missed, every)
    return *_about(one), *counts, _("、").join(one.lacks), _("、").join(one.doubtful), of.actions, of.closed, of.overdue


def without(viewer: Viewer, parameters: Parameters) -> Sheet:
    """Communities that lie in no circle."""
    headers = (_("社区或村"), _("行政区划代码"), _("居民"))
    return Sheet(
        _("不在任何生活圈里的社区"),
        headers,
        ((one.area.name, one.area.code, *_cells(one.told.cells()[3:])) for one in queries.without_circle(viewer)),
    )


def of_circle(viewer: Viewer, parameters: Parameters) -> Sheet:
    """The gap table of one circle: circle."""
    circle = queries.circle_of(viewer, UUID(parameters["circle"]))
    headers = (
        *(_("分钟圈"), _("类别"), _("必备"), _("要求"), _("哪些人"), _("谁来走"), _("米"), _("走得到的处数"), _("最近的（分钟）")),
        *(_("最远的（分钟）"), _("走得到的人"), _("走不到的人"), _("其中查不到位置"), _("结果"), _("从哪天起"), _("依据")),
    )
    rows = ((level.minutes, *_gap(row)) for level in gaps.table(viewer, circle) for row in level.lines)
    return Sheet(ranking.circle_words(circle), headers, rows)


def _gap(row: gaps.GapRow) -> tuple[Any, ...]:
    gap, norm, line = row.line.gap, row.line.norm, row.line
    asked = (
        words(norm.label),
        _("是") if gap.mandatory else _("否"),
        f"{gap.percent}% {words(line.required)}",
        words(line.group),
        row.walks,
    )
    counts = (line.metres, gap.found, gap.minutes, gap.most_minutes, *_cells(row.people.cells())[:3])
    return *asked, *counts, row.state, gap.since, words(norm.source)


def overdue(viewer: Viewer, parameters: Parameters) -> Sheet:
    """Overdue actions of the viewer's circles, the longest first."""
    headers = (_("生活圈"), _("做什么"), _("缺口"), _("责任单位"), _("完成期限"), _("预算（元）"), _("逾期"), _("督办"))
    rows = (
        (one.name, one.title, one.what, one.action.owner, one.action.due_on, _yuan(one.action.budget_fen), one.late, one.told)
        for one in plans.rows(viewer, queries.overdue(viewer))
    )
    return Sheet(_("逾期的措施"), headers, rows)


def of_topic(viewer: Viewer, parameters: Parameters) -> Sheet:
    """A subject for every area, circle and community that the viewer may see: topic."""
    title = str(topics.TOPICS[parameters["topic"]][0])
    found = topics.topic(viewer, parameters["topic"])
    headers = (_("编号或行政区划代码"), _("范围"), *(header for column in found.columns for header in column.headers))

    def told(one: topics.Scope) -> tuple[Any, ...]:
        cells = (column.values(one) or (None,) * len(column.headers) for column in found.columns)
        values = (value for some in cells for value in some)
        numbers = (part for value in values for part in (value.cells()[:3] if isinstance(value, Split) else (value,)))
        return (one.circle.code if one.circle else one.area, one.name, *_cells(numbers))

    return Sheet(title, headers, map(told, (*found.areas, *found.circles, *found.communities)))


def sites(viewer: Viewer, parameters: Parameters) -> Sheet:
    """Where so many more of something would go: category, places, minutes, group, area."""
    run = queries.latest()
    if run is None:
        raise ValueError("nothing was computed")
    told = siting.answer(viewer, siting.Asked.read(parameters, viewer), run)
    headers = (
        *(
            _("顺序"),
            _("设在哪里"),
            _("现在是什么"),
            _("社区或村"),
            _("经度"),
            _("纬度"),
            _("新增走得到的人"),
            _("累计走得到的人"),
            _("总人数"),
        ),
        _("这么多处最多能新增（上限）"),
    )
    every = number(told.found.total, exact=told.exact)

    def counts(one: siting.Site, step: queries.Sited) -> tuple[Any, ...]:
        if told.exact:
            return step.adds, step.covered, told.found.total, step.bound
        return one.adds, one.covered, words(every), one.bound

    rows = (
        (one.number, one.name, one.what, one.area, one.place.lon, one.place.lat, *counts(one, step))
        for one, step in zip(told.sites, told.found.steps, strict=True)
    )
    return Sheet(_("选址"), headers, rows)


def by_bus(viewer: Viewer, parameters: Parameters) -> Sheet:
    """How long villages have to their county seat by bus, of one county or all: area."""
    headers = (
        *(
            _("行政区划代码"),
            _("社区或村"),
            _("县（市、区）"),
            _("结果"),
            _("到县城（分钟）"),
            _("走（分钟）"),
            _("等车（分钟）"),
            _("坐车（分钟）"),
        ),
        *(_("怎么走"), _("按直线估步行")),
    )
    rows = (
        (one.time.area_code, one.name, one.county, str(one.state), one.minutes, *(one.parts or (None,) * 3), one.time.way, _yes(one))
        for one in map(buses.row, queries.bus_times(viewer, parameters.get("area", "")))
    )
    return Sheet(_("村到县城的公交"), headers, rows)


def _yes(one: buses.Row) -> str:
    return _("是") if one.time.straight else _("否")


def _yuan(fen: int | None) -> Decimal | None:
    return None if fen is None else Decimal(fen) / 100


def booklet(viewer: Viewer, parameters: Parameters) -> Filled:
    """The booklet of every plan as a PDF: issued under a number and kept (issue), else as it would be printed today."""
    if parameters.get("issue"):
        viewer.require("planner")

    def write(path: Path, progress: Callable[[int], None]) -> int:
        progress(0)
        content = bytes(issue_plan(viewer, circle=None).pdf) if parameters.get("issue") else printed(viewer, None)
        path.write_bytes(content)
        return 1

    return Filled(write)


TABLES: dict[str, Any] = {
    "circles": circles,
    "circles-without": without,
    "circles-gaps": of_circle,
    "circles-overdue": overdue,
    "circles-topic": of_topic,
    "circles-siting": sites,
    "circles-buses": by_bus,
}
LISTINGS: dict[str, Any] = {**TABLES, "circles-booklet": booklet}
