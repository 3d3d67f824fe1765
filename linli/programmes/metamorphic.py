"""A relation that must hold between two runs: with everybody's hukou type swapped, no employment decision changes.

The people are made up from what the rule's facts may be, with the rule's own numbers and dates at their boundaries among them, so
that a rule which looks at the hukou type anywhere, also in the household or through relatives, is caught.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from linli.kernel.dates import add_years
from linli.programmes.cases import dtype
from linli.programmes.declaration import Programme
from linli.rules import Rule, tree
from linli.rules.declare import RELATIONS, ROLES, FactDeclaration
from linli.rules.evaluate import evaluate_frame

HUKOU_TYPE = "hukou_type"
SWAP = {"agricultural": "non_agricultural", "non_agricultural": "agricultural", "unified": "agricultural"}
PEOPLE = 4000
UNKNOWN_EVERY = 12


def hukou_swap_changes(programme: Programme, *, people: int = PEOPLE, seed: int = 20260101) -> int:
    """How many verdicts or amounts change when the hukou types of a made-up population are swapped. 0 is what the law asks for.

    people: number of persons (or organisations). About 0.1 s. Deterministic for a seed.
    """
    as_of = max(programme.effective_from, date(2026, 1, 1))
    if programme.effective_to is not None:
        as_of = min(as_of, programme.effective_to)
    before, households, relations = population(programme.rule, people, seed, as_of)
    after = before.with_columns(pl.col(HUKOU_TYPE).replace_strict(SWAP, default=None, return_dtype=pl.String))
    first, second = (_decisions(programme.rule, frame, households, relations, as_of) for frame in (before, after))
    return sum(one != other for one, other in zip(first.iter_rows(), second.iter_rows(), strict=True))


def _decisions(rule: Rule, people: pl.DataFrame, households: pl.DataFrame, relations: pl.DataFrame, as_of: date) -> pl.DataFrame:
    return evaluate_frame(rule, people, households, relations, as_of=as_of).select("verdict", "amount_fen")


def population(rule: Rule, people: int, seed: int, as_of: date) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Made-up people with every fact the rule reads, their households (about three persons each) and relations."""
    chance = random.Random(seed)
    persons = [f"p{index}" for index in range(people)]
    homes = [f"h{chance.randrange(max(1, people // 3))}" for _ in persons]
    columns: dict[str, Any] = {
        "person_id": persons,
        "household_id": homes,
        "role": [chance.choice(ROLES) for _ in persons],
        HUKOU_TYPE: [chance.choice(list(SWAP)) for _ in persons],
    }
    schema: dict[str, Any] = dict.fromkeys(columns, pl.String)
    marks = _marks(rule)
    facts = rule.facts_used | rule.household_facts_used | rule.family_facts_used
    declared = [rule.declarations.facts[name] for name in sorted(facts - columns.keys()) if name in rule.declarations.facts]
    for fact in (one for one in declared if one.of != "household"):
        columns[fact.name], schema[fact.name] = _values(fact, people, marks, as_of, chance), dtype(fact.type)
    for slug in sorted(rule.holdings_used):
        columns[f"holds.{slug}"], schema[f"holds.{slug}"] = [chance.random() < 0.1 for _ in persons], pl.Boolean
    own = sorted(set(homes))
    shared = {fact.name: _values(fact, len(own), marks, as_of, chance) for fact in declared if fact.of == "household"}
    households = pl.DataFrame({"household_id": own, **shared})
    relations = pl.DataFrame(
        {
            "person_id": persons,
            "relative_id": [chance.choice(persons) for _ in persons],
            "relation": [chance.choice(RELATIONS) for _ in persons],
        }
    )
    return pl.DataFrame(columns, schema=schema), households, relations


def _marks(rule: Rule) -> dict[str, list[Any]]:
    """Literals and parameter values of the rule by kind: where its decisions turn."""
    found: dict[str, list[Any]] = {}
    for node in rule.nodes:
        if isinstance(node, tree.Constant):
            found.setdefault(node.type.kind, []).append(node.value)
        elif isinstance(node, tree.Parameter):
            periods = rule.declarations.parameters[node.name].dated.periods
            found.setdefault(node.type.kind, []).extend(period.value for period in periods)
    return found


def _values(fact: FactDeclaration, count: int, marks: dict[str, list[Any]], as_of: date, chance: random.Random) -> list[Any]:
    pool = _pool(fact, marks, as_of, chance)
    return [None if chance.randrange(UNKNOWN_EVERY) == 0 else chance.choice(pool) for _ in range(count)]


def _pool(fact: FactDeclaration, marks: dict[str, list[Any]], as_of: date, chance: random.Random) -> Sequence[Any]:
    kind = fact.type.kind
    if kind == "boolean":
        return (True, False)
    if kind == "text":
        return fact.values or [*marks.get("text", []), "other"]
    if kind == "date":
        return _dates(marks, as_of, chance)
    low, high = fact.span or (0, 1)
    turning = [int(mark) + step for mark in marks.get(kind, []) for step in (-1, 0, 1)]
    spread = [chance.randint(low, high) for _ in range(20)]
    numbers = [number for number in (*turning, *spread, low, high) if low <= number <= high]
    return [Decimal(number).scaleb(-fact.type.scale) for number in numbers] if kind == "decimal" else numbers


def _dates(marks: dict[str, list[Any]], as_of: date, chance: random.Random) -> list[date]:
    """Days around today and every number of years from it that the rule names, around its own dates, and others."""
    years = sorted({0, 1} | {int(mark) for mark in marks.get("integer", []) if 0 <= int(mark) <= 120})
    turning = [add_years(as_of, sign * number) for number in years for sign in (-1, 1)] + [
        mark for mark in marks.get("date", []) if isinstance(mark, date)
    ]
    days = [day + timedelta(days=step) for day in turning for step in (-1, 0, 1)]
    return days + [as_of - timedelta(days=chance.randrange(40_000)) for _ in range(40)]
