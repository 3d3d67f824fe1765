"""Reads of applications: what was asked for, how far it has come, and what can be done with it now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from linli.casework import queries as casework
from linli.casework.desks import inside, no_case, workable
from linli.casework.kinds import APPLICATION
from linli.casework.models import Case, ExternalNumber, Pause, Requirement, StepTaken
from linli.casework.steps.moving import PARKED, after_decision
from linli.casework.steps.showing import SHOWN
from linli.entitlements.acts.deciding import OUTCOME_OF
from linli.entitlements.letters import OWED
from linli.entitlements.models import Application, Decision
from linli.kernel.compiled import compiled
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Material, Programme
from linli.programmes.models import ProgrammeVersion
from linli.programmes.procedure.declaration import DECIDES, Step
from linli.programmes.queries import pinned, programme_of


@dataclass(frozen=True, slots=True)
class Stage:
    """A step on a case's way. state: done, now or coming; returned counts as coming once the case went back before it."""

    step: Step
    level: str
    state: str
    since: datetime | None
    until: datetime | None
    due_at: datetime | None
    actors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """A material of the programme and its state in the case; see casework.Requirement."""

    material: Material
    state: str


@dataclass(frozen=True, slots=True)
class Progress:
    """An application as it stands. now: the stay that hasn't ended, None before acceptance and after the end.

    stays: every step taken so far, in order; pauses: when and why the clock stood still, in order.
    """

    case: Case
    application: Application
    programme: Programme
    stages: tuple[Stage, ...]
    needs: tuple[Need, ...]
    now: StepTaken | None
    stays: tuple[StepTaken, ...]
    pauses: tuple[Pause, ...]

    @property
    def asked(self) -> bool:
        """Whether the one request for what is missing was made."""
        return any(one.reason == "supplement" for one in self.pauses)

    @property
    def decided(self) -> bool:
        """Whether it has passed the step that decides."""
        procedure = self.programme.procedure
        return procedure is not None and self.now is not None and after_decision(procedure, self.now.step)

    @property
    def missing(self) -> tuple[Need, ...]:
        """What is still to be given."""
        return tuple(one for one in self.needs if one.state in OWED)

    @property
    def waits_for_person(self) -> bool:
        """Whether the clock stands still for what the person was asked for."""
        return self.case.status == "open" and self.case.stopped_at is not None and self.asked and bool(self.missing)

    @property
    def hangs(self) -> bool:
        """Whether it is shown to the public now."""
        return any(one.reason == SHOWN and one.ended_at is None for one in self.pauses)

    @property
    def hung(self) -> bool:
        """Whether it was shown once: the notice came down before its time, or an objection is still open."""
        return any(one.reason == SHOWN for one in self.pauses)

    @property
    def verbs(self) -> tuple[str, ...]:
        """What the office whose task it is can do now; none while it waits for the person, other offices or the public."""
        if self.case.status != "open" or self.waits_for_person:
            return ()
        ask = () if self.asked or self.decided else ("ask",)
        if self.now is None:
            return (*(() if self.missing else ("accept",)), *ask)
        if self.now.kind in PARKED:
            return ()
        back = ("return",) if self._before() else ()
        if self.now.kind in DECIDES:
            return (*OUTCOME_OF[self.now.kind], *back, *ask)
        return ("pass", *back, *ask)

    def _before(self) -> bool:
        """Whether there is a step before this one that a desk does without deciding."""
        ids = [stage.step for stage in self.stages]
        earlier = ids[: [step.id for step in ids].index(self.now.step)] if self.now else []
        return any(step.kind not in PARKED and step.kind not in DECIDES for step in earlier)


def progress(case: Case) -> Progress:
    """How far an application has come, for a case that the viewer was already shown. Five queries."""
    programme = pinned(case.programme, case.programme_version or "")
    taken = _steps_taken(case.pk)
    now = next((one for one in taken if one.done_at is None), None)
    states = dict(_states(case.pk))
    needs = tuple(Need(one, states[one.id]) for one in programme.materials if one.id in states)
    application = _application.first(case.pk)
    if application is None:
        raise Application.DoesNotExist
    return Progress(case, application, programme, _stages(programme, taken, now), needs, now, tuple(taken), tuple(_pauses(case.pk)))


@compiled
def _steps_taken(case: int) -> QuerySet[StepTaken]:
    return StepTaken.objects.filter(case=case).order_by("position")


@compiled
def _states(case: int) -> QuerySet[Requirement, tuple[str, str]]:
    return Requirement.objects.filter(case=case).values_list("material", "state")


