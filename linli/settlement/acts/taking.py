"""A batch that was approved is taken over: one payment for each of its items, with the account that it goes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from django.db.models import Q

from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.ledger.queries import Part
from linli.programmes.procedure.declaration import Retention
from linli.registers.statistics import gather_where_grown
from linli.settlement import facts
from linli.settlement.acts.accounts import Wanted, accounts_for
from linli.settlement.acts.offsetting import set_off
from linli.settlement.acts.shared import payment_facts
from linli.settlement.models import Account, Payment
from linli.settlement.refusals import refused
from linli.trace import act, bulk_act
from linli.trace.rows import with_digests
from linli.trace.turns import one_at_a_time

AT_ONCE = 1000
"""Payables that one call takes over: its memory, and how long its transaction lasts."""


@dataclass(frozen=True, slots=True)
class Payable:
    """An approved item. case: of its award; person: whose matter it is and whose key seals `account`, "" where none is known yet.

    payee_uid: who is paid, None the person; shares: what each fund gives, in sum what is to be paid.
    """

    item: UUID
    award: UUID
    case: UUID | None
    person: UUID
    payee: str
    payee_uid: UUID | None
    area_code: str
    shares: tuple[Part, ...]
    account: str

    @property
    def fen(self) -> int:
        """What is to be paid, in fen."""
        return sum(share.fen for share in self.shares)


@dataclass(frozen=True, slots=True)
class Source:
    """The batch that payables come from. retention: of its programme, None where nothing is kept back."""

    batch: UUID
    programme: str
    period: str
    retention: Retention | None = None


def take_over(viewer: Viewer, *, source: Source, payables: Sequence[Payable]) -> int:
    """Make the payments of up to AT_ONCE items; how many are new. Again with the same items it makes none.

    A payment whose account is missing or did not pass its check waits. An award that is being paid for this period already, or has been,
    is refused (settlement.twice), with all of the call. One call for a batch at a time. Fourteen statements; about 0.5 ms an item.
    """
    if len(payables) > AT_ONCE:
        raise refused(
            "too_many", "payables", ("一次转入过多", "Too many at once."), expected=str(AT_ONCE), remedy=("分次转入", "split them")
        )
    with act(viewer):
        return _take(viewer, source, payables)


def _take(viewer: Viewer, source: Source, payables: Sequence[Payable]) -> int:
    # Two workers with the same batch: the second finds what the first has made.
    one_at_a_time(f"settlement.take:{source.batch}")
    known = set(Payment.objects.filter(item__in=[one.item for one in payables]).values_list("item", flat=True))
    fresh = [one for one in payables if one.item not in known]
    if not fresh:
        return 0
    _refuse_twice(source, fresh)
    told = {"batch": str(source.batch), "payments": len(fresh), "total_fen": sum(one.fen for one in fresh)}
    with bulk_act(viewer, facts.TAKEN_OVER, subject=f"batch:{source.batch}", payload=told) as bulk:
        wanted = [Wanted(one.award, one.person, one.payee, one.payee_uid, one.account) for one in fresh]
        accounts, new = accounts_for(wanted)
        payments = [row for one in fresh for row in _payments(source, one, accounts.get(one.award))]
        set_off(source.programme, payments)
        Payment.objects.bulk_create(payments)
        gather_where_grown(Payment, Account)
        checked = with_digests(Account.objects.filter(pk__in=[row.pk for row in new]).order_by("id"), "award", "person", "state", "reason")
        bulk.extend(
            (facts.ACCOUNT_CHECKED, f"resident:{person}", {"award": str(award), "state": state, "reason": reason}, digests)
            for digests, (award, person, state, reason) in checked
        )
        made = Payment.objects.filter(pk__in=[row.pk for row in payments]).order_by("id")
        bulk.extend(payment_facts(facts.PLANNED, made, state=None))
    return len(fresh)


def _refuse_twice(source: Source, payables: Sequence[Payable]) -> None:
    standing = ~Q(state="withdrawn") & Q(period=source.period, award__in=[one.award for one in payables])
    twice = Payment.objects.filter(standing).values_list("award", flat=True).first()
    if twice is not None:
        raise refused(
            "twice",
            "award",
            ("这项待遇本期已经在发放或已发放", "This award is being paid, or has been paid, for this period."),
            found=str(twice),
            remedy=("在原来的发放中更正账户后重发；不要重新列入批次", "correct the earlier payment; do not list the award again"),
        )


def _payments(source: Source, one: Payable, account: Account | None) -> list[Payment]:
    kept = retained_fen(one.fen, source.retention) if one.payee == "provider" else 0
    good = account is not None and account.state == "good"
    whole = _payment(source, one, "whole", one.fen - kept)
    whole.funds, whole.shares = [share.fund for share in one.shares], [share.fen for share in one.shares]
    whole.holds, whole.retained_fen, whole.account = [share.hold for share in one.shares], kept, account
    whole.state, whole.reason = ("ready", "") if good else ("waiting", account.reason if account else "no_account")
    if not kept:
        return [whole]
    rest = _payment(source, one, "retained", kept)
    rest.state, rest.account = "retained", account
    return [whole, rest]


def _payment(source: Source, one: Payable, part: str, fen: int) -> Payment:
    return Payment(
        item=one.item,
        part=part,
        batch=source.batch,
        award=one.award,
        case=one.case,
        programme=source.programme,
        period=source.period,
        person=one.person,
        area_code=one.area_code,
        payee=one.payee,
        payee_uid=one.payee_uid,
        amount_fen=fen,
        state_since=clock.now(),
    )


def retained_fen(fen: int, retention: Retention | None) -> int:
    """What is kept back of a price: the rate, never above the legal cap, whole fen, rounded down in the contractor's favour."""
    if retention is None:
        return 0
    rate: Fraction = min(retention.rate, retention.cap)
    return int(fen * rate)
