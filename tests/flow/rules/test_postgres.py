"""PostgreSQL against Polars: row for row the same verdicts, conditions, missing facts and amounts."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from django.db import connection as django_connection

from linli.kernel.errors import LinliError, Problems
from linli.rules import LiveRules, evaluate_frame, evaluate_postgres, load_rule
from linli.rules.evaluate import Tables
from linli.rules.postgres_frame import evaluate_frame_postgres
from tests.unit.rules.random_rules import DAY, random_rule, random_world, tables

pytestmark = pytest.mark.django_db


@pytest.fixture
def postgres() -> Any:
    """The psycopg connection beneath Django's."""
    django_connection.ensure_connection()
    return django_connection.connection


def agree(seeds: range, postgres: Any) -> int:
    """How many random rules were compared."""
    compared = 0
    for seed in seeds:
        rng = random.Random(seed)
        try:
            rule = load_rule(random_rule(rng)[0])
        except Problems:
            continue
        frames = tables(random_world(rng))
        expected = evaluate_frame(rule, *frames, as_of=DAY)
        found = evaluate_frame_postgres(rule, Tables(*frames), as_of=DAY, connection=postgres)
        assert found.equals(expected), (seed, rule.conditions)
        compared += 1
    return compared


def test_the_engines_agree(postgres: Any) -> None:
    assert agree(range(40), postgres) > 30


@pytest.mark.long
def test_the_engines_agree_in_depth(postgres: Any) -> None:
    assert agree(range(1000, 2500), postgres) > 1200


def test_many_rules_are_one_statement(postgres: Any) -> None:
    rules = [load_rule(random_rule(random.Random(seed))[0], name=f"r{seed}") for seed in range(25)]
    live = LiveRules(rules, DAY)
    facts = {"income": 5000, "level": "college", "birth_date": date(2000, 2, 29)}
    members: list[dict[str, Any]] = [{**facts, "role": "head"}, {"income": None, "role": "child"}]
    assert live.evaluate(postgres, facts, members, []) == live.evaluate(None, facts, members, [])


@pytest.mark.parametrize("code", ["'; DROP TABLE person; --", "%(subject)s", '"', "\\", "残疾", "{}", "%s"])
def test_a_fact_is_data_whatever_it_says(postgres: Any, code: str) -> None:
    rule = load_rule(
        {
            "subject": "person",
            "facts": {"code": {"type": "text", "zh": "代码", "en": "code"}},
            "conditions": [{"id": "a", "zh": "甲", "en": "a", "when": "code = '100%' OR household_any(code = '残疾')"}],
        }
    )
    verdict = evaluate_postgres(rule, {"code": code}, [{"code": code}], as_of=DAY, connection=postgres)
    assert verdict.verdict == ("eligible" if code == "残疾" else "not_eligible")


@pytest.mark.parametrize("relatives", [None, [], [{"relation": "child"}, {"relation": "father"}]])
def test_an_aggregate_over_a_constant_is_one_answer(postgres: Any, relatives: list[dict[str, Any]] | None) -> None:
    rule = load_rule(
        {"subject": "person", "conditions": [{"id": "a", "zh": "甲", "en": "a", "when": "family_all(TRUE) AND NOT household_any(FALSE)"}]}
    )
    live = LiveRules([rule], DAY)
    members: list[dict[str, Any]] = [{}, {}]
    assert live.evaluate(postgres, {}, members, relatives) == live.evaluate(None, {}, members, relatives)


@pytest.mark.parametrize("value", ["5000", 5.0, True, -1, 10**9])
def test_a_value_outside_its_declaration_is_refused(postgres: Any, value: Any) -> None:
    rule = load_rule(
        {
            "subject": "person",
            "facts": {"income": {"type": "money", "min": 0, "max": 1000000, "zh": "月收入", "en": "income"}},
            "conditions": [{"id": "a", "zh": "甲", "en": "a", "when": "income > 5"}],
        }
    )
    with pytest.raises(LinliError) as caught:
        evaluate_postgres(rule, {"income": value}, as_of=DAY, connection=postgres)
    assert caught.value.code == "rules.wrong_value"
