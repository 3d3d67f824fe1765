"""How an item's amount came about, and why an award is not on a list: in words, for pages, lists and archives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from linli.batches.models import Check, Excluded, Item
from linli.batches.reconciling import Pair
from linli.kernel.money import yuan_text
from linli.programmes.queries import pinned
from linli.rules.declare import Label

ITEM_STATES = {
    "listed": Label("在名单上", "listed"),
    "removed": Label("已移出", "taken off"),
    "paid": Label("已发放", "paid"),
    "returned": Label("银行退回，待重新发放", "sent back by the bank, to be paid again"),
    "failed": Label("未能发放", "not paid"),
}
PAID_AGAIN = Label("退回后已重新发放", "paid again after it had come back")
BACK = Q(came_back_at__isnull=False)
"""Of paid items: those that the bank has returned since."""


def in_state(state: str) -> Q:
    """The items of one of ITEM_STATES."""
    if state in ("paid", "returned"):
        return Q(state="paid") & (BACK if state == "returned" else ~BACK)
    return Q(state=state)


def item_words(item: Item) -> Label:
    """How an item stands: what the bank has returned is not paid, until it is paid again."""
    if item.state == "paid" and item.came_back_at is not None:
        return ITEM_STATES["returned"]
    return PAID_AGAIN if item.state == "paid" and item.repaid_at is not None else ITEM_STATES[item.state]


CHECK_WORDS = {
    "every": Label("逐份核查", "every file"),
    "key": Label("重点抽查", "key check"),
    "random": Label("随机抽查", "random check"),
    "cross": Label("交叉审核", "cross review"),
}
RESULT_WORDS = {
    "": Label("待核查", "waiting"),
    "passed": Label("没有问题", "nothing found"),
    "finding": Label("发现问题", "a finding"),
    "cleared": Label("问题已排除", "finding cleared"),
    "upheld": Label("问题属实", "finding upheld"),
}
WHY_LEFT_OUT: dict[str, tuple[Pair, Pair]] = {
    "no_amount": (
        Pair("金额还没有核定", "its amount is not settled yet"),
        Pair("在事项页面核定金额后再收录", "settle the amount on the page of its case, then gather again"),
    ),
    "no_slip": (
        Pair("没有本期的凭证", "no slip for this period"),
        Pair("登记凭证所列金额后再收录", "state what the slip shows, then gather again"),
    ),
    "unknown": (
        Pair("有信息没有查明", "something is not known"),
        Pair("等名单送来，或先更正登记，再收录", "wait for the list or correct the register, then gather again"),
    ),
    "no_day": (
        Pair("本期没有一天应发", "no day of this period is owed"),
        Pair("不用办理", "nothing to be done"),
    ),
    "died": (
        Pair("登记为已故", "the register says that the person has died"),
        Pair("按停发流程处理；登记有误的先更正", "stop the award; mend the register first if it is wrong"),
    ),
    "finding": (
        Pair("核查发现的问题属实，暂停发放", "a check's finding was upheld: the award rests"),
        Pair("在收件箱办结这笔待遇的复查后再收录", "end the look at this award in the inbox, then gather again"),
    ),
}
"""Reason of a LeftOut: what it is, and what to do."""


def result_words(check: Check) -> Label:
    """What a check found, or how that was settled."""
    return RESULT_WORDS[check.settled or check.result]


def lost_by(items: Iterable[Item]) -> dict[int, tuple[Pair, ...]]:
    """Which conditions speak against items by the latest look at their lists, in words, by the items' keys. One query."""
    rows = Excluded.objects.filter(item__in=list(items)).select_related("item")
    return {row.item_id: tuple(_conditions(row)) for row in rows}


def _conditions(row: Excluded) -> Iterator[Pair]:
    labels = {one.id: one.label for one in pinned(row.item.programme, row.version).rule.conditions}
    zh, en = spoken_day(row.day)
    for name in row.conditions:
        if name in labels:
            yield Pair(f"{labels[name].zh}：{zh}不符合", f"{labels[name].en}: not so on {en}")


