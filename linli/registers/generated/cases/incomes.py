"""Planted cases of the subsistence allowance: households whose every member's income and assets are known, or one member's are not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from linli.registers.generated.planted import HARDSHIP, Case, Stage
from linli.registers.generated.population import Bools, Ints

ALLOWANCE = "subsistence-allowance"
YUAN = 100


def _any_home(stage: Stage) -> Bools:
    return np.asarray(stage.scene.size >= 2)


def _checked(income_yuan: int, assets_yuan: int) -> Callable[[Stage, Ints], None]:
    """Every member authorised a check that found this income a month and these assets each; nobody is supported already."""

    def plant(stage: Stage, heads: Ints) -> None:
        stage.off(heads, *HARDSHIP)
        stage.lists["economic-check"].put(stage.members(heads), monthly_income=income_yuan * YUAN, assets=assets_yuan * YUAN)

    return plant


def _one_supported(stage: Stage, heads: Ints) -> None:
    _checked(150, 2_000)(stage, heads)
    stage.lists["extreme-hardship"].put(heads)


def _one_not_authorised(stage: Stage, heads: Ints) -> None:
    _checked(150, 2_000)(stage, heads)
    stage.lists["economic-check"].remove(heads)


# Incomes far from any county's standard, so that the label holds whichever standard is in force.
SUBSISTENCE = (
    Case(ALLOWANCE, "eligible", "200 yuan a head and hardly any assets", _any_home, _checked(200, 3_000), subject="household"),
    Case(ALLOWANCE, "eligible", "no income at all", _any_home, _checked(0, 0), subject="household"),
    Case(ALLOWANCE, "ineligible", "3,000 yuan a head", _any_home, _checked(3_000, 3_000), subject="household"),
    Case(ALLOWANCE, "ineligible", "low income but 200,000 yuan of assets a head", _any_home, _checked(200, 200_000), subject="household"),
    Case(ALLOWANCE, "ineligible", "a member is supported in extreme hardship", _any_home, _one_supported, subject="household"),
    Case(
        ALLOWANCE,
        "undecided",
        "one member has not authorised the check",
        _any_home,
        _one_not_authorised,
        missing=("household.assets", "household.monthly_income"),
        subject="household",
    ),
)
