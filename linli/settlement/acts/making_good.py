"""Nothing was paid too much after all: what is in no file yet is paid whole, and what was set off or paid back is the person's again.

It becomes a payment of its own (part "made_good") out of the funds that had got it, and goes to the bank as any other does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from linli.casework.contesting import CONTESTING
from linli.casework.models import Case
from linli.entitlements.models import Recovery
from linli.entitlements.recovering import went_again
from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.ledger.acts import Posting, lock_balances, post_all
from linli.registers.acts.independence import require_independent
from linli.settlement import facts
from linli.settlement.acts.correcting import commit_anew
from linli.settlement.acts.recovering import overpaid_of, parts_back
from linli.settlement.acts.shared import MACHINE, about, subject_of
from linli.settlement.models import MADE_GOOD, BankWord, Instruction, Order, Payment
from linli.trace import Act, act

HOW = "made_good"
KEPT = "fund.kept"
IN_NO_FILE = ("waiting", "ready")
GO_ON = "settlement.go_on"
NO_MONEY = "no_money"
"""Why a payment waits whose fund has given the money to others meanwhile."""
_SENT = ("open", "paid", "failed", "returned")
_NAMES = ("item", "batch", "award", "case", "programme", "period", "person", "area_code", "payee", "payee_uid")


def make_good(viewer: Viewer, case: UUID) -> int:
    """Undo a recovery that was stopped, as far as it can be today; how many payments were changed or made. A payment that a bank was asked
    for keeps its sum, and what was kept back of it is made good once it is paid. Again, or by two at once, it does the rest and nothing
    twice.

    Locks the payments that were lessened for it, then the recovery, then the balances.
    """
    with act(viewer) as current:
        rows = Payment.objects.filter(offset_case=case).exclude(part=MADE_GOOD).order_by("id")
        lessened = list(rows.select_for_update(of=("self",)))
        found = Recovery.objects.select_for_update(of=("self",)).select_related("case", "award")
        recovery = found.filter(case__uid=case, stopped_at__isnull=False).first()
        if recovery is None:
            return 0
        done = set(Payment.objects.filter(offset_case=case, part=MADE_GOOD).values_list("item", flat=True))
        asked = set(Instruction.objects.filter(payment__in=lessened, state__in=_SENT).values_list("payment", flat=True))
        fresh = [one for one in lessened if one.state in IN_NO_FILE and one.pk not in asked]
        for one in fresh:
            _whole_again(current, one)
        owing = [(one, one.offset_fen or 0) for one in lessened if one.state == "paid" and one.item not in done]
        own = _paid_back(case)
        of = overpaid_of(recovery) if own else None
        if of is not None and of.item not in done:
            owing.append((of, own))
        for one, fen in owing:
            _owe(current, viewer, recovery, one, fen)
    return len(fresh) + len(owing)


def make_good_of(viewer: Viewer, payments: Iterable[UUID]) -> None:
    """make_good() for the recoveries, stopped meanwhile, that some payments were lessened for. A query where there are none."""
    lessened = Payment.objects.filter(uid__in=list(payments), offset_fen__isnull=False)
    cases = lessened.values("offset_case")
    for case in Recovery.objects.filter(case__uid__in=cases, stopped_at__isnull=False).order_by("id").values_list("case__uid", flat=True):
        make_good(viewer, case)


def before_filling(order: Order) -> None:
    """What a file is about to take that is lessened for nothing any more is whole again first."""
    ready = Payment.objects.filter(batch=order.batch, state="ready", offset_fen__isnull=False)
    make_good_of(MACHINE, ready.values_list("uid", flat=True))


def require_no_part(actor: str, order: Order) -> None:
    """Raise Refused where whoever would let out a file had a part in taking back what it makes good, or in finding that nothing was owed:
    they would be paying out what they had entered, or decided, themselves. Four queries, and two for each of them."""
    of = Payment.objects.filter(instructions__order=order, part=MADE_GOOD).values("offset_case")
    rows = [*Case.objects.filter(Q(uid__in=of) | Q(parent__uid__in=of, kind__in=CONTESTING)).values_list("opened_by", "answered_by")]
    rows += Recovery.objects.filter(case__uid__in=of).values_list("proposed_by", "consented_by")
    rows += BankWord.objects.filter(case__in=of).values_list("entered_by", "ended_by")
    had_a_part = {one for row in rows for one in row if one.startswith("staff:")}
    if actor in had_a_part:
        raise Refused(
            "settlement.had_a_part",
            zh="文件里有一笔是退还多扣、多收的款项，您办理过它的追回或者异议，不能由您复核",
            en="The file gives back money that was taken in error, and you had a part in taking it or in the objection to it.",
            expected="an officer who had no part in it",
            expected_zh="没有参与过这件事项的人员",
            found=order.number,
            remedy_zh="请没有参与过的同事复核放行",
            remedy_en="have a colleague release it who had no part in it",
        )
    for one in sorted(had_a_part):
        require_independent(one, actor)


def _whole_again(current: Act, one: Payment) -> None:
    one.amount_fen, one.offset_fen, one.offset_case = one.amount_fen + (one.offset_fen or 0), None, None
    one.save(update_fields=["amount_fen", "offset_fen", "offset_case"])
    payload = about(one) | {"state": one.state}
    current.record(facts.PLANNED, subject=subject_of(one), payload=payload, rows=[one], area=one.area_code[:6])


def _paid_back(case: UUID) -> int:
    """What the person transferred themselves, as two officers entered it. One query."""
    rows = BankWord.objects.filter(kind="back", case=case, state="confirmed")
    return rows.aggregate(fen=Sum("fen"))["fen"] or 0


def _owe(current: Act, viewer: Viewer, recovery: Recovery, of: Payment, fen: int) -> None:
    """So much is the person's again: a payment to the account that `of` went to, out of the funds that had got the money back."""
    went_again(current, viewer, recovery, fen, HOW)
    shares: dict[str, int] = {}
    for _payment, fund, part in parts_back(recovery, fen):
        shares[fund] = shares.get(fund, 0) + part
    row = Payment(part=MADE_GOOD, **{name: getattr(of, name) for name in _NAMES})
    row.amount_fen, row.offset_case = fen, recovery.case.uid
    row.funds, row.shares = list(shares), list(shares.values())
    row.account = of.account if of.account is not None and of.account.state == "good" else None
    row.state, row.state_since, row.reason = "waiting", clock.now(), "" if row.account else "other"
    if row.account is not None:
        _commit(row)
    row.save(force_insert=True)
    current.record(facts.REFUND, subject=subject_of(row), payload=about(row), rows=[row], area=row.area_code[:6])


