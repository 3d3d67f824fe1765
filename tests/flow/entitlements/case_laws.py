"""What holds of applications, awards and payments whatever anybody did: read from the tables, not from the acts."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from linli.agreements.models import Award
from linli.batches.models import Item
from linli.casework.deadlines import calendar
from linli.casework.models import Case, Letter, Pause, StepTaken, Timer
from linli.casework.steps.clocks import promised_days
from linli.entitlements.models import Decision
from linli.kernel.clock import day_of
from linli.kernel.workdays import end_of
from linli.ledger.models import Hold
from linli.ledger.verify import verify_book
from linli.programmes.queries import pinned
from linli.settlement.models import Instruction, Payment
from linli.trace.deep import verify_rows
from linli.trace.models import Fact
from linli.trace.verify import verify_chains

STANDING = ("proposed", "active", "suspended")
_GOT = """SELECT t.reference, sum(e.amount) FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
JOIN ledger_transfer t ON t.id = e.transfer_id WHERE a.code LIKE 'payees:%' GROUP BY t.reference"""
NOT_RECORDED = "programmes.programmeversion:"
"""The machine's programme is put into its table without being published."""


@dataclass
class Laws:
    """near: an officer whose own matter `person` is. seen: of each case what only moves forward."""

    near: str
    person: str
    seen: dict[int, tuple[int, datetime | None]] = field(default_factory=dict)

    def hold(self) -> None:
        """Assert all of them. About fifteen queries."""
        cases = list(Case.objects.select_related("task").order_by("id"))
        stays, pauses = _by_case(StepTaken.objects.order_by("position")), _by_case(Pause.objects.order_by("began_at", "id"))
        for case in cases:
            self._moves_forward(case)
            _ends_are_ends(case)
            if case.kind == "application":
                _stands_in_one_step(case, stays[case.pk], pauses[case.pk])
                _limits_are_those_of_the_law(case, pauses[case.pk])
            if case.kind == "sign_off" and case.status == "open":
                [due] = [one.due_at for one in stays[case.parent_id or 0] if one.done_at is None]
                assert due is None or case.due_at == due, "a body thinks it has longer than the step it signs has"
        open_now = Counter((case.subject, case.kind, case.fact) for case in cases if case.status == "open" and case.kind != "sign_off")
        assert set(open_now.values()) <= {1}
        _letters_are_numbered()
        _nobody_has_it_twice()
        _paid_is_owed_and_told_by_the_bank()
        _held_is_what_is_to_be_paid()
        assert not Fact.objects.filter(actor=self.near, subject=self.person).exists(), "an officer had a hand in their own matter"

    def _moves_forward(self, case: Case) -> None:
        version, accepted = self.seen.get(case.pk, (0, None))
        assert case.version >= version
        assert accepted is None or case.accepted_at == accepted
        self.seen[case.pk] = (case.version, case.accepted_at)


