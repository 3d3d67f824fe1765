"""Actions follow their gaps: closed by the computation in which the gap is met, open again by the one in which it is open again."""

from __future__ import annotations

from linli.circles import facts
from linli.circles.models import Action, Coverage, Gap
from linli.circles.reckoning.figures import stated
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.trace import Act, FactType, act

MET, OPEN, ENDED = "met", "open", "ended"


def follow(viewer: Viewer, run: Coverage) -> tuple[int, int]:
    """Close open actions whose gap is met, reopen closed ones whose gap is open, drop those whose norm is no longer asked.

    A gap that depends on people who can't be located, or is about people of whom none live there, closes and reopens nothing. A reopened
    action keeps its owner and due day, so that it is overdue at once where the day has gone by. Returns how many were closed and reopened.
    Locks the actions, in order.
    """
    with act(viewer) as a:
        rows = list(Action.objects.select_for_update(of=("self",)).select_related("gap", "plan__circle").order_by("pk"))
        standing = {row.gap_id for row in rows if row.state in ("proposed", "open")}
        closed = [_close(a, row, run) for row in rows if row.state == OPEN and _filled(row.gap)]
        newest = {row.gap_id: row for row in rows if row.state == "closed"}
        again = [
            _reopen(a, row, run) for row in newest.values() if row.gap.state == OPEN and row.gap_id not in standing and row not in closed
        ]
        for row in rows:
            if row.state in ("proposed", OPEN) and row.gap.state == ENDED:
                row.state = "dropped"
                row.save(update_fields=["state"])
                record(a, row, facts.ACTION_CHANGED, change="dropped", due_on=row.due_on and str(row.due_on), budget_fen=row.budget_fen)
    return len(closed), len(again)


def _filled(gap: Gap) -> bool:
    """Whether a gap is met for somebody: that nobody lives there any more, or on this network, builds nothing."""
    return stated(gap.state, gap.covered + gap.uncovered) == MET


def _close(a: Act, row: Action, run: Coverage) -> Action:
    row.state, row.closed_at, row.closed_by = "closed", clock.now(), run
    row.save(update_fields=["state", "closed_at", "closed_by"])
    record(a, row, facts.ACTION_CLOSED, run=str(run.uid))
    return row


def _reopen(a: Act, row: Action, run: Coverage) -> Action:
    row.state, row.closed_at, row.closed_by = OPEN, None, None
    row.reopened += 1
    row.rung = 0
    row.save(update_fields=["state", "closed_at", "closed_by", "reopened", "rung"])
    record(a, row, facts.ACTION_REOPENED, run=str(run.uid))
    return row


def record(a: Act, row: Action, fact: FactType, **payload: object) -> None:
    """The fact of an action, in the act that is open, with its plan and norm."""
    about = {"circle": row.plan.circle.code, "plan": str(row.plan.uid), "action": str(row.uid), "norm": row.gap.norm}
    a.record(fact, subject=str(row.plan), payload=about | payload, rows=[row], area=row.plan.circle.area_code)
