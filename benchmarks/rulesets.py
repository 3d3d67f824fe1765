"""Rules for benchmarks and the columns that they read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from linli.registers.lists import vocabulary
from linli.rules import Rule, load_rule, load_vocabulary

CITY = Path(__file__).parent.parent / "cities" / "yuncheng"


def load_rules(folder: Path) -> list[Rule]:
    """Every rule file of the folder, in order of name. A facts.yaml in it declares their facts; without one the city's vocabulary does."""
    own = folder / "facts.yaml"
    facts = load_vocabulary(own if own.exists() else vocabulary(CITY))
    return [load_rule(file, facts) for file in sorted(folder.glob("*.yaml")) if file != own]


def columns_read(rules: Iterable[Rule], present: Iterable[str]) -> list[str]:
    """The people file's columns that the rules read, with the ids, in the order of `present`: the columns that the file has."""
    wanted = {"person_id"}
    for rule in rules:
        wanted |= rule.facts_used | rule.household_facts_used | {f"holds.{slug}" for slug in rule.holdings_used}
        if "household" in rule.groups_used:
            wanted.add("household_id")
    return [name for name in present if name in wanted]
