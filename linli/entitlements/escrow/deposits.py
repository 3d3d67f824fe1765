"""Money that comes into an escrow: one officer enters what the bank's slip says, another confirms it, and only then does it stand in the
ledger. What nobody has confirmed counts for nothing: no step passes on it, nothing is released on it.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Sum

from linli.casework.models import Case
from linli.entitlements.escrow import facts
from linli.entitlements.escrow.acts import Opened, current_parties, mine, require_step
from linli.entitlements.escrow.models import EscrowDeposit, EscrowEntry, EscrowPayout
from linli.entitlements.escrow.queries import BANK, held_fen, held_on
from linli.entitlements.escrow.refusals import refusal, second_person
from linli.kernel import clock
from linli.kernel.documents import tidy_number
from linli.kernel.errors import LinliError
from linli.kernel.money import yuan_text
from linli.kernel.viewer import Viewer
from linli.ledger import acts as ledger
from linli.ledger.models import Account
from linli.registers.acts.independence import require_independent
from linli.trace import act
from linli.trace.turns import one_at_a_time

LONGEST = 64


def enter(viewer: Viewer, case: UUID, party: str, fen: int, reference: str, received_on: date) -> EscrowEntry | EscrowDeposit:
    """Money of a party stands with the escrow bank, by its slip; another officer confirms it. Locks the case.

    Only in the step for it, from a party that agreed, never beyond the price. A reference counts once, however it is written, in whatever
    case; the same with the same content is the one that was entered.
    """
    with act(viewer) as a:
        found = mine(a, viewer, case)
        row, number = found.set(), slip_number(reference)
        known = slip_entered(number)
        if known is not None:
            if (known.escrow_id, known.party, known.fen, known.received_on) != (row.pk, party, fen, received_on):
                raise slip_known(number)
            return known
        require_step(found, found.declared.paid_in)
        _check_deposit(found, party, fen, number, received_on)
        made = EscrowEntry.objects.create(
            escrow=row,
            party=party,
            fen=fen,
            reference=number,
            received_on=received_on,
            entered_at=clock.now(),
            entered_by=viewer.actor,
        )
        found.told(facts.ENTERED, {"party": party, "fen": fen}, [made])
    return made


def confirm(viewer: Viewer, case: UUID, reference: str) -> EscrowDeposit:
    """Another officer has compared the slip: what was entered is posted and held in the same transaction. Twice is once. Locks the case.

    Where the case has ended meanwhile it is ordered back at once, the way that it came.
    """
    with act(viewer) as a:
        found = mine(a, viewer, case, ended=True)
        one = _entry(found, reference)
        if one.state == "confirmed":
            return EscrowDeposit.objects.get(reference=one.reference)
        if viewer.actor == one.entered_by:
            raise second_person(
                ("这笔到账由您登记，须由另一位人员对照银行回单确认", "You entered this: a colleague compares the slip and confirms it.")
            )
        require_independent(one.entered_by, viewer.actor)
        _end(one, viewer, "confirmed")
        made = _deposit(viewer, found.case, one)
        found.told(facts.PAID_IN, {"party": one.party, "fen": one.fen}, [one, made])
        if found.case.status != "open":
            back = returning(made)
            back.save(force_insert=True)
            found.told(facts.ORDERED, {"purpose": back.purpose, "payouts": 1}, [back])
    return made


def drop(viewer: Viewer, case: UUID, reference: str) -> EscrowEntry:
    """What was entered by mistake, and is not confirmed, counts no more; its slip may be entered anew. Locks the case."""
    with act(viewer) as a:
        found = mine(a, viewer, case, ended=True)
        one = _entry(found, reference)
        if one.state == "confirmed":
            raise refusal(
                "confirmed",
                ("这笔到账已由另一人确认，不能作废", "A colleague has confirmed this: it can't be dropped any more."),
                ("多付或付错的，办结时原路退回", "what came by mistake goes back when the case ends"),
                found=one.reference,
            )
        _end(one, viewer, "dropped")
        found.told(facts.DROPPED, {"party": one.party, "fen": one.fen}, [one])
    return one


def _entry(found: Opened, reference: str) -> EscrowEntry:
    """What was entered in this case by that slip and not dropped."""
    number = slip_number(reference)
    rows = EscrowEntry.objects.filter(escrow=found.set(), reference__iexact=number)
    one = rows.exclude(state="dropped").first()
    if one is None:
        raise refusal(
            "no_deposit",
            ("没有登记这笔到账，或已作废", "No such money was entered, or it was dropped."),
            ("打开事项看现在的情况", "open the case and look how it stands"),
            found=number,
        )
    return one


def _end(one: EscrowEntry, viewer: Viewer, state: str) -> None:
    one.state, one.ended_by, one.ended_at = state, viewer.actor, clock.now()
    one.save(update_fields=["state", "ended_by", "ended_at"])


def _deposit(viewer: Viewer, case: Case, one: EscrowEntry) -> EscrowDeposit:
    transfer, hold = _post_in(viewer, case, one.fen, one.reference)
    return EscrowDeposit.objects.create(
        escrow=one.escrow,
        party=one.party,
        fen=one.fen,
        reference=one.reference,
        received_on=one.received_on,
        transfer=transfer,
        hold=hold,
        at=clock.now(),
        actor=one.entered_by,
    )


def returning(one: EscrowDeposit) -> EscrowPayout:
    """The order to send a deposit back the way that it came, not yet saved."""
    return EscrowPayout(escrow=one.escrow, purpose="returned", party=one.party, fen=one.fen, deposit=one, ordered_at=clock.now())


def slip_entered(number: str) -> EscrowEntry | EscrowDeposit | None:
    """What a slip of the bank stands for among money that came in: what was entered and not dropped, or what stands. Two queries."""
    rows = EscrowEntry.objects.exclude(state="dropped")
    return rows.filter(reference__iexact=number).first() or EscrowDeposit.objects.filter(reference__iexact=number).first()


def slip_number(reference: str) -> str:
    """A slip's number as it is kept. For an act that has locked its case: the same slip in two cases at once waits for the first."""
    number = tidy_number(reference, field="reference")
    one_at_a_time(f"escrow.slip:{number.casefold()}")
    return number


