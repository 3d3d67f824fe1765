"""A decision is contested: a case of its own, with its own clock, answered by somebody who had no part in it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from linli.agreements import acts as agreements
from linli.agreements.queries import of_case
from linli.casework import said
from linli.casework.acts import require_may_ask
from linli.casework.deadlines import calendar
from linli.casework.desks import no_case
from linli.casework.kinds import APPLICATION, OBJECTION
from linli.casework.models import Case, Requirement
from linli.casework.opening import Asked, inserted, opened
from linli.casework.steps import intake
from linli.casework.steps.acts import programme_of
from linli.casework.steps.clocks import day_of
from linli.entitlements import facts
from linli.entitlements.models import Application
from linli.entitlements.recording import record
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.registers.acts.guards import lock, resident_of
from linli.trace import AlreadyDone, act

CONTESTABLE = ("granted", "refused", "registered", "lapsed")
SAME = ("person", "programme", "beneficiary_kind", "beneficiary", "payee", "payee_uid")
TOLD = ("answers_cipher", "account_cipher", "asked", "known")


def object_to(viewer: Viewer, case: UUID, words: str, *, key: str | None = None) -> Case:
    """Contest how an application ended, with reasons. Allowed as for applying; once at a time, within the programme's term if it has one.

    Locks the person. The office of the programme answers it, by another officer.
    """
    text = said.required(words)
    try:
        with act(viewer, key=said.scoped(viewer, "object_to", key)) as a:
            row = Case.objects.filter(uid=case, kind=APPLICATION.slug).first()
            if row is None:
                raise no_case(case)
            resident = resident_of(row.subject_uid)
            require_may_ask(viewer, resident, row.area_code, OBJECTION)
            programme = programme_of(row)
            _require_open(row, programme)
            (locked,) = lock(resident)
            columns = {"parent": row, "programme": row.programme, "programme_version": row.programme_version}
            asked = Asked(OBJECTION, "officer", fact=row.receipt, department=row.department, columns=columns)
            found, rows = inserted(viewer, locked, row.area_code, asked)
            opened(a, found, [*rows, *said.sealed_words(viewer, found, "opened", text)])
            a.result = {"case": str(found.uid)}
    except AlreadyDone as done:
        return Case.objects.get(uid=done.result["case"])
    return found


def last_day(row: Case, programme: Programme) -> date | None:
    """Until when a decision may be contested here; None where no term is stated."""
    term = programme.objection.term if programme.objection else None
    if term is None or term.days is None or row.closed_at is None:
        return None
    ended = day_of(row.closed_at)
    return ended + timedelta(days=term.days) if term.unit == "calendar" else calendar().after(ended, term.days)


def may_object(row: Case, programme: Programme) -> bool:
    """Whether an application has ended in a way that can be contested, and it isn't too late."""
    last = last_day(row, programme)
    return row.outcome in CONTESTABLE and (last is None or clock.today() <= last)


def _require_open(row: Case, programme: Programme) -> None:
    if not may_object(row, programme):
        last = last_day(row, programme)
        raise LinliError(
            "entitlements.not_to_contest",
            zh="这件事项现在不能提出异议",
            en="This can't be contested now.",
            expected="a decision, within its term",
            expected_zh="已作出的决定，在期限以内",
            found=f"{row.outcome or 'open'}, until {last or 'no day'}",
            found_zh=f"{'已办结' if row.outcome else '办理中'}，期限 {last or '未写明'}",
            remedy_zh="可以按决定书写明的途径申请行政复议或者起诉",
            remedy_en="administrative review and court are open as the decision says",
        )


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
            Application.objects.filter(pk=before.pk).update(open=False)
            (locked,) = lock(resident_of(row.subject_uid))
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
