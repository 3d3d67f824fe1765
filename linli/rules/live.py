"""Many rules for one living person in one PostgreSQL statement."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from linli.kernel.errors import LinliError, Place
from linli.rules.declare import BUILT_IN, FactDeclaration
from linli.rules.lower import lower
from linli.rules.postgres_engine import flag_places, number_places, statement
from linli.rules.program import Program, RulePlan
from linli.rules.rule import Rule, merged_facts
from linli.rules.tree import NUMBERS, Type

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's answer. verdict: eligible, not_eligible or unknown. conditions: (id, True | False | None for unknown), in the rule's order.

    missing: the facts that would decide an open verdict and its amount. amount_fen: for eligible only, None if unknown or if the rule has no amount.
    """

    rule: str
    verdict: str
    amount_fen: int | None
    conditions: tuple[tuple[str, bool | None], ...]
    missing: tuple[str, ...]


class LiveRules:
    """Rules compiled once for one day. Instances are cheap to keep and safe to share between threads."""

    def __init__(self, rules: Sequence[Rule], as_of: date) -> None:
        self.rules = tuple(rules)
        self.program: Program = lower(rules, as_of)
        self.facts = {**BUILT_IN, **merged_facts(rules)}
        self.sql = statement(self.program)
        self._flags = {place: index for index, place in enumerate(flag_places(self.program))}
        self._numbers = {place: index for index, place in enumerate(number_places(self.program))}

    def evaluate(
        self, connection: Any, facts: Facts, members: Sequence[Facts] | None, relatives: Sequence[Facts] | None, *, assume: bool = False
    ) -> list[Verdict]:
        """A verdict per rule. One statement, no locks.

        facts: by name; None or absent is unknown. members: the household's members including the person, with `role`; None or empty: the household is not
        known. relatives: with `relation`; None: not known. Money in fen, decimals as Decimal or whole numbers, dates as date.
        """
        parameters = {
            "subject": json.dumps(self._row("subject", facts, assume)),
            "household": None if members is None else json.dumps([self._row("household", member, assume) for member in members]),
            "family": None if relatives is None else json.dumps([self._row("family", relative, assume) for relative in relatives]),
        }
        flags, numbers = connection.execute(self.sql, parameters, prepare=True).fetchone()
        return [self._verdict(plan, flags, numbers) for plan in self.program.plans]

    def _row(self, scope: str, facts: Facts, assume: bool) -> dict[str, Any]:
        row = {}
        for name, kind in self.program.columns(scope).items():
            declared = self.facts.get(name)
            value = facts.get(name)
            if value is None and assume and declared is not None:
                row[name] = declared.assume
            elif value is not None:
                row[name] = carried(name, value, kind, declared)
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}

    def _verdict(self, plan: RulePlan, flags: list[bool | None], numbers: list[int | None]) -> Verdict:
        def flag(place: int) -> bool | None:
            return flags[self._flags[place]]

        state = flag(plan.verdict)
        amount = numbers[self._numbers[plan.amount]] if plan.amount is not None and state else None
        return Verdict(
            plan.name,
            {True: "eligible", False: "not_eligible", None: "unknown"}[state],
            amount,
            tuple((name, flag(place)) for name, place in plan.conditions),
            tuple(key for key, place in plan.missing if flag(place)),
        )


def carried(name: str, value: Any, kind: Type, declared: FactDeclaration | None) -> Any:
    """A fact's value as the engines carry it. Raises LinliError rules.wrong_value if it doesn't fit its declaration."""
    found: Any = value
    if kind.kind in NUMBERS and isinstance(value, int | Decimal) and not isinstance(value, bool):
        scaled = Decimal(value).scaleb(kind.scale)
        found = int(scaled) if scaled == scaled.to_integral_value() else None
    elif not isinstance(value, PYTHON_TYPES[kind.kind]) or type(value).__name__ == "datetime":
        found = None
    if found is None or not _declared(found, declared):
        raise LinliError(
            "rules.wrong_value",
            zh=f"{name} 的值不符合声明",
            en=f"The value of {name} is not what its declaration allows.",
            place=Place(field=name),
            expected=str(kind) if declared is None else f"{kind} {' | '.join(declared.values) or declared.span or ''}",
            found=repr(value),
            remedy_zh="改正数据或声明",
            remedy_en="correct the data or the declaration",
        )
    return found


PYTHON_TYPES: dict[str, type] = {"boolean": bool, "date": date, "text": str, "integer": int, "money": int, "decimal": Decimal}


def _declared(value: Any, declared: FactDeclaration | None) -> bool:
    if declared is None:
        return True
    if declared.values:
        return value in declared.values
    if declared.span is None:
        return True
    number = value.year if isinstance(value, date) else value
    return bool(declared.span[0] <= number <= declared.span[1])


class _Rules:
    """Rules as a cache key: equal when their digests are."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self.digests = tuple((rule.name, rule.digest) for rule in rules)

    def __hash__(self) -> int:
        return hash(self.digests)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rules) and self.digests == other.digests


@lru_cache(maxsize=256)
def _compiled(rules: _Rules, as_of: date) -> LiveRules:
    return LiveRules(rules.rules, as_of)


def compiled(rules: Sequence[Rule], as_of: date) -> LiveRules:
    """LiveRules for these rules and day, kept for the next call."""
    return _compiled(_Rules(rules), as_of)


def evaluate_postgres(
    rule: Rule,
    facts: Facts,
    members: Sequence[Facts] | None = None,
    relatives: Sequence[Facts] | None = None,
    *,
    as_of: date,
    connection: Any,
    assume: bool = False,
) -> Verdict:
    """One rule for one subject by PostgreSQL; see LiveRules.evaluate. connection: a psycopg connection."""
    return compiled([rule], as_of).evaluate(connection, facts, members, relatives, assume=assume)[0]