def slip_known(number: str) -> LinliError:
    """A slip of the bank stands for something else already."""
    return refusal(
        "reference",
        ("这个银行流水号已经登记过，内容不同", "This reference was entered with another content."),
        ("核对银行流水", "check the bank's statement"),
        found=number,
        field="reference",
    )


def _check_deposit(found: Opened, party: str, fen: int, number: str, day: date) -> None:
    row = found.set()
    if not number or len(number) > LONGEST or day > clock.today():
        said = ("请填写银行流水号和到账日期", "The bank's reference and the day are needed.")
        raise refusal(
            "bank",
            said,
            ("照银行回单填写", "as on the bank's slip"),
            found=f"{number} {day}",
            field="reference" if day <= clock.today() else "day",
        )
    if not any(one.party == party and one.agreed_at for one in current_parties(row)):
        raise refusal(
            "payer",
            ("付款的不是已经同意的一方", "Who paid is no party that has agreed."),
            ("选择付款的一方", "choose the party that paid"),
            found=party,
            field="party",
        )
    waiting = row.entries.filter(state="waiting").aggregate(fen=Sum("fen"))["fen"] or 0
    room = row.price_fen - held_fen(found.case) - waiting
    if type(fen) is not int or not 0 < fen <= room:
        raise refusal(
            "too_much",
            ("超出还应到账的金额", "This is more than is still to come in."),
            ("核对银行回单；多付的由银行退回", "check the slip; what is too much the bank sends back"),
            expected=(f"不超过 {yuan_text(room)} 元", f"at most {yuan_text(room)} yuan"),
            found=str(fen),
            field="yuan",
        )


def _post_in(viewer: Viewer, case: Case, fen: int, number: str) -> tuple[UUID, UUID]:
    account, key = held_on(case), f"escrow:{case.uid}:{number}"
    _open(viewer, BANK, floor=None)
    _open(viewer, account, floor=0)
    ledger.lock_balances(accounts=[BANK, account])
    legs = ((BANK, -fen), (account, fen))
    posted = ledger.post(viewer, posting=ledger.Posting(key=key, unit="fen", kind="escrow.paid_in", legs=legs, reference=str(case.uid)))
    held = ledger.hold(viewer, key=key, account=account, unit="fen", amount=fen, reference=str(case.uid))
    return posted.uid, held.uid


def _open(viewer: Viewer, code: str, *, floor: int | None) -> None:
    if not Account.objects.filter(code=code).exists():
        ledger.open_account(viewer, code=code, unit="fen", kind="clearing", floor=floor, purpose="资金监管")
