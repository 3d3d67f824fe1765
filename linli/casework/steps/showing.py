"""Cases that are shown to the public: the clock stands from when their notice hangs until it comes down, and runs before and after.

For the rooms that put notices up: lists that are paid (linli/batches), ranks (linli/entitlements/reviewing).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Exists, OuterRef

from linli.casework.models import Case, Pause, StepTaken
from linli.casework.steps import clocks
from linli.kernel.viewer import Viewer
from linli.trace import Act, act

SHOWN = "notice"
"""The step, and why the clock stands in it."""


def hangs() -> Exists:
    """Whether the notice of a case hangs, as a condition of rows that have a case."""
    return Exists(Pause.objects.filter(case=OuterRef("case"), reason=SHOWN, ended_at__isnull=True))


def hung(viewer: Viewer, cases: Iterable[int]) -> None:
    """The notice of these cases, by primary key, hangs from now on: the clocks of those in their notice step stand. Locks them in order;
    about eight statements each."""
    _each(viewer, cases, lambda a, case: clocks.stop(a, case, SHOWN, [case]))


def down(viewer: Viewer, cases: Iterable[int]) -> None:
    """The notice of these cases hangs no more and they have not gone on: it came down before its time, they were taken off its list, or an
    objection is still open. Their clocks run. As hung()."""
    _each(viewer, cases, lambda a, case: clocks.resume(a, case, [case]))


def _each(viewer: Viewer, cases: Iterable[int], turn: Callable[[Act, Case], list[Any]]) -> None:
    here = StepTaken.objects.filter(case=OuterRef("pk"), kind=SHOWN, done_at__isnull=True)
    with act(viewer) as a:
        for case in Case.objects.select_for_update(of=("self",)).filter(Exists(here), pk__in=cases, status="open").order_by("pk"):
            if turn(a, case):
                case.version += 1
                case.save(update_fields=["stopped_at", "due_at", "statutory_due_at", "version"])
