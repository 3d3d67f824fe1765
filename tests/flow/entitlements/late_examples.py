"""Two applications in their first step, when it is late, and how far they climbed."""

from __future__ import annotations

from datetime import date, datetime

from award_examples import COUNTY, OTHER_COUNTY, City, asked
from case_examples import later, on

from linli.casework.models import Case, Task
from linli.entitlements import acts
from linli.trace import queries as trace

START = later(date(2026, 10, 19))


def checked(city: City) -> tuple[Case, Case]:
    """Two applications, of two counties, in their first step since the same day."""
    with on(START):
        first, second = asked(city.found), asked(city.away)
        acts.accept(COUNTY, first.uid)
        acts.accept(OTHER_COUNTY, second.uid)
    return first, second


def night_after(case: Case) -> datetime:
    """The end of the day on which its step is due."""
    due: datetime = Task.objects.get(case=case).due_at
    return due


def climbed(case: Case) -> list[str]:
    return [fact.payload["to_level"] for fact in trace.timeline(str(case)) if fact.type == "casework.escalated"]
