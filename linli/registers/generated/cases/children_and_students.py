"""Planted cases of the student aid for disabled students and of the rehabilitation aid for children."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import numpy as np

from linli.registers.generated.lists import LEVELS
from linli.registers.generated.planted import HARDSHIP, Case, Stage, years_ago
from linli.registers.generated.population import Bools, Ints

AID = "disabled-student-aid"
REHAB = "child-rehabilitation-aid"
YUAN = 100


def _aged(low: int, high: int) -> Callable[[Stage], Bools]:
    return lambda stage: (stage.age >= low) & (stage.age <= high)


def _student_with_family(stage: Stage) -> Bools:
    return _aged(18, 24)(stage) & stage.with_adult()


def _enrol(stage: Stage, people: Ints, level: str) -> None:
    """On the student list at that level, and nobody of the household on a list that matters to the aid."""
    stage.off(people, "disability-certificate", *HARDSHIP)
    stage.lists["student-status"].put(people, student_level=level)
    stage.lists["social-insurance"].remove(people)
    stage.lists["unemployment-registration"].remove(people)
    stage.lists["hard-to-employ"].remove(people)


def _own_certificate(level: str) -> Callable[[Stage, Ints], None]:
    def plant(stage: Stage, people: Ints) -> None:
        _enrol(stage, people, level)
        stage.lists["disability-certificate"].put(people)

    return plant


def _family_certificate(level: str, hardship: str) -> Callable[[Stage, Ints], None]:
    def plant(stage: Stage, people: Ints) -> None:
        _enrol(stage, people, level)
        stage.lists["disability-certificate"].put(stage.companion(people))
        if hardship:
            stage.homes_on(people, hardship)

    return plant


def _hardship_alone(stage: Stage, people: Ints) -> None:
    _enrol(stage, people, "undergraduate")
    stage.homes_on(people, "subsistence-allowance")


def _no_student(stage: Stage, people: Ints) -> None:
    _own_certificate("undergraduate")(stage, people)
    stage.lists["student-status"].remove(people)


def _certificate_unknown(stage: Stage, people: Ints) -> None:
    _enrol(stage, people, "undergraduate")


STUDENT_AID = (
    Case(AID, "eligible", "undergraduate with a certificate", _aged(18, 24), _own_certificate("undergraduate"), amount_fen=5000 * YUAN),
    Case(AID, "eligible", "college student with a certificate", _aged(18, 22), _own_certificate("college"), amount_fen=4000 * YUAN),
    Case(AID, "eligible", "postgraduate with a certificate", _aged(22, 28), _own_certificate("postgraduate"), amount_fen=6000 * YUAN),
    Case(
        AID,
        "eligible",
        "family with a certificate holder on subsistence allowance",
        _student_with_family,
        _family_certificate("college", "subsistence-allowance"),
        amount_fen=4000 * YUAN,
    ),
    Case(
        AID,
        "eligible",
        "family with a certificate holder at the edge of the allowance",
        _student_with_family,
        _family_certificate("undergraduate", "low-income-edge"),
        amount_fen=5000 * YUAN,
    ),
    Case(
        AID,
        "ineligible",
        "family with a certificate holder but not in hardship",
        _student_with_family,
        _family_certificate("undergraduate", ""),
    ),
    Case(AID, "ineligible", "family in hardship without a certificate holder", _student_with_family, _hardship_alone),
    Case(AID, "ineligible", "certificate holder at senior secondary school", _aged(15, 18), _own_certificate("senior_secondary")),
    Case(AID, "ineligible", "certificate holder who is not a student", _aged(18, 24), _no_student),
    Case(
        AID,
        "undecided",
        "student registered where the certificate list is stale",
        _aged(18, 22),
        _certificate_unknown,
        missing=("has_disability_certificate",),
        where_stale=True,
    ),
)


def _needs(stage: Stage, people: Ints) -> None:
    stage.lists["rehabilitation-assessment"].put(people)


def _assessed_not_in_need(stage: Stage, people: Ints) -> None:
    stage.lists["rehabilitation-assessment"].remove(people)
    stage.lists["disability-certificate"].put(people)


def _born_and_needs(years: int, days: int) -> Callable[[Stage, Ints], None]:
    """Born `days` after the date `years` before the as-of date; kept aged 15 or 16 by choosing children of about that age."""

    def plant(stage: Stage, people: Ints) -> None:
        stage.born(people, years_ago(stage, years) + timedelta(days=days))
        stage.scene.kin.age[people] = years if days <= 0 else years - 1
        stage.lists["rehabilitation-assessment"].put(people)
        # Whoever is assessed at school age is still on the school's list at the level of the new age.
        students = people[stage.lists["student-status"].present[people]]
        stage.lists["student-status"].put(students, student_level=np.where(stage.age[students] >= 15, LEVELS[2], LEVELS[1]))

    return plant


REHABILITATION = (
    Case(REHAB, "eligible", "small child in need", _aged(0, 6), _needs),
    Case(REHAB, "eligible", "school child in need, found since the ages were widened", _aged(7, 14), _needs),
    Case(REHAB, "eligible", "last day of being fifteen", _aged(15, 15), _born_and_needs(16, 1)),
    Case(REHAB, "ineligible", "sixteenth birthday today", _aged(16, 16), _born_and_needs(16, 0)),
    Case(REHAB, "ineligible", "certificate but no need of rehabilitation", _aged(3, 14), _assessed_not_in_need),
    Case(REHAB, "ineligible", "in need but grown up", _aged(17, 20), _needs),
)
