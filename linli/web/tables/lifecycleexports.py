"""From found to paid as spreadsheets: take-up, the eligible who are not paid, times, approvals, what was asked and spent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from linli.insight import lifecycle as figures
from linli.insight.lifecycle import Waiting
from linli.kernel.money import yuan_text
from linli.kernel.viewer import Viewer
from linli.web.insights import lifecycle
from linli.web.insights.lifecycle import Care, Desk, Line
from linli.web.programme import shelf
from linli.web.tables.exports import PORTION, Sheet
from linli.web.templatetags.texts import words

Parameters = Mapping[str, str]


def known(viewer: Viewer, listing: str, parameters: Parameters) -> bool:
    """Whether there is such a table. What may not be read raises Refused."""
    slug, kind = parameters["slug"], parameters["kind"]
    needs = listing in ("city-way-of", "city-unpaid")
    return (bool(slug) or not needs) and (not slug or slug in Desk(viewer).programmes) and (not kind or kind in lifecycle.WHY)


def way(viewer: Viewer, parameters: Parameters) -> Sheet:
    """Take-up of every programme."""
    return _take_up(_("应享尽享"), _("政策"), Desk(viewer).lines(parameters.get("county", "")))


def way_of(viewer: Viewer, parameters: Parameters) -> Sheet:
    """Take-up of one programme by county."""
    return _take_up(_("各县应享尽享"), _("县（市、区）"), Desk(viewer).counties(parameters["slug"]))


def _take_up(name: str, what: str, lines: Iterable[Line]) -> Sheet:
    headers = (what, _("符合条件"), _("已申请"), _("已给予"), _("已发放或办结"), _("名单记载已享受"), _("领到的比例"), _("还没有领到"))
    rows = (
        (one.name, one.at.eligible, one.at.applied, one.at.granted, one.at.paid, one.at.held, one.rate or None, one.unpaid.value)
        for one in lines
    )
    return Sheet(name, headers, rows)


def unpaid(viewer: Viewer, parameters: Parameters) -> Sheet:
    """The eligible who are not paid, each with the reason."""
    first = figures.unpaid(viewer, parameters["slug"], **_chosen(parameters), limit=PORTION)
    headers = (_("编号"), _("名称"), _("出生日期"), _("县（市、区）"), _("原因"), _("具体"), _("金额（元）"), _("自"))
    return Sheet(_("符合条件、还没有领到的人"), headers, _unpaid(viewer, parameters, first))


def _chosen(parameters: Parameters) -> dict[str, str]:
    return {"state": parameters.get("kind", ""), "detail": parameters.get("detail", ""), "county": parameters.get("county", "")}


def _unpaid(viewer: Viewer, parameters: Parameters, page: list[Waiting]) -> Iterator[tuple[Any, ...]]:
    slug = parameters["slug"]
    programme = Desk(viewer).programmes[slug]
    while page:
        for row in page:
            one = lifecycle.shown(viewer, programme, row)
            amount = None if row.amount_fen is None else Decimal(row.amount_fen) / 100
            yield str(row.subject), row.name, row.birth_date, one.place, one.why, one.detail, amount, row.since
        page = figures.unpaid(viewer, slug, **_chosen(parameters), after=page[-1].id, limit=PORTION)


def times(viewer: Viewer, parameters: Parameters) -> Sheet:
    """How long steps took, by programme or, of one, by step and version."""
    desk, slug = Desk(viewer), parameters.get("slug", "")
    if slug:
        declared = {one.version: one for one in shelf.published() if one.slug == slug}
        versions = [(desk.label(slug), one) for one in desk.paces(slug, declared, parameters.get("county", ""))]
    else:
        versions = desk.whole_ways()
    headers = (
        *(_("政策"), _("版本"), _("规定步骤"), _("步骤"), _("件数"), _("中位数"), _("九成不超过"), _("规定"), _("停走（中位数）")),
        _("逾期"),
    )
    rows = (
        (
            name,
            each.version,
            each.steps,
            pace.name,
            pace.at.number,
            pace.at.median,
            pace.at.ninth,
            pace.declared,
            pace.at.stood,
            pace.at.late,
        )
        for name, each in versions
        for pace in each.paces
    )
    return Sheet(_("办理用时"), headers, rows)


def approvals(viewer: Viewer, parameters: Parameters) -> Sheet:
    """What was decided, and what checks found of it."""
    desk, slug, county = Desk(viewer), parameters.get("slug", ""), parameters.get("county", "")
    found = desk.offices(slug, county) if slug else desk.approvals(county)
    headers = (_("县（市、区）") if slug else _("政策"), _("由谁决定"), _("给予"), _("不予"), _("给予的比例"), _("核查"), _("发现问题"))
    rows = ((one.name, _by(one), one.at.granted, one.at.refused, one.rate or None, one.at.checked, one.at.findings) for one in found)
    return Sheet(_("审批与抽查"), headers, rows)


def _by(one: lifecycle.Approvals) -> str:
    return one.office or (_("由规则自动审批（秒批）") if one.at.automatic else _("经办人员"))


def care(viewer: Viewer, parameters: Parameters) -> Sheet:
    """What people were asked, how content they were, what a unit cost."""
    desk, slug = Desk(viewer), parameters.get("slug", "")
    found = desk.care_by_county(slug) if slug else desk.care(parameters.get("county", ""))
    headers = (
        *(_("县（市、区）") if slug else _("政策"), _("近一年申请"), _("不用填"), _("全部项目"), _("满意度"), _("回答"), _("邀请")),
        *(
            _("今年已付（元）"),
            _("人数或户数"),
            _("单位成本（元）"),
            _("同类的中位数（元）"),
            _("与同类相差悬殊"),
            _("各项资金的单位成本（元）"),
            _("外地的单位成本（元）"),
        ),
    )
    return Sheet(_("少填表、满意度和单位成本"), headers, (_care(one) for one in found))


def _care(one: Care) -> tuple[Any, ...]:
    fen = (one.at.paid_fen, one.cost.fen_per_unit, one.cost.others_fen)
    paid, unit, others = (None if each is None else Decimal(each) / 100 for each in fen)
    asked = (one.name, one.at.applications, one.at.known, one.at.needed, one.score or None, one.at.answered, one.at.invited)
    funds = "；".join(f"{name} {yuan_text(each)}" for name, _fen, each in one.funds if each is not None)
    known = "；".join(f"{words(it.label)} {yuan_text(it.least_fen)}–{yuan_text(it.most_fen)}（{words(it.source)}）" for it in one.elsewhere)
    return (*asked, paid, one.units, unit, others, _("是") if one.cost.outlier else None, funds or None, known or None)


LISTINGS: dict[str, Any] = {
    "city-way": way,
    "city-way-of": way_of,
    "city-unpaid": unpaid,
    "city-times": times,
    "city-approvals": approvals,
    "city-care": care,
}
