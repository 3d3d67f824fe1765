"""A decision is contested: by an objection or an application for administrative review, each a case of its own with its own clock,
answered by somebody who had no part in it; a review by another office."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Max

from linli.agreements import acts as agreements
from linli.agreements.queries import of_case
from linli.casework import acts as casework
from linli.casework import said
from linli.casework.acts import require_may_ask
from linli.casework.contesting import annulled, decided_above
from linli.casework.deadlines import calendar
from linli.casework.desks import no_case
from linli.casework.kinds import APPLICATION, OBJECTION, RECOVERY, REVIEW, CaseKind
from linli.casework.letters.acts import withdraw_decisions
from linli.casework.models import Case, Letter, Requirement
from linli.casework.opening import Asked, inserted, opened
from linli.casework.steps import intake
from linli.casework.steps.acts import programme_of
from linli.entitlements import facts, letters, overpaid, recovering
from linli.entitlements.acts.answering import answer_of
from linli.entitlements.models import Application
from linli.entitlements.recording import record
from linli.kernel import clock
from linli.kernel.clock import day_of
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer, system
from linli.programmes.declaration import Programme
from linli.registers.acts.guards import lock, resident_of
from linli.trace import Act, AlreadyDone, act

DECISIONS = ("grant", "refusal", "standing")
"""Letters that say what was decided: they do not count any more once it is annulled."""
CONTESTABLE = ("granted", "refused", "registered", "lapsed")
SAME = ("person", "programme", "beneficiary_kind", "beneficiary", "payee", "payee_uid")
TOLD = ("answers_cipher", "account_cipher", "asked", "known")
AT_A_WINDOW = ("window", "phone")
ANSWERING = system("entitlements.contest")


def object_to(viewer: Viewer, case: UUID, words: str, *, origin: str = "", key: str | None = None) -> Case:
    """Contest how an application ended, or that money was paid too much, with reasons. Allowed as for applying; once at a time, within the
    programme's term if it has one. origin: "window" or "phone" where staff write it down for somebody.

    Locks the person. The office of the programme answers it, by another officer; where it has none, the one above.
    """
    return _contest(viewer, case, OBJECTION, words, origin, key)


def ask_review(viewer: Viewer, case: UUID, words: str, *, origin: str = "", key: str | None = None) -> Case:
    """Apply for administrative review of a decision, also after an objection was answered, or because an office lets its time pass. As
    object_to(); an office of the city answers it, outside the department that decided."""
    return _contest(viewer, case, REVIEW, words, origin, key)


def _contest(viewer: Viewer, case: UUID, kind: CaseKind, words: str, origin: str, key: str | None) -> Case:
    text = said.required(words)
    try:
        with act(viewer, key=said.scoped(viewer, f"contest.{kind.slug}", key)) as a:
            row = Case.objects.select_related("task").filter(uid=case, kind__in=(APPLICATION.slug, RECOVERY.slug)).first()
            if row is None:
                raise no_case(case)
            resident = resident_of(row.subject_uid)
            require_may_ask(viewer, resident, row.area_code, kind)
            programme = programme_of(row)
            _require_open(row, programme, kind)
            (locked,) = lock(resident)
            found, rows = inserted(viewer, locked, row.area_code, _asked(viewer, row, kind, origin))
            opened(a, found, [*rows, *said.sealed_words(viewer, found, "opened", text)])
            a.result = {"case": str(found.uid)}
    except AlreadyDone as done:
        return Case.objects.get(uid=done.result["case"])
    return found


def _asked(viewer: Viewer, row: Case, kind: CaseKind, origin: str) -> Asked:
    """An objection goes to the department that decided, a review to any office of the city but that one."""
    if origin and (origin not in AT_A_WINDOW or viewer.subject):
        raise _bad_origin(origin)
    columns = {"parent": row, "programme": row.programme, "programme_version": row.programme_version}
    columns |= (
        {"origin": origin} if origin else {"origin": "resident" if viewer.is_self(row.subject_uid) else "proxy" if viewer.subject else None}
    )
    if kind is OBJECTION:
        return Asked(kind, kind.role, fact=row.receipt, department=row.department, desk=decided_above(row), columns=columns)
    return Asked(kind, kind.role, fact=row.receipt, columns=columns)


def _decided_at(row: Case) -> datetime | None:
    """When what stands was decided: the end of the case, or the last change of what it granted that a letter tells. One query."""
    if row.closed_at is None or row.kind != APPLICATION.slug:
        return row.closed_at
    changed = Letter.objects.filter(case=row, kind="standing", withdrawn_at=None).aggregate(last=Max("issued_at"))["last"]
    return max(row.closed_at, changed or row.closed_at)


def last_day(row: Case, programme: Programme) -> date | None:
    """Until when a decision, or the last change of what it granted, may be objected to here; None where no term is stated. One query."""
    term = programme.objection.term if programme.objection else None
    if term is None or term.days is None or row.closed_at is None:
        return None
    ended = day_of(_decided_at(row) or row.closed_at)
    return ended + timedelta(days=term.days) if term.unit == "calendar" else calendar().after(ended, term.days)


def review_until(row: Case, programme: Programme) -> date | None:
    """Until when a review may be asked for: the programme's term after the decision, or after the latest answer to an objection; None
    where it states none, or nothing is decided. One query."""
    review = programme.objection.review if programme.objection else None
    if review is None or row.closed_at is None:
        return None
    answered = (
        Case.objects.filter(parent=row, kind=OBJECTION.slug, status="closed")
        .order_by("-closed_at")
        .values_list("closed_at", flat=True)
        .first()
    )
    decided = _decided_at(row) or row.closed_at
    begins = day_of(max(decided, answered or decided))
    return begins + timedelta(days=review.within) if review.unit == "day" else _months_later(begins, review.within)


def _months_later(day: date, months: int) -> date:
    """The same day that many months later, the month's last where it has none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def may_object(row: Case, programme: Programme) -> bool:
    """Whether an application has ended in a way that can be contested, and it isn't too late; or money is said to be paid too much
    and isn't all back; what was annulled is not there to be contested. Two queries at most."""
    if row.kind == RECOVERY.slug:
        return recovering.unsettled(row)
    if annulled(row):
        return False
    last = last_day(row, programme)
    return (row.outcome in CONTESTABLE or _refused_elsewhere(row, programme)) and (last is None or clock.today() <= last)