def explanation(item: Item) -> tuple[Pair, ...]:
    """How the item's amount was reckoned, step by step; empty for one that is the award's amount as it is. Pure."""
    return tuple(_lines(item.reckoning)) if item.reckoning else ()


def explanations(items: Iterable[UUID]) -> dict[UUID, tuple[Pair, ...]]:
    """The same of items by uid, without those whose amount is the award's. One query."""
    rows = Item.objects.filter(uid__in=list(items), reckoning__isnull=False).values_list("uid", "reckoning")
    return {uid: of_reckoning(told) for uid, told in rows if told is not None}


def of_reckoning(told: Mapping[str, Any]) -> tuple[Pair, ...]:
    """The same of a reckoning that is kept elsewhere, such as with a difference. Pure."""
    return tuple(_lines(told))


def _lines(told: Mapping[str, Any]) -> Iterator[Pair]:
    yield from _OWN[told["kind"]](told)
    for one in told["earlier"]:
        fen = yuan_text(one["fen"])
        yield Pair(f"补发 {one['period']} 期 {fen} 元", f"still owed for {one['period']}: {fen} yuan")


def _prorated(told: Mapping[str, Any]) -> Iterator[Pair]:
    rate, own = yuan_text(told["rate_fen"]), yuan_text(told["own_fen"])
    yield Pair(
        f"全期 {rate} 元 × {told['stood']} 天 ÷ {told['of']} 天 = {own} 元",
        f"{rate} yuan for the whole period × {told['stood']} of {told['of']} days = {own} yuan",
    )


def _by_rule(told: Mapping[str, Any]) -> Iterator[Pair]:
    for one in told.get("parts", ()):
        fen, sum_fen = yuan_text(one["fen"]), yuan_text(one["fen"] * one["days"])
        zh, en = _span(one["first"], one["last"])
        yield Pair(f"{zh}：{one['days']} 天 × {fen} 元 = {sum_fen} 元", f"{en}: {one['days']} days × {fen} yuan = {sum_fen} yuan")


def _of_loan(told: Mapping[str, Any]) -> Iterator[Pair]:
    if "ceiling_fen" not in told:
        return
    yearly, most, shown = (yuan_text(told[name]) for name in ("rate_fen", "ceiling_fen", "shown_fen"))
    zh, en = _span(told["begins"], told["over"])
    yield Pair(
        f"贷款计息 {zh}（到期或还清当天不计），本期 {told['days']} 天，一年上限 {yearly} 元，本期上限 {most} 元",
        f"the loan bears interest {en} (its last day not counted), {told['days']} days of this period: {most} of {yearly} yuan a year",
    )
    yield Pair(f"{told['document']}：{shown} 元，取较小者", f"{told['document']}: {shown} yuan; the smaller of the two")


def _of_bills(told: Mapping[str, Any]) -> Iterator[Pair]:
    if "shown_fen" in told:
        shown = yuan_text(told["shown_fen"])
        yield Pair(f"{told['document']}：{shown} 元", f"{told['document']}: {shown} yuan")
    if "rate_fen" in told:
        most = yuan_text(told["rate_fen"])
        yield Pair(f"每次至多 {most} 元，取较小者", f"at most {most} yuan; the smaller of the two")


_OWN = {"slips": _of_bills, "prorated": _prorated, "days": _by_rule, "loan": _of_loan}


def _span(first: str, last: str) -> tuple[str, str]:
    (begin, begin_en), (end, end_en) = (spoken_day(date.fromisoformat(one)) for one in (first, last))
    return f"{begin}至{end}", f"{begin_en} to {end_en}"


def spoken_day(day: date) -> tuple[str, str]:
    """A day in both languages. Pure."""
    return f"{day.year}年{day.month}月{day.day}日", f"{day:%-d %B %Y}"
