"""A made-up subject with its household and relatives, in the shapes that both engines of the rules read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from linli.rules import Rule
from linli.rules.declare import FactDeclaration
from linli.rules.evaluate import evaluate_frame
from linli.rules.tree import Type

Values = Mapping[str, Any]
DTYPES = {"boolean": pl.Boolean, "integer": pl.Int64, "money": pl.Int64, "date": pl.Date, "text": pl.String}
HOME = "home"
SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rule says of a case. conditions: True, False or None (unknown) by id."""

    verdict: str
    conditions: Mapping[str, bool | None]
    missing: tuple[str, ...]
    amount_fen: int | None


@dataclass(frozen=True, slots=True)
class Case:
    """facts: of the subject. members: the other members of the household, or all of a household's; relatives. None: not known.

    Values as the rules carry them: money in fen, decimals as Decimal, dates as date, None for unknown.
    holds: programmes that the subject holds; all others are known not to be held.
    """

    facts: Values
    members: Sequence[Values] | None = None
    relatives: Sequence[Values] | None = None
    holds: frozenset[str] = frozenset()

    def household(self, rule: Rule) -> list[Values] | None:
        """Every member with the facts, for the PostgreSQL engine."""
        if self.members is None:
            return None
        own = [] if rule.subject == "household" else [self.own(rule)]
        return own + [{**_none_held(rule), **member} for member in self.members]

    def own(self, rule: Rule) -> dict[str, Any]:
        """The subject's facts with what it holds."""
        return {**self.facts, **{f"holds.{slug}": slug in self.holds for slug in rule.holdings_used}}


def _none_held(rule: Rule) -> dict[str, Any]:
    return {f"holds.{slug}": False for slug in rule.holdings_used}


def answer(rule: Rule, case: Case, as_of: date) -> Answer:
    """The rule's answer by the columnar engine."""
    people, households, relations = frames(rule, case)
    found = evaluate_frame(rule, people, households, relations, as_of=as_of)
    subject = HOME if rule.subject == "household" else SUBJECT
    row = found.filter(pl.col("subject_id") == subject).row(0, named=True)
    conditions = {condition.id: row[f"condition.{condition.id}"] for condition in rule.conditions}
    return Answer(row["verdict"], conditions, tuple(row["missing"] or ()), row["amount_fen"])


def frames(rule: Rule, case: Case) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame | None]:
    """People, households and relations of the case as the columnar engine reads them."""
    home = HOME if case.members is not None else None
    rows: list[dict[str, Any]] = []
    if rule.subject != "household":
        rows.append({"person_id": SUBJECT, "household_id": home, "relations_known": case.relatives is not None, **case.own(rule)})
    others = [(f"member-{index}", home, member) for index, member in enumerate(case.members or ())]
    others += [(f"relative-{index}", None, relative) for index, relative in enumerate(case.relatives or ())]
    rows += [
        {"person_id": key, "household_id": place, "relations_known": False, **_none_held(rule), **facts} for key, place, facts in others
    ]
    relations = [
        {"person_id": SUBJECT, "relative_id": f"relative-{index}", "relation": relative["relation"]}
        for index, relative in enumerate(case.relatives or ())
    ]
    edges = pl.DataFrame(relations, schema={"person_id": pl.String, "relative_id": pl.String, "relation": pl.String})
    return _people(rule, rows), _households(rule, case), edges if case.relatives is not None else None


def _people(rule: Rule, rows: list[dict[str, Any]]) -> pl.DataFrame:
    wanted: dict[str, Any] = {"person_id": pl.String, "household_id": pl.String, "role": pl.String, "relations_known": pl.Boolean}
    own = set() if rule.subject == "household" else rule.facts_used
    for name in sorted(own | rule.household_facts_used | rule.family_facts_used):
        if name in rule.declarations.facts:
            wanted[name] = dtype(rule.declarations.facts[name].type)
    wanted |= {f"holds.{slug}": pl.Boolean for slug in rule.holdings_used}
    return pl.DataFrame([{name: row.get(name) for name in wanted} for row in rows], schema=wanted)


def _households(rule: Rule, case: Case) -> pl.DataFrame:
    facts: dict[str, FactDeclaration] = {
        name: fact for name, fact in rule.declarations.facts.items() if name in rule.facts_used and fact.of == "household"
    }
    schema = {"household_id": pl.String, **{name: dtype(fact.type) for name, fact in facts.items()}}
    return pl.DataFrame([{"household_id": HOME, **{name: case.facts.get(name) for name in facts}}], schema=schema)


def dtype(kind: Type) -> Any:
    """The column type that carries a fact of this type."""
    return pl.Decimal(38, kind.scale) if kind.kind == "decimal" else DTYPES[kind.kind]


def plain_value(value: Any, kind: Type) -> Any:
    """A value in its type's units (a decimal as value × 10^scale) as a Case carries it."""
    return Decimal(value).scaleb(-kind.scale) if kind.kind == "decimal" and value is not None else value
