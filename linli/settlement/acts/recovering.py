"""Money that was paid too much comes back: entered from the bank's receipt by one officer and confirmed by another, it is each fund's again
that it came out of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Sum

from linli.agreements.models import Award
from linli.casework.desks import require_impartial
from linli.casework.models import Case
from linli.casework.receipts import grouped
from linli.entitlements.models import TWICE, Recovery
from linli.entitlements.recovering import came_back, open_one
from linli.kernel import clock
from linli.kernel.documents import tidy_number
from linli.kernel.viewer import Viewer
from linli.ledger.acts import Posting, lock_balances, post_all
from linli.registers.acts.guards import county_of
from linli.settlement.acts import vouching
from linli.settlement.acts.shared import borne
from linli.settlement.models import BankWord, Payment
from linli.settlement.refusals import no_such, refused
from linli.trace import Act, act
from linli.trace.turns import one_at_a_time

BACK = "fund.return"
LONGEST = 60
NOBODY = UUID(int=0)
RECOVERY = ("多发款项核实", "matter of money paid too much")
NOTHING: Mapping[UUID, int] = {}
Part = tuple[str, str, int]
"""Payment's uid, fund, fen."""


def money_back(viewer: Viewer, *, case: UUID, fen: int, on: date, reference: str) -> BankWord:
    """So much has come back to the treasury's account on a day, by the bank's own reference: entered, and nothing more until another
    officer confirms it (confirm_back). Each reference counts once: the same again is the one that was entered, and in another matter it is
    refused.

    Needs an officer of the programme for the person's county, who has nothing to do with the person. Locks the case and the recovery.
    """
    told = tidy_number(reference, field="reference")
    with act(viewer) as current:
        row = _case_for(viewer, case)
        check_paper(told, on)
        one_at_a_time(f"settlement.back:{told.casefold()}")
        known = BankWord.objects.filter(kind="back", reference__iexact=told).exclude(state="dropped").first()
        if known is not None:
            _require_here(known, row)
            vouching.require_same(known, fen, on)
            return known
        recovery = open_one(row, "offset")
        _check_sum(recovery.open_fen - _on_its_way(row) - _waiting(row), fen)
        word = BankWord(kind="back", person=recovery.person, case=case, fen=fen, on=on, reference=told)
        return vouching.entered(current, viewer, word, row.area_code)


def _require_here(known: BankWord, row: Case) -> None:
    """Raise LinliError where the receipt was entered for another matter: money that came once would count twice."""
    if known.case != row.uid:
        other = Case.objects.get(uid=str(known.case))
        raise refused(
            "entered_elsewhere",
            "reference",
            ("这张回单已经登记在另一件事项上", "That receipt is entered for another matter."),
            expected=("每件事项一张回单", "a receipt for each matter"),
            found=grouped(other.receipt),
            remedy=("一笔款还几件的，请银行分别出具回单", "where one transfer is for several matters, ask the bank for a receipt of each"),
        )


def confirm_back(viewer: Viewer, *, word: UUID) -> Recovery:
    """Another officer has seen it on the bank's paper: it goes to the funds that paid, the one drawn on last first; the last of it closes
    the case. Needs the same grant; refused to whoever entered it, opened the recovery or proposed how it ends, or could be sitting behind
    them: one officer alone makes no money come back that nobody saw. Again it changes nothing.

    Locks the word, the case, the award and the recovery, then the balances.
    """
    with act(viewer) as current:
        told = vouching.waiting(word, "back")
        row = _case_for(viewer, told.case or NOBODY)
        Award.objects.select_for_update().filter(recoveries__case=row).first()
        if told.state == "confirmed":
            return Recovery.objects.get(case=row)
        recovery = open_one(row, "offset")
        vouching.require_second(viewer, told, row.opened_by, recovery.proposed_by)
        _check_sum(recovery.open_fen - _on_its_way(row), told.fen)
        give_back(current, viewer, recovery, told.fen, told.reference, told.on, "bank")
        vouching.ended(current, viewer, told, "confirmed", row.area_code)
    return recovery


def _case_for(viewer: Viewer, case: UUID) -> Case:
    """The case, locked, that the viewer may deal with. Raises LinliError."""
    row = Case.objects.select_for_update(of=("self",)).select_related("task").filter(uid=case).first()
    if row is None:
        raise no_such(RECOVERY, case)
    viewer.require("officer", area=county_of(row.area_code), programme=row.programme)
    require_impartial(viewer, row)
    return row


def _waiting(case: Case) -> int:
    """What was entered and waits for another officer. One query."""
    rows = BankWord.objects.filter(kind="back", case=case.uid, state="waiting")
    return rows.aggregate(fen=Sum("fen"))["fen"] or 0


def give_back(current: Act, viewer: Viewer, recovery: Recovery, fen: int, reference: str, on: date, how: str) -> None:
    """Post it, one transfer for each fund, and say that it came back. For an act that has locked the recovery."""
    case = recovery.case
    payees = f"payees:{case.programme}"
    parts = list(parts_back(recovery, fen))
    lock_balances(accounts=sorted({payees, *(f"fund:{fund}" for _, fund, _ in parts)}))
    postings = [
        Posting(
            key=f"{_stem(case)}{reference}:{payment}:{fund}",
            unit="fen",
            kind=BACK,
            legs=((payees, -part), (f"fund:{fund}", part)),
            reference=f"{reference} {case.receipt}",
            event_at=min(clock.now(), clock.midnight(on)),
        )
        for payment, fund, part in parts
    ]
    post_all(viewer, postings=postings)
    came_back(current, viewer, recovery, fen, how)


def _stem(case: Case) -> str:
    return f"recovery:{case.uid}:"


