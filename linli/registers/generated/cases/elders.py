"""Planted cases of the pairing of elders and of home adaptation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from linli.registers.generated.planted import HARDSHIP, Case, Stage, years_ago
from linli.registers.generated.population import Bools, Ints

PAIRING_AID = "elder-pairing"
ADAPTATION = "home-adaptation"
Plant = Callable[[Stage, Ints], None]


def _aged(low: int, high: int) -> Callable[[Stage], Bools]:
    return lambda stage: (stage.age >= low) & (stage.age <= high)


def _alone(low: int, high: int) -> Callable[[Stage], Bools]:
    return lambda stage: _aged(low, high)(stage) & (stage.scene.size == 1)


def _in_company(low: int, high: int) -> Callable[[Stage], Bools]:
    return lambda stage: _aged(low, high)(stage) & stage.with_adult()


def _surveyed(lives_alone: bool, is_empty_nest: bool) -> Plant:
    def plant(stage: Stage, people: Ints) -> None:
        stage.lists["elder-survey"].put(people, lives_alone=lives_alone, is_empty_nest=is_empty_nest)

    return plant


def _birthday(years: int, days: int) -> Plant:
    """Lives alone, and turns `years` that many days after the as-of date."""

    def plant(stage: Stage, people: Ints) -> None:
        stage.born(people, years_ago(stage, years) + timedelta(days=days))
        stage.scene.kin.age[people] = years if days <= 0 else years - 1
        _surveyed(True, True)(stage, people)

    return plant


def _not_visited(stage: Stage, people: Ints) -> None:
    stage.lists["elder-survey"].remove(people)


def _half_filled(stage: Stage, people: Ints) -> None:
    _surveyed(False, False)(stage, people)
    stage.lists["elder-survey"].blank["lives_alone"][people] = True


PAIRING = (
    Case(PAIRING_AID, "eligible", "75 to 79 and alone", _alone(75, 79), _surveyed(True, True)),
    Case(PAIRING_AID, "eligible", "75 to 79 in an empty nest", _in_company(75, 79), _surveyed(False, True)),
    Case(PAIRING_AID, "eligible", "80 or over with the family", _in_company(80, 99), _surveyed(False, False)),
    Case(PAIRING_AID, "eligible", "alone and 75 today", _alone(75, 76), _birthday(75, 0)),
    Case(PAIRING_AID, "ineligible", "alone and 75 tomorrow", _alone(73, 74), _birthday(75, 1)),
    Case(PAIRING_AID, "ineligible", "75 to 79 with the family", _in_company(75, 79), _surveyed(False, False)),
    Case(PAIRING_AID, "undecided", "75 to 79, not visited", _aged(75, 79), _not_visited, missing=("lives_alone", "is_empty_nest")),
    Case(PAIRING_AID, "undecided", "75 to 79, living alone left blank", _aged(75, 79), _half_filled, missing=("lives_alone",)),
)


def _home(hardship: str, *, unsafe: bool | None = True, adapted: bool = False) -> Plant:
    """An elder whose household is on the hardship list ("" for none) and whose dwelling is unsafe, safe, or not recorded (None)."""

    def plant(stage: Stage, people: Ints) -> None:
        stage.off(people, *HARDSHIP)
        stage.adapted[people] = adapted
        if hardship == "extreme-hardship":
            stage.lists[hardship].put(people)
        elif hardship:
            stage.homes_on(people, hardship)
        if unsafe is None:
            stage.lists["housing"].remove(people)
        else:
            stage.lists["housing"].put(people, dwelling_unsafe_for_elders=unsafe)

    return plant


HOME_ADAPTATION = (
    Case(ADAPTATION, "eligible", "on subsistence allowance, unsafe home", _aged(60, 95), _home("subsistence-allowance")),
    Case(ADAPTATION, "eligible", "at the edge of the allowance, unsafe home", _aged(60, 95), _home("low-income-edge")),
    Case(ADAPTATION, "eligible", "in extreme hardship, unsafe home", _alone(60, 95), _home("extreme-hardship")),
    Case(ADAPTATION, "ineligible", "unsafe home but no hardship", _aged(60, 95), _home("")),
    Case(ADAPTATION, "ineligible", "in hardship but the home is safe", _aged(60, 95), _home("subsistence-allowance", unsafe=False)),
    Case(ADAPTATION, "ineligible", "in hardship but 55 to 58", _aged(55, 58), _home("subsistence-allowance")),
    Case(ADAPTATION, "ineligible", "home already adapted", _aged(60, 95), _home("subsistence-allowance", adapted=True)),
    Case(
        ADAPTATION,
        "undecided",
        "in hardship, dwelling not recorded",
        _aged(60, 95),
        _home("subsistence-allowance", unsafe=None),
        missing=("dwelling_unsafe_for_elders",),
    ),
)
