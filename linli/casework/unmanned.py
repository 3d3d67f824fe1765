"""Tasks on desks where nobody can do them: moved up to the lowest desk above that has somebody."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from linli.casework import contesting, facts
from linli.casework.desks import ABOVE_VILLAGE, STEWARD, desk_of, on_duty
from linli.casework.kinds import KINDS, NOTICE_OBJECTION, OBJECTION, desk_level
from linli.casework.models import Case
from linli.kernel import clock
from linli.kernel.viewer import system
from linli.registers.acts.guards import county_of
from linli.trace import act

OBJECTIONS = (OBJECTION.slug, NOTICE_OBJECTION.slug)
"""Kinds that go up where everybody at their desk had a part in what they are about."""
BELOW_CITY = r"^.{5,}$"
MOVING = system("casework.unmanned")


def hand_up(case: UUID) -> bool:
    """Move a task to the desk above that has somebody, where its own has nobody; its due time stays. Locks the case."""
    with act(MOVING) as a:
        row = Case.objects.select_for_update(of=("self",)).select_related("task").get(uid=case)
        task = row.task
        above = contesting.desk_left(row) if row.kind in OBJECTIONS else desk_of(KINDS[row.kind], task.role, task.area_code)
        below = task.desk_code
        if task.done_at is not None or len(above) >= len(below):
            return False
        task.desk_code, task.taken_by, task.taken_at = above, "", None
        task.save(update_fields=["desk_code", "taken_by", "taken_at"])
        row.version += 1
        row.save(update_fields=["version"])
        due = str(clock.day_of(task.due_at))
        about = {"case": str(row.uid), "receipt": row.receipt, "kind": row.kind}
        payload = {**about, "from_level": desk_level(below), "to_level": desk_level(above), "due": due}
        a.record(facts.HANDED_UP, subject=row.subject, payload=payload, rows=[row, task], area=county_of(row.area_code), also=[str(row)])
    return True


def hand_up_all() -> int:
    """Every open task of a steward in a village where no steward is, and every objection, to a decision or to a notice, at a county's desk
    whose officers all had a part in what it is about; returns how many moved. One transaction each."""
    stewards = Q(task__role=STEWARD) & ~Q(task__desk_code__regex=ABOVE_VILLAGE)
    waiting = Case.objects.filter(stewards | Q(kind__in=OBJECTIONS, task__desk_code__regex=BELOW_CITY), task__done_at__isnull=True)
    return sum(hand_up(uid) for uid in waiting.order_by("pk").values_list("uid", flat=True))


def unstaffed() -> list[str]:
    """The places with an open task of a steward that nobody looks after, neither steward nor officer. A query for each place."""
    places = Case.objects.filter(task__role=STEWARD, task__done_at__isnull=True).values_list("task__area_code", flat=True).distinct()
    return [area for area in sorted(places) if not on_duty(area)]
