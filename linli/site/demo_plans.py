"""Plans of the demo's circles: one drafted, one whose actions are under way, one with an overdue action, one issued; made up and saying so.

Everything is done through the acts that the pages call, in one act of its own: a kill leaves nothing of it, a second run does nothing.
"""

from __future__ import annotations

from datetime import date, timedelta

from linli.circles import queries
from linli.circles.acts import plans
from linli.circles.acts.issuing import issue_plan
from linli.circles.declared import standard
from linli.circles.models import Action, Circle, Plan
from linli.kernel.viewer import system
from linli.registers.models import Organisation
from linli.trace import AlreadyDone, act

OPERATOR = system("demo")
NOTE = ("（演示）", " (demonstration)")
SOON, LATE = timedelta(days=60), timedelta(days=8)
BUDGETS_FEN = (0, 1_200_000, 6_000_000, 35_000_000)
LATE_OWNER = "盐湖区住房和城乡建设局"
"""A department that somebody of the demo works in, who finds the overdue action in their inbox."""


def plan(as_of: date) -> int | None:
    """Do all of it, unless it was done before: None. Returns how many plans; of a city without gaps none. Two seconds at most."""
    try:
        with act(OPERATOR, key="demo:plans") as a:
            rows = [one.circle for one in queries.ranking(OPERATOR, on=as_of) if one.open][:4]
            steps = (_draft, _under_way, _overdue, _issued)
            for circle, step in zip(rows, steps, strict=False):
                step(circle, as_of)
            plans.escalate(OPERATOR, day=as_of)
            a.result = {"plans": len(rows)}
    except AlreadyDone:
        return None
    return len(rows)


def _draft(circle: Circle, as_of: date) -> Plan:
    return plans.draft_plan(OPERATOR, circle=circle.uid)


def _adopted(circle: Circle, as_of: date) -> list[Action]:
    """Drafted, completed and adopted; its actions in order."""
    rows = list(Action.objects.filter(plan=_draft(circle, as_of)).order_by("pk"))
    for number, row in enumerate(rows):
        _complete(row, standard().planning.organ.zh, as_of + SOON, BUDGETS_FEN[number % len(BUDGETS_FEN)], on=as_of)
    plans.adopt_plan(OPERATOR, circle=circle.uid, on=as_of, unstaffed=True)
    return rows


def _complete(row: Action, owner: str, due_on: date, budget_fen: int, *, on: date) -> None:
    zh, en = (title if title.endswith(note) else title + note for title, note in zip((row.title_zh, row.title_en), NOTE, strict=True))
    plans.edit_action(OPERATOR, action=row.uid, owner=owner, due_on=due_on, budget_fen=budget_fen, title_zh=zh, title_en=en, on=on)


def _under_way(circle: Circle, as_of: date) -> None:
    plans.carried_out(OPERATOR, action=_adopted(circle, as_of)[0].uid, on=as_of)


def _overdue(circle: Circle, as_of: date) -> None:
    late = _adopted(circle, as_of)[0]
    late.refresh_from_db()
    known = Organisation.objects.filter(name=LATE_OWNER, kind="department").exists()
    _complete(late, LATE_OWNER if known else late.owner, as_of - LATE, late.budget_fen or 0, on=as_of - SOON)


def _issued(circle: Circle, as_of: date) -> None:
    _adopted(circle, as_of)
    issue_plan(OPERATOR, circle=circle.uid)
