"""Facts of batches: of the list about the batch, of one item about the item, with an echo on the batch."""

from __future__ import annotations

from typing import Any

from linli.batches.models import (
    CHECK_KINDS,
    REMOVALS,
    RESULTS,
    SETTLEMENTS,
    AnnouncedCase,
    Announcement,
    Batch,
    Check,
    Difference,
    Draw,
    Item,
    Objection,
    Posted,
    PublicOutcome,
    Secret,
)
from linli.trace import FactType
from linli.trace.payload import COUNT, DAY, UID, exactly
from linli.trace.rows import digested
from linli.trace.sealed import sealed

_TEXT = {"type": "string", "maxLength": 200}
_DIGEST = {"type": "string", "pattern": "^(sha256|sm3):[0-9a-f]{64}$"}
_BATCH: dict[str, Any] = {"programme": _TEXT, "period": _TEXT}
_SUMS: dict[str, Any] = {"count": COUNT, "total_fen": COUNT}
_ITEM: dict[str, Any] = {"batch": UID}

OPENED = FactType(
    "batches.opened", version=1, schema=exactly(**_BATCH, area=_TEXT, given={"type": "object"}), zh="建立批次", en="batch opened"
)
GATHERED = FactType("batches.gathered", version=1, schema=exactly(**_BATCH, items=COUNT), zh="收录待发放的待遇", en="awards gathered")
LISTED = FactType("batches.listed", version=1, schema=exactly(**_ITEM, amount_fen=COUNT), zh="列入批次", en="listed in a batch")
REMOVED = FactType(
    "batches.removed", version=1, schema=exactly(**_ITEM, reason={"enum": list(REMOVALS)}), zh="移出批次", en="taken off the list"
)
DECLARED = FactType(
    "batches.declared",
    version=1,
    schema=exactly(**_BATCH, total_fen={"type": ["integer", "null"]}, count={"type": ["integer", "null"]}, levels=COUNT),
    zh="登记申报总额",
    en="totals handed in",
)
FROZEN = FactType(
    "batches.frozen", version=1, schema=exactly(**_BATCH, **_SUMS, draw={"type": ["string", "null"]}), zh="冻结名单", en="list frozen"
)
EXCLUSIONS = FactType(
    "batches.exclusions",
    version=1,
    schema=exactly(**_BATCH, excluded=COUNT),
    zh="核对名单上的人是否仍符合条件",
    en="list looked at for exclusions",
)
RELEASED = FactType("batches.released", version=1, schema=exactly(**_BATCH, items=COUNT), zh="名单退回", en="list given up")
DISSOLVED = FactType("batches.dissolved", version=1, schema=exactly(**_BATCH, reason=_TEXT), zh="作废批次", en="batch dissolved")
DRAW_OPENED = FactType(
    "batches.draw_opened", version=1, schema=exactly(draw=_TEXT, replaces={"type": ["string", "null"]}), zh="准备抽取", en="draw prepared"
)
COMMITTED = FactType(
    "batches.committed",
    version=1,
    schema=exactly(draw=_TEXT, department=_TEXT, digest=_DIGEST),
    zh="公布秘密的承诺",
    en="commitment published",
)
LIST_PUBLISHED = FactType(
    "batches.list_published",
    version=1,
    schema=exactly(draw=_TEXT, digest=_DIGEST, items=COUNT),
    zh="公布冻结名单的摘要",
    en="digest of the frozen list published",
)
REVEALED = FactType("batches.revealed", version=1, schema=exactly(draw=_TEXT, department=_TEXT), zh="公布秘密", en="secret revealed")
_NUMBERS: dict[str, Any] = {"type": "array", "items": {"type": "array", "items": {"type": "integer", "minimum": 0}}}
OUTCOME_ENTERED = FactType(
    "batches.outcome_entered",
    version=1,
    schema=exactly(draw=_TEXT, numbers=_NUMBERS, source=_TEXT),
    zh="登记开奖号码，待另一人确认",
    en="numbers of the public draw entered, to be confirmed by another",
)
OUTCOME_ENDED = FactType(
    "batches.outcome_ended",
    version=1,
    schema=exactly(draw=_TEXT, how={"enum": ["confirmed", "dropped"]}),
    zh="确认或作废开奖号码",
    en="numbers of the public draw confirmed or dropped",
)
DRAWN = FactType("batches.drawn", version=1, schema=exactly(draw=_TEXT, seed=_DIGEST, drawn=COUNT), zh="抽取完成", en="drawn")
DRAW_VOID = FactType("batches.draw_void", version=1, schema=exactly(draw=_TEXT, reason=_TEXT), zh="抽取作废", en="draw void")
CHECKS_MADE = FactType("batches.checks_made", version=1, schema=exactly(**_BATCH, checks=COUNT), zh="分派核查", en="checks assigned")
CHECK_ASKED = FactType(
    "batches.check_asked", version=1, schema=exactly(**_ITEM, kind={"enum": list(CHECK_KINDS)}), zh="要求核查", en="check asked for"
)
CHECKED = FactType(
    "batches.checked",
    version=1,
    schema=exactly(**_ITEM, kind={"enum": list(CHECK_KINDS)}, result={"enum": list(RESULTS)}),
    zh="核查结果",
    en="checked",
)
SETTLED = FactType(
    "batches.finding_settled",
    version=1,
    schema=exactly(**_ITEM, how={"enum": list(SETTLEMENTS)}),
    zh="处理核查发现的问题",
    en="finding settled",
)
NOTICE_UP = FactType(
    "batches.notice_up",
    version=1,
    schema=exactly(**_BATCH, announcement=UID, starts=DAY, ends=DAY, lines=COUNT, online=COUNT, masked={"type": "boolean"}, digest=_DIGEST),
    zh="开始公示",
    en="public notice put up",
)
NOTICE_ENDED = FactType(
    "batches.notice_ended",
    version=1,
    schema=exactly(**_BATCH, announcement=UID, how={"enum": ["ended", "withdrawn"]}),
    zh="公示结束",
    en="public notice came down",
)
POSTER_HUNG = FactType(
    "batches.poster_hung", version=1, schema=exactly(announcement=UID, place=_TEXT, on=DAY), zh="张贴公示", en="poster hung"
)
OBJECTED = FactType("batches.objected", version=1, schema=exactly(announcement=UID, case=UID), zh="提出异议", en="objected to")
SHOWN_NO_MORE = FactType(
    "batches.shown_no_more",
    version=1,
    schema=exactly(announcement=UID, case=UID),
    zh="因异议成立不再公示",
    en="shown no more, an objection was right",
)
APPROVED = FactType(
    "batches.approved", version=1, schema=exactly(**_BATCH, **_SUMS, funds={"type": "object"}), zh="批准发放", en="approved for payment"
)
MONEY_HELD = FactType("batches.money_held", version=1, schema=exactly(**_BATCH, items=COUNT), zh="逐笔落实资金", en="money held for each")
PAYING = FactType("batches.paying", version=1, schema=exactly(**_BATCH), zh="开始发放", en="being paid")
HELD = FactType("batches.held", version=1, schema=exactly(**_ITEM, fund=_TEXT, hold=UID), zh="落实资金", en="money held")
PAID = FactType("batches.paid", version=1, schema=exactly(**_ITEM), zh="已发放", en="paid")
UNPAID = FactType("batches.unpaid", version=1, schema=exactly(**_ITEM), zh="未能发放", en="not paid")
SETTLED_ITEMS = FactType(
    "batches.payments_noted", version=1, schema=exactly(**_BATCH, paid=COUNT, failed=COUNT), zh="登记发放结果", en="payments noted"
)
DIFFERS = FactType(
    "batches.differs",
    version=1,
    schema=exactly(
        **_ITEM, difference=UID, fen={"type": "integer"}, state={"enum": ["owed", "overpaid", "listed", "recovered", "dropped"]}
    ),
    zh="已发放期间的差额",
    en="a paid period comes to something else",
)
CLOSED = FactType("batches.closed", version=1, schema=exactly(**_BATCH, paid=COUNT, failed=COUNT), zh="批次结束", en="batch closed")

digested(Item, exclude=("looked_at", "came_back_at", "repaid_at"))
for _model in (Batch, Difference, Draw, Secret, PublicOutcome, Check, Announcement, AnnouncedCase, Posted, Objection):
    digested(_model)
sealed(Check, subject="subject", ciphers=("cipher", "settled_cipher"))
