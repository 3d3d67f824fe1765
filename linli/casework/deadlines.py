"""When a case is due, also where the year's notice on public holidays is not out yet.

A due day that was counted with a provisional year is a promise all the same: once the notice is there it is counted again, and the case
is due then or when it was promised, whichever comes first. Nobody waits longer than they were told.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings

from linli.casework import facts, timers
from linli.casework.kinds import promise
from linli.casework.models import Case
from linli.kernel import clock
from linli.kernel.looks import once
from linli.kernel.viewer import Viewer, system
from linli.kernel.workdays import Workdays, end_of, workdays
from linli.registers.acts.guards import county_of
from linli.trace import act

SETTLING = system("casework.settle")


def calendar() -> Workdays:
    """The city's working days; read again when a file changes."""
    return once(("workdays", settings.LINLI_CITY), lambda: workdays(Path(settings.LINLI_CITY)))


def promised_on(kind: str, begins: date) -> date:
    """The last day of what is promised for a kind, counted from a day on as the city's file counts it: in working or calendar days."""
    promised = promise(kind)
    return begins + timedelta(days=promised.answer) if promised.calendar else calendar().after(begins, promised.answer)


def days_to_keep(today: date, due: date, days: int) -> int | None:
    """What a new case keeps of its promise: the working days it was counted from, where they have to be counted again."""
    return days if calendar().is_provisional(today, due) else None


def warn_from(due_at: datetime, kind: str) -> datetime:
    """From the end of the day on which only the promised warning's working days are left."""
    day = clock.day_of(due_at)
    return end_of(calendar().before(day, promise(kind).warning))


def settle(viewer: Viewer = SETTLING) -> int:
    """Count again what was counted with a provisional year and no longer is; how many cases. One transaction for each; locks it."""
    done = 0
    for uid in Case.objects.filter(due_days__isnull=False, status="open").order_by("pk").values_list("uid", flat=True):
        with act(viewer) as a:
            row = Case.objects.select_for_update(of=("self",)).select_related("task").get(uid=uid)
            opened, due = _day(row), clock.day_of(row.due_at)
            if row.status != "open" or row.due_days is None or calendar().is_provisional(opened, due):
                continue
            settled = min(due, calendar().after(opened, row.due_days))
            _move(row, settled)
            about = {"case": str(row.uid), "receipt": row.receipt, "kind": row.kind, "promised": str(due), "due": str(settled)}
            area, rows = county_of(row.area_code), [row, row.task]
            a.record(facts.DUE_SETTLED, subject=row.subject, payload=about, rows=rows, area=area, also=[str(row)])
            done += 1
    return done


def _day(case: Case) -> date:
    return clock.day_of(case.opened_at)


def _move(case: Case, due: date) -> None:
    """The case is due that day, and so is its task where it still lies on the first desk; its timer fires then."""
    at = end_of(due)
    if case.task.due_at == case.due_at and at != case.due_at:
        case.task.due_at, case.task.warn_at = at, warn_from(at, case.kind)
        case.task.save(update_fields=["due_at", "warn_at"])
        timers.move(case, at)
    case.due_at, case.due_days, case.version = at, None, case.version + 1
    case.save(update_fields=["due_at", "due_days", "version"])