@compiled
def _pauses(case: int) -> QuerySet[Pause]:
    return Pause.objects.filter(case=case).order_by("id")


@compiled
def _application(case: int) -> QuerySet[Application]:
    return Application.objects.filter(case=case)


@dataclass(frozen=True, slots=True)
class Underway:
    """An open application in one line. step: where it is, None before acceptance; owed: what is still to be given."""

    case: Case
    programme: Programme
    step: Step | None
    owed: tuple[Material, ...]


def underway(cases: Iterable[Case]) -> list[Underway]:
    """The open applications among cases that the viewer was already shown. Three queries, however many they are."""
    found = [one for one in cases if one.kind == APPLICATION.slug and one.status == "open"]
    versions = ProgrammeVersion.objects.filter(slug__in={one.programme for one in found})
    programmes = {(row.slug, row.version): programme_of(row) for row in versions}
    now = dict(StepTaken.objects.filter(case__in=found, done_at__isnull=True).values_list("case", "step"))
    wanted = set(Requirement.objects.filter(case__in=found, state__in=OWED).values_list("case", "material"))
    lines = []
    for one in found:
        programme = programmes[one.programme, one.programme_version or ""]
        steps = programme.procedure.steps if programme.procedure else ()
        step = next((step for step in steps if step.id == now.get(one.pk)), None)
        lines.append(Underway(one, programme, step, tuple(each for each in programme.materials if (one.pk, each.id) in wanted)))
    return lines


def _stages(programme: Programme, taken: list[StepTaken], now: StepTaken | None) -> tuple[Stage, ...]:
    procedure = programme.procedure
    if procedure is None:
        return ()
    newest = {one.step: one for one in taken}
    last = max((index for index, step in enumerate(procedure.steps) if now is not None and step.id == now.step), default=None)
    found = []
    for index, step in enumerate(procedure.steps):
        one = newest.get(step.id)
        behind = one is not None and one.result == "passed" and (last is None or index < last)
        current = one is not None and one is now
        state = "now" if current else "done" if behind else "coming"
        shown = one if current or behind else None
        found.append(
            Stage(
                step,
                procedure.level_of(step),
                state,
                shown.opened_at if shown else None,
                shown.done_at if shown else None,
                shown.due_at if shown else None,
                tuple(signature["actor"] for signature in shown.signatures) if shown else (),
            )
        )
    return tuple(found)


def open_case_of(programme: str, beneficiary: UUID, person: UUID) -> UUID | None:
    """The case in which a person has asked for a programme and that is still open, None without one. One query."""
    rows = Application.objects.filter(programme=programme, beneficiary=beneficiary, person=person, open=True, case__status="open")
    return rows.values_list("case__uid", flat=True).first()


def decision_of(application: Application) -> Decision | None:
    """The decision that counts: the newest. One query."""
    return Decision.objects.filter(application=application).order_by("-id").first()


@dataclass(frozen=True, slots=True)
class Choice:
    """Which applications are looked for; "" leaves it open. status: open or closed; outcome: how they ended.

    system, number: what another system calls the case.
    """

    programme: str = ""
    area: str = ""
    status: str = ""
    outcome: str = ""
    system: str = ""
    number: str = ""


def application(viewer: Viewer, uid: UUID) -> Application:
    """An application that the viewer works on or took in, with its case. Raises LinliError for any other case. Five queries at most."""
    case = casework.case(viewer, uid)
    if case.kind != APPLICATION.slug:
        raise no_case(uid)
    return Application.objects.select_related("case__task").get(case=case)


def applications(viewer: Viewer, choice: Choice, *, before: int | None = None, most: int = 100) -> list[Application]:
    """Applications that the viewer works on or took in, newest first. before: the key of the last one seen. Two queries."""
    mine = Q(case__opened_by=viewer.actor) | Q(case__in=workable(viewer).filter(case__kind=APPLICATION.slug).values("case"))
    rows = Application.objects.select_related("case__task").filter(mine)
    if choice.area:
        rows = rows.filter(inside("case__area_code", choice.area))
    if choice.number or choice.system:
        numbered = ExternalNumber.objects.filter(system=choice.system, number=choice.number)
        rows = rows.filter(case__in=numbered.values("case"))
    columns = {"programme": choice.programme, "case__status": choice.status, "case__outcome": choice.outcome}
    rows = rows.filter(**{column: value for column, value in columns.items() if value})
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-id")[:most])
