"""Plans (一图一策): drafted from a circle's gaps, completed, adopted; an owner says when a measure was carried out; overdue ones go up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from linli.casework.workplaces import staffed_in
from linli.circles import facts
from linli.circles.acts.closing import record
from linli.circles.declared import standard
from linli.circles.models import Action, Circle, Gap, Plan
from linli.circles.queries.coverage import gap_line
from linli.kernel import clock
from linli.kernel.documents import tidy_line
from linli.kernel.errors import LinliError, Place, Problems
from linli.kernel.viewer import Viewer
from linli.trace import act
from linli.trace.turns import one_at_a_time

ROLE = "planner"
LONGEST = {"title_zh": 200, "title_en": 300, "owner": 100}
FIELDS = {
    "title_zh": ("做什么", "what is done"),
    "title_en": ("英文", "the English text"),
    "owner": ("责任单位", "who does it"),
    "due_on": ("完成期限", "until when"),
    "budget_fen": ("预算", "the budget"),
}
MOST_FEN = 10**13  # a hundred milliard yuan


def draft_plan(viewer: Viewer, *, circle: UUID, advisory: bool = False) -> Plan:
    """The circle's one plan, with a proposed action for every mandatory gap that is open and has none standing; advisory: for others too.

    Again, it adds what has opened since. Each action keeps the measure that triggered it as it is now. Needs planner over the circle's
    area. One draft of a circle at a time.
    """
    with act(viewer) as a:
        row = Circle.objects.get(uid=circle)
        viewer.require(ROLE, area=row.area_code)
        one_at_a_time(f"circles.plan:{row.uid}")
        plan = Plan.objects.filter(circle=row).first()
        gaps = Gap.objects.filter(circle=row, state="open").exclude(actions__state__in=["proposed", "open"]).select_related("run", "circle")
        wanted = [gap for gap in gaps.order_by("norm") if gap.mandatory or advisory]
        if plan is not None and not wanted:
            return plan
        if plan is None:
            plan = Plan.objects.create(circle=row, state="draft", made_at=clock.now(), made_by=viewer.actor)
        made = [_proposed(plan, gap) for gap in wanted]
        payload = {"circle": row.code, "plan": str(plan.uid), "actions": len(made)}
        a.record(facts.PLAN_DRAFTED, subject=str(plan), payload=payload, rows=[plan, *made], area=row.area_code)
    return plan


def _proposed(plan: Plan, gap: Gap) -> Action:
    line = gap_line(gap)
    told = standard().planning
    title = told.suggestion(gap.norm, line.norm.label) if line else told.suggestions["default"]
    return Action.objects.create(plan=plan, gap=gap, trigger=measured(gap), title_zh=title.zh, title_en=title.en, state="proposed")


def measured(gap: Gap) -> dict[str, Any]:
    """What a gap was measured at, as an action keeps it."""
    counted = {name: getattr(gap, name) for name in ("covered", "uncovered", "unlocated", "found", "minutes", "group", "profile")}
    return counted | {"norm": gap.norm, "run": str(gap.run.uid), "day": str(gap.run.day), "standard": gap.standard}


def edit_action(
    viewer: Viewer,
    *,
    action: UUID,
    owner: str,
    due_on: date | None,
    budget_fen: int | None,
    title_zh: str,
    title_en: str,
    on: date | None = None,
    unstaffed: bool = False,
) -> Action:
    """Say who does what until when and for how much, in fen, 0 where it costs nothing. Of an adopted plan nothing may be left empty.

    on: the day on which it was said, today if left out: a new due day is none before it. unstaffed: an adopted action may go to an owner
    where nobody works who would hear of it. Raises Problems with each field. Said again, nothing changes. Needs planner over the circle's
    area. Locks the action.
    """
    with act(viewer) as a:
        row = _locked(viewer, action)
        if row.state not in ("proposed", "open"):
            raise _finished(row)
        wanted: dict[str, Any] = {
            "title_zh": tidy_line(title_zh),
            "title_en": tidy_line(title_en),
            "owner": tidy_line(owner),
            "due_on": due_on,
            "budget_fen": budget_fen,
        }
        problems = [*_faults(wanted, row), *_late(due_on if row.due_on != due_on else None, on, row)]
        if row.state == "open" and wanted["owner"] and row.owner != wanted["owner"] and not unstaffed:
            problems += _unheard([wanted["owner"]], row.plan.circle)
        if problems:
            raise Problems(problems)
        if any(getattr(row, name) != value for name, value in wanted.items()):
            if row.due_on != due_on:
                row.rung = 0
            for name, value in wanted.items():
                setattr(row, name, value)
            row.save()
            _changed(a, row, "edited")
    return row


def drop_action(viewer: Viewer, *, action: UUID) -> Action:
    """A proposed action is not taken up. An adopted one closes with its gap alone. Needs planner over the circle's area. Locks it."""
    with act(viewer) as a:
        row = _locked(viewer, action)
        if row.state == "dropped":
            return row
        if row.state != "proposed":
            raise _finished(row)
        row.state = "dropped"
        row.save(update_fields=["state"])
        _changed(a, row, "dropped")
    return row


