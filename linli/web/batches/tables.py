"""Lists of batches as pages and spreadsheets: items with their names and what speaks against them, checks, batches themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from linli.batches import blocks, queries, shown
from linli.batches.explained import CHECK_WORDS, WHY_LEFT_OUT, explanation, in_state, item_words, lost_by, result_words
from linli.batches.models import Batch, Check, Item, LeftOut
from linli.batches.reconciling import ITEM_BLOCKS, Pair
from linli.batches.refusals import STATE_WORDS
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.naming import category_words
from linli.rules.declare import Label
from linli.web.insights.figures import county_words
from linli.web.tables.exports import PORTION, Sheet
from linli.web.templatetags.texts import words

PAGE = 50


@dataclass(frozen=True, slots=True)
class Left:
    """An award that is not on a list: why, what to do, and what is not known of it."""

    row: LeftOut
    name: str
    place: str
    why: Pair
    remedy: Pair
    facts: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """An item as a table shows it. lost: the conditions that speak against it."""

    item: Item
    name: str
    place: str
    category: str
    lost: tuple[Pair, ...] = ()


def state_words(batch: Batch) -> Label:
    """Where a batch stands."""
    return Label(*STATE_WORDS[batch.state])


def place_of(code: str) -> str:
    """The name of an area; the whole city for ""."""
    return county_words(code, {}) if code else _("全市")


def lines(programme: Programme, items: Sequence[Item]) -> list[Line]:
    """Items with names; four queries."""
    names, city, lost = shown.names_of(items), Path(settings.LINLI_CITY), lost_by(items)
    return [
        Line(
            item,
            names.get(item.beneficiary, ""),
            place_of(item.county),
            words(category_words(city, programme, item.category)),
            lost.get(item.pk, ()),
        )
        for item in items
    ]


def left_lines(programme: Programme, rows: Sequence[LeftOut]) -> list[Left]:
    """Awards that were left out, with names; three queries."""
    names, declared = shown.names_of([row.award for row in rows]), programme.rule.declarations.facts
    return [
        Left(
            row,
            names.get(row.award.beneficiary, ""),
            place_of(row.award.area_code[:6]),
            *WHY_LEFT_OUT[row.reason],
            tuple(declared[name].label for name in row.facts if name in declared),
        )
        for row in rows
    ]


def left_of(batch: Batch) -> QuerySet[LeftOut]:
    """What the latest gathering of a batch left out."""
    return LeftOut.objects.filter(batch=batch).select_related("award__case").order_by("id")


def left(viewer: Viewer, parameters: Mapping[str, str]) -> Sheet:
    """What a batch's latest gathering left out: batch."""
    batch = queries.batch(viewer, UUID(parameters["batch"]))
    found, programme = left_of(batch), queries.programme_of(batch)
    headers = (_("名称"), _("县（市、区）"), _("事项"), _("没有列入的原因"), _("没有查明的信息"))
    return Sheet(_("没有列入批次的"), headers, _left_rows(programme, found), found.count)


def _left_rows(programme: Programme, found: QuerySet[LeftOut]) -> Iterator[tuple[Any, ...]]:
    for one in _portions(found, lambda some: left_lines(programme, some)):
        yield (one.name, one.place, one.row.award.case.receipt, words(one.why), "、".join(words(fact) for fact in one.facts))


def items_of(batch: Batch, programme: Programme, *, block: str = "", state: str = "listed") -> QuerySet[Item]:
    """The items of one list: those in a state, or those that one thing speaks against."""
    if block:
        if block not in ITEM_BLOCKS:
            raise Http404
        return blocks.items_with(batch, block, programme)
    return Item.objects.filter(in_state(state), batch=batch).order_by("id")


def items(viewer: Viewer, parameters: Mapping[str, str]) -> Sheet:
    """A batch's items: batch, block, state."""
    batch = queries.batch(viewer, UUID(parameters["batch"]))
    programme = queries.programme_of(batch)
    found = items_of(batch, programme, block=parameters.get("block", ""), state=parameters.get("state", "listed"))
    headers = (_("编号"), _("名称"), _("县（市、区）"), _("类别"), _("标准（元）"), _("金额（元）"), _("怎样核定"), _("状态"), _("资金"))
    return Sheet(_("批次名单"), headers, _item_rows(programme, found), found.count)


def _item_rows(programme: Programme, found: QuerySet[Item]) -> Iterator[tuple[Any, ...]]:
    for line in _portions(found, lambda some: lines(programme, some)):
        item = line.item
        fen = (Decimal(item.level_fen) / 100, Decimal(item.amount_fen) / 100)
        how = "；".join(words(one) for one in (*explanation(item), *line.lost))
        yield (str(item.uid), line.name, line.place, line.category, *fen, how, words(item_words(item)), item.fund)


def _portions(found: QuerySet[Any], made: Any) -> Iterator[Any]:
    source = found.iterator(chunk_size=PORTION)
    while some := list(islice(source, PORTION)):
        yield from made(some)


def checks_of(viewer: Viewer, *, batch: str = "", show: str = "") -> QuerySet[Check]:
    """Checks that the viewer may see. batch: of one batch; show: waiting (the default), finding or all."""
    found = queries.checks(viewer).filter(item__state="listed") if show != "all" else queries.checks(viewer)
    if batch:
        found = found.filter(item__batch__uid=UUID(batch))
    if show == "finding":
        return found.filter(result="finding", settled="")
    return found if show == "all" else found.filter(result="", item__batch__state__in=("checking", "notice"))


def checks(viewer: Viewer, parameters: Mapping[str, str]) -> Sheet:
    """Checks with their results, as their page narrows them."""
    found = checks_of(viewer, batch=parameters.get("batch", ""), show=parameters.get("show", ""))
    headers = (_("编号"), _("名称"), _("县（市、区）"), _("核查方式"), _("由谁核查"), _("结果"))
    return Sheet(_("核查"), headers, _check_rows(found), found.count)


def _check_rows(found: QuerySet[Check]) -> Iterator[tuple[Any, ...]]:
    def made(some: list[Check]) -> Iterable[tuple[Any, ...]]:
        names = shown.names_of([check.item for check in some])
        for check in some:
            who = (names.get(check.item.beneficiary, ""), place_of(check.item.county))
            yield (str(check.uid), *who, words(CHECK_WORDS[check.kind]), place_of(check.desk_code), words(result_words(check)))

    yield from _portions(found, made)


def batches(viewer: Viewer, parameters: Mapping[str, str]) -> Sheet:
    """Every batch that the viewer may read."""
    headers = (_("编号"), _("政策"), _("期间"), _("范围"), _("状态"), _("笔数"), _("金额（元）"))
    rows = (
        (
            str(row.uid),
            words(queries.programme_of(row).label),
            row.period,
            place_of(row.area_code),
            words(state_words(row)),
            row.count,
            None if row.total_fen is None else Decimal(row.total_fen) / 100,
        )
        for row in queries.batches(viewer).iterator(chunk_size=PORTION)
    )
    return Sheet(_("批次"), headers, rows)


LISTINGS = {"batches": batches, "batch-items": items, "batch-left": left, "batch-checks": checks}