def parts_back(recovery: Recovery, fen: int, meanwhile: Mapping[UUID, int] = NOTHING) -> Iterator[Part]:
    """Out of which payments and funds it had come, without what came back before, of this recovery and of others of the award: a fund never
    gets more back than it paid. meanwhile: what of each, by its case, comes back in the same call before this. Raises LinliError where less
    was paid here."""
    payments = list(_paid(recovery))
    others = recovery.award.recoveries.exclude(pk=recovery.pk).exclude(cause=TWICE).select_related("case")
    if recovery.cause == TWICE:
        others = others.none()
    before = recovery.returned_fen + meanwhile.get(recovery.case.uid, 0)
    gone = Counter(_spread(recovery, payments, before))
    now = Counter(_spread(recovery, payments, before + fen)) - gone
    for other in others:
        gone.update(_spread(other, payments, other.returned_fen + meanwhile.get(other.case.uid, 0)))
    left = fen
    for payment in payments:
        for fund, part in _shares(payment, gone[payment.pk], now[payment.pk]):
            left -= part
            yield str(payment.uid), fund, part
    if left:
        raise refused(
            "not_paid_here",
            "fen",
            ("这笔款项不是在这里发放的，或银行已经退回", "This was not paid here, or the bank has returned it."),
            expected=(f"至多 {fen - left} 分", f"at most {fen - left} fen"),
            found=(f"{fen} 分", f"{fen} fen"),
            remedy=("核对发放记录和该待遇的其他多发核实", "look at what was paid, and at other recoveries of the award"),
        )


def _paid(recovery: Recovery) -> Iterable[Payment]:
    """What a recovery takes back of: what the bank paid a second time, or everything that was paid of the award once, the last first."""
    rows = Payment.objects.filter(award=recovery.award.uid, state="paid")
    if recovery.cause == TWICE:
        return rows.filter(uid=recovery.detail)
    return rows.filter(part="whole").order_by("-id")


def overpaid_of(recovery: Recovery) -> Payment | None:
    """The payment that a recovery takes back of first. One query."""
    return next((one for one in _paid(recovery) if recovery.cause == TWICE or any(one.period == row[0] for row in recovery.periods)), None)


def back_of(payment: Payment) -> int:
    """How many fen recoveries got back of a payment from the person. Two queries."""
    rows = Recovery.objects.filter(award__uid=payment.award, returned_fen__gt=0).select_related("award")
    rows = rows.filter(cause=TWICE, detail=str(payment.uid)) if payment.part == "again" else rows.exclude(cause=TWICE)
    return sum(_spread(one, list(_paid(one)), one.returned_fen).get(payment.pk, 0) for one in rows)


def back_from_the_bank(current: Act, viewer: Viewer, payment: Payment) -> None:
    """What was paid a second time the bank has returned itself: its recovery is settled. For the act that took the posting back, which has
    locked the recovery and its case before the balances (offsetting.lock_to_take_back)."""
    if payment.part != "again":
        return
    found = Recovery.objects.select_for_update(of=("self",)).select_related("case", "award")
    recovery = found.filter(cause=TWICE, detail=str(payment.uid)).first()
    if recovery is not None and recovery.open_fen:
        came_back(current, viewer, recovery, recovery.open_fen, "bank")


def _spread(recovery: Recovery, payments: Sequence[Payment], fen: int) -> dict[int, int]:
    """How much of the first fen of a recovery is of which payment (by key), the last payment first."""
    too_much: dict[str, int] = {period: paid - owed for period, paid, owed in recovery.periods}
    found: dict[int, int] = {}
    for payment in payments:
        part = min(too_much.get(payment.period, 0), fen, payment.amount_fen + (payment.offset_fen or 0))
        if part:
            fen -= part
            too_much[payment.period] -= part
            found[payment.pk] = part
    return found


def _shares(payment: Payment, skip: int, fen: int) -> Iterator[tuple[str, int]]:
    """Of which funds so much of a payment is, after so much that is back already; the fund that was drawn on last first."""
    paid = borne(payment.shares, payment.amount_fen + (payment.offset_fen or 0))
    for fund, share in reversed(list(zip(payment.funds, paid, strict=True))):
        before = min(skip, share)
        skip -= before
        if part := min(share - before, fen):
            fen -= part
            yield fund, part


def check_paper(reference: str, on: date) -> None:
    """Raise LinliError without the bank's own reference, or for a day to come."""
    if not reference or len(reference) > LONGEST:
        raise refused(
            "no_reference",
            "reference",
            ("请填写银行回单号", "Give the bank's reference."),
            expected=(f"1 到 {LONGEST} 个字符", f"1 to {LONGEST} characters"),
            remedy=("按银行回单填写", "as its receipt says"),
        )
    if on > clock.today():
        raise refused(
            "future_day",
            "on",
            ("到账日期不能晚于今天", "It can't have come back on a day to come."),
            expected=f"≤ {clock.today()}",
            found=str(on),
            remedy=("按银行回单填写", "as its receipt says"),
        )


def _on_its_way(case: Case) -> int:
    """What is set off in payments that the bank hasn't paid yet. One query."""
    rows = Payment.objects.filter(offset_case=case.uid).exclude(state__in=("paid", "withdrawn"))
    return sum(fen or 0 for fen in rows.values_list("offset_fen", flat=True))


def _check_sum(most: int, fen: int) -> None:
    if not 0 < fen <= most:
        raise refused(
            "not_so_much",
            "fen",
            ("退回的金额不对", "So much can't have come back."),
            expected=(f"1 到 {most} 分", f"1 to {most} fen"),
            found=str(fen),
            remedy=("多退的部分应退还本人", "what is beyond it belongs to the person"),
        )
