"""The tables of the city's figures as spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from linli.insight import filling, queries
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.screening.queries import Row
from linli.web.frame import city
from linli.web.insights import figures, listquality
from linli.web.insights.figures import Line, Want
from linli.web.tables.exports import PORTION, Filled, Sheet
from linli.web.templatetags.texts import words

Parameters = Mapping[str, str]


def known(viewer: Viewer, listing: str, parameters: Parameters) -> bool:
    """Whether there is such a table. What may not be read raises Refused."""
    if listing == "city-people":
        return parameters["kind"] in queries.STATES and figures.Desk(viewer).knows(parameters["slug"])
    if listing == "city-programme":
        return figures.Desk(viewer).knows(parameters["slug"])
    if listing == "city-rows":
        return parameters["kind"] in listquality.KINDS and _is_list(viewer, parameters["slug"])
    return True


def _is_list(viewer: Viewer, slug: str) -> bool:
    try:
        return bool(listquality.row(viewer, slug))
    except Refused:
        raise
    except LinliError:
        return False


def programmes(viewer: Viewer, parameters: Parameters) -> Sheet:
    """Every programme, in one county or all, with what most undecided people lack."""
    desk = figures.Desk(viewer)
    county = parameters.get("county", "")
    wants = desk.lacking(county=county)
    rows = ((*_figures(line), _wants(wants[line.key].first) if line.key in wants else "") for line in desk.programmes(county))
    return Sheet(_("政策概览"), (_("政策"), *_headers(), _("还不能确定的原因")), rows)


def counties(viewer: Viewer, parameters: Parameters) -> Sheet:
    """One programme county by county."""
    desk = figures.Desk(viewer)
    return Sheet(
        words(desk.label(parameters["slug"])),
        (_("县（市、区）"), *_headers()),
        (_figures(line) for line in desk.counties(parameters["slug"])),
    )


def _headers() -> tuple[str, ...]:
    return (_("找到"), _("已写信告知"), _("信已送到"), _("已给予（含名单记载）"), _("给予率"), _("还不能确定"), _("金额（元）"))


def _figures(line: Line) -> tuple[Any, ...]:
    taken = None if line.taken is None else line.taken.value
    counts = (line.found.value, line.invited.value, line.reached.value, taken, line.rate or None, line.undecided.value)
    return (line.name, *counts, Decimal(line.amount_fen) / 100)


def _wants(wants: list[Want]) -> str:
    said = (f"{words(one.fact)}（{one.number.value}）：{words(one.source)}，{'；'.join(one.reasons)}" for one in wants)
    return "\n".join(said)


def people(viewer: Viewer, parameters: Parameters) -> Sheet:
    """The found who were told or not, who have the benefit or not."""
    slug, state = parameters["slug"], parameters["kind"]
    first = queries.people(viewer, slug, state, county=parameters.get("county", ""), limit=PORTION)
    headers = (_("编号"), _("名称"), _("出生日期"), _("县（市、区）"), _("金额（元）"), _("自"))
    return Sheet(str(figures.STATE_WORDS[state]), headers, _people(viewer, parameters, first))


def _people(viewer: Viewer, parameters: Parameters, page: list[Row]) -> Iterator[tuple[Any, ...]]:
    while page:
        for row in page:
            amount = None if row.amount_fen is None else Decimal(row.amount_fen) / 100
            place = city.area_words(row.area_code[:6], row.area_name)
            yield str(row.subject), row.name, row.birth_date, place, amount, row.since
        after = page[-1].id
        page = queries.people(
            viewer, parameters["slug"], parameters["kind"], county=parameters.get("county", ""), after=after, limit=PORTION
        )


def lists(viewer: Viewer, parameters: Parameters) -> Sheet:
    """How good every list is."""
    headers = (
        *(_("名单"), _("主管单位"), _("更新周期（天）"), _("数据日期"), _("距今（天）"), _("时效"), _("有效记录"), _("名单行数")),
        *(_("有错的行"), _("查无此人的行"), _("存疑待核"), _("居民提出异议"), _("一年内更正"), _("一年内维持")),
    )
    return Sheet(_("名单质量"), headers, (_list(one) for one in listquality.rows(viewer)))


def _list(one: listquality.ListRow) -> tuple[Any, ...]:
    rows, errors = (one.errors[1], one.errors[0]) if one.errors else (None, None)
    unknown = one.unknown[0] if one.unknown else None
    about = (words(one.label), words(one.owner), one.every_days, one.as_of, one.age_days, one.lamp.words)
    return (*about, one.records, rows, errors, unknown, one.doubtful.value, one.disputed.value, *one.settled)


def list_rows(viewer: Viewer, parameters: Parameters) -> Sheet:
    """The rows of a list that wait for a human, or the disputes of what it says."""
    slug, kind, county = parameters["slug"], parameters["kind"], parameters.get("county", "")
    first = listquality.behind(viewer, slug, kind, county=county, limit=PORTION)
    headers = (_("行"), _("说明"), _("县（市、区）"), _("姓名"), _("出生日期"), _("自"))
    return Sheet(str(listquality.KINDS[kind]), headers, _behind(viewer, slug, kind, county, first))


def _behind(viewer: Viewer, slug: str, kind: str, county: str, page: list[listquality.Behind]) -> Iterator[tuple[Any, ...]]:
    while page:
        for one in page:
            yield one.title, one.note, one.county, one.name, one.birth_date, one.since
        page = listquality.behind(viewer, slug, kind, county=county, after=page[-1].id, limit=PORTION)


def form(viewer: Viewer, parameters: Parameters) -> Filled:
    """A superior's form, filled."""
    version = filling.newest(viewer, UUID(parameters["form"]))
    filling.check(viewer, version)
    return Filled(lambda path, progress: filling.fill(viewer, version, path, progress=progress))


LISTINGS: dict[str, Any] = {
    "city-form": form,
    "city": programmes,
    "city-programme": counties,
    "city-people": people,
    "city-lists": lists,
    "city-rows": list_rows,
}
