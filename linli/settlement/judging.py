"""What a row of the bank's answer does to the instruction that it names. Pure: a row either does exactly what it says or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from linli.settlement.banking.layouts import Code
from linli.settlement.models import Question


@dataclass(frozen=True, slots=True)
class Asked:
    """An instruction as it stands: what was asked of the bank, and what it has said so far (models.INSTRUCTION_STATES)."""

    state: str
    amount_fen: int
    tail: str
    handed_over: bool


def judged(row_amount: int | None, row_tail: str, code: Code | None, asked: Asked | None) -> str:
    """The verdict (models.VERDICTS). A row applies only if it names an instruction of ours with its amount and its account, in a code
    whose meaning is agreed, and follows from what the bank has said before: open -> paid or failed, paid -> returned.
    """
    if asked is None or asked.state == "dropped":
        return "unknown"
    if row_amount != asked.amount_fen:
        return "amount"
    if row_tail != asked.tail:
        return "account"
    if code is None:
        return "code"
    if not asked.handed_over:
        return "not_handed_over"
    return _next(code.means, asked.state)


def judged_account(row_tail: str, code: Code | None, asked: Question | None) -> str:
    """The verdict on a row about an account (models.CHECK_VERDICTS): as judged(), without an amount; a bank that changes its mind
    contradicts itself, and the account is asked about anew."""
    if asked is None or asked.state == "dropped":
        return "unknown"
    if row_tail != asked.tail:
        return "account"
    if code is None:
        return "code"
    if asked.inquiry.state not in ("handed_over", "settled"):
        return "not_handed_over"
    if asked.state == "open":
        return code.means
    return "repeated" if code.means in ("pending", asked.state) else "contradicted"


def _next(means: str, state: str) -> str:
    if means == "pending":
        return "pending" if state == "open" else "repeated"
    if state == "open":
        return "failed" if means == "returned" else means
    if state == "paid":
        return {"paid": "repeated", "returned": "returned"}.get(means, "contradicted")
    said_before = {"failed": ("failed", "returned"), "returned": ("returned", "paid")}
    return "repeated" if means in said_before[state] else "contradicted"
