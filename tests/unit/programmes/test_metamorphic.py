"""Swapping everybody's hukou type changes no employment decision; and the tool catches rules that break this."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from programme_texts import also, programme

from linli.programmes import catalogue
from linli.programmes.metamorphic import hukou_swap_changes, population
from linli.rules import evaluate_frame

SHELF = catalogue(Path(__file__).resolve().parents[3] / "cities" / "yuncheng")
EMPLOYMENT = [programme for programme in SHELF if programme.employment and not programme.empty_parameters]


@pytest.mark.parametrize("slug", [one.slug for one in EMPLOYMENT])
def test_no_employment_decision_depends_on_the_hukou_type(slug: str) -> None:
    assert hukou_swap_changes(SHELF.newest(slug)) == 0


@pytest.mark.parametrize("slug", [one.slug for one in EMPLOYMENT])
def test_the_made_up_people_reach_every_verdict(slug: str) -> None:
    rule = SHELF.newest(slug).rule
    people, households, relations = population(rule, 4000, 20260101, date(2026, 6, 1))
    verdicts = evaluate_frame(rule, people, households, relations, as_of=date(2026, 6, 1))["verdict"]
    assert set(verdicts) == {"eligible", "not_eligible", "unknown"}


BASIS = ("en: Employment Promotion Law}", "en: Employment Promotion Law, supports: [more]}")


@pytest.mark.parametrize(
    "planted",
    [
        "hukou_type = 'agricultural'",
        "hukou_type <> 'agricultural' OR sex = 'female'",
        "NOT household_any(hukou_type = 'agricultural')",
        "household_count(hukou_type = 'unified') <= 1",
        "family_all(hukou_type <> 'agricultural')",
    ],
)
def test_a_planted_rule_is_caught_even_with_a_legal_basis(planted: str) -> None:
    assert hukou_swap_changes(programme(also(planted), BASIS)) > 0


def test_an_amount_by_hukou_type_is_caught() -> None:
    amount = "  amount: \"CASE WHEN hukou_type = 'agricultural' THEN 10000 ELSE 20000 END\"\n"
    basis = (BASIS[0], BASIS[1].replace("more", "amount"))
    assert hukou_swap_changes(programme(("funds: []", f"{amount}funds: []"), basis)) > 0


def test_a_rule_that_only_mentions_it_without_deciding_by_it_passes() -> None:
    assert hukou_swap_changes(programme(also("hukou_type = 'agricultural' OR TRUE"), BASIS)) == 0