def adopt_plan(viewer: Viewer, *, circle: UUID, on: date | None = None, unstaffed: bool = False) -> Plan:
    """The plan holds: its proposed actions are open from now on. Raises Problems naming every action without owner, day or budget, or due
    before the day on which it is adopted (on, today if left out); LinliError naming owners where nobody works who would hear of it, unless
    they are meant (unstaffed).

    Needs planner over the circle's area. Again, actions that were proposed since are adopted too. Locks the plan and its actions.
    """
    with act(viewer) as a:
        plan = Plan.objects.select_for_update(of=("self",)).select_related("circle").get(circle__uid=circle)
        viewer.require(ROLE, area=plan.circle.area_code)
        rows = list(Action.objects.select_for_update().filter(plan=plan, state="proposed").order_by("pk"))
        problems = [problem for row in rows for problem in (*_lacking(row), *_late(row.due_on, on, row))]
        if problems:
            raise Problems(problems)
        for problem in () if unstaffed else _unheard([row.owner for row in rows], plan.circle):
            raise problem
        if plan.state == "adopted" and not rows:
            return plan
        plan.state, plan.adopted_at, plan.adopted_by = "adopted", clock.now(), viewer.actor
        plan.save()
        for row in rows:
            row.state = "open"
            row.save(update_fields=["state"])
        payload = {"circle": plan.circle.code, "plan": str(plan.uid), "actions": len(rows)}
        a.record(facts.PLAN_ADOPTED, subject=str(plan), payload=payload, rows=[plan, *rows], area=plan.circle.area_code)
    return plan


def carried_out(viewer: Viewer, *, action: UUID, on: date) -> Action:
    """Its owner has done it. It stays open until a computation finds the gap met. Needs planner or officer over the area. Locks it."""
    with act(viewer) as a:
        row = Action.objects.select_for_update(of=("self",)).select_related("plan__circle", "gap").get(uid=action)
        if not viewer.may("officer", area=row.plan.circle.area_code):
            viewer.require(ROLE, area=row.plan.circle.area_code)
        if row.state != "open":
            raise _finished(row)
        if on > clock.today():
            raise _wrong(row, "done_on", ("今天或更早的日期", "today or a day before"), str(on))
        if row.done_on != on:
            row.done_on = on
            row.save(update_fields=["done_on"])
            _changed(a, row, "carried_out")
    return row


def escalate(viewer: Viewer, *, day: date | None = None) -> int:
    """Take overdue actions to the levels that the city's plans.yaml names, each level once; returns how many times. Locks them."""
    today = day or clock.today()
    rungs = standard().planning.rungs
    told = 0
    with act(viewer) as a:
        rows = Action.objects.select_for_update(of=("self",)).select_related("plan__circle", "gap").filter(state="open", due_on__lt=today)
        for row in rows.order_by("pk"):
            assert row.due_on is not None
            days = (today - row.due_on).days
            reached = sum(rung.after_days <= days for rung in rungs)
            for rung in rungs[row.rung : reached]:
                told += 1
                record(a, row, facts.ACTION_OVERDUE, due_on=str(row.due_on), days=days, to=rung.to, owner=row.owner)
            if reached > row.rung:
                row.rung = reached
                row.save(update_fields=["rung"])
    return told


