"""Planted cases of the start-up loan subsidy and of recognition as hard to employ."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import numpy as np

from linli.registers.generated.planted import HARDSHIP, Case, Stage, years_ago
from linli.registers.generated.population import Bools, Ints

SUBSIDY = "startup-loan-interest-subsidy"
RECOGNITION = "hard-to-employ"
YUAN = 100
Plant = Callable[[Stage, Ints], None]


def _working_age(stage: Stage) -> Bools:
    return np.asarray((stage.age >= 24) & (stage.age <= 58))


def _loan(principal_yuan: int, *, years: int, days: int = 0, runs_days: int = 1000) -> Plant:
    """A loan paid out `years` and `-days` before the as-of date, due `runs_days` after it was paid out."""

    def plant(stage: Stage, people: Ints) -> None:
        paid_out = years_ago(stage, years) + timedelta(days=days)
        stage.lists["startup-loan"].put(
            people,
            leave="loan_repaid_on",
            loan_principal=principal_yuan * YUAN,
            loan_from=np.datetime64(paid_out, "D"),
            loan_to=np.datetime64(paid_out + timedelta(days=runs_days), "D"),
        )

    return plant


def _no_loan(stage: Stage, people: Ints) -> None:
    stage.lists["startup-loan"].remove(people)


STARTUP_LOAN = (
    Case(SUBSIDY, "eligible", "100,000 yuan, in its second year", _working_age, _loan(100_000, years=1, days=-30)),
    Case(SUBSIDY, "eligible", "last day of the third year", _working_age, _loan(200_000, years=3, days=1, runs_days=1800)),
    Case(SUBSIDY, "ineligible", "three years to the day", _working_age, _loan(200_000, years=3, runs_days=1800)),
    Case(SUBSIDY, "ineligible", "400,000 yuan is over the limit", _working_age, _loan(400_000, years=1)),
    Case(SUBSIDY, "ineligible", "the loan has ended", _working_age, _loan(100_000, years=2, runs_days=365)),
    Case(SUBSIDY, "ineligible", "no loan", _working_age, _no_loan),
)


def _of(male: bool, low: int, high: int) -> Callable[[Stage], Bools]:
    return lambda stage: (stage.scene.kin.male == male) & (stage.age >= low) & (stage.age <= high)


def _young(stage: Stage) -> Bools:
    return np.asarray((stage.age >= 23) & (stage.age <= 34) & stage.with_adult())


def _unemployed(stage: Stage, people: Ints, days: int = 60) -> None:
    """Registered as unemployed for that long, with an insured earner at home and no other difficulty."""
    stage.off(people, "disability-certificate", *HARDSHIP)
    stage.lists["student-status"].remove(people)
    stage.lists["social-insurance"].remove(people)
    stage.lists["unemployment-registration"].put(people, unemployed_since=stage.scene.day - days)


def _with_earner(stage: Stage, people: Ints) -> None:
    _unemployed(stage, people)
    stage.lists["social-insurance"].put(stage.companion(people))


def _disabled(stage: Stage, people: Ints) -> None:
    _with_earner(stage, people)
    stage.lists["disability-certificate"].put(people)


def _for_long(stage: Stage, people: Ints) -> None:
    _with_earner(stage, people)
    stage.lists["unemployment-registration"].put(people, unemployed_since=np.datetime64(years_ago(stage, 1), "D"))


def _nobody_works(stage: Stage, people: Ints) -> None:
    stage.off(people, "social-insurance")
    _unemployed(stage, people)


def _not_registered(stage: Stage, people: Ints) -> None:
    stage.off(people, "social-insurance")
    stage.lists["unemployment-registration"].remove(people)
    stage.lists["hard-to-employ"].remove(people)


HARD_TO_EMPLOY = (
    Case(RECOGNITION, "eligible", "woman of 42 to 52", _of(False, 42, 52), _unemployed),
    Case(RECOGNITION, "eligible", "man of 51 to 58", _of(True, 51, 58), _unemployed),
    Case(RECOGNITION, "eligible", "holds a disability certificate", _young, _disabled),
    Case(RECOGNITION, "eligible", "unemployed for a year to the day", _young, _for_long),
    Case(RECOGNITION, "eligible", "nobody in the household is in insured work", _young, _nobody_works),
    Case(RECOGNITION, "ineligible", "young, two months unemployed, an earner at home", _young, _with_earner),
    Case(RECOGNITION, "ineligible", "not registered as unemployed", _young, _not_registered),
    Case(
        RECOGNITION,
        "undecided",
        "young, an earner at home, certificate list stale",
        _young,
        _with_earner,
        missing=("has_disability_certificate",),
        where_stale=True,
    ),
)
