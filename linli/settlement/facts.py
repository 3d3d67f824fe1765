"""Facts of settlement. Those of a payment are about the person; they hold sums, codes and opaque ids, never an account."""

from __future__ import annotations

from typing import Any

from linli.settlement.models import (
    ACCOUNT_REASONS,
    INQUIRY_STATES,
    ORDER_STATES,
    PARTS,
    WORD_STATES,
    WORDS_OF_BANK,
    Account,
    AccountAnswer,
    AccountAnswerRow,
    BankWord,
    FundPromise,
    Inquiry,
    Instruction,
    Order,
    Outcome,
    OutcomeRow,
    Payer,
    Payment,
)
from linli.trace import FactType
from linli.trace.named import counts, names
from linli.trace.payload import COUNT, DAY, UID, exactly
from linli.trace.rows import digested
from linli.trace.sealed import sealed

_TEXT = {"type": "string", "maxLength": 120}
_FEN = {"type": "integer", "minimum": 0}
_PAYMENT: dict[str, Any] = {
    "payment": UID,
    "award": UID,
    "programme": _TEXT,
    "period": _TEXT,
    "part": {"enum": list(PARTS)},
    "amount_fen": _FEN,
}
_ORDER: dict[str, Any] = {"number": _TEXT, "batch": UID, "count": COUNT, "total_fen": _FEN, "file": _TEXT}

