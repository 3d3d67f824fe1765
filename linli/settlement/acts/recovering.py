"""Money that was paid too much comes back: entered from the bank's receipt, it is each fund's again that it came out of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from linli.casework.models import Case
from linli.entitlements.models import Recovery
from linli.entitlements.recovering import came_back, open_one
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.ledger.acts import Posting, lock_balances, post_all
from linli.ledger.queries import received_under
from linli.registers.acts.guards import county_of
from linli.settlement.models import Payment
from linli.settlement.refusals import no_such, refused
from linli.trace import Act, act

BACK = "fund.return"
LONGEST = 60
RECOVERY = ("多发款项核实", "matter of money paid too much")
Part = tuple[str, str, int]
"""Payment's uid, fund, fen."""


def money_back(viewer: Viewer, *, case: UUID, fen: int, on: date, reference: str) -> Recovery:
    """So much has come back to the treasury's account on a day, by the bank's own reference: each reference of a case counts once.

    It goes to the funds that paid, the one drawn on last first; the last of it closes the case. Needs an officer of the programme for the
    person's county. Locks the case, the recovery, then the balances.
    """
    told = reference.strip()
    with act(viewer) as current:
        row = Case.objects.select_for_update(of=("self",)).select_related("task").filter(uid=case).first()
        if row is None:
            raise no_such(RECOVERY, case)
        viewer.require("officer", area=county_of(row.area_code), programme=row.programme)
        _check(told, on)
        if _entered(row, told):
            return Recovery.objects.get(case=row)
        recovery = open_one(row)
        _check_sum(recovery, fen)
        give_back(current, viewer, recovery, fen, told, on, "bank")
    return recovery


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


def _entered(case: Case, reference: str) -> bool:
    return bool(received_under(f"{_stem(case)}{reference}:"))


def parts_back(recovery: Recovery, fen: int) -> Iterator[Part]:
    """Out of which payments and funds it had come, without what came back before. Raises LinliError where less was paid here."""
    skip, left = recovery.returned_fen, fen
    for payment, fund, part in _paid(recovery):
        before = min(skip, part)
        skip -= before
        now = min(part - before, left)
        if now:
            left -= now
            yield payment, fund, now
    if left:
        raise refused(
            "not_paid_here",
            "fen",
            ("这笔款项不是在这里发放的，或银行已经退回", "This was not paid here, or the bank has returned it."),
            found=str(left),
            remedy=("核对发放记录", "look at what was paid"),
        )


def _paid(recovery: Recovery) -> Iterator[Part]:
    """What was paid too much, payment by payment, of each the fund that was drawn on last first."""
    too_much = {period: paid - owed for period, paid, owed in recovery.periods}
    rows = Payment.objects.filter(award=recovery.award.uid, period__in=too_much, part="whole", state="paid").order_by("-id")
    for payment in rows:
        left = min(too_much[payment.period], payment.amount_fen + (payment.offset_fen or 0))
        for fund, share in reversed(list(zip(payment.funds, payment.shares, strict=True))):
            if part := min(share, left):
                left -= part
                yield str(payment.uid), fund, part


def _check(reference: str, on: date) -> None:
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


def _check_sum(recovery: Recovery, fen: int) -> None:
    if not 0 < fen <= recovery.open_fen:
        raise refused(
            "not_so_much",
            "fen",
            ("退回的金额不对", "So much can't have come back."),
            expected=(f"1 到 {recovery.open_fen} 分", f"1 to {recovery.open_fen} fen"),
            found=str(fen),
            remedy=("多退的部分应退还本人", "what is beyond it belongs to the person"),
        )
