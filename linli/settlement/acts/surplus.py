"""Money that came back twice: the bank returned a payment of which the person had paid something back already.

The bank's row waits (settlement.back_already). One officer says by the bank's paper whose the money is, another confirms it: it is the
person's, is owed to them and paid like any other payment, once; or it is the very money that was entered as paid back before.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.ledger.acts import Posting, lock_balances, open_account, post
from linli.ledger.models import Account as Book
from linli.settlement import facts
from linli.settlement.acts import vouching
from linli.settlement.acts.correcting import locked_payment
from linli.settlement.acts.ordering import payees
from linli.settlement.acts.owing import BACK_ALREADY
from linli.settlement.acts.recovering import back_of, check_paper
from linli.settlement.acts.shared import MACHINE, about, subject_of
from linli.settlement.banking.layouts import layout_of
from linli.settlement.models import BankWord, Instruction, OutcomeRow, Payment
from linli.settlement.refusals import no_such, refused
from linli.trace import Act, act

OWED = "refund.owed"
SURPLUS = ("退回两次的款项", "money that came back twice")


def owed(programme: str) -> str:
    """The ledger's account of what is owed to people of a programme because it came back twice."""
    return f"owed:{programme}"


def returned_again(payment: Payment) -> tuple[Instruction, OutcomeRow] | None:
    """The paid try of a payment that the bank returned although the person had paid something back; with the row. Two queries."""
    paid = payment.instructions.filter(state="paid").first()
    if paid is None:
        return None
    rows = OutcomeRow.objects.filter(reference=paid.reference, verdict="spent", found=f"settlement.{BACK_ALREADY}")
    row = rows.select_related("outcome").order_by("-id").first()
    return (paid, row) if row is not None else None


def say_surplus(viewer: Viewer, *, payment: UUID, goes_to: str, reference: str) -> BankWord:
    """Enter whose the money is that the bank returned, by the bank's reference. goes_to: "person"; or "fund", where the return is what was
    entered as paid back, which has to be all of the payment. Nothing is booked until another confirms it.

    Needs an officer of the programme where the person is, near to neither person nor payee. The same again is what was entered. Locks the
    payment.
    """
    told = reference.strip()
    with act(viewer) as current:
        row = locked_payment(viewer, payment)
        found = returned_again(row)
        if found is None:
            raise no_such(SURPLUS, payment)
        instruction, line = found
        _check_whose(row, goes_to)
        on = min(line.told_on or clock.today(), clock.today())
        check_paper(told, on)
        known = BankWord.objects.filter(kind="surplus", instruction=instruction).exclude(state="dropped").first()
        if known is not None:
            return known
        word = BankWord(kind="surplus", person=row.person, instruction=instruction, outcome=line.outcome, line=line.line, goes_to=goes_to)
        word.fen, word.on, word.reference = instruction.amount_fen, on, told
        return vouching.entered(current, viewer, word, row.area_code)


def confirm_surplus(viewer: Viewer, *, word: UUID) -> Payment:
    """Another officer has seen it on the bank's paper. The person's: it leaves what the payees got for what is owed to them, and waits as a
    payment of its own for an account. The fund's: nothing is booked, since it has it. Either way the try counts as returned.

    The payment itself stays paid: what it was for has been settled by what the person paid back. Again it changes nothing. Locks the word,
    the payment, then the balances.
    """
    with act(viewer) as current:
        told = vouching.waiting(word, "surplus")
        instruction = told.instruction
        if instruction is None:
            raise no_such(SURPLUS, word)
        if told.state == "confirmed":
            return instruction.payment
        vouching.require_second(viewer, told)
        row = locked_payment(viewer, UUID(str(instruction.payment.uid)))
        found = returned_again(row)
        if found is None:
            raise no_such(SURPLUS, word)
        _check_whose(row, told.goes_to)
        if told.goes_to == "person":
            _owe(current, viewer, row, told)
        _note(current, row, found[0], found[1])
        vouching.ended(current, viewer, told, "confirmed", row.area_code)
    return row


def _owe(current: Act, viewer: Viewer, row: Payment, word: BankWord) -> None:
    """The money is the person's, who had paid back what they owed."""
    got, account = payees(row.programme), owed(row.programme)
    if not Book.objects.filter(code=account).exists():
        open_account(MACHINE, code=account, unit="fen", kind="clearing", floor=0, purpose="退还本人")
    lock_balances(accounts=sorted((got, account)))
    legs = ((got, -word.fen), (account, word.fen))
    post(viewer, posting=Posting(key=f"surplus:{word.uid}", unit="fen", kind=OWED, legs=legs, reference=str(row.uid)))
    names = ("item", "batch", "award", "case", "programme", "period", "person", "area_code", "payee", "payee_uid")
    refund = Payment(part="refund", **{name: getattr(row, name) for name in names})
    refund.amount_fen, refund.state, refund.state_since, refund.reason = word.fen, "waiting", clock.now(), "other"
    refund.save(force_insert=True)
    current.record(facts.REFUND, subject=subject_of(refund), payload=about(refund), rows=[refund], area=row.area_code[:6])


def _note(current: Act, row: Payment, instruction: Instruction, line: OutcomeRow) -> None:
    """The bank has returned that try."""
    code = layout_of(Path(settings.LINLI_CITY), line.outcome.layout).code(line.code)
    instruction.state, instruction.code, instruction.told_on = "returned", line.code, line.told_on or clock.today()
    instruction.outcome, instruction.line = line.outcome, line.line
    instruction.save(update_fields=["state", "code", "told_on", "outcome", "line"])
    payload = about(row) | {"reason": code.reason if code is not None else ""}
    current.record(facts.RETURNED, subject=subject_of(row), payload=payload, rows=[instruction], area=row.area_code[:6])


def _check_whose(row: Payment, goes_to: str) -> None:
    if goes_to == "person" or (goes_to == "fund" and back_of(row) == row.amount_fen):
        return
    raise _not_the_funds(row)


def _not_the_funds(row: Payment) -> LinliError:
    return refused(
        "not_the_funds",
        "goes_to",
        (
            "这笔没有全部登记退回过，银行退回的不可能就是那笔钱",
            "Not all of it was entered as paid back: it isn't that money.",
        ),
        expected=("归本人", "the person's"),
        found=f"{back_of(row)} / {row.amount_fen}",
        remedy=("选择“退还本人”，或先核对登记的退回", "choose the person, or look at what was entered first"),
    )
