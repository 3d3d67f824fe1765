"""Several applications accepted or passed on at once: what will become of each is said first, and each is an act of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from linli.casework.acts import Handled
from linli.casework.kinds import APPLICATION
from linli.casework.models import Case, Pause, Requirement, StepTaken
from linli.casework.steps import acts as steps
from linli.casework.steps.moving import PARKED
from linli.entitlements.acts.accepting import accept
from linli.entitlements.models import Application
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import DECIDES, Step
from linli.programmes.queries import pinned
from linli.registers.models import Resident
from linli.registers.nearness import is_near
from linli.rules.declare import Label

Verb = Literal["accept", "pass"]
_NOT = {
    "kind": Label("不是待遇申请", "no application"),
    "ended": Label("已经办结", "has ended"),
    "taken": Label("同事已经领取", "a colleague has taken it"),
    "own": Label("关系到您本人或家人（或同名的人），请同事办理", "about you or your family: a colleague has to do it"),
    "waits": Label("等申请人补正", "waits for what the applicant was asked for"),
    "accepted": Label("已经受理", "accepted already"),
    "missing": Label("材料没有交齐", "something is still to be given"),
    "not_accepted": Label("还没有受理", "not accepted yet"),
    "decides": Label("这一步要作出决定，请逐件办理", "this step decides: do it case by case"),
    "parked": Label("等会签或公示", "waits for other bodies or the public notice"),
    "signed": Label("您已签署，请另一位同事办理", "you have signed: a colleague has to do it"),
}
"""Why a case falls out of a bulk act."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What will become of one case. next: the step it comes to, None at the end; why_not: None where it can be done; verdict: the rule's at
    the latest look."""

    case: Case
    now: Label | None
    next: Label | None
    why_not: Label | None
    verdict: str


def foreseen(viewer: Viewer, cases: Sequence[Case], verb: Verb) -> list[Foreseen]:
    """What accepting or passing on each would do. For cases that the viewer may work on. Six queries, and three for each of the viewer's
    own matters where there is any among them; one for each version of a programme.
    """
    found = _Found.of(viewer, cases)
    return [_foreseen(viewer, case, verb, found) for case in cases]


@dataclass(frozen=True, slots=True)
class _Found:
    stays: dict[int, StepTaken]
    missing: frozenset[int]
    waiting: frozenset[int]
    verdicts: dict[int, str]
    own: frozenset[int]

    @classmethod
    def of(cls, viewer: Viewer, cases: Sequence[Case]) -> _Found:
        keys = [case.pk for case in cases]
        stays = {one.case_id: one for one in StepTaken.objects.filter(case__in=keys, done_at__isnull=True)}
        missing = Requirement.objects.filter(case__in=keys, state__in=("wanted", "refused")).values_list("case_id", flat=True)
        waiting = Pause.objects.filter(case__in=keys, reason="supplement", ended_at__isnull=True).values_list("case_id", flat=True)
        verdicts = dict(Application.objects.filter(case__in=keys).values_list("case_id", "verdict"))
        return cls(stays, frozenset(missing), frozenset(waiting), verdicts, _own(viewer, cases))


def _own(viewer: Viewer, cases: Sequence[Case]) -> frozenset[int]:
    """Those of the cases that are about the viewer or their family."""
    by_person = defaultdict(list)
    for case in cases:
        by_person[case.subject_uid].append(case.pk)
    people = list(Resident.objects.filter(uid__in=by_person))
    if not is_near(viewer.actor, people):
        return frozenset()
    return frozenset(pk for one in people if is_near(viewer.actor, [one]) for pk in by_person[one.uid])


def _foreseen(viewer: Viewer, case: Case, verb: Verb, found: _Found) -> Foreseen:
    if case.kind != APPLICATION.slug:
        return Foreseen(case, None, None, _NOT["kind"], "")
    programme, stay = pinned(case.programme, case.programme_version or ""), found.stays.get(case.pk)
    way = _steps(programme)
    at = [step.id for step in way].index(stay.step) if stay is not None else -1
    why = _why_not(viewer, case, verb, stay, found)
    following = way[at + 1].label if at + 1 < len(way) else None
    return Foreseen(case, way[at].label if stay is not None else None, following, why, found.verdicts.get(case.pk, ""))


def _steps(programme: Programme) -> Sequence[Step]:
    return programme.procedure.steps if programme.procedure else ()


def _why_not(viewer: Viewer, case: Case, verb: Verb, stay: StepTaken | None, found: _Found) -> Label | None:
    checks = {
        "ended": case.status != "open",
        "taken": case.task.taken_by not in ("", viewer.actor),
        "own": case.pk in found.own,
        "waits": case.pk in found.waiting,
        **(_accepting(case, stay, found) if verb == "accept" else _passing(viewer, stay)),
    }
    return next((_NOT[code] for code, holds in checks.items() if holds), None)


def _accepting(case: Case, stay: StepTaken | None, found: _Found) -> dict[str, bool]:
    return {"accepted": stay is not None, "missing": case.pk in found.missing}


def _passing(viewer: Viewer, stay: StepTaken | None) -> dict[str, bool]:
    if stay is None:
        return {"not_accepted": True}
    signed = any(one["actor"] == viewer.actor for one in stay.signatures)
    return {"decides": stay.kind in DECIDES, "parked": stay.kind in PARKED, "signed": signed}


def do_many(viewer: Viewer, cases: Sequence[UUID], verb: Verb, words: str = "", *, key: str) -> list[Handled]:
    """Accept or pass on each; one that is refused doesn't stop the others, and a repeated call with the key repeats nothing.

    words: a note for colleagues on each that is passed on.
    """
    return [_done(viewer, uid, verb, words, f"{key}:{uid}") for uid in cases]


def _done(viewer: Viewer, uid: UUID, verb: Verb, words: str, key: str) -> Handled:
    try:
        if verb == "accept":
            accept(viewer, uid, key=key)
        else:
            steps.pass_on(viewer, uid, words, key=key)
    except LinliError as problem:
        return Handled(uid, problem)
    return Handled(uid, None)