def _refused_elsewhere(row: Case, programme: Programme) -> bool:
    """Whether the system that it was forwarded to said no, and the programme says how to contest it. One query at most."""
    if row.outcome != "forwarded" or programme.objection is None:
        return False
    answer = answer_of(programme, Application.objects.get(case=row))
    return answer is not None and not answer.grants


def may_review(row: Case, programme: Programme) -> bool:
    """Whether a review may be asked for: of a decision within the term, of money said to be paid too much, or of an office that lets the
    statutory limit pass, or the promised one where no law sets any. Two queries at most."""
    if programme.objection is None or programme.objection.review is None:
        return False
    if row.kind == RECOVERY.slug and recovering.unsettled(row):
        return True
    if row.status == "open":
        return (row.statutory_due_at or row.due_at) < clock.now() and row.stopped_at is None
    last = review_until(row, programme)
    return row.outcome in CONTESTABLE and last is not None and clock.today() <= last and not annulled(row)


def _require_open(row: Case, programme: Programme, kind: CaseKind) -> None:
    if may_object(row, programme) if kind is OBJECTION else may_review(row, programme):
        return
    last = last_day(row, programme) if kind is OBJECTION else review_until(row, programme)
    raise LinliError(
        "entitlements.not_to_contest",
        zh="这件事项现在不能提出异议" if kind is OBJECTION else "这件事项现在不能申请行政复议",
        en="This can't be contested now.",
        expected="a decision, within its term",
        expected_zh="已作出的决定，在期限以内",
        found=f"{row.outcome or 'open'}, until {last or 'no day'}",
        found_zh=f"{'已办结' if row.outcome else '办理中'}，期限 {last or '未写明'}",
        remedy_zh="可以按决定书写明的途径申请行政复议或者起诉",
        remedy_en="administrative review and court are open as the decision says",
    )


def _bad_origin(found: str) -> LinliError:
    return LinliError(
        "entitlements.contest_origin",
        zh="提出的途径不对",
        en="It can't come in so.",
        place=Place(field="origin"),
        expected=", ".join(AT_A_WINDOW),
        expected_zh="窗口或电话，由工作人员登记",
        found=found[:20],
        remedy_zh="选择窗口或电话",
        remedy_en="choose window or telephone",
    )


def answered(a: Act, viewer: Viewer, case: Case, outcome: str, words: str) -> None:
    """The paper that answers an objection or a review, in the act that answers it."""
    letters.contest(a, viewer, case, programme_of(case), words)


def carry_out(case: Case) -> None:
    """What an answer to an objection or a review brings about, once: a decision annulled is taken anew; nothing was paid too much; the
    matter of an office that was ordered to act goes up one level. For the system, after it was answered."""
    contested = Case.objects.get(children=case)
    if case.outcome == "upheld":
        return
    if contested.kind == RECOVERY.slug:
        recovering.not_overpaid(ANSWERING, contested, "")
    elif contested.status == "closed":
        redo(ANSWERING, contested.uid)
    elif case.outcome == "ordered":
        casework.escalate(ANSWERING, contested.uid)


def redo(viewer: Viewer, contested: UUID) -> Case:
    """The decision does not stand: its award is annulled, and the application is received anew under the same version with what it told.

    Repeats nothing: for the system, after the objection was answered. Locks the person.
    """
    try:
        with act(viewer, key=f"entitlements.redo:{contested}") as a:
            row = Case.objects.get(uid=contested)
            before = Application.objects.select_related("case").get(case=row)
            award = of_case(row)
            if award is not None:
                agreements.change(viewer, award.uid, "ended", "annulled")
                overpaid.annulled(viewer, award)
            Application.objects.filter(pk=before.pk).update(open=False)
            (locked,) = lock(resident_of(row.subject_uid))
            withdraw_decisions(a, row, DECISIONS)
            needs = dict(Requirement.objects.filter(case=row).values_list("material", "state"))
            origin = intake.Intake(row.origin or "resident", row.received_at or "", needs)
            programme = programme_of(row)
            case = intake.receive(a, viewer, locked, row.area_code, programme, origin)
            again = Application(case=case, **{name: getattr(before, name) for name in (*SAME, *TOLD)})
            again.save(force_insert=True)
            told = {"version": programme.version, "origin": case.origin or "", "known": again.known, "asked": again.asked}
            before.refresh_from_db()
            record(a, again, facts.APPLIED, told, [again, before])
            a.result = {"case": str(case.uid)}
    except AlreadyDone as done:
        return Case.objects.get(uid=done.result["case"])
    return case
