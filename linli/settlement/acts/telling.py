"""What a row of the bank's answer brings about: paid is posted to the ledger, failed goes back to the fund, returned is taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from linli.batches import acts as batches
from linli.entitlements.escrow.queries import BANK, DUE
from linli.kernel import clock
from linli.ledger.acts import Posting, Reversal, post_all, release, reverse_all
from linli.ledger.acts.spending import SPEND
from linli.ledger.models import Hold, Transfer
from linli.settlement import facts
from linli.settlement.acts import escrows, keeping, making_good, offsetting
from linli.settlement.acts.offsetting import funds_of
from linli.settlement.acts.owing import PAID_BEFORE, require_not_back
from linli.settlement.acts.recovering import BACK, back_from_the_bank
from linli.settlement.acts.shared import MACHINE, about, borne, subject_of
from linli.settlement.banking.layouts import Code
from linli.settlement.models import Instruction, Order, Outcome, OutcomeRow, Payment
from linli.trace import Act, FactType, act
from linli.trace.sets import update_all

ASIDE = {"retained": ("retention.pay", "retained"), "refund": ("refund.pay", "owed")}
"""Parts of which the money lies on an account of the programme's own: kind of their transfers, and that account."""
_FACTS: dict[str, dict[str, FactType]] = {
    "": {"paid": facts.PAID, "failed": facts.FAILED, "returned": facts.RETURNED},
    "again": {"paid": facts.PAID_TWICE, "failed": facts.WITHDRAWN, "returned": facts.WITHDRAWN},
    escrows.ESCROW: {"paid": facts.SENT_OUT, "failed": facts.NOT_SENT_OUT, "returned": facts.NOT_SENT_OUT},
}
# Reasons that are the account's own, so that nothing more is paid to it.
_OF_THE_ACCOUNT = ("no_account", "name_differs", "closed", "frozen", "not_reactivated", "limit")


@dataclass(slots=True)
class Judged:
    """A row with its verdict. code: what the bank's code means; instruction: that it names, locked with its payment."""

    row: OutcomeRow
    verdict: str
    code: Code | None
    instruction: Instruction | None


def tell(outcome: Outcome, kind: str, found: Sequence[Judged]) -> None:
    """Carry out rows of one verdict, all or none. Call it inside the act that has locked instructions and payments, after lock()."""
    with act(MACHINE) as current:
        pairs = [(one, one.instruction) for one in found if one.instruction is not None and one.code is not None]
        if kind == "returned":
            require_not_back([instruction.payment for _, instruction in pairs])
        if kind == "paid":
            post_paid([instruction for _, instruction in pairs])
        elif kind == "failed":
            release(MACHINE, holds=_open_holds([instruction.payment for _, instruction in pairs]))
        else:
            _take_back(current, [instruction for _, instruction in pairs])
            offsetting.told(current, MACHINE, [instruction.payment for _, instruction in pairs], back=False)
            for _, instruction in pairs:
                back_from_the_bank(current, MACHINE, instruction.payment)
            batches.returned([one.payment.item for _, one in pairs if one.payment.part == "whole"])
        for one, instruction in pairs:
            _mark(outcome, kind, one, instruction)
        _save(current, kind, [instruction for _, instruction in pairs])
        escrows.told(current, MACHINE, kind, [instruction for _, instruction in pairs])
        if kind == "paid":
            offsetting.told(current, MACHINE, [one.payment for _, one in pairs], back=True)
            batches.paid(MACHINE, [one.payment.item for _, one in pairs if one.payment.part == "whole"])
        _settle({instruction.order_id for _, instruction in pairs}, current)


def lock(kind: str, found: Sequence[Judged]) -> None:
    """Lock what rows of a verdict change beside their payments: all of it before any balance. For the act that has locked the payments."""
    payments = [one.instruction.payment for one in found if one.instruction is not None and one.code is not None]
    if kind == "returned":
        keeping.rests_of(payments)
        offsetting.lock_to_take_back(payments)
    elif kind == "paid":
        offsetting.lock(payments)


def post_paid(instructions: Sequence[Instruction]) -> None:
    """Post what postings_of() says of each, in one call."""
    postings: list[Posting] = []
    meanwhile: Counter[UUID] = Counter()
    for one in instructions:
        postings += postings_of(one, meanwhile)
        if one.payment.offset_fen and one.payment.offset_case:
            meanwhile[one.payment.offset_case] += one.payment.offset_fen
    post_all(MACHINE, postings=postings)


def _keys(instruction: Instruction, *, back: bool) -> list[str]:
    """Of what postings_of() posts, with or without what gives kept-back money to the fund that had paid too much."""
    numbers = range(len(instruction.payment.funds) or 1)
    return [f"pay:{instruction.reference}:{one}" for one in (*numbers, *(["back"] if back and instruction.payment.offset_fen else []))]