def _by_case(rows: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(row)
    return found


def _ends_are_ends(case: Case) -> None:
    closed = case.status == "closed"
    assert closed == bool(case.outcome) == (case.closed_at is not None)
    if closed:
        assert case.task.done_at is not None
        assert not Timer.objects.filter(case=case, done_at__isnull=True).exists()


def _stands_in_one_step(case: Case, stays: list[StepTaken], pauses: list[Pause]) -> None:
    standing = [one for one in stays if one.done_at is None]
    assert len(standing) == (case.status == "open" and case.accepted_at is not None)
    assert not standing or case.step == standing[0].step
    assert [one.position for one in stays] == list(range(len(stays)))
    for before, after in pairwise(stays):
        assert before.done_at is not None and before.done_at <= after.opened_at  # noqa: PT018
    for stay in stays:
        signers = [one["actor"] for one in stay.signatures if one["outcome"] not in ("returned", "taken_back")]
        assert len(set(signers)) == len(signers) <= stay.officers, "one person signed twice"
        if stay.result == "passed" and stay.kind == "decide":
            assert len(signers) == stay.officers
    running = [one for one in pauses if one.ended_at is None]
    assert (case.stopped_at is not None) == bool(running)
    assert len(running) <= (case.status == "open"), "it ended, and its clock stands for ever"
    for pause, following in pairwise(pauses):
        assert pause.ended_at is not None and pause.began_at <= pause.ended_at <= following.began_at  # noqa: PT018


def _limits_are_those_of_the_law(case: Case, pauses: list[Pause]) -> None:
    """Each limit is what is counted from acceptance with every pause left out."""
    if case.accepted_at is None:
        return
    programme = pinned(case.programme, case.programme_version or "")
    counted = [one for one in pauses if one.began_at >= case.accepted_at]
    assert case.due_at == _counted(case.accepted_at, promised_days(programme, case.kind), counted)
    law = programme.statutory_working_days
    assert case.statutory_due_at == (_counted(case.accepted_at, law, counted) if law else None)


def _counted(accepted: datetime, days: int, pauses: list[Pause]) -> datetime:
    due = end_of(calendar().after(day_of(accepted), days))
    since = None
    for place, pause in enumerate(pauses):
        since = since or pause.began_at
        if pause.ended_at is None:
            break
        if place + 1 < len(pauses) and pauses[place + 1].began_at == pause.ended_at:
            continue  # it went on standing still for another reason
        left = calendar().between(day_of(since), day_of(due))
        due = end_of(calendar().after(day_of(pause.ended_at), left)) if left > 0 else due
        since = None
    return due


def _letters_are_numbered() -> None:
    numbers: dict[tuple[str, int], list[int]] = defaultdict(list)
    for mark, year, sequence in Letter.objects.values_list("mark", "year", "sequence"):
        numbers[mark, year].append(sequence)
    for found in numbers.values():
        assert sorted(found) == list(range(1, len(found) + 1)), "a letter's number is missing or stands twice"


def _nobody_has_it_twice() -> None:
    standing = Counter(Award.objects.filter(state__in=STANDING).values_list("programme", "beneficiary"))
    assert set(standing.values()) <= {1}
    for award in Award.objects.select_related("case"):
        assert award.case.status == "open" or award.case.outcome == "granted" or award.state == "dropped"
        decided = Decision.objects.filter(application__case=award.case, outcome="granted").count()
        assert decided == 1 or (decided == 0 and award.state in ("proposed", "dropped"))  # shown to the public before it is decided
    for decision in Decision.objects.filter(outcome="granted", automatic=False):
        assert decision.decided_by != decision.confirmed_by != ""


def _paid_is_owed_and_told_by_the_bank() -> None:
    owed = dict(Award.objects.values_list("uid", "amount_fen"))
    paid = Payment.objects.exclude(state="withdrawn").order_by().values_list("award", "period").annotate(fen=Sum("amount_fen"))
    for award, _period, fen in paid:
        assert fen <= (owed[award] or 0)
    said = Counter(Instruction.objects.filter(state="paid", outcome__isnull=False).values_list("payment", flat=True))
    assert said == Counter(Payment.objects.filter(state="paid").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT unit, sum(amount) FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id GROUP BY unit")
        assert all(total == 0 for _unit, total in cursor.fetchall())
        cursor.execute(_GOT)
        got = {reference: int(fen) for reference, fen in cursor.fetchall() if fen}
    assert got == {str(uid): fen for uid, fen in Payment.objects.filter(state="paid").values_list("uid", "amount_fen")}


def _held_is_what_is_to_be_paid() -> None:
    """What the book holds is held for a payment that the bank hasn't paid, or for an approved item that isn't taken over yet."""
    payments = Payment.objects.exclude(state__in=("paid", "withdrawn")).values_list("holds", flat=True)
    approved = Item.objects.filter(state="listed", batch__state__in=("approved", "paying")).exclude(uid__in=Payment.objects.values("item"))
    due = {hold for holds in payments for hold in holds} | set(approved.values_list("hold", flat=True))
    assert set(Hold.objects.filter(status="open").values_list("uid", flat=True)) == {UUID(str(one)) for one in due}


def the_end_is_right() -> None:
    """The book, every chain and every row verify."""
    rows = [one for one in verify_rows() if not (one.row or "").startswith(NOT_RECORDED)]
    found = [*verify_book(), *verify_chains(), *rows]
    assert not found, found
