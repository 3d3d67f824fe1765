"""What the bank answered about accounts: taken as a file, dealt with row by row, as the answers about payments are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection
from procrastinate.contrib.django import app

from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.settlement import facts
from linli.settlement.acts.inquiring import changed, judge
from linli.settlement.acts.outcomes import LARGEST_FILE, PIECE, digest_of, safe
from linli.settlement.acts.shared import MACHINE, one_at_a_time, require_over
from linli.settlement.banking.layouts import AccountCheck, layout_of
from linli.settlement.banking.outcomes import read_account_answers
from linli.settlement.banking.rows import BadRow, OutcomeRow, Told
from linli.settlement.judging import judged_account
from linli.settlement.models import CHECK_REFUSED, AccountAnswer, AccountAnswerRow, Inquiry, Question
from linli.settlement.refusals import refused
from linli.trace import Act, act

APPLY = "settlement.apply_account_answer"
_STAGED = 2000
_DUPLICATES = """
UPDATE settlement_accountanswerrow r SET verdict = 'duplicate'
FROM (
    SELECT id, row_number() OVER (PARTITION BY reference ORDER BY line) AS place,
        count(*) OVER same AS alike, count(*) OVER (PARTITION BY reference) AS every
    FROM settlement_accountanswerrow WHERE answer_id = %(answer)s AND verdict = ''
    WINDOW same AS (PARTITION BY reference, tail, code)
) twice
WHERE r.id = twice.id AND twice.every > 1 AND (twice.alike < twice.every OR twice.place > 1)"""


def receive_accounts(viewer: Viewer, *, layout: str, path: Path, name: str) -> AccountAnswer:
    """Take the bank's file about accounts; a job then deals with its rows. The same file a second time is the one that was taken.

    The viewer must be an officer over every batch that it answers for. Raises LinliError for what is no such file.
    """
    form = layout_of(Path(settings.LINLI_CITY), layout)
    if form.check is None or path.stat().st_size > LARGEST_FILE:
        raise refused(
            "too_large" if form.check else "no_account_check",
            "file",
            ("这个文件不能作为账户核验回盘", "This file can't be taken as an answer about accounts."),
            found=f"{layout}, {path.stat().st_size} B",
            remedy=("核对银行文件格式；文件过大的请银行分开提供", "check the layout; ask the bank for several files"),
        )
    digest = digest_of(path)
    with act(viewer) as current:
        one_at_a_time(f"receive:{digest}")
        known = AccountAnswer.objects.filter(file_digest=digest).first()
        if known is not None:
            return known
        row = AccountAnswer.objects.create(
            layout=form.slug, file_name=name[:120], file_digest=digest, received_by=viewer.actor, received_at=clock.now()
        )
        row.rows, row.warnings = _stage(row, form.check, path)
        row.save(update_fields=["rows", "warnings"])
        _require_over_all(viewer, row)
        told = {"layout": row.layout, "file": digest, "rows": row.rows}
        current.record(facts.ACCOUNTS_ANSWERED, subject=f"account_answer:{row.uid}", payload=told, rows=[row])
        app.configure_task(APPLY).defer(answer=str(row.uid))
    return row


def _stage(answer: AccountAnswer, form: AccountCheck, path: Path) -> tuple[int, list[str]]:
    told = Told()
    rows: Iterator[OutcomeRow | BadRow] = read_account_answers(form.answer, path, told)
    count = 0
    while piece := list(islice(rows, _STAGED)):
        AccountAnswerRow.objects.bulk_create(_staged(answer, row) for row in piece)
        count += len(piece)
    if not count:
        raise refused(
            "empty", "file", ("文件里没有回盘记录", "The file holds no rows."), remedy=("核对文件和格式", "check the file and its layout")
        )
    with connection.cursor() as cursor:
        cursor.execute(_DUPLICATES, {"answer": answer.pk})
    return count, sorted(set(told.warnings))


def _staged(answer: AccountAnswer, row: OutcomeRow | BadRow) -> AccountAnswerRow:
    if isinstance(row, BadRow):
        return AccountAnswerRow(answer=answer, line=row.line, verdict="unreadable", found=row.column[:80])
    return AccountAnswerRow(answer=answer, line=row.line, reference=safe(row.reference, 40), tail=row.tail, code=safe(row.code, 40))


def _require_over_all(viewer: Viewer, answer: AccountAnswer) -> None:
    references = AccountAnswerRow.objects.filter(answer=answer).values("reference")
    batches = set(Inquiry.objects.filter(questions__reference__in=references).values_list("batch", flat=True))
    for batch in batches:
        require_over(viewer, batch)
    if not batches:
        viewer.require("officer")


def apply_account_answers(*, answer: UUID) -> bool:
    """Deal with the next rows, up to 500 in one transaction; whether there are more. Killed in between, it goes on there.

    Locks the answer, then the questions and accounts in order.
    """
    with act(MACHINE) as current:
        row = AccountAnswer.objects.select_for_update().get(uid=answer)
        waiting = list(AccountAnswerRow.objects.filter(answer=row, verdict="").order_by("line")[:PIECE])
        if not waiting:
            _finish(current, row)
            return False
        _apply(current, row, waiting)
    return True


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
    Question.objects.bulk_update([one for one, _, _ in chosen], ["state", "code", "answer", "line"])
    for state in ("good", "bad"):
        judge(current, state, [(one.account, why) for one, verdict, why in chosen if verdict == state], by=f"bank:{answer.layout}")
    AccountAnswerRow.objects.bulk_update(rows, ["verdict"])
    _settle(current, {one.inquiry_id for one, _, _ in chosen})


def _settle(current: Act, inquiries: set[int]) -> None:
    """An inquiry is settled when the bank has answered for all of it. Two queries."""
    waiting = set(Question.objects.filter(inquiry__in=inquiries, state="open").values_list("inquiry", flat=True).distinct())
    for row in Inquiry.objects.select_for_update().filter(pk__in=inquiries - waiting, state="handed_over").order_by("id"):
        row.state = "settled"
        row.save(update_fields=["state"])
        changed(current, row)


def _finish(current: Act, answer: AccountAnswer) -> None:
    if answer.state == "done":
        return
    answer.state = "done"
    answer.save(update_fields=["state"])
    refused_rows = AccountAnswerRow.objects.filter(answer=answer, verdict__in=CHECK_REFUSED).count()
    payload = {"rows": answer.rows, "refused": refused_rows}
    current.record(facts.ACCOUNT_ANSWER_APPLIED, subject=f"account_answer:{answer.uid}", payload=payload)
