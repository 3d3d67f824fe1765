"""The bank says that it has paid what it had said failed: one officer enters it by the bank's row and its written answer, another confirms.

It is booked as paid then. A file with a second try that has not left is dropped; a second try that has left, or was paid, is a payment of
its own (part "again"), and what the bank paid a second time is recovered.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings

from linli.agreements.models import Award
from linli.batches import acts as batches
from linli.entitlements.escrow.queries import BANK, DUE
from linli.entitlements.models import TWICE
from linli.entitlements.recovering import Overpaid, open_recovery
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.ledger.acts import Commitment, commit_all, lock_balances
from linli.settlement import facts
from linli.settlement.acts import escrows, offsetting, vouching
from linli.settlement.acts.correcting import PAYMENT, commit_anew, locked_payment
from linli.settlement.acts.ordering import drop_order, payees, retained
from linli.settlement.acts.owing import PAID_BEFORE
from linli.settlement.acts.recovering import check_paper
from linli.settlement.acts.shared import about, subject_of
from linli.settlement.acts.telling import post_paid
from linli.settlement.banking.layouts import layout_of
from linli.settlement.models import BankWord, Instruction, OutcomeRow, Payment
from linli.settlement.refusals import no_such, refused
from linli.trace import Act, FactType, act

AGAIN = "again"
NOT_SENT = ("making", "made", "released")


def contradiction(payment: Payment) -> tuple[Instruction, OutcomeRow] | None:
    """The first try of a payment that the bank called failed and then, as its last word, paid; with the row that says so. Two queries."""
    failed = {one.reference: one for one in payment.instructions.filter(state="failed").order_by("id")}
    rows = OutcomeRow.objects.filter(reference__in=failed, verdict__in=("contradicted", "repeated")).select_related("outcome")
    last = {row.reference: row for row in rows.order_by("id") if _says(row) != "pending"}
    return next(((one, last[reference]) for reference, one in failed.items() if _is_paid(last.get(reference))), None)


def _is_paid(row: OutcomeRow | None) -> bool:
    return row is not None and row.verdict == "contradicted"


def _says(row: OutcomeRow) -> str:
    code = layout_of(Path(settings.LINLI_CITY), row.outcome.layout).code(row.code)
    return code.means if code is not None else ""


def say_paid(viewer: Viewer, *, payment: UUID, reference: str) -> BankWord:
    """Enter that the bank stands by its last word, by the reference of what it wrote. Nothing is booked until another confirms it.

    Needs an officer of the programme where the person is, near to neither person nor payee. The same again is what was entered. Locks the
    payment.
    """
    told = reference.strip()
    with act(viewer) as current:
        row = locked_payment(viewer, payment)
        found = contradiction(row) if row.reason == PAID_BEFORE else None
        if found is None:
            raise _clear()
        instruction, line = found
        on = min(line.told_on or clock.today(), clock.today())
        check_paper(told, on)
        known = BankWord.objects.filter(kind="paid", instruction=instruction).exclude(state="dropped").first()
        if known is not None:
            return known
        word = BankWord(kind="paid", person=row.person, instruction=instruction, outcome=line.outcome, line=line.line)
        word.fen, word.on, word.reference = instruction.amount_fen, on, told
        return vouching.entered(current, viewer, word, row.area_code)


def confirm_paid(viewer: Viewer, *, word: UUID) -> Payment:
    """Another officer has read what the bank wrote: it is paid. Again it changes nothing.

    A file with a second try that has not left is dropped, and its other payments are ready again. Raises LinliError where the fund has not
    the money that was paid a second time. Locks the word, that file, the payment, then the balances.
    """
    with act(viewer) as current:
        told = vouching.waiting(word, "paid")
        instruction = told.instruction
        if instruction is None:
            raise no_such(PAYMENT, word)
        if told.state == "confirmed":
            return instruction.payment
        vouching.require_second(viewer, told)
        tries = Instruction.objects.filter(payment=instruction.payment, state__in=("open", "paid")).select_related("order")
        unsent = tries.filter(order__state__in=NOT_SENT).first()
        if unsent is not None:
            drop_order(viewer, order=unsent.order.uid)
        row = locked_payment(viewer, UUID(str(instruction.payment.uid)))
        found = contradiction(row) if row.reason == PAID_BEFORE else None
        if found is None or found[0].pk != instruction.pk:
            raise _clear()
        _book(current, viewer, row, told, tries.exclude(order__state__in=NOT_SENT).first())
        vouching.ended(current, viewer, told, "confirmed", row.area_code)
    return row


def _book(current: Act, viewer: Viewer, row: Payment, word: BankWord, other: Instruction | None) -> None:
    """What was sent beside it, if anything, becomes a payment of its own; or, where the payment is paid or given up, what was said now."""
    instruction = Instruction.objects.select_for_update(of=("self",)).get(words=word)
    lock_balances(accounts=_accounts(row))
    if row.part == escrows.ESCROW and (other is not None or row.state == "withdrawn"):
        raise _sent_twice()
    if row.state == "withdrawn" or (other is not None and other.state == "paid"):
        second = _second(viewer, row, instruction, word)
        _paid(current, second, instruction, word, facts.PAID_TWICE)
        row.reason = ""
    else:
        if other is not None:
            second = _second(viewer, row, other, word)
            current.record(
                facts.PLANNED,
                subject=subject_of(second),
                payload=about(second) | {"state": second.state},
                rows=[second, other],
                area=row.area_code[:6],
            )
        commit_anew(viewer, row, f"word:{word.uid}")
        row.account = instruction.account
        instruction.payment = row
        _paid(current, row, instruction, word, facts.PAID)
        offsetting.told(current, viewer, [row], back=True)
        if row.part == "whole":
            batches.paid(viewer, [row.item])
        escrows.told(current, viewer, "paid", [instruction])
    still = contradiction(row)
    row.reason = PAID_BEFORE if still is not None else ""
    row.save(update_fields=["reason"])
    payload = about(row) | {"reason": row.reason}
    current.record(facts.CONTRADICTED, subject=subject_of(row), payload=payload, rows=[row], area=row.area_code[:6])


def _accounts(row: Payment) -> list[str]:
    if row.part == escrows.ESCROW:
        return [BANK, DUE]
    return sorted({payees(row.programme), retained(row.programme), *(f"fund:{fund}" for fund in _funds(row))})


def _funds(row: Payment) -> list[str]:
    """Which funds a payment is out of; of a retained part those of the main one."""
    return row.funds or list(Payment.objects.get(item=row.item, part="whole").funds)


def _second(viewer: Viewer, row: Payment, instruction: Instruction, word: BankWord) -> Payment:
    """The payment that an instruction becomes which is a second time beside another; its money is committed out of the same funds."""
    wanted = [Commitment(f"again:{word.uid}", instruction.amount_fen, f"{row.programme} {row.period}")]
    (parts,) = commit_all(viewer, funds=_funds(row), commitments=wanted)
    names = ("item", "batch", "award", "case", "programme", "period", "person", "area_code", "payee", "payee_uid")
    second = Payment(part=AGAIN, **{name: getattr(row, name) for name in names})
    second.amount_fen, second.account, second.attempts = instruction.amount_fen, instruction.account, 1
    second.funds, second.shares = [one.fund for one in parts], [one.fen for one in parts]
    second.holds, second.state, second.state_since = [one.hold for one in parts], "ordered", clock.now()
    second.save(force_insert=True)
    instruction.payment = second
    instruction.save(update_fields=["payment"])
    return second


def _paid(current: Act, row: Payment, instruction: Instruction, word: BankWord, fact: FactType) -> None:
    """Post it, and say so, as a row of the bank's answer does (telling.tell)."""
    instruction.payment = row
    post_paid([instruction])
    line = OutcomeRow.objects.get(outcome=word.outcome, line=word.line or 0)
    instruction.state, instruction.code, instruction.told_on = "paid", line.code, word.on
    instruction.outcome, instruction.line = word.outcome, word.line
    instruction.save(update_fields=["state", "code", "told_on", "outcome", "line", "payment"])
    row.state, row.state_since, row.paid_on, row.reason = "paid", clock.now(), word.on, ""
    row.save()
    payload = about(row) | {"day": word.on.isoformat()}
    current.record(fact, subject=subject_of(row), payload=payload, rows=[row, instruction], area=row.area_code[:6])


