"""Accounts are checked at the bank before anything is paid to them: a file that asks, handed over, and what the bank answered to each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection
from procrastinate.contrib.django import app

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.settlement import facts
from linli.settlement.acts.ordering import next_number
from linli.settlement.acts.shared import MACHINE, about, require_nobody_near, require_over, subject_of
from linli.settlement.banking.layouts import Form, layout_of
from linli.settlement.banking.orders import check_question
from linli.settlement.banking.rows import Head, Line
from linli.settlement.files import ask_of, inquiry_bytes, inquiry_head, questions_of
from linli.settlement.models import Account, Inquiry, Payment, Question
from linli.settlement.queries import unconfirmed
from linli.settlement.refusals import no_such, refused, require_some, require_state
from linli.trace import Act, act
from linli.trace.sets import update_all

FILL = "settlement.fill_inquiry"
INQUIRY = ("账户核验文件", "account check")
_ASK = """
INSERT INTO settlement_question (inquiry_id, account_id, sequence, reference, tail, state, code)
SELECT %(inquiry)s, a.id, row_number() OVER (ORDER BY a.id), 'LC' || %(number)s || lpad((row_number() OVER (ORDER BY a.id))::text, 6, '0'),
    a.tail, 'open', ''
FROM settlement_account a
WHERE a.state = 'good' AND a.checked_by NOT LIKE 'bank:%%'
    AND EXISTS (SELECT FROM settlement_payment p WHERE p.account_id = a.id AND p.batch = %(batch)s AND p.state = 'ready')
    AND NOT EXISTS (SELECT FROM settlement_question q WHERE q.account_id = a.id AND q.state = 'open')
