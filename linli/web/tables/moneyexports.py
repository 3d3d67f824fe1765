"""Tables of money as spreadsheets: payments, bank files, the bank's answers row by row, what a fund took in and gave, draws, letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from linli.batches import queries as batches
from linli.batches.models import Draw
from linli.casework.desks import workable
from linli.casework.letters.queries import kind_label, number_of
from linli.casework.models import Letter
from linli.casework.receipts import grouped
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.ledger import queries as ledger
from linli.registers.models import Resident
from linli.rules.declare import Label
from linli.settlement import queries
from linli.settlement.models import AccountAnswerRow, Order, OutcomeRow, Payment
from linli.settlement.words import CHECK_VERDICTS, ORDER_STATES, PAYMENT_STATES, REASONS, VERDICTS
from linli.web.batches.tables import place_of
from linli.web.case.papers import SERVED_WORDS
from linli.web.money.funds import fund_for
from linli.web.tables.exports import PORTION, Sheet
from linli.web.templatetags.texts import words

Parameters = Mapping[str, str]


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100


def _portions(found: QuerySet[Any]) -> Iterator[list[Any]]:
    after = 0
    while some := list(found.filter(pk__gt=after).order_by("pk")[:PORTION]):
        yield some
        after = some[-1].pk


def payments(viewer: Viewer, parameters: Parameters) -> Sheet:
    """Every payment of a batch, whatever its state: batch. Of accounts the last four signs."""
    batch = queries.batch_of(viewer, UUID(parameters["batch"])).batch
    found = Payment.objects.filter(queries.readable(viewer), batch=batch).select_related("account")
    headers = (
        *(_("编号"), _("居民"), _("县（市、区）"), _("期间"), _("金额（元）"), _("账户尾号")),
        *(_("状态"), _("原因"), _("到账日期"), _("发放次数")),
    )
    return Sheet(_("发放明细"), headers, _payments(found), found.count)


def _payments(found: QuerySet[Payment]) -> Iterator[tuple[Any, ...]]:
    for some in _portions(found):
        names = dict(Resident.objects.filter(uid__in={one.person for one in some}).values_list("uid", "name"))
        for one in some:
            who = (str(one.uid), names.get(one.person, ""), place_of(one.area_code[:6]))
            tail = one.account.tail if one.account else ""
            said = (words(PAYMENT_STATES[one.state]), words(REASONS[one.reason]), one.paid_on, one.attempts)
            yield (*who, one.period, _yuan(one.amount_fen), tail, *said)


def orders(viewer: Viewer, parameters: Parameters) -> Sheet:
    """The bank files of a batch: batch."""
    batch = queries.batch_of(viewer, UUID(parameters["batch"])).batch
    rows = Order.objects.filter(batch=batch).order_by("id")
    headers = (_("编号"), _("状态"), _("笔数"), _("金额（元）"), _("付款日"), _("取走"), _("文件摘要"))
    told = (
        (one.number, words(ORDER_STATES[one.state]), one.count, _yuan(one.total_fen), one.day, one.handed_over_at, one.file_digest)
        for one in rows
    )
    return Sheet(_("发放文件"), headers, told, rows.count)


def answer(viewer: Viewer, parameters: Parameters) -> Sheet:
    """Every row of the bank's answer about payments, with what became of it: outcome."""
    found = OutcomeRow.objects.filter(outcome=queries.outcome(viewer, UUID(parameters["outcome"])))
    headers = (_("行"), _("流水号"), _("金额（元）"), _("账户尾号"), _("代码"), _("日期"), _("结果"))
    told = (_answered(one) for some in _portions(found) for one in some)
    return Sheet(_("银行的答复"), headers, told, found.count)


def _answered(one: OutcomeRow) -> tuple[Any, ...]:
    amount = None if one.amount_fen is None else _yuan(one.amount_fen)
    return one.line, one.reference, amount, one.tail, one.code, one.told_on, words(VERDICTS[one.verdict])


def account_answer(viewer: Viewer, parameters: Parameters) -> Sheet:
    """Every row of the bank's answer about accounts: answer."""
    found = AccountAnswerRow.objects.filter(answer=queries.account_answer(viewer, UUID(parameters["answer"])))
    headers = (_("行"), _("流水号"), _("账户尾号"), _("代码"), _("结果"))
    told = ((one.line, one.reference, one.tail, one.code, words(CHECK_VERDICTS[one.verdict])) for some in _portions(found) for one in some)
    return Sheet(_("银行对账户的答复"), headers, told, found.count)


def fund(viewer: Viewer, parameters: Parameters) -> Sheet:
    """What a fund took in and gave from one day to another, both included, with the balance after each: fund, start, end."""
    found = fund_for(viewer, parameters["fund"])
    slug = found.slug
    start, end = (date.fromisoformat(parameters[name]) for name in ("start", "end"))
    headers = (_("时间"), _("类别"), _("金额（元）"), _("余额（元）"), _("凭据"), _("冲正的是"))
    first = ledger.statement(f"fund:{slug}", start=start, end=end, limit=1)
    return Sheet(words(Label(found.purpose_zh, found.purpose_en)), headers, _lines(slug, start, end), lambda: first.count)


def _lines(slug: str, start: date, end: date) -> Iterator[tuple[Any, ...]]:
    skip = 0
    while some := ledger.statement(f"fund:{slug}", start=start, end=end, skip=skip, limit=PORTION).lines:
        skip += len(some)
        for one in some:
            reverses = str(one.reverses) if one.reverses else ""
            yield one.event_at, one.kind, _yuan(one.amount), _yuan(one.balance), one.reference, reverses


def draws(viewer: Viewer, parameters: Parameters) -> Sheet:
    """Every draw of the batches that the viewer may read."""
    found = Draw.objects.filter(batch__in=batches.batches(viewer).order_by()).select_related("batch")
    headers = (_("编号"), _("政策"), _("期间"), _("冻结名单"), _("抽取"), _("摘要"), _("作废原因"))
    told = (
        (one.code, words(batches.programme_of(one.batch).label), one.batch.period, one.frozen_at, one.drawn_at, one.digest, one.reason)
        for some in _portions(found)
        for one in some
    )
    return Sheet(_("公开抽取"), headers, told, found.count)


def letters(viewer: Viewer, parameters: Parameters) -> Sheet:
    """The official letters of the cases that the viewer works on (发文登记簿); never what they say."""
    found = Letter.objects.filter(case__in=workable(viewer).values("case")).select_related("case")
    headers = (_("文号"), _("文书"), _("签发单位"), _("签发"), _("回执编号"), _("居民"), _("送达"), _("怎样送达"), _("撤回"))
    return Sheet(_("发文登记簿"), headers, _letters(found), found.count)


def _letters(found: QuerySet[Letter]) -> Iterator[tuple[Any, ...]]:
    for some in _portions(found):
        names = dict(Resident.objects.filter(uid__in={one.subject for one in some}).values_list("uid", "name"))
        for one in some:
            issued = (number_of(one), words(kind_label(one)), one.organ, one.issued_at, grouped(one.case.receipt))
            how = str(SERVED_WORDS.get(one.served_how, ""))
            yield (*issued, names.get(one.subject, ""), one.served_at, how, one.withdrawn_at)


def this_year() -> dict[str, str]:
    """The days of a statement where nobody asks for others."""
    today = clock.today()
    return {"start": f"{today.year}-01-01", "end": str(today)}


LISTINGS: dict[str, Any] = {
    "payments": payments,
    "payment-files": orders,
    "bank-answer": answer,
    "account-answer": account_answer,
    "fund": fund,
    "draws": draws,
    "letters": letters,
}
