"""Reads of awards. Whose they may be, the caller's viewer decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from linli.agreements.models import ENDINGS, FINDING, GOING_ON, STANDING, Award, Rest
from linli.casework.models import Case
from linli.kernel.compiled import compiled
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.programmes.procedure.declaration import RESUMES, STOPS
from linli.rules.declare import Label

AWARD_REASONS: Mapping[str, Label] = {
    **STOPS,
    **RESUMES,
    FINDING: Label("核查发现情况不符，正在核实", "a check found something that is being looked into"),
    **{code: Label(*said) for code, said in ENDINGS.items() if code},
}
"""Why an award rests, stands again or has ended, in words."""


@dataclass(frozen=True, slots=True)
class Halted:
    """An award that is not paid just now. rests: it may be taken up again; else it has ended. why: None where nothing says so; day: from
    which it rests, or its last."""

    rests: bool
    why: Label | None
    day: date | None


def halted(awards: Iterable[Award]) -> dict[int, Halted]:
    """By key, those of these awards that rest or have ended. One query, where any rests."""
    rows = list(awards)
    resting = [row.pk for row in rows if row.state == "suspended"]
    rests = {one.award_id: one for one in Rest.objects.filter(award__in=resting, until_day__isnull=True)} if resting else {}
    found = {row.pk: Halted(False, AWARD_REASONS.get(row.ending), row.ends_on) for row in rows if row.state == "ended"}
    for key in resting:
        rest = rests.get(key)
        found[key] = Halted(True, AWARD_REASONS.get(rest.reason) if rest else None, rest.from_day if rest else None)
    return found


def of_case(case: Case) -> Award | None:
    """The award that a case led to. One query."""
    return _led_to.first(case.pk)


@compiled
def _led_to(case: int) -> QuerySet[Award]:
    return Award.objects.filter(case=case)


def of_person(viewer: Viewer, person: UUID) -> list[Award]:
    """What a person gets and got, newest first: for themself or whoever acts for them. Needs level card. One query."""
    if not viewer.acts_for_resident(person):
        raise Refused("viewer.not_granted", zh="您没有查看这位居民的权限", en="You may not read this resident.")
    viewer.require_level("card")
    return _of_person(person)


@compiled
def _of_person(person: UUID) -> QuerySet[Award]:
    return Award.objects.select_related("case").filter(person=person).order_by("-id")


def standing(programme: str, beneficiary: UUID) -> Award | None:
    """The award under a programme that a beneficiary has now, proposed and resting ones too. One query."""
    return Award.objects.filter(programme=programme, beneficiary=beneficiary, state__in=STANDING).first()


def having(beneficiaries: Iterable[UUID]) -> set[tuple[str, UUID]]:
    """(programme, beneficiary) of what is granted to any of them and goes on, resting too. One query."""
    asked = tuple(sorted(beneficiaries))
    return set(_going_on(asked)) if asked else set()


@compiled
def _going_on(beneficiaries: tuple[UUID, ...]) -> QuerySet[Award, tuple[str, UUID]]:
    rows = Award.objects.filter(beneficiary__in=beneficiaries, state__in=GOING_ON)
    return rows.values_list("programme", "beneficiary")
