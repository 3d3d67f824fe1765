"""Reads of cases. Everything takes the viewer; what a grant or a mandate doesn't cover is not there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db.models import Avg, Count, F, Q, QuerySet

from linli import vault
from linli.casework.deadlines import calendar
from linli.casework.desks import case_for, may_work, no_case, workable, workable_of
from linli.casework.kinds import DOUBTFUL, KINDS, SIGN_OFF, promise
from linli.casework.models import Case, Survey, Words
from linli.kernel import clock
from linli.kernel.compiled import compiled
from linli.kernel.viewer import Viewer
from linli.kernel.workdays import end_of
from linli.programmes.published import named
from linli.registers.bitemporal import true_on
from linli.registers.lists import find_list, load_lists, sources, vocabulary
from linli.registers.models import Resident, StaffGrant
from linli.rules.declare import Label
from linli.trace import queries as trace
from linli.trace.models import Fact

Colour = Literal["red", "yellow", "green", ""]
POPULATION = Label("人口登记", "population register")


@dataclass(frozen=True, slots=True)
class Due:
    """A due time as the traffic light shows it. days: working days left, negative once it has passed, None where a year's calendar is
    missing (the colour is right all the same)."""

    at: datetime
    colour: Colour
    days: int | None


def due(at: datetime, warn_at: datetime) -> Due:
    """Red once it has passed, yellow from the warning on, green before. No query."""
    now = clock.now()
    colour: Colour = "red" if now > at else "yellow" if now > warn_at else "green"
    days, today, day = calendar(), clock.today(), clock.day_of(at)
    known = days.knows(today) and days.knows(day)
    return Due(at, colour, days.between(today, day) if known else None)


def due_of_doubts(begun: date) -> Due:
    """When doubtful rows have to be settled: the promised working days after the day on which their delivery was applied, or on which its
    department was asked about them. No query."""
    days = promise(DOUBTFUL)
    last = calendar().after(begun, days.answer)
    return due(end_of(last), end_of(calendar().before(last, days.warning)))


def fact_label(fact: str) -> Label:
    """A fact's words; its name where no list gives it any longer."""
    declared = vocabulary(Path(settings.LINLI_CITY)).get(fact)
    return Label(declared["zh"], declared["en"]) if declared else Label(fact, fact)


def matter_label(case: Case) -> Label:
    """What a case is about: of one that goes through steps, the programme and the step, as its version names them; else its kind.

    No query where the city's files have the version; else one, on a page once for all its cases.
    """
    kind = Label(KINDS[case.kind].zh, KINDS[case.kind].en)
    label = named(case.programme, case.programme_version or "")
    if label is None:
        return kind
    steps = {step.id: step.label for step in label.procedure.steps} if label.procedure else {}
    part = steps.get(case.step or "") or (Label("待受理", "to be accepted") if KINDS[case.kind].stepped else kind)
    return Label(f"{label.label.zh} · {part.zh}", f"{label.label.en} · {part.en}")


def subject_matter(case: Case) -> Label | None:
    """What a person's case is about beside its kind: the programme, the disputed fact, or nothing more."""
    if case.programme:
        found = named(case.programme, case.programme_version or "")
        return found.label if found else None
    return fact_label(case.fact) if case.fact else None


def owner_of(fact: str) -> Label:
    """Who answers where a fact is said to be wrong: its list's department, the population register where no list gives it."""
    source = sources(Path(settings.LINLI_CITY)).get(fact)
    return POPULATION if source is None or source.list is None else Label(source.owner_zh, source.owner_en)


def department_label(case: Case) -> Label:
    """Who answers for what is disputed; as the receipt named it where the list is no longer there."""
    if not case.list_slug:
        return POPULATION
    declaration = load_lists(Path(settings.LINLI_CITY)).get(case.list_slug)
    return Label(declaration.owner_zh, declaration.owner_en) if declaration else Label(case.department, case.department)


def list_label(case: Case) -> Label:
    """The list that a dispute is about."""
    if not case.list_slug:
        return POPULATION
    declaration = find_list(load_lists(Path(settings.LINLI_CITY)), case.list_slug)
    return Label(declaration.zh, declaration.en)


def case(viewer: Viewer, uid: UUID) -> Case:
    """A case that the viewer works on, or their own, or one they opened for somebody. An application also where
    a body of theirs is asked to sign it. Raises LinliError. Six queries at most.
    """
    own = _case.first(uid)
    if own is not None and (_concerns(viewer, own) or _signs(viewer, own)):
        return own
    return case_for(viewer, uid)


def _signs(viewer: Viewer, found: Case) -> bool:
    """Whether the viewer's body is asked to sign it, and may therefore read it. Two queries, none for kinds that nobody signs."""
    if not KINDS[found.kind].stepped:
        return False
    return workable(viewer).filter(case__parent=found, case__kind=SIGN_OFF.slug).exists()


def shown(viewer: Viewer, uid: UUID) -> tuple[Case, bool]:
    """case(), with whether the viewer may take and answer it. Three queries."""
    found = _case.first(uid)
    working = found is not None and may_work(viewer, found)
    if found is None or not (working or _concerns(viewer, found)):
        raise no_case(uid)
    return found, working


