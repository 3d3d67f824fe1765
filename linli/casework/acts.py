"""Writes of cases: open, take, answer, move up a level, rate.

Whoever opens a case locks the person first, whoever answers one locks the case, then the person. Neither waits for the other in a
circle: the one waits for the other's case only when that has been closed, and then nothing but its commit is left to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from linli.casework import answering, confirming, contesting, corrections, facts, said, timers
from linli.casework.corrections import Correction
from linli.casework.deadlines import calendar, warn_from
from linli.casework.desks import case_for, no_case, require_free, require_impartial, require_step
from linli.casework.endings import closing, ended, told
from linli.casework.kinds import (
    FACT_DISPUTE,
    GUARDIANSHIP,
    HOME_VISIT,
    KINDS,
    POPULATION_ROLE,
    SIGN_OFF,
    CaseKind,
    desk_level,
    promise,
)
from linli.casework.models import Case, Survey, Words
from linli.casework.opening import DUE, Asked, inserted, opened
from linli.casework.steps import acts as steps
from linli.casework.steps import gates, signing
from linli.casework.steps.moving import competent
from linli.casework.visits.reach import covers
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place, Refused
from linli.kernel.viewer import Viewer
from linli.kernel.workdays import end_of
from linli.programmes.declaration import Programme
from linli.registers.acts.guards import county_of, home_of, lock, resident_of
from linli.registers.acts.mandates import end_matter
from linli.registers.bitemporal import believed
from linli.registers.lists import FactSource, sources
from linli.registers.models import Resident, Situation
from linli.trace import Act, AlreadyDone, act


def open_dispute(viewer: Viewer, subject: UUID, fact: str, words: str = "", *, key: str | None = None) -> Case:
    """“This is wrong”: say that a fact of a list or of the population register is not so. Its owner answers within the promised days.

    Allowed: the person with a checked card, whoever has a mandate for them, a clerk at any window, an officer or steward of their area.
    One open dispute per person and fact. Locks the resident. About twelve statements.
    """
    source = sources(Path(settings.LINLI_CITY)).get(fact)
    if source is None:
        raise LinliError(
            "casework.unknown_fact",
            zh="没有这项信息",
            en="There is no such fact.",
            place=Place(field="fact"),
            found=fact,
            remedy_zh="从页面上的信息旁进入",
            remedy_en="start from the fact on its page",
        )
    resident = resident_of(subject)
    area = home_of(resident)
    require_may_ask(viewer, resident, area, FACT_DISPUTE)
    return _open(viewer, resident, area, _dispute(source), words, key)


def _dispute(source: FactSource) -> Asked:
    if source.list is None:
        return Asked(FACT_DISPUTE, POPULATION_ROLE, fact=source.fact)
    return Asked(FACT_DISPUTE, FACT_DISPUTE.role, source.list, source.fact, source.owner_zh)


def open_home_visit(viewer: Viewer, subject: UUID, words: str = "", *, key: str | None = None) -> Case:
    """Ask that somebody comes to the person's home. The task goes to the steward or grid worker where the person lives.

    Allowed as for a dispute, but a telephone code is enough. One open request per person. Locks the resident.
    """
    resident = resident_of(subject)
    area = _lives_at(resident) or home_of(resident)
    require_may_ask(viewer, resident, area, HOME_VISIT)
    return _open(viewer, resident, area, Asked(HOME_VISIT, HOME_VISIT.role), words, key)


def open_between_offices(
    viewer: Viewer, resident: Resident, area: str, kind: CaseKind, words: str = "", about: str = "", programme: Programme | None = None
) -> Case | None:
    """What an office has to do about a person, found by another; None while it is at it already. about: kept as the case's fact;
    programme: what it is about, whose department then deals with it. Call it inside an act that checked the viewer's right. Locks the
    resident."""
    (locked,) = lock(resident)
    if Case.objects.filter(subject=f"resident:{locked.uid}", kind=kind.slug, fact=about, status="open").exists():
        return None
    columns = {"programme": programme.slug, "programme_version": programme.version} if programme else {}
    department = competent(programme) if programme else ""
    return _open(viewer, locked, area, Asked(kind, kind.role, fact=about, department=department, columns=columns), words, None)


def _lives_at(resident: Resident) -> str:
    rows = Situation.objects.filter(believed(), resident=resident, kind="lives").order_by("-valid_from")
    return rows.values_list("area_code", flat=True).first() or ""


def require_may_ask(viewer: Viewer, resident: Resident, area: str, kind: CaseKind) -> None:
    """Raise Refused unless the viewer is the person or acts for them, stands at a window, or is officer or steward of the area."""
    if viewer.acts_for_resident(resident.uid):
        viewer.require_level(kind.level)
        return
    at_a_window = any(grant.role == "clerk" for grant in viewer.grants)
    if not (at_a_window or viewer.may("officer", area=area) or covers(viewer, area, clock.today())):
        raise Refused(
            "casework.not_for_this_person",
            zh="您不能替这位居民提出",
            en="You can't ask for this person.",
            found=viewer.actor.partition(":")[0],
            remedy_zh="请本人、持委托书的家人，或窗口工作人员提出",
            remedy_en="the person, a relative with a mandate, or a clerk at a window can",
        )


def _open(viewer: Viewer, resident: Resident, area: str, asked: Asked, words: str, key: str | None) -> Case:
    text = said.tidy(words)
    try:
        with act(viewer, key=said.scoped(viewer, "open", key)) as a:
            (locked,) = lock(resident)
            case, rows = inserted(viewer, locked, area, asked)
            opened(a, case, [*rows, *said.sealed_words(viewer, case, "opened", text)])
            a.result = {"case": str(case.uid)}
    except AlreadyDone as done:
        return Case.objects.get(uid=done.result["case"])
    return case


def take(viewer: Viewer, case: UUID, *, key: str | None = None) -> Case:
    """Take a task on oneself, so that colleagues see who is at it. Refused while another has it. Locks the case."""
    return _hold(viewer, case, True, key)


def release(viewer: Viewer, case: UUID, *, key: str | None = None) -> Case:
    """Give a task back. Whoever may do it, and is near to nobody in it, may also take it from a colleague who is away. Locks the case."""
    return _hold(viewer, case, False, key)


def _hold(viewer: Viewer, uid: UUID, taken: bool, key: str | None) -> Case:
    try:
        with act(viewer, key=said.scoped(viewer, "take" if taken else "release", key)) as a:
            row = _open_case(viewer, uid)
            if taken or row.task.taken_by != viewer.actor:
                require_impartial(viewer, row)
            if taken:
                require_step(viewer, row, row.task.role)
                require_free(viewer, row)
            holder = viewer.actor if taken else ""
            if row.task.taken_by != holder:
                row.task.taken_by, row.task.taken_at = holder, clock.now() if taken else None
                row.task.save(update_fields=["taken_by", "taken_at"])
                told(a, row, facts.TASK_TAKEN, {"change": "taken" if taken else "released"}, [row.task])
    except AlreadyDone:
        return case_for(viewer, uid)
    return row


def answer(
    viewer: Viewer,
    case: UUID,
    outcome: str,
    words: str = "",
    *,
    correction: Correction | None = None,
    version: int | None = None,
    key: str | None = None,
) -> Case:
    """Answer a case and close it; whose own matter it is, is invited to rate it. Of two who answer at once the second is refused.

    “corrected” needs a correction: the one handed over, stated in this act, or one recorded since the case was opened. “kept” and its
    like need reasons in words. version: refused if the case has changed since the writer read it. Locks the case, then the resident.
    """
    try:
        with act(viewer, key=said.scoped(viewer, "answer", key)) as a:
            row = _open_case(viewer, case)
            require_impartial(viewer, row)
            text = _checked_answer(row, outcome, words, version)
            if outcome == "corrected":
                if correction is not None:
                    corrections.apply(viewer, row, correction)
                corrections.require_made(row)
            elif row.kind == GUARDIANSHIP.slug:
                confirming.decide(viewer, row, outcome, text)
            elif row.kind == SIGN_OFF.slug:
                if row.parent is not None:
                    require_step(viewer, row.parent, row.task.role)
                signing.require_not_signed(viewer, row)
            elif row.kind in contesting.DISPUTED:
                contesting.require_another(viewer, row)
            answering.ask(a, viewer, row, outcome, text)
            conclude(a, viewer, row, outcome, text)
            if row.kind == SIGN_OFF.slug:
                steps.signed(a, viewer, row)
            a.result = {"case": str(row.uid)}
    except AlreadyDone as done:
        return case_for(viewer, UUID(done.result["case"]))
    return row


def conclude(a: Act, viewer: Viewer, row: Case, outcome: str, text: str) -> None:
    """Close a locked open case with an outcome and words that were looked at, and what follows from it. For an act that decided so."""
    rows = [*_close(viewer, row, outcome), *said.sealed_words(viewer, row, "answered", text)]
    told(a, row, facts.ANSWERED, {"outcome": outcome}, rows)
    told(a, row, facts.CLOSED, closing(row), [])
    answering.follow(a, viewer, row, outcome, text)


def _checked_answer(row: Case, outcome: str, words: str, version: int | None) -> str:
    kind, text = KINDS[row.kind], said.tidy(words)
    if kind.stepped:
        raise LinliError(
            "casework.goes_by_steps",
            zh="这类事项按步骤办理，不能直接答复",
            en="A case of this kind goes through its steps and is not answered.",
            expected="a step of its programme",
            expected_zh="按政策规定的步骤办理",
            found=row.step or "not accepted",
            found_zh="" if row.step else "尚未受理",
            remedy_zh="打开事项，办理当前步骤",
            remedy_en="open the case and do its step",
        )
    if version is not None and version != row.version:
        raise LinliError(
            "casework.changed_meanwhile",
            zh="这件事项在您查看之后有了变动",
            en="The case has changed since you read it.",
            expected=f"version {version}",
            expected_zh=f"第 {version} 版",
            found=f"version {row.version}",
            found_zh=f"第 {row.version} 版",
            remedy_zh="重新打开后再办理",
            remedy_en="open it again and go on from there",
        )
    if outcome not in kind.outcomes:
        raise LinliError(
            "casework.unknown_outcome",
            zh="没有这种办理结果",
            en="A case of this kind can't end so.",
            place=Place(field="outcome"),
            expected=", ".join(kind.outcomes),
            found=outcome,
            remedy_zh="选择列出的结果",
            remedy_en="choose one of them",
        )
    if kind.outcomes[outcome].reasons and not text:
        raise LinliError(
            "casework.no_reasons",
            zh="请写明理由，居民会看到" if kind.told else "请写明理由",
            en="Say why: the person will read it." if kind.told else "Say why.",
            place=Place(field="words"),
            remedy_zh="写明理由后再答复",
            remedy_en="write the reasons and answer again",
        )
    return text


def _close(viewer: Viewer, row: Case, outcome: str) -> list[Any]:
    rows, kind = ended(row, outcome, viewer.actor), KINDS[row.kind]
    end_matter(viewer, principal=row.subject_uid, matters=[one for one in (str(row), kind.errand) if one])
    return [*rows, *([Survey.objects.create(case=row, invited_at=clock.now())] if kind.told else [])]


def escalate(viewer: Viewer, case: UUID) -> bool:
    """Move an overdue task up one level with a due time of its own; False where it is done, not yet due or at the top. Locks the case.

    The case's own due time, promised to the person, stays what it was.
    """
    with act(viewer) as a:
        row = Case.objects.select_for_update(of=("self",)).select_related("task").get(uid=case)
        kind, task = KINDS[row.kind], row.task
        above = kind.desk_above(task.desk_code)
        if task.done_at is not None or task.due_at > clock.now() or above is None:
            return False
        below, task.desk_code, task.level = task.desk_code, above, task.level + 1
        due = calendar().after(clock.today(), promise(kind.slug).next_level)
        task.due_at, task.taken_by, task.taken_at = end_of(due), "", None
        task.warn_at = warn_from(task.due_at, kind.slug)
        task.save()
        row.version += 1
        row.save(update_fields=["version"])
        timers.start(DUE, row, task.due_at)
        payload = {"from_level": desk_level(below), "to_level": desk_level(above), "due": str(due)}
        told(a, row, facts.ESCALATED, payload, [row, task])
    return True


def require_score(score: int) -> None:
    """Raise LinliError unless it is one of the five answers of a survey."""
    if score not in range(1, 6):
        raise LinliError(
            "casework.bad_score",
            zh="请在1至5之间评分",
            en="Rate from 1 to 5.",
            place=Place(field="score"),
            expected="1 to 5",
            expected_zh="1 到 5",
            found=str(score),
            remedy_zh="重新选择",
            remedy_en="choose again",
        )


def rate(viewer: Viewer, case: UUID, score: int, words: str = "", *, key: str | None = None) -> Survey:
    """How content the person was with a closed case, 1 to 5; once. Allowed: the person, or whoever has a mandate for them.

    Locks the survey: a closed case changes no more.
    """
    require_score(score)
    text = said.tidy(words)
    try:
        with act(viewer, key=said.scoped(viewer, "rate", key)) as a:
            row = Case.objects.filter(uid=case).first()
            if row is None or not viewer.acts_for_resident(row.subject_uid):
                raise no_case(case)
            survey = Survey.objects.select_for_update().filter(case=row).first()
            if survey is None or survey.score is not None:
                raise _not_to_rate("not closed" if survey is None else "rated already")
            survey.score, survey.answered_at, survey.answered_by = score, clock.now(), viewer.actor
            survey.save(update_fields=["score", "answered_at", "answered_by"])
            behalf = _behalf("" if viewer.is_self(row.subject_uid) else row.subject)
            told(a, row, facts.SURVEYED, {"score": score, **behalf}, [survey, *said.sealed_words(viewer, row, "surveyed", text)])
    except AlreadyDone:
        return Survey.objects.get(case__uid=case)
    return survey


def _not_to_rate(found: str) -> LinliError:
    return LinliError(
        "casework.not_to_rate",
        zh="这件事项还没有办结，或已经评价过",
        en="The case is not closed yet, or has been rated.",
        expected="a closed case without a rating",
        expected_zh="已办结、还没有评价的事项",
        found=found,
        remedy_zh="每件事项评价一次",
        remedy_en="each case is rated once",
    )


def forget(viewer: Viewer, subject: UUID) -> int:
    """Empty the cases of an erased person: their words go, places shrink to the county, open cases end. Returns how many there were."""
    with act(viewer) as a:
        rows = list(
            Case.objects.select_for_update(of=("self",)).select_related("task").filter(subject=f"resident:{subject}").order_by("pk")
        )
        for row in rows:
            gone = [(Words, key) for key in Words.objects.filter(case=row).values_list("pk", flat=True)]
            Words.objects.filter(case=row).delete()
            row.area_code, row.task.area_code = county_of(row.area_code), county_of(row.task.area_code)
            row.task.desk_code = county_of(row.task.desk_code)
            cut_short = row.status == "open"
            if cut_short:
                ended(row, "erased", "")
            else:
                row.version += 1
            row.save()
            row.task.save()
            told(a, row, facts.FORGOTTEN, {}, [row, row.task, *gone])
            if cut_short and KINDS[row.kind].stepped:
                gates.end(a, viewer, row)
    return len(rows)


@dataclass(frozen=True, slots=True)
class Handled:
    """One case of a bulk act: done, or refused with the reason."""

    case: UUID
    problem: LinliError | None


def take_many(viewer: Viewer, cases: Sequence[UUID], *, key: str) -> list[Handled]:
    """take() for each; one that is refused doesn't stop the others, and a repeated call with the key repeats nothing."""
    return [_handled(uid, lambda uid=uid: take(viewer, uid, key=f"{key}:{uid}")) for uid in cases]


def keep_many(viewer: Viewer, cases: Sequence[UUID], words: str, *, key: str) -> list[Handled]:
    """Answer several disputes with “kept” for one and the same reason; each is an act of its own, as in take_many()."""
    return [_handled(uid, lambda uid=uid: answer(viewer, uid, "kept", words, key=f"{key}:{uid}")) for uid in cases]


def _handled(uid: UUID, do: Any) -> Handled:
    try:
        do()
    except LinliError as problem:
        return Handled(uid, problem)
    return Handled(uid, None)


def _open_case(viewer: Viewer, uid: UUID) -> Case:
    """The case locked, or refused because somebody has answered it."""
    row = case_for(viewer, uid, lock=True)
    if row.status != "open":
        raise LinliError(
            "casework.answered_already",
            zh="这件事项已经答复",
            en="The case has been answered already.",
            expected="an open case",
            expected_zh="办理中的事项",
            found=row.outcome,
            remedy_zh="打开事项查看答复",
            remedy_en="open the case and read the answer",
        )
    return row


def _behalf(subject: str) -> dict[str, str]:
    return {"on_behalf_of": subject} if subject else {}
