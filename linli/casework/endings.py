"""How a case ends and what the trace is told of one: the same for an answer, a withdrawal and an erasure."""

from __future__ import annotations

from typing import Any

from linli.casework import timers
from linli.casework.models import Case
from linli.kernel import clock
from linli.registers.acts.guards import county_of
from linli.trace import Act


def ended(row: Case, outcome: str, by: str) -> list[Any]:
    """Close a locked case and its task and stop its clocks; the rows that changed. by: the actor who answers for it, "" for none."""
    now = clock.now()
    row.status, row.closed_at, row.outcome, row.answered_by, row.version = "closed", now, outcome, by, row.version + 1
    row.save(update_fields=["status", "closed_at", "outcome", "answered_by", "version"])
    row.task.done_at = now
    row.task.save(update_fields=["done_at"])
    timers.stop_all(row)
    return [row, row.task]


def closing(row: Case) -> dict[str, Any]:
    """What the fact of its end says: how, and whether within the promised time."""
    return {"outcome": row.outcome, "on_time": row.closed_at is not None and row.closed_at <= row.due_at}


def told(a: Act, case: Case, fact_type: Any, payload: dict[str, Any], rows: list[Any]) -> None:
    """Record a fact about the case, under the person's county and the case itself."""
    about = {"case": str(case.uid), "receipt": case.receipt, "kind": case.kind}
    a.record(fact_type, subject=case.subject, payload={**about, **payload}, rows=rows, area=county_of(case.area_code), also=[str(case)])