PAYER_ENTERED = FactType("settlement.payer_entered", version=1, schema=exactly(payer=UID), zh="登记付款账户", en="paying account entered")
TAKEN_OVER = FactType(
    "settlement.taken_over",
    version=1,
    schema=exactly(batch=UID, payments=COUNT, total_fen=_FEN),
    zh="批次转入发放",
    en="batch taken over for payment",
)
PLANNED = FactType("settlement.planned", version=1, schema=exactly(**_PAYMENT, state=_TEXT), zh="待发放", en="to be paid")
ACCOUNT_CORRECTED = FactType(
    "settlement.account_corrected",
    version=1,
    schema=exactly(**_PAYMENT, reason={"enum": list(ACCOUNT_REASONS)}),
    zh="更正收款账户",
    en="payee's account corrected",
)
ACCOUNT_GIVEN = FactType(
    "settlement.account_given", version=1, schema=exactly(**_PAYMENT), zh="本人更正收款账户", en="account given anew by the person"
)
ACCOUNT_CHECKED = FactType(
    "settlement.account_checked",
    version=1,
    schema=exactly(award=UID, state=_TEXT, reason={"enum": list(ACCOUNT_REASONS)}),
    zh="收款账户已校验",
    en="account checked",
)
ORDER_MADE = FactType("settlement.order_made", version=1, schema=exactly(**_ORDER), zh="编制发放文件", en="bank file made")
INQUIRY_CHANGED = FactType(
    "settlement.inquiry_changed",
    version=1,
    schema=exactly(number=_TEXT, batch=UID, count=COUNT, file=_TEXT, state={"enum": list(INQUIRY_STATES)}),
    zh="账户核验文件",
    en="account check",
)
ACCOUNTS_ANSWERED = FactType(
    "settlement.accounts_answered",
    version=1,
    schema=exactly(layout=_TEXT, file=_TEXT, rows=COUNT),
    zh="收到账户核验回盘",
    en="bank's answer about accounts received",
)
ACCOUNT_ANSWER_APPLIED = FactType(
    "settlement.account_answer_applied",
    version=1,
    schema=exactly(rows=COUNT, refused=COUNT),
    zh="账户核验回盘处理完毕",
    en="bank's answer about accounts dealt with",
)
INSTRUCTED = FactType("settlement.instructed", version=1, schema=exactly(**_PAYMENT, order=UID), zh="列入发放文件", en="instructed")
INSTRUCTED_TOGETHER = FactType(
    "settlement.instructed_together", version=1, schema=exactly(batch=UID, count=COUNT), zh="批量列入发放文件", en="instructed together"
)
ORDER_CHANGED = FactType(
    "settlement.order_changed",
    version=1,
    schema=exactly(**_ORDER, state={"enum": list(ORDER_STATES)}),
    zh="发放文件状态变更",
    en="bank file's state changed",
)
HANDED_OVER = FactType("settlement.handed_over", version=1, schema=exactly(**_ORDER), zh="发放文件已取走", en="bank file handed over")
ANSWER_KEPT = FactType(
    "settlement.answer_kept",
    version=1,
    schema=exactly(layout=_TEXT, file=_TEXT),
    zh="银行回盘等待读取",
    en="bank's answer waits to be read",
)
ANSWER_REFUSED = FactType(
    "settlement.answer_refused", version=1, schema=exactly(file=_TEXT, reason=_TEXT), zh="银行回盘不予受理", en="bank's answer refused"
)
OUTCOME_RECEIVED = FactType(
    "settlement.outcome_received",
    version=1,
    schema=exactly(layout=_TEXT, file=_TEXT, rows=COUNT),
    zh="收到银行回盘",
    en="bank's answer received",
)
OUTCOME_APPLIED = FactType(
    "settlement.outcome_applied",
    version=1,
    schema=exactly(rows=COUNT, refused=COUNT),
    zh="银行回盘处理完毕",
    en="bank's answer dealt with",
)
PAID = FactType("settlement.paid", version=1, schema=exactly(**_PAYMENT, day=DAY), zh="已到账", en="paid")
FAILED = FactType("settlement.failed", version=1, schema=exactly(**_PAYMENT, reason=_TEXT), zh="发放失败", en="payment failed")
RETURNED = FactType("settlement.returned", version=1, schema=exactly(**_PAYMENT, reason=_TEXT), zh="银行退回", en="returned by the bank")
CONTRADICTED = FactType(
    "settlement.contradicted",
    version=1,
    schema=exactly(**_PAYMENT, reason=_TEXT),
    zh="银行的答复前后矛盾，或已澄清",
    en="the bank contradicts itself, or has made it clear",
)
PAID_TWICE = FactType(
    "settlement.paid_twice", version=1, schema=exactly(**_PAYMENT, day=DAY), zh="银行重复付款", en="paid twice by the bank"
)
SENT_OUT = FactType(
    "settlement.sent_out", version=1, schema=exactly(**_PAYMENT, day=DAY), zh="监管资金已付出", en="money out of escrow paid"
)
NOT_SENT_OUT = FactType(
    "settlement.not_sent_out", version=1, schema=exactly(**_PAYMENT, reason=_TEXT), zh="监管资金未付出", en="money out of escrow not paid"
)
REFUND = FactType("settlement.refund", version=1, schema=exactly(**_PAYMENT), zh="应退还本人", en="to be paid back to the person")
BANK_WORD = FactType(
    "settlement.bank_word",
    version=1,
    schema=exactly(word=UID, kind={"enum": list(WORDS_OF_BANK)}, fen=_FEN, state={"enum": list(WORD_STATES)}),
    zh="按银行凭证登记，另一人确认",
    en="entered from the bank's paper, confirmed by another",
)
FUND_PROMISE = FactType(
    "settlement.fund_promise",
    version=1,
    schema=exactly(promise=UID, fund=_TEXT, fen=_FEN, state={"enum": list(WORD_STATES)}),
    zh="追加资金承诺，另一人确认",
    en="more promised to a fund, confirmed by another",
)
WITHDRAWN = FactType("settlement.withdrawn", version=1, schema=exactly(**_PAYMENT, reason=_TEXT), zh="不再发放", en="payment withdrawn")
RETENTION_RELEASED = FactType(
    "settlement.retention_released", version=1, schema=exactly(**_PAYMENT, accepted_on=DAY), zh="质保金到期可付", en="retention released"
)
ACCOUNTS_FORGOTTEN = FactType(
    "settlement.accounts_forgotten",
    version=1,
    schema=exactly(rows=COUNT),
    zh="清空已注销人员的账户",
    en="accounts of an erased person emptied",
)

digested(Payer)
digested(Account)
digested(Payment)
digested(Order)
digested(Instruction)
digested(Outcome, exclude=("state",))
digested(BankWord)
digested(FundPromise)
digested(Inquiry)
digested(AccountAnswer, exclude=("state",))
_LINE = {"outcome": "outcome", "line": "line"}
names(Instruction, OutcomeRow, place=_LINE, alike={"reference": "reference", "code": "code"})
names(BankWord, OutcomeRow, place=_LINE, alike={})
counts(Outcome, "rows", OutcomeRow, owner="outcome", unfinished="reading")
counts(AccountAnswer, "rows", AccountAnswerRow, owner="answer", unfinished="reading")
sealed(Account, subject="person", ciphers=("cipher",))
