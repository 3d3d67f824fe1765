"""What the bank answered about accounts: taken as a file, dealt with row by row, as the answers about payments are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast
from uuid import UUID

from django.conf import settings

from linli.kernel.viewer import Viewer
from linli.settlement import facts
from linli.settlement.acts import answers
from linli.settlement.acts.inquiring import changed, judge
from linli.settlement.acts.shared import MACHINE, require_nobody_near, require_over
from linli.settlement.banking.layouts import AccountCheck, layout_of
from linli.settlement.banking.outcomes import read_account_answers
from linli.settlement.banking.rows import BadRow, OutcomeRow, Told
from linli.settlement.judging import judged_account
from linli.settlement.models import AccountAnswer, AccountAnswerRow, Inquiry, Payment, Question
from linli.settlement.refusals import refused
from linli.trace import Act, act
from linli.trace.sets import update_all

APPLY = "settlement.apply_account_answer"


def receive_accounts(viewer: Viewer, *, layout: str, path: Path, name: str) -> AccountAnswer:
    """Take the bank's file about accounts; a job then deals with its rows. The same file a second time is the one that was taken.

    The viewer must be an officer over every batch that it answers for. Raises LinliError for what is no such file.
    """
    _check_of(layout)
    return cast(AccountAnswer, answers.take(viewer, READER, layout=layout, path=path, name=name))


def _check_of(layout: str) -> AccountCheck:
    """How a layout's bank answers about accounts. Raises LinliError where it doesn't."""
    found = layout_of(Path(settings.LINLI_CITY), layout).check
    if found is None:
        raise refused(
            "no_account_check",
            "file",
            ("这个文件不能作为账户核验回盘", "This file can't be taken as an answer about accounts."),
            found=layout,
            remedy=("核对银行文件格式", "check the layout"),
        )
    return found


def _rows(answer: AccountAnswer, path: Path, told: Told) -> Iterator[OutcomeRow | BadRow]:
    return read_account_answers(_check_of(answer.layout).answer, path, told)


def _require_over_all(viewer: Viewer, answer: AccountAnswer) -> None:
    references = AccountAnswerRow.objects.filter(answer=answer).values("reference")
    batches = set(Inquiry.objects.filter(questions__reference__in=references).values_list("batch", flat=True))
    for batch in batches:
        require_over(viewer, batch)
    require_nobody_near(viewer.actor, Payment.objects.filter(account__questions__reference__in=references))
    if not batches:
        viewer.require("officer")


READER = answers.Reader(
    AccountAnswer,
    rows=_rows,
    made=lambda row: {"tail": row.tail},
    said=("tail", "code"),
    allow=_require_over_all,
    fact=facts.ACCOUNTS_ANSWERED,
    done=facts.ACCOUNT_ANSWER_APPLIED,
    job=(APPLY, "answer"),
)


def apply_account_answers(*, answer: UUID) -> bool:
    """Deal with the next rows, up to 500 in one transaction; whether there are more. Killed in between, it goes on there.

    Locks the answer, then the questions and accounts in order.
    """
    with act(MACHINE) as current:
        row, waiting = answers.next_piece(current, READER, answer)
        if waiting:
            _apply(current, row, waiting)
    return bool(waiting)


def _apply(current: Act, answer: AccountAnswer, rows: Sequence[AccountAnswerRow]) -> None:
    form = layout_of(Path(settings.LINLI_CITY), answer.layout).check
    found = Question.objects.filter(reference__in={row.reference for row in rows}).select_related("inquiry", "account")
    asked = {one.reference: one for one in found.select_for_update(of=("self", "account")).order_by("id")}
    chosen: list[tuple[Question, str, str]] = []
    for row in rows:
        code, question = form.code(row.code) if form else None, asked.get(row.reference)
        row.verdict = judged_account(row.tail, code, question)
        if question is not None and code is not None and row.verdict in ("good", "bad"):
            question.state, question.code, question.answer, question.line = row.verdict, row.code, answer, row.line
            chosen.append((question, row.verdict, code.reason))
    update_all([one for one, _, _ in chosen], "state", "code", "answer", "line")
    for state in ("good", "bad"):
        judge(current, state, [(one.account, why) for one, verdict, why in chosen if verdict == state], by=f"bank:{answer.layout}")
    update_all(rows, "verdict")
    _settle(current, {one.inquiry_id for one, _, _ in chosen})


def _settle(current: Act, inquiries: set[int]) -> None:
    """An inquiry is settled when the bank has answered for all of it. Two queries."""
    waiting = set(Question.objects.filter(inquiry__in=inquiries, state="open").values_list("inquiry", flat=True).distinct())
    for row in Inquiry.objects.select_for_update().filter(pk__in=inquiries - waiting, state="handed_over").order_by("id"):
        row.state = "settled"
        row.save(update_fields=["state"])
        changed(current, row)