def _commit(row: Payment) -> None:
    """The money is held for it; where the fund has it no more, the payment waits and says so."""
    lock_balances(accounts=sorted(f"fund:{fund}" for fund in row.funds))
    try:
        with act(MACHINE):
            commit_anew(MACHINE, row, f"made_good:{row.uid}")
    except LinliError:
        row.holds, row.reason = [], NO_MONEY
    else:
        row.state = "ready"


def waiting_for(fund: str) -> bool:
    """Whether a payment waits for money of this fund. One query."""
    return _without_money().filter(funds__contains=[fund]).exists()


def go_on() -> int:
    """What waits until its fund has the money again goes on by itself where the money is there; how many do. Again, or by two at once,
    nothing is committed twice. A transaction for each: locks the payment, then the balances."""
    return sum(_go_on(uid) for uid in list(_without_money().order_by("id").values_list("uid", flat=True)))


def _without_money() -> QuerySet[Payment]:
    return Payment.objects.filter(part=MADE_GOOD, state="waiting", reason=NO_MONEY)


def _go_on(payment: UUID) -> bool:
    with act(MACHINE) as current:
        row = _without_money().select_for_update(of=("self",)).select_related("account").filter(uid=payment).first()
        if row is None or row.account is None:
            return False
        if row.account.state == "good":
            row.reason = ""
            _commit(row)
        else:
            row.reason = row.account.reason or "other"
        if row.reason == NO_MONEY:
            return False
        row.state_since = clock.now()
        row.save()
        payload = about(row) | {"state": row.state}
        current.record(facts.PLANNED, subject=subject_of(row), payload=payload, rows=[row], area=row.area_code[:6])
    return row.state == "ready"


def settled(payments: Iterable[Payment]) -> set[int]:
    """Of some payments, by key, those that were lessened and whose kept-back money has been made good. A query where there are none."""
    lessened = [one for one in payments if one.offset_fen and one.offset_case]
    if not lessened:
        return set()
    rows = Payment.objects.filter(part=MADE_GOOD, item__in=[one.item for one in lessened])
    done = set(rows.values_list("item", "offset_case"))
    return {one.pk for one in lessened if (one.item, one.offset_case) in done}


def keep(instructions: Sequence[Instruction]) -> None:
    """The bank returned payments whose kept-back money was made good: their funds keep what that was, and they go out again without it. For
    the act that has mirrored what they were spent with, but for the transfer that gave the kept-back money to the other fund."""
    if instructions:
        post_all(MACHINE, postings=[posting for one in instructions for posting in _kept(one)])
    for one in instructions:
        one.payment.save(update_fields=["funds", "shares", "offset_fen", "offset_case"])


def _kept(instruction: Instruction) -> Iterator[Posting]:
    """A transfer for each fund that gave what was made good; the payment is less by that from now on."""
    row, left, got = instruction.payment, instruction.payment.offset_fen or 0, f"payees:{instruction.payment.programme}"
    shares = list(row.shares)
    for place in reversed(range(len(shares))):
        part = min(shares[place], left)
        left, shares[place] = left - part, shares[place] - part
        if part:
            legs = ((f"fund:{row.funds[place]}", -part), (got, part))
            key = f"kept:{instruction.reference}:{place}"
            yield Posting(key=key, unit="fen", kind=KEPT, legs=legs, reference=str(row.uid))
    row.funds = [fund for fund, fen in zip(row.funds, shares, strict=True) if fen]
    row.shares = [fen for fen in shares if fen]
    row.offset_fen, row.offset_case = None, None
