"""A new case: its receipt, its due time, its first task, the clock that watches over it. The same for every kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from linli.casework import facts, timers
from linli.casework.deadlines import days_to_keep, promised_on, warn_from
from linli.casework.desks import desk_of
from linli.casework.endings import told
from linli.casework.kinds import CaseKind, promise
from linli.casework.models import Case, Task
from linli.casework.receipts import grouped, new_receipt
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.kernel.workdays import end_of
from linli.registers.models import Resident
from linli.trace import Act

DUE = "casework.task_due"
RECEIPT_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What a new case is about. due: the last day of its first promise, where not the kind's own. columns: further values of the case's
    row, as the kind needs them."""

    kind: CaseKind
    role: str
    list_slug: str = ""
    fact: str = ""
    department: str = ""
    desk: str | None = None
    due: date | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)


def inserted(viewer: Viewer, resident: Resident, area: str, asked: Asked) -> tuple[Case, list[Any]]:
    """A new case under a receipt number that nobody has, and its task; refused while the same thing is open already.

    For an act that has locked the person; it hands the rows to opened().
    """
    subject = f"resident:{resident.uid}"
    same = Case.objects.filter(subject=subject, kind=asked.kind.slug, fact=asked.fact, status="open").first()
    if same is not None:
        raise LinliError(
            "casework.open_already",
            zh="这件事已经受理，正在办理",
            en="This has been taken up already and is being dealt with.",
            found=grouped(same.receipt),
            remedy_zh="凭回执编号查看进度",
            remedy_en="follow it by its receipt number",
        )
    promised = promise(asked.kind.slug)
    due = asked.due or promised_on(asked.kind.slug, clock.today())
    case = Case(
        kind=asked.kind.slug,
        subject=subject,
        area_code=area,
        list_slug=asked.list_slug,
        fact=asked.fact,
        department=asked.department,
        opened_at=clock.now(),
        opened_by=viewer.actor,
        on_behalf_of="" if viewer.is_self(resident.uid) else subject,
        due_at=end_of(due),
        due_days=None if asked.due or promised.calendar else days_to_keep(clock.today(), due, promised.answer),
        **asked.columns,
    )
    for _attempt in range(RECEIPT_ATTEMPTS):
        case.receipt = new_receipt(clock.today())
        if _saved(case):
            return case, [case, _task(case, asked, area)]
    raise AssertionError("no free receipt number in so many attempts: more than nine in ten of the day's are taken")


def opened(a: Act, case: Case, rows: list[Any]) -> None:
    """Say that it was opened, and let its clock run. rows: the case's own and whatever was written with it."""
    timers.start(DUE, case, case.task.due_at)
    behalf = {"on_behalf_of": case.on_behalf_of} if case.on_behalf_of else {}
    due = str(clock.day_of(case.due_at))
    told(a, case, facts.CASE_OPENED, {"list": case.list_slug, "fact": case.fact, "due": due, **behalf}, rows)


def _saved(case: Case) -> bool:
    """False if the receipt number is taken. The person is locked, so nothing else of the case can be."""
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError as error:
        if "receipt" not in str(error):
            raise
        return False
    return True


def _task(case: Case, asked: Asked, area: str) -> Task:
    return Task.objects.create(
        case=case,
        role=asked.role,
        area_code=area,
        desk_code=desk_of(asked.kind, asked.role, area) if asked.desk is None else asked.desk,
        programme=case.programme,
        due_at=case.due_at,
        warn_at=warn_from(case.due_at, asked.kind.slug),
    )