ORDER BY a.id"""


def make_inquiry(viewer: Viewer, *, batch: UUID, layout: str) -> Inquiry:
    """Begin a file that asks the bank about every account of a batch that is ready and that no bank has confirmed; a job fills it. One at a
    time: asked for again while it is being made, it is that one.

    Raises LinliError where the layout offers no check, or where no account waits for one; Refused where the viewer is near to somebody of
    the batch.
    """
    require_over(viewer, batch)
    require_nobody_near(viewer.actor, Payment.objects.filter(batch=batch, state="ready"))
    form = layout_of(Path(settings.LINLI_CITY), layout)
    if form.check is None:
        raise refused(
            "no_account_check",
            "layout",
            ("这种银行文件格式没有账户核验", "This layout offers no check of accounts."),
            found=layout,
            remedy=("选择有账户核验的格式", "choose one that does"),
        )
    with act(viewer) as current:
        number = next_number(Inquiry)
        known = Inquiry.objects.filter(batch=batch, layout_digest=form.digest, state="making").first()
        if known is not None:
            return known
        waiting = list(unconfirmed(batch).values_list("programme", flat=True)[:1])
        require_some(waiting, ("需要核验的账户", "accounts to check"))
        row = Inquiry.objects.create(
            number=number,
            batch=batch,
            programme=waiting[0],
            layout=form.slug,
            layout_digest=form.digest,
            state="making",
            made_by=viewer.actor,
            made_at=clock.now(),
        )
        changed(current, row)
        app.configure_task(FILL).defer(inquiry=str(row.uid))
    return row


def fill_inquiry(*, inquiry: UUID) -> Inquiry:
    """Put the accounts into a file that is being made: one transaction, however many; a second call does nothing.

    An account that cannot be written in the layout is bad, and what was to be paid to it waits. Locks the inquiry.
    """
    with act(MACHINE) as current:
        row = Inquiry.objects.select_for_update().get(uid=inquiry)
        if row.state != "making":
            return row
        with connection.cursor() as cursor:
            cursor.execute(_ASK, {"inquiry": row.pk, "number": row.number, "batch": row.batch})
        bad = list(_unwritable(row))
        if bad:
            Question.objects.filter(account__in=[one.pk for one in bad], inquiry=row).delete()
            judge(current, "bad", [(one, "unwritable") for one in bad], by=MACHINE.actor)
        row.count = Question.objects.filter(inquiry=row).count()
        row.state = "made" if row.count else "dropped"
        if row.count:
            row.file_digest = _digest(inquiry_bytes(MACHINE, row))
        row.save()
        changed(current, row)
    return row


def _unwritable(row: Inquiry) -> Iterator[Account]:
    form, head = ask_of(row).ask, inquiry_head(row, count=1)
    for question, line in questions_of(MACHINE, row):
        if not _fits(form, head, line):
            yield question.account


def _fits(form: Form, head: Head, line: Line) -> bool:
    try:
        check_question(form, head, line)
    except LinliError:
        return False
    return True


def _digest(portions: Iterator[bytes]) -> str:
    found = hashlib.sha256()
    for portion in portions:
        found.update(portion)
    return f"sha256:{found.hexdigest()}"


def hand_over_inquiry(viewer: Viewer, *, inquiry: UUID, path: Path) -> Inquiry:
    """Write the file to `path`, which the caller keeps private; handed over from the first time on, and noted every time.

    Raises LinliError, and nothing is handed over, if it is not the one that was made; Refused where the viewer is near to somebody in it.
    Reads every account in the viewer's name.
    """
    with act(viewer) as current:
        row = locked(viewer, inquiry)
        require_nobody_near(viewer.actor, Payment.objects.filter(account__questions__inquiry=row))
        require_state(INQUIRY, row.state, "made", "handed_over", "settled")
        digest = hashlib.sha256()
        with path.open("wb") as file:
            for portion in inquiry_bytes(viewer, row):
                digest.update(portion)
                file.write(portion)
        if f"sha256:{digest.hexdigest()}" != row.file_digest:
            path.unlink()
            raise refused(
                "file_differs",
                "file",
                ("文件内容与编制时不一致，不能交给银行", "The file is not the one that was made."),
                expected=row.file_digest,
                found=f"sha256:{digest.hexdigest()}",
                remedy=("作废后重新编制，并检查数据是否被改动", "drop it, make it anew, and run linli trace verify --deep"),
            )
        if row.state == "made":
            row.state, row.handed_over_at = "handed_over", clock.now()
            row.save()
        changed(current, row)
    return row


def drop_inquiry(viewer: Viewer, *, inquiry: UUID) -> Inquiry:
    """Take back a file that has not been handed over: its accounts may be asked about anew. As hand_over_inquiry(). Locks the inquiry."""
    with act(viewer) as current:
        row = locked(viewer, inquiry)
        require_nobody_near(viewer.actor, Payment.objects.filter(account__questions__inquiry=row))
        require_state(INQUIRY, row.state, "made")
        Question.objects.filter(inquiry=row).update(state="dropped")
        row.state = "dropped"
        row.save()
        changed(current, row)
    return row


def locked(viewer: Viewer, inquiry: UUID) -> Inquiry:
    """The inquiry, locked, that the viewer may deal with. Raises LinliError."""
    row = Inquiry.objects.select_for_update().filter(uid=inquiry).first()
    if row is None:
        raise no_such(INQUIRY, inquiry)
    require_over(viewer, row.batch)
    return row


def changed(current: Act, row: Inquiry) -> None:
    """Record how an inquiry stands now."""
    payload = {"number": row.number, "batch": str(row.batch), "count": row.count, "file": row.file_digest, "state": row.state}
    current.record(facts.INQUIRY_CHANGED, subject=f"inquiry:{row.uid}", payload=payload, rows=[row])


def judge(current: Act, state: str, found: Sequence[tuple[Account, str]], *, by: str) -> None:
    """Accounts are good or bad by somebody's word, each with its reason; what was ready to be paid to a bad one waits with it.

    by: "bank:<layout>", or who found it unwritable. Call it inside the act that has locked the accounts. Six statements.
    """
    now = clock.now()
    for account, reason in found:
        account.state, account.reason, account.checked_by, account.checked_at = state, reason, by, now
    update_all([account for account, _ in found], "state", "reason", "checked_by", "checked_at")
    for account, reason in found:
        payload = {"award": str(account.award), "state": state, "reason": reason}
        current.record(facts.ACCOUNT_CHECKED, subject=f"resident:{account.person}", payload=payload, rows=[account])
    if state == "bad":
        _hold_back(current, {account.pk: reason for account, reason in found})


def _hold_back(current: Act, reasons: dict[int, str]) -> None:
    rows = list(Payment.objects.select_for_update(of=("self",)).filter(account__in=reasons, state="ready").order_by("id"))
    for row in rows:
        assert row.account_id is not None
        row.state, row.state_since, row.reason = "waiting", clock.now(), reasons[row.account_id]
    update_all(rows, "state", "state_since", "reason")
    for row in rows:
        payload = about(row) | {"state": row.state}
        current.record(facts.PLANNED, subject=subject_of(row), payload=payload, rows=[row], area=row.area_code[:6])