def recover(viewer: Viewer, payment: UUID) -> None:
    """Open the recovery of what the bank paid a second time; one for each such payment. For the system."""
    row = Payment.objects.get(uid=payment)
    award = Award.objects.filter(uid=row.award).first()
    if award is None:
        return
    kept = sum(Payment.objects.filter(award=row.award, period=row.period, part="whole", state="paid").values_list("amount_fen", flat=True))
    periods = [Overpaid(row.period, kept + row.amount_fen, kept)]
    open_recovery(viewer, UUID(str(award.uid)), cause=TWICE, periods=periods, detail=str(row.uid))


def _sent_twice() -> LinliError:
    return refused(
        "escrow_twice",
        "payment",
        ("监管资金只够付一次，银行付了两次", "An escrow has the money once; the bank sent it twice."),
        remedy=("请银行把多付的一笔退回", "have the bank take the second one back"),
    )


def _clear() -> LinliError:
    return refused(
        "no_contradiction",
        "payment",
        ("银行对这笔款项没有前后矛盾的答复", "The bank doesn't contradict itself about this payment."),
        expected=("银行先说失败、后说已付的款项", "a payment of which the bank said that it failed, and then that it was paid"),
        remedy=("刷新页面查看现在的状态", "reload the page to see how it stands"),
    )