def unheard(owners: Iterable[str], area: str) -> list[str]:
    """The owners, each once, by whose name nobody works in the area who can sign in: nobody would be told of an action. One query."""
    known = staffed_in(area)
    return [owner for owner in dict.fromkeys(owners) if owner and not any(name.endswith(owner) for name in known)]


def _unheard(owners: Iterable[str], circle: Circle) -> list[LinliError]:
    found = unheard(owners, circle.area_code)
    if not found:
        return []
    problem = LinliError(
        "circles.nobody_works_there",
        zh=f"没有人在“{'”“'.join(found)}”工作，逾期、缺口再现都没有人收到",
        en=f"Nobody works in {', '.join(found)}: nobody would hear that it is overdue or that its gap is open again.",
        place=Place(field="owner"),
        remedy_zh="改选有人工作的单位；确实由它办的，勾选“仍然由它办”",
        remedy_en="choose a department in which somebody works, or tick that it is meant",
    )
    return [problem]


def _late(due_on: date | None, on: date | None, row: Action) -> Iterable[LinliError]:
    """A day that has gone by when it is set."""
    if due_on is not None and due_on < (on or clock.today()):
        yield _wrong(row, "due_on", ("今天或以后的日期", "today or a later day"), str(due_on))


def _locked(viewer: Viewer, action: UUID) -> Action:
    row = Action.objects.select_for_update(of=("self",)).select_related("plan__circle", "gap").get(uid=action)
    viewer.require(ROLE, area=row.plan.circle.area_code)
    return row


def _changed(a: Any, row: Action, change: str) -> None:
    due = str(row.due_on) if row.due_on else None
    record(a, row, facts.ACTION_CHANGED, change=change, due_on=due, budget_fen=row.budget_fen)


def _faults(wanted: dict[str, Any], row: Action) -> Iterable[LinliError]:
    for name, longest in LONGEST.items():
        if len(wanted[name]) > longest or (name != "owner" and not wanted[name]):
            yield _wrong(row, name, (f"1 至 {longest} 个字", f"1 to {longest} characters"), wanted[name][:40] or "—")
    if wanted["budget_fen"] is not None and not 0 <= wanted["budget_fen"] <= MOST_FEN:
        yield _wrong(row, "budget_fen", ("不小于 0 的金额", "an amount of 0 or more"), str(wanted["budget_fen"]))
    if row.state == "open":
        yield from _empty(wanted, row)


def _lacking(row: Action) -> Iterable[LinliError]:
    return _empty({name: getattr(row, name) for name in ("owner", "due_on", "budget_fen")}, row)


def _empty(wanted: dict[str, Any], row: Action) -> Iterable[LinliError]:
    if not wanted["owner"]:
        yield _wrong(row, "owner", ("责任单位", "who does it"), "—")
    if wanted["due_on"] is None:
        yield _wrong(row, "due_on", ("完成期限", "until when"), "—")
    if wanted["budget_fen"] is None:
        yield _wrong(row, "budget_fen", ("预算，不花钱的写 0", "the budget, 0 where it costs nothing"), "—")


def _wrong(row: Action, field: str, expected: tuple[str, str], found: str) -> LinliError:
    zh, en = FIELDS.get(field, ("日期", "the day"))
    return LinliError(
        "circles.action",
        zh=f"“{row.title_zh}”的{zh}没有写或不正确",
        en=f"“{row.title_en}”: {en} is missing or wrong.",
        place=Place(field=field),
        expected=expected,
        found=found,
        remedy_zh="补正这一项",
        remedy_en="complete it",
    )


def _finished(row: Action) -> LinliError:
    words = {
        "closed": ("已办结", "closed"),
        "dropped": ("已撤下", "dropped"),
        "open": ("已确定", "adopted"),
        "proposed": ("拟议", "proposed"),
    }
    return LinliError(
        "circles.action_state",
        zh="这项措施现在不能这样办",
        en="This can't be done with the action now.",
        found=words[row.state],
        remedy_zh="已确定的措施在缺口补上、重新计算后办结",
        remedy_en="an adopted action closes once its gap is computed to be met",
    )
