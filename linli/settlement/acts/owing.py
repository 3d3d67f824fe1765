"""What nobody owes any more isn't paid: an award that was annulled, not granted or replaced, or whose money was found paid too much."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from linli.agreements.models import Award
from linli.batches.due import NEVER_OWED
from linli.entitlements.models import Recovery
from linli.kernel import clock
from linli.settlement import facts
from linli.settlement.acts.shared import MACHINE, payment_facts
from linli.settlement.models import Order, Payment
from linli.settlement.refusals import refused
from linli.trace import bulk_act

REASON = "award_ended"


def never_owed(rows: QuerySet[Payment]) -> QuerySet[Payment]:
    """Of some payments, those whose award ended so that nothing was ever owed (batches.due.NEVER_OWED)."""
    return rows.filter(award__in=Award.objects.filter(state="ended", ending__in=NEVER_OWED).values("uid"))


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
    Payment.objects.bulk_update(payments, ["state", "state_since", "reason", "attempts"])
    told = {"batch": str(order.batch), "count": 0}
    with bulk_act(MACHINE, facts.INSTRUCTED_TOGETHER, subject=f"order:{order.uid}", payload=told) as bulk:
        bulk.extend(payment_facts(facts.PLANNED, Payment.objects.filter(pk__in=[row.pk for row in payments]).order_by("id"), state=None))


def require_owed(order: Order) -> None:
    """Before a file leaves the house: raise LinliError if an award in it has ended so that nothing was ever owed. One query."""
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


def require_payment_owed(row: Payment) -> None:
    """Before a payment is made ready again: LinliError if its award was never owed, or its period is being recovered or was."""
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
    that a fund doesn't get the same money twice; the row waits for a person. One query."""
    whole = {(one.award, one.period) for one in payments if one.part == "whole"}
    found = Recovery.objects.filter(award__uid__in={award for award, _ in whole}, returned_fen__gt=0).select_related("award")
    back = sum(1 for one in found for period, _paid, _owed in one.periods if (one.award.uid, period) in whole)
    if back:
        raise refused(
            "back_already",
            "payment",
            ("这笔款项已经由本人退回，银行退汇不能再入账一次", "The person has paid this back: it isn't the fund's a second time."),
            expected=("没有追回过的款项", "payments of which nothing came back"),
            found=(f"{back} 笔已追回", f"{back} came back before"),
            remedy=("向银行核实；确实退汇的，多出的部分应退还本人", "ask the bank; what came back twice belongs to the person"),
        )


def _recovered(row: Payment) -> bool:
    """Whether a recovery of the award names the payment's period and is open, or got something back."""
    found = Recovery.objects.filter(award__uid=row.award).select_related("case")
    named = [one for one in found if any(period == row.period for period, _paid, _owed in one.periods)]
    return any(one.case.status == "open" or one.returned_fen for one in named)
