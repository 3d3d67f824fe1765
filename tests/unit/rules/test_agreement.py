"""Random rules over random people: Polars against the independent oracle, and the laws of the unknown."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from linli.kernel.errors import Problems
from linli.rules import LiveRules, Rule, evaluate_frame, load_rule
from tests.unit.rules.oracle import Expression, Oracle, World
from tests.unit.rules.random_rules import (
    DAY,
    PERSON_FACTS,
    RELATIONS,
    random_fact,
    random_rule,
    random_world,
    tables,
)

SEEDS = st.integers(0, 2**32)


def loaded(rng: random.Random) -> tuple[Rule, list[Expression], Expression | None]:
    """A random rule; rules that are refused for their size or range are skipped, nothing else is."""
    mapping, conditions, amount = random_rule(rng)
    try:
        return load_rule(mapping), conditions, amount
    except Problems as problems:
        if {problem.code for problem in problems.problems} - {"rules.overflow", "rules.too_large"}:
            raise
        assume(False)
        raise


def answers(rule: Rule, world: World, people: list[str] | None = None) -> dict[str, tuple[Any, ...]]:
    """Per person what the engine says: verdict, conditions, amount, missing."""
    table = evaluate_frame(rule, *tables(world), as_of=DAY)
    if people is not None:
        table = table.filter(pl.col("subject_id").is_in(people))
    names = [name for name in table.columns if name.startswith("condition.")]
    return {
        row["subject_id"]: (row["verdict"], [row[name] for name in names], row["amount_fen"], set(row["missing"]))
        for row in table.iter_rows(named=True)
    }


def agree_with_oracle(seed: int) -> None:
    rng = random.Random(seed)
    rule, conditions, amount = loaded(rng)
    world = random_world(rng)
    for person, found in answers(rule, world).items():
        assert found == Oracle(world, person).verdict(conditions, amount), (person, rule.conditions, rule.amount)


def never_flips(seed: int) -> None:
    """Whatever becomes known later, a decided verdict, condition or amount stays."""
    rng = random.Random(seed)
    rule, _, _ = loaded(rng)
    world = random_world(rng)
    before = answers(rule, world)
    fill_some(world, rng)
    after = answers(rule, world)
    for person, (verdict, conditions, amount, _) in before.items():
        assert verdict in ("unknown", after[person][0])
        assert all(old in (None, new) for old, new in zip(conditions, after[person][1], strict=True))
        assert amount in (None, after[person][2])


def fill_some(world: World, rng: random.Random) -> None:
    """Makes about half of what is unknown known; nobody joins another household, since that would change what is known there."""
    for person, row in world.people.items():
        for name in PERSON_FACTS:
            if row[name] is None and rng.random() < 0.5:
                row[name] = random_fact(name, rng)
        if row["household_id"] is None and rng.random() < 0.5:
            row["household_id"] = f"own-{person}"
        if not world.relations_known[person] and rng.random() < 0.5:
            world.relations_known[person] = True
    for home in [row["household_id"] for row in world.people.values() if row["household_id"] is not None]:
        facts = world.households.setdefault(home, {"home_rent": None})
        if facts["home_rent"] is None and rng.random() < 0.5:
            facts["home_rent"] = random_fact("home_rent", rng)
    world.relations = [(owner, relative, relation or rng.choice(RELATIONS)) for owner, relative, relation in world.relations]


def missing_decides(seed: int) -> None:
    """Learning exactly what is reported missing decides the verdict and the amount."""
    rng = random.Random(seed)
    rule, _, _ = loaded(rng)
    world = random_world(rng)
    for person, (verdict, _, amount, missing) in answers(rule, world).items():
        open_ = verdict == "unknown" or (verdict == "eligible" and rule.amount is not None and amount is None)
        assert open_ == bool(missing)
        if not missing or any(key.startswith("table.") for key in missing) or _has_absent_relative(world, person):
            continue
        found = answers(rule, _filled(world, person, missing, rng), [person])[person]
        if any(key.startswith("table.") for key in found[3]):
            continue
        assert found[0] != "unknown", (person, missing, found)
        assert found[0] == "not_eligible" or rule.amount is None or found[2] is not None, (person, missing, found)


def _has_absent_relative(world: World, person: str) -> bool:
    return any(owner == person and relative not in world.people for owner, relative, _ in world.relations)


def _filled(world: World, person: str, missing: set[str], rng: random.Random) -> World:
    """A copy in which this person's missing facts are known, and nothing else."""
    copy = World(
        {name: dict(row) for name, row in world.people.items()},
        {name: dict(row) for name, row in world.households.items()},
        list(world.relations),
        dict(world.relations_known),
        world.parameters,
        world.tables,
        world.scales,
        world.day,
        world.household_facts,
    )
    own = copy.people[person]
    if own["household_id"] is None and missing & {"household", "home_rent"}:
        own["household_id"] = "alone"
    for key in missing:
        _learn_key(copy, person, key, rng)
    return copy


def _learn_key(world: World, person: str, key: str, rng: random.Random) -> None:
    home = world.people[person]["household_id"]
    group, _, fact = key.partition(".")
    who = {"household": [one for one in world.people if home is not None and world.people[one]["household_id"] == home]}
    who["family"] = [relative for owner, relative, _ in world.relations if owner == person]
    if key == "home_rent":
        world.households[home] = {"home_rent": random_fact("home_rent", rng)}
    elif key == "family":
        world.relations_known[person] = True
    if key in ("family", "family.relation"):
        world.relations = [(a, b, (r or rng.choice(RELATIONS)) if a == person else r) for a, b, r in world.relations]
    names = PERSON_FACTS if key in who else [fact if group in who else key]
    for one in who.get(group, [person]):
        for name in set(names) & set(PERSON_FACTS):
            if world.people[one][name] is None:
                world.people[one][name] = random_fact(name, rng)


def live_agrees(seed: int) -> None:
    """One person evaluated alone gets what the whole file gave."""
    rng = random.Random(seed)
    rule, _, _ = loaded(rng)
    people, homes, relations = tables(random_world(rng))
    found = evaluate_frame(rule, people, homes, relations, as_of=DAY)
    live = LiveRules([rule], DAY)
    rows = {row["person_id"]: row for row in people.iter_rows(named=True)}
    rents = dict(homes.iter_rows())
    for expected in found.iter_rows(named=True):
        row = rows[expected["subject_id"]]
        home = row["household_id"]
        members = None if home is None else [one for one in rows.values() if one["household_id"] == home]
        edges = [edge for edge in relations.iter_rows() if edge[0] == row["person_id"]]
        relatives = (
            [{**rows.get(relative, {}), "relation": relation} for _, relative, relation in edges] if row["relations_known"] else None
        )
        verdict = live.evaluate(None, {**row, "home_rent": rents.get(home)}, members, relatives)[0]
        assert (verdict.verdict, verdict.amount_fen, list(verdict.missing)) == (
            expected["verdict"],
            expected["amount_fen"],
            expected["missing"],
        )


LAWS = [agree_with_oracle, never_flips, missing_decides, live_agrees]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@given(seed=SEEDS)
@settings(max_examples=40, deadline=None)
def test_law(law: Any, seed: int) -> None:
    law(seed)


@pytest.mark.long
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@given(seed=SEEDS)
@settings(max_examples=2500, deadline=None)
def test_law_in_depth(law: Any, seed: int) -> None:
    law(seed)
