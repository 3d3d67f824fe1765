"""What nobody owes any more isn't paid: an award that was annulled, not granted or replaced, or whose money was found paid too much."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from linli.agreements.models import Award
from linli.batches.due import NEVER_OWED
from linli.entitlements.models import TWICE, Recovery
from linli.kernel import clock
from linli.settlement import facts
from linli.settlement.acts.shared import MACHINE, about, payment_facts, subject_of
from linli.settlement.models import THE_PERSONS, Instruction, Order, Payment
from linli.settlement.refusals import refused
from linli.trace import Act, bulk_act
from linli.trace.sets import update_all

REASON = "award_ended"
BACK_ALREADY = "back_already"
PAID_BEFORE = "paid_before"
"""Why a payment waits of which the bank said that it failed, and afterwards that it was paid: until the bank says again that it failed."""


def never_owed(rows: QuerySet[Payment]) -> QuerySet[Payment]:
    """Of some payments, those whose award ended so that nothing was ever owed (batches.due.NEVER_OWED)."""
    ended = Award.objects.filter(state="ended", ending__in=NEVER_OWED)
    return rows.exclude(part__in=THE_PERSONS).filter(award__in=ended.values("uid"))


def set_aside(order: Order) -> None:
    """Before an order is filled: what its batch has ready and nobody owes waits instead, with the reason. Locks those payments."""
    rows = never_owed(Payment.objects.filter(batch=order.batch, state="ready"))
    wait(order, list(rows.order_by("id").select_for_update(of=("self",))), REASON)


def wait(order: Order, payments: list[Payment], reason: str) -> None:
    """Payments that an order leaves out wait for an officer; a fact for each. For the act that fills the order."""
    if not payments:
        return
    for payment in payments:
        payment.state, payment.state_since, payment.reason = "waiting", clock.now(), reason
    update_all(payments, "state", "state_since", "reason", "attempts")
    told = {"batch": str(order.batch), "count": 0}
    with bulk_act(MACHINE, facts.INSTRUCTED_TOGETHER, subject=f"order:{order.uid}", payload=told) as bulk:
        bulk.extend(payment_facts(facts.PLANNED, Payment.objects.filter(pk__in=[row.pk for row in payments]).order_by("id"), state=None))


def require_owed(order: Order) -> None:
    """Before a file leaves the house: raise LinliError if an award in it has ended so that nothing was ever owed. One query."""
    paid_before = Payment.objects.filter(instructions__order=order, reason=PAID_BEFORE).first()
    if paid_before is not None:
        require_clear(paid_before)
    ended = never_owed(Payment.objects.filter(instructions__order=order)).count()
    if ended:
        raise refused(
            "award_ended",
            "order",
            (
                f"文件里有 {ended} 笔的给予决定已经撤销，不能交给银行",
                f"{ended} payments of the file are owed no more: it doesn't go out.",
            ),
            expected=("每一笔都仍应发放", "payments that are all still owed"),
            found=(f"{ended} 笔不再应发", f"{ended} no longer owed"),
            remedy=("作废这个文件，重新编制；不再应发的会自动留出", "drop the file and make it anew: what is no longer owed is left out"),
        )


def entered_by(order: Order) -> list[str]:
    """Which officers entered an account that a file pays to: none of them lets it out. One query."""
    rows = Instruction.objects.filter(order=order, account__entered_by__startswith="staff:")
    return list(rows.order_by().values_list("account__entered_by", flat=True).distinct())


def require_clear(row: Payment) -> None:
    """Raise LinliError while the bank contradicts itself about a payment."""
    if row.reason == PAID_BEFORE:
        raise refused(
            "paid_before",
            "payment",
            (
                "银行先说失败、后说已付，查清之前不能重发也不能放弃",
                "The bank said failed and then paid: nothing more is done until it is clear.",
            ),
            expected=("银行前后一致的答复", "the bank saying one thing"),
            found=("前后矛盾的答复", "an answer that contradicts an earlier one"),
            remedy=("请银行书面确认，再读入写明失败的回盘", "ask the bank; read its answer that says again that it failed"),
        )


def contradicted(current: Act, payments: Sequence[int]) -> None:
    """The bank says that something was paid of which it had said that it failed: the payment waits, or bears the reason where it stands in
    a file. payments: keys, locked by the act that is open, which may have changed them since it read them."""
    for row in Payment.objects.filter(pk__in=payments).order_by("pk"):
        if row.state in ("ready", "failed", "waiting") and row.part != "again":
            row.state, row.state_since = "waiting", clock.now()
        _tell(current, row, PAID_BEFORE)


def said_again(current: Act, payments: Sequence[int]) -> None:
    """The bank says again that it failed: the payment waits for its account as before. payments: as of contradicted()."""
    for row in Payment.objects.filter(pk__in=payments, reason=PAID_BEFORE).order_by("pk"):
        _tell(current, row, "other" if row.state in ("waiting", "failed") else "")


def _tell(current: Act, row: Payment, reason: str) -> None:
    row.reason = reason
    row.save(update_fields=["state", "state_since", "reason"])
    payload = about(row) | {"reason": reason}
    current.record(facts.CONTRADICTED, subject=subject_of(row), payload=payload, rows=[row], area=row.area_code[:6])


def require_payment_owed(row: Payment) -> None:
    """Before a payment is made ready again: LinliError if its award was never owed, or its period is being recovered or was."""
    require_clear(row)
    over = never_owed(Payment.objects.filter(pk=row.pk)).exists()
    if over or _recovered(row):
        raise refused(
            "award_ended",
            "payment",
            ("这笔款项已经不应发放，不能更正账户后重发", "This payment is no longer owed: it isn't sent again."),
            expected=("仍应发放的款项", "a payment that is still owed"),
            found=("给予决定已撤销", "the award was annulled") if over else ("已作为多发款项追回", "taken up as paid too much"),
            remedy=("办理“不再发放这笔款项”", "give the payment up"),
        )


def require_not_back(payments: Sequence[Payment]) -> None:
    """Before the bank's word that it returned payments is posted: LinliError if a recovery got something of one back from the person, so
    that a fund doesn't get the same money twice; the row waits for a person. For the act that has locked the awards, as whoever confirms
    money back does, so that of the two at once the later sees the earlier. One query."""
    awards = {one.award for one in payments}
    found = Recovery.objects.filter(award__uid__in=awards, returned_fen__gt=0).select_related("award")
    named: set[object] = set()
    for one in found:
        named |= {one.detail} if one.cause == TWICE else {(one.award.uid, period) for period, _paid, _owed in one.periods}
    back = sum(1 for one in payments if _named(one) in named)
    if back:
        raise refused(
            BACK_ALREADY,
            "payment",
            ("这笔款项已经由本人退回，银行退汇不能再入账一次", "The person has paid this back: it isn't the fund's a second time."),
            expected=("没有追回过的款项", "payments of which nothing came back"),
            found=(f"{back} 笔已追回", f"{back} came back before"),
            remedy=("向银行核实；确实退汇的，多出的部分应退还本人", "ask the bank; what came back twice belongs to the person"),
        )


def _named(row: Payment) -> object:
    """How recoveries name a payment; None for one that nothing is taken back of."""
    return {"whole": (row.award, row.period), "again": str(row.uid)}.get(row.part)


def _recovered(row: Payment) -> bool:
    """Whether a recovery of the award names the payment's period and is open, or got something back."""
    if row.part != "whole":
        return False
    found = Recovery.objects.filter(award__uid=row.award).exclude(cause=TWICE).select_related("case")
    named = [one for one in found if any(period == row.period for period, _paid, _owed in one.periods)]
    return any(one.case.status == "open" or one.returned_fen for one in named)
