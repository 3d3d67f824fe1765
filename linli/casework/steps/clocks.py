"""The clock of an application: it starts at acceptance, stands still while the law lets it, and is counted in working days.

Law: 行政许可法 第四十二、四十五条 (limits in working days; appraisal and hearing are not counted); the same is kept for other items.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from linli.casework import facts
from linli.casework.deadlines import calendar, warn_from
from linli.casework.endings import told
from linli.casework.kinds import promise
from linli.casework.models import Case, Pause
from linli.kernel import clock
from linli.kernel.workdays import end_of
from linli.programmes.declaration import Programme
from linli.trace import Act


def promised_days(programme: Programme, kind: str) -> int:
    """Working days that are promised from acceptance on: the programme's own, else by law, else the city's for such cases."""
    return programme.promised_working_days or programme.statutory_working_days or promise(kind).answer


def start(a: Act, case: Case, programme: Programme) -> None:
    """Accepted: the clock runs from today. The caller has locked the case and saves it."""
    today, law = clock.today(), programme.statutory_working_days
    case.accepted_at = clock.now()
    case.due_at = end_of(calendar().after(today, promised_days(programme, case.kind)))
    case.statutory_due_at = end_of(calendar().after(today, law)) if law else None
    told(a, case, facts.ACCEPTED, _limits(case), [])


def stop(a: Act, case: Case, reason: str, also: Iterable[Any] = ()) -> list[Any]:
    """The clock stands still from now on; the caller saves the case. Does nothing while it stands already. also: rows that the fact tells
    of beside the pause, where no other fact does."""
    if case.stopped_at is not None:
        return []
    case.stopped_at = clock.now()
    pause = Pause.objects.create(case=case, reason=reason, began_at=case.stopped_at)
    told(a, case, facts.CLOCK_STOPPED, {"reason": reason}, [pause, *also])
    return [pause]


def resume(a: Act, case: Case, also: Iterable[Any] = ()) -> list[Any]:
    """The clock runs again: what was left of each limit when it stopped is counted from today. The caller saves the case.

    also: see stop().
    """
    if case.stopped_at is None:
        return []
    since, now = clock.day_of(case.stopped_at), clock.now()
    case.due_at = later(case.due_at, since)
    if case.statutory_due_at is not None:
        case.statutory_due_at = later(case.statutory_due_at, since)
    case.stopped_at = None
    pause = Pause.objects.select_for_update().get(case=case, ended_at__isnull=True)
    pause.ended_at = now
    pause.save(update_fields=["ended_at"])
    told(a, case, facts.CLOCK_RESUMED, _limits(case), [pause, *also])
    return [pause]


def turn(a: Act, case: Case, reason: str) -> list[Any]:
    """The clock goes on standing still, from now for another reason. The caller saves the case."""
    pause = Pause.objects.select_for_update().get(case=case, ended_at__isnull=True)
    now = clock.now()
    pause.ended_at = now
    pause.save(update_fields=["ended_at"])
    other = Pause.objects.create(case=case, reason=reason, began_at=now)
    told(a, case, facts.CLOCK_STOPPED, {"reason": reason}, [pause, other])
    return [pause, other]


def later(due_at: datetime, since: date) -> datetime:
    """A limit that has not passed, moved by the time from `since` until today; one that had passed stays where it was."""
    left = calendar().between(since, clock.day_of(due_at))
    return end_of(calendar().after(clock.today(), left)) if left > 0 else due_at


def set_task(case: Case, due_at: datetime) -> None:
    """The task is due then, with its warning; the caller saves it."""
    case.task.due_at, case.task.warn_at = due_at, warn_from(due_at, case.kind)


def _limits(case: Case) -> dict[str, str]:
    law = {"statutory": str(clock.day_of(case.statutory_due_at))} if case.statutory_due_at else {}
    return {"due": str(clock.day_of(case.due_at)), **law}
