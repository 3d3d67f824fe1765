"""Money out of an escrow goes to the bank like any other payment: in a file that two people make and release, answered row by row.

Each payout that the end of a case orders is a payment (part "escrow"): the case stands for its batch. An officer gives the account, whose
name has to be that of the party. What somebody enters by the bank's slip instead is taken out of the way here first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from linli.casework.models import Case
from linli.entitlements.escrow import moving
from linli.entitlements.escrow.models import Escrow, EscrowParty, EscrowPayout
from linli.kernel import clock
from linli.kernel.documents import tidy_number
from linli.kernel.viewer import Viewer
from linli.settlement import facts
from linli.settlement.acts.correcting import OPEN, PAYMENT
from linli.settlement.acts.owing import require_clear
from linli.settlement.acts.shared import about, subject_of
from linli.settlement.models import Instruction, Order, Payment
from linli.settlement.refusals import refused, require_state
from linli.trace import Act, act
from linli.trace.turns import one_at_a_time

ESCROW = "escrow"
PERIOD = "once"
READY = (*OPEN, "ready")


def take_over(viewer: Viewer, case: UUID) -> int:
    """Make the payments of what the end of a case ordered out of its escrow; how many are new. For the system, after the case ended; again
    it makes none. The ledger follows first (moving.follow)."""
    row = Case.objects.get(uid=case)
    with act(viewer) as current:
        one_at_a_time(_turn(case))
        moving.follow(viewer, row)
        ordered = EscrowPayout.objects.filter(escrow__case=row, reference="").select_related("escrow").order_by("id")
        known = set(Payment.objects.filter(batch=row.uid, part=ESCROW).values_list("item", flat=True))
        fresh = [one for one in ordered if one.uid not in known]
        for one in fresh:
            made = _payment(row, one)
            made.save(force_insert=True)
            payload = about(made) | {"state": made.state}
            current.record(facts.PLANNED, subject=subject_of(made), payload=payload, rows=[made], area=made.area_code[:6])
    return len(fresh)


def _turn(case: UUID) -> str:
    return f"settlement.escrow:{case}"


def _payment(case: Case, one: EscrowPayout) -> Payment:
    holder = EscrowParty.objects.get(escrow=one.escrow, terms=one.escrow.terms, party=one.party).holder
    return Payment(
        item=one.uid,
        part=ESCROW,
        batch=case.uid,
        award=one.uid,
        case=case.uid,
        programme=case.programme,
        period=PERIOD,
        person=case.subject_uid,
        area_code=case.area_code,
        payee="party",
        payee_uid=holder,
        amount_fen=one.fen,
        state="waiting",
        state_since=clock.now(),
        reason="no_account",
    )


def paid_by_hand(viewer: Viewer, payout: UUID, reference: str, paid_on: date) -> EscrowPayout:
    """moving.paid_out() by the bank's slip, for a payout that no file of ours asks the bank to send: its payment is given up with it.
    Raises LinliError once it is in a file, or while the bank contradicts itself about it. Waits for the payments of its case to be made;
    locks the payment, then the case."""
    with act(viewer) as current:
        for case in EscrowPayout.objects.filter(uid=payout).values_list("escrow__case__uid", flat=True):
            one_at_a_time(_turn(case))
        row = Payment.objects.select_for_update(of=("self",)).filter(item=payout, part=ESCROW).first()
        if row is not None:
            require_state(PAYMENT, row.state, *READY, "withdrawn")
            require_clear(row)
            _require_new(row, reference)
        done = moving.paid_out(viewer, payout, reference, paid_on)
        if row is not None and row.state != "withdrawn":
            row.state, row.state_since = "withdrawn", clock.now()
            row.save(update_fields=["state", "state_since"])
            payload = about(row) | {"reason": "by_hand"}
            current.record(facts.WITHDRAWN, subject=subject_of(row), payload=payload, rows=[row], area=row.area_code[:6])
    return done


def _require_new(row: Payment, reference: str) -> None:
    """What the bank returned was sent by a line of a file: its reference isn't the slip of another transfer."""
    if row.instructions.filter(reference__iexact=tidy_number(reference, field="reference")).exists():
        raise refused(
            "came_back",
            "reference",
            ("这个流水号的款已被银行退回", "The money under this reference came back."),
            found=tidy_number(reference, field="reference"),
            remedy=("填写重新转出的流水号", "enter the reference of the new transfer"),
        )


def at_the_bank(case: UUID) -> bool:
    """Whether payouts of a case stand among the payments. One query."""
    return Payment.objects.filter(batch=case, part=ESCROW).exists()


def planned_by(order: Order) -> list[str]:
    """Who planned a release whose payouts are in a file: none of them lets it out. One query."""
    payouts = Payment.objects.filter(instructions__order=order, part=ESCROW).values("item")
    rows = Escrow.objects.filter(payouts__uid__in=payouts).exclude(planned_by="")
    return list(rows.order_by().values_list("planned_by", flat=True).distinct())


def told(current: Act, viewer: Viewer, kind: str, instructions: Iterable[Instruction]) -> None:
    """What the bank's answer says of payouts: sent, or returned afterwards. For the act that has posted it."""
    rows = {one.payment.item: one for one in instructions if one.payment.part == ESCROW}
    if kind == "paid":
        moving.sent(current, viewer, {item: (one.reference, one.payment.paid_on or clock.today()) for item, one in rows.items()})
    elif kind == "returned":
        moving.sent_back(current, viewer, list(rows))