@compiled
def _case(uid: UUID) -> QuerySet[Case]:
    return Case.objects.select_related("task", "parent__task").filter(uid=uid)


def _concerns(viewer: Viewer, found: Case) -> bool:
    """Whether it is the viewer's own matter, or they opened it for somebody."""
    return found.opened_by == viewer.actor or (KINDS[found.kind].told and viewer.acts_for_resident(found.subject_uid))


def asked_by_an_office(case: Case) -> bool:
    """Whether staff asked who don't serve at a window, where people ask through a clerk. One query."""
    kind, _, uid = case.opened_by.partition(":")
    clerks = StaffGrant.objects.filter(true_on(clock.day_of(case.opened_at)), role="clerk")
    return kind == "staff" and not clerks.filter(staff__uid=uid).exists()


def words_of(viewer: Viewer, case: Case) -> dict[str, str]:
    """What was written in a case, by part (opened, answered, surveyed); the reading is recorded for the person. Four queries.

    What an office wrote when it asked on its own may be about whoever acts for the person: only the person themself reads it.
    """
    ciphers = dict(_words(case.pk))
    if viewer.acts_for_resident(case.subject_uid) and not viewer.is_self(case.subject_uid) and asked_by_an_office(case):
        ciphers.pop("opened", None)
    if not ciphers:
        return {}
    purpose = "self.view" if viewer.acts_for_resident(case.subject_uid) else "casework.answer"
    people = [(case.subject_uid, {"words": cipher}) for cipher in ciphers.values()]
    plain = vault.reveal_many(viewer, purpose=purpose, people=people, place=case.area_code)
    return {part: one["words"] for part, one in zip(ciphers, plain, strict=True)}


@compiled
def _words(case: int) -> QuerySet[Words, tuple[str, str]]:
    return Words.objects.filter(case=case).values_list("part", "cipher")


def timeline(case: Case) -> list[Fact]:
    """What happened to a case that the viewer was already shown, in order. One query."""
    return trace.timeline(str(case))


def cases_of(viewer: Viewer, subject: UUID) -> list[Case]:
    """A person's cases, newest first: their own for themselves and whoever has a mandate for them, for staff those they may work on."""
    if viewer.acts_for_resident(subject):
        return _told(f"resident:{subject}", tuple(kind.slug for kind in KINDS.values() if kind.told))
    rows = Case.objects.select_related("task").filter(subject=f"resident:{subject}").order_by("-id")
    return list(rows.filter(Q(opened_by=viewer.actor) | Q(pk__in=workable(viewer).values("case"))))


@compiled
def _told(subject: str, kinds: tuple[str, ...]) -> QuerySet[Case]:
    return Case.objects.select_related("task").filter(subject=subject, kind__in=kinds).order_by("-id")


@dataclass(frozen=True, slots=True)
class Known:
    """A case as staff see it on the person's page. opens: whether the viewer may open it; of others they see kind, desk and clock."""

    case: Case
    opens: bool


def known_of(viewer: Viewer, subject: UUID) -> list[Known]:
    """A person's cases that staff may work on or opened, and the open ones with which other desks are busy in an area where the viewer is
    officer; most urgent first, the closed ones last. Three queries.
    """
    mine = workable_of(viewer, f"resident:{subject}")
    known = [Known(row, row.pk in mine or row.opened_by == viewer.actor) for row in _cases_of(f"resident:{subject}")]
    return [one for one in known if one.opens or (one.case.status == "open" and viewer.may("officer", area=one.case.area_code))]


@compiled
def _cases_of(subject: str) -> QuerySet[Case]:
    closed_last = (F("closed_at").desc(nulls_first=True), "task__due_at", "id")
    return Case.objects.select_related("task").filter(subject=subject).order_by(*closed_last)


def survey_of(viewer: Viewer, case: Case) -> Survey | None:
    """The invitation to rate a closed case, for the person or whoever has a mandate for them."""
    if not viewer.acts_for_resident(case.subject_uid):
        raise no_case(case.uid)
    return _survey.first(case.pk)


@compiled
def _survey(case: int) -> QuerySet[Survey]:
    return Survey.objects.filter(case=case)


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """How content people were: the mean never without how many of the invited answered. score: hundredths, None if nobody did."""

    invited: int
    answered: int
    score: int | None

    @property
    def per_mille(self) -> int:
        """Answered, in thousandths of the invited."""
        return round(1000 * self.answered / self.invited) if self.invited else 0


def satisfaction(viewer: Viewer, *, since: datetime | None = None) -> Satisfaction:
    """Ratings of the closed cases that the viewer may work on. Two queries."""
    rows = Survey.objects.filter(case__task__in=workable(viewer).filter(done_at__isnull=False))
    if since is not None:
        rows = rows.filter(invited_at__gte=since)
    found = rows.aggregate(invited=Count("id"), answered=Count("score"), mean=Avg("score"))
    return Satisfaction(found["invited"], found["answered"], None if found["mean"] is None else round(100 * found["mean"]))


def name_of(case: Case) -> str:
    """The name of the person whom a case is about, empty once erased. One query."""
    return _name.first(case.subject_uid) or ""


@compiled
def _name(uid: UUID) -> QuerySet[Resident, str]:
    return Resident.objects.filter(uid=uid).values_list("name", flat=True)
