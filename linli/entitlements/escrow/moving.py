"""Money out of an escrow: what the end of a case orders, how the ledger follows, and the bank's word that it has gone out.

The orders are written in the transaction that ends the case, by whoever ends it. The ledger follows after the commit, in the worker, under
keys of its own: a kill between leaves an order that is followed later, once. Money is with the bank until the bank says that it is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from linli.casework.desks import case_for, require_impartial
from linli.casework.models import Case, StepTaken
from linli.entitlements.escrow import facts
from linli.entitlements.escrow.acts import Opened, opened
from linli.entitlements.escrow.deposits import LONGEST, returning, slip_entered, slip_known, slip_number
from linli.entitlements.escrow.models import Escrow, EscrowDeposit, EscrowParty, EscrowPayout
from linli.entitlements.escrow.queries import BANK, DUE, held_on
from linli.entitlements.escrow.refusals import refusal, second_person
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.ledger import acts as ledger
from linli.ledger.models import Account, Hold
from linli.registers.acts.independence import require_independent
from linli.registers.models import Resident
from linli.registers.nearness import require_not_near
from linli.trace import Act, act

RELEASED, RETURNED = "escrow.released", "escrow.returned"
DONE = ("registered", "granted")
"""Outcomes with which a case has come to its end."""


def ended(a: Act, viewer: Viewer, case: Case) -> None:
    """A case with an escrow has ended: by the planned parts once its release passed, else all of it goes back to whoever paid it in.

    Raises LinliError where somebody takes it back although the new right is registered. Inside the act that ends the case.
    """
    found = opened(a, viewer, case)
    row = found.row
    if row is None:
        return
    if case.outcome in DONE and _released(found):
        made = [
            EscrowPayout(escrow=row, purpose="released", party=party, fen=fen, ordered_at=clock.now())
            for party, fen in sorted(row.plan.items())
        ]
    else:
        if case.outcome == "withdrawn" and row.number:
            raise refusal(
                "registered_already",
                ("新的权利已经登记，不能撤回申请", "The new right is registered: the application can't be taken back."),
                ("先到登记机构撤销登记，再联系办理单位", "have the registration undone first and ask the office in charge"),
            )
        deposits = EscrowDeposit.objects.filter(escrow=row, returned__isnull=True).order_by("id")
        made = [returning(one) for one in deposits.select_related("escrow")]
    for one in made:
        one.save(force_insert=True)
    if made:
        found.told(facts.ORDERED, {"purpose": made[0].purpose, "payouts": len(made)}, list(made))


def _released(found: Opened) -> bool:
    stays = StepTaken.objects.filter(case=found.case, step=found.declared.released).order_by("-position")
    newest = stays.first()
    return newest is not None and newest.result == "passed" and bool(found.set().plan)


def follow(viewer: Viewer, case: Case) -> int:
    """Let the ledger follow what the end of a case ordered; how many payouts there are. Again it changes nothing.

    What was held leaves the case's account for what the bank was told to send. Of a release the database refuses it without a
    registration, whoever asks.
    """
    with act(viewer):
        Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        row = Escrow.objects.filter(case=case).first()
        payouts = list(EscrowPayout.objects.select_related("deposit").filter(escrow=row).order_by("id")) if row else []
        if row is None or not payouts:
            return 0
        account = held_on(case)
        holds = list(EscrowDeposit.objects.filter(escrow=row).order_by("id").values_list("hold", flat=True))
        if not Account.objects.filter(code=DUE).exists():
            ledger.open_account(viewer, code=DUE, unit="fen", kind="clearing", floor=0, purpose="资金监管")
        ledger.lock_balances(accounts=[account, DUE], holds=holds)
        if payouts[0].purpose == "released":
            ledger.release(viewer, holds=list(Hold.objects.filter(uid__in=holds, status="open").values_list("uid", flat=True)))
        ledger.post_all(viewer, postings=[_posting(one, account) for one in payouts])
    return len(payouts)


def _posting(one: EscrowPayout, account: str) -> ledger.Posting:
    returned = one.deposit
    return ledger.Posting(
        key=f"escrow:{one.uid}:ordered",
        unit="fen",
        kind=RETURNED if returned else RELEASED,
        legs=((account, -one.fen), (DUE, one.fen)),
        reference=str(one.uid),
        event_at=one.ordered_at,
        hold=returned.hold if returned else None,
    )


def paid_out(viewer: Viewer, payout: UUID, reference: str, paid_on: date) -> EscrowPayout:
    """The bank has sent it, by its reference. For an officer of the case who neither planned it nor entered what it
    returns, and stands near no party. Locks the case.

    A slip is for one transfer, in or out. The same again does nothing.
    """
    with act(viewer) as a:
        one = EscrowPayout.objects.select_related("escrow__case").filter(uid=payout).first()
        if one is None:
            raise refusal(
                "no_payout", ("没有这笔转出", "There is no such payout."), ("从事项页面进入", "open it from the case"), found=str(payout)
            )
        case = case_for(viewer, one.escrow.case.uid, lock=True)
        require_impartial(viewer, case)
        found = opened(a, viewer, case)
        one = EscrowPayout.objects.select_related("deposit").get(pk=one.pk)
        number = slip_number(reference)
        _check_sent(viewer, found.set(), one, number, paid_on)
        if one.reference:
            return one
        follow(viewer, case)
        one.reference, one.paid_on, one.paid_by = number, paid_on, viewer.actor
        one.save(update_fields=["reference", "paid_on", "paid_by"])
        legs = ((DUE, -one.fen), (BANK, one.fen))
        key = f"escrow:{one.uid}:paid" + (f":{one.came_back}" if one.came_back else "")
        ledger.post(viewer, posting=ledger.Posting(key=key, unit="fen", kind="escrow.paid_out", legs=legs, reference=str(one.uid)))
        found.told(facts.PAID_OUT, {"payout": str(one.uid), "fen": one.fen}, [one])
    return one


def sent(current: Act, viewer: Viewer, told: Mapping[UUID, tuple[str, date]]) -> None:
    """The bank's answer to a file says that payouts have gone out: by uid its reference and day; the first stays until the bank returns it.
    For the act that posted it; locks them."""
    for one in _locked(told):
        if not one.reference:
            one.reference, one.paid_on = told[one.uid]
            one.paid_by = viewer.actor
            one.save(update_fields=["reference", "paid_on", "paid_by"])
        found = opened(current, viewer, one.escrow.case)
        found.told(facts.PAID_OUT, {"payout": str(one.uid), "fen": one.fen}, [one])


def sent_back(current: Act, viewer: Viewer, payouts: Collection[UUID]) -> None:
    """The bank has returned payouts after it had sent them: they are due again, and sent under another reference next time; the file's line
    keeps the first. For the act that has taken the posting back; locks them."""
    for one in _locked(payouts):
        one.reference, one.paid_on, one.paid_by, one.came_back = "", None, "", (one.came_back or 0) + 1
        one.save(update_fields=["reference", "paid_on", "paid_by", "came_back"])
        found = opened(current, viewer, one.escrow.case)
        found.told(facts.CAME_BACK, {"payout": str(one.uid), "fen": one.fen}, [one])


def _locked(payouts: Collection[UUID]) -> QuerySet[EscrowPayout]:
    rows = EscrowPayout.objects.filter(uid__in=list(payouts)).select_related("escrow__case").order_by("id")
    return rows.select_for_update(of=("self",))


def _check_sent(viewer: Viewer, row: Escrow, one: EscrowPayout, number: str, day: date) -> None:
    people = EscrowParty.objects.filter(escrow=row, terms=row.terms, kind="resident").values("holder")
    require_not_near(viewer.actor, Resident.objects.filter(uid__in=people))
    began = one.deposit.actor if one.deposit else row.planned_by
    if began == viewer.actor:
        raise second_person(
            ("放款由您拟定，付出须由另一位人员确认", "You planned the release: a colleague has to confirm that it was sent.")
            if one.purpose == "released"
            else ("这笔来款由您登记，退回须由另一位人员确认", "You entered what came in: a colleague has to confirm that it was sent back.")
        )
    require_independent(began, viewer.actor)
    if not number or len(number) > LONGEST or day > clock.today():
        said = ("请填写银行流水号和付出日期", "The bank's reference and the day are needed.")
        raise refusal("bank", said, ("照银行回单填写", "as on the bank's slip"), found=f"{number} {day}", field="reference")
    others = EscrowPayout.objects.filter(reference__iexact=number).exclude(pk=one.pk)
    if others.exists() or slip_entered(number):
        raise slip_known(number)
    if one.reference and (one.reference.casefold(), one.paid_on) != (number.casefold(), day):
        raise refusal(
            "sent_already",
            ("这笔已登记付出，流水号不同", "It was entered as sent under another reference."),
            ("核对银行回单", "check the slip"),
            found=number,
            field="reference",
        )