def postings_of(instruction: Instruction, meanwhile: Mapping[UUID, int]) -> Iterator[Posting]:
    """A transfer for each fund that pays: out of its hold to the payees, of a contractor's price the retained part aside, and what the
    person agreed to have set off back to the fund that had paid too much. meanwhile: see offsetting.funds_of."""
    payment = instruction.payment
    got, kept = f"payees:{payment.programme}", f"retained:{payment.programme}"
    if payment.part == escrows.ESCROW:
        legs: tuple[tuple[str, int], ...] = ((DUE, -payment.amount_fen), (BANK, payment.amount_fen))
        yield Posting(key=f"pay:{instruction.reference}:0", unit="fen", kind="escrow.paid_out", legs=legs, reference=str(payment.item))
        return
    if payment.part in ASIDE:
        kind, account = ASIDE[payment.part]
        legs = ((f"{account}:{payment.programme}", -payment.amount_fen), (got, payment.amount_fen))
        yield Posting(key=f"pay:{instruction.reference}:0", unit="fen", kind=kind, legs=legs, reference=str(payment.uid))
        return
    parts = borne(payment.shares, payment.amount_fen + (payment.offset_fen or 0))
    for number, (fund, fen, now, hold) in enumerate(zip(payment.funds, payment.shares, parts, payment.holds, strict=True)):
        legs = tuple(leg for leg in ((f"fund:{fund}", -fen), (got, now), (kept, fen - now)) if leg[1])
        yield Posting(key=f"pay:{instruction.reference}:{number}", unit="fen", kind=SPEND, legs=legs, reference=str(payment.uid), hold=hold)
    if payment.offset_fen:
        legs = ((got, -payment.offset_fen), *funds_of(payment, meanwhile))
        yield Posting(key=f"pay:{instruction.reference}:back", unit="fen", kind=BACK, legs=legs, reference=str(payment.uid))


def _open_holds(payments: Sequence[Payment]) -> list:
    holds = [hold for payment in payments for hold in payment.holds]
    return list(Hold.objects.filter(uid__in=holds, status="open").values_list("uid", flat=True))


def _take_back(current: Act, instructions: Sequence[Instruction]) -> None:
    """Mirror images of what was posted: the money is the fund's again, but for what was kept back and has been made good since, or is paid
    for itself."""
    settled = making_good.settled([one.payment for one in instructions])
    rests = keeping.rests_of([one.payment for one in instructions])
    apart = keeping.without_rest(instructions, rests)
    whole = [one for one in instructions if one not in apart]
    payments = {key: str(one.payment.uid) for one in whole for key in _keys(one, back=one.payment_id not in settled)}
    posted = Transfer.objects.filter(key__in=payments).order_by("id").values_list("uid", "key")
    reverse_all(MACHINE, reversals=[Reversal(uid, key=f"return:{key}", reference=payments[key]) for uid, key in posted])
    keeping.take_back_without(apart)
    keeping.kept_again(current, instructions, rests)
    making_good.keep([one for one in instructions if one.payment_id in settled])


def _mark(outcome: Outcome, kind: str, one: Judged, instruction: Instruction) -> None:
    assert one.code is not None
    day = one.row.told_on or clock.today()
    instruction.state, instruction.code, instruction.told_on = kind, one.row.code, day
    instruction.outcome, instruction.line = outcome, one.row.line
    payment = instruction.payment
    gone = "withdrawn" if payment.part == "again" else "failed"  # what is a second time isn't sent again
    payment.state, payment.state_since = ("paid" if kind == "paid" else gone), clock.now()
    payment.paid_on = _not_in_the_future(day) if kind == "paid" else None
    reason = "" if kind == "paid" else (one.code.reason if one.code.reason in _OF_THE_ACCOUNT else "other")
    if payment.reason != PAID_BEFORE:
        payment.reason = reason
    if kind != "paid":
        payment.holds = []
    if reason in _OF_THE_ACCOUNT:
        account = instruction.account
        account.state, account.reason = "bad", reason
        account.checked_by, account.checked_at = f"bank:{outcome.layout}", clock.now()


def _not_in_the_future(day: date) -> date:
    return min(day, clock.today())


def _save(current: Act, kind: str, instructions: Sequence[Instruction]) -> None:
    update_all(instructions, "state", "code", "told_on", "outcome", "line")
    payments = [one.payment for one in instructions]
    update_all(payments, "state", "state_since", "paid_on", "reason")
    if kind != "paid":
        Payment.objects.filter(pk__in=[one.pk for one in payments]).update(holds=[])
    accounts = {one.account_id: one.account for one in instructions if one.account.checked_by.startswith("bank:")}
    update_all(list(accounts.values()), "state", "reason", "checked_by", "checked_at")
    for one in instructions:
        payment = one.payment
        more = {"day": payment.paid_on.isoformat()} if payment.paid_on else {"reason": payment.reason}
        rows = [payment, one, *([one.account] if one.account_id in accounts else [])]
        told = _FACTS.get(payment.part, _FACTS[""])[kind]
        current.record(told, subject=subject_of(payment), payload=about(payment) | more, rows=rows, area=payment.area_code[:6])


def _settle(orders: set[int], current: Act) -> None:
    """An order is settled when the bank has answered for all of it. Two queries."""
    open_ones = set(Instruction.objects.filter(order__in=orders, state="open").values_list("order", flat=True).distinct())
    for order in Order.objects.select_for_update().filter(pk__in=orders - open_ones, state="handed_over").order_by("id"):
        order.state = "settled"
        order.save(update_fields=["state"])
        payload = {"number": order.number, "batch": str(order.batch), "count": order.count, "total_fen": order.total_fen}
        current.record(
            facts.ORDER_CHANGED,
            subject=f"order:{order.uid}",
            payload={**payload, "file": order.file_digest, "state": "settled"},
            rows=[order],
        )
