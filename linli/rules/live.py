"""Many rules for one living person: in one PostgreSQL statement, or here with Polars when there is no database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import polars as pl

from linli.kernel import prepared
from linli.kernel.errors import LinliError, Place
from linli.rules.columns import DTYPES
from linli.rules.declare import BUILT_IN, FactDeclaration
from linli.rules.lower import lower
from linli.rules.polars_engine import column_of, run
from linli.rules.postgres_engine import flag_places, number_places, statement
from linli.rules.program import Program, RulePlan
from linli.rules.rule import Rule, merged_facts
from linli.rules.tree import NUMBERS, Type

Facts = Mapping[str, Any]
Carried = Mapping[str, list[dict[str, Any]] | None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's answer. verdict: eligible, not_eligible or unknown.

    conditions: (id, True | False | None for unknown), in the rule's order. missing: the facts that would decide an open verdict
    and its amount. amount_fen: for eligible only; None if unknown or if the rule has no amount.
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

    def household_facts(self) -> list[str]:
        """What a person's rules read of the person's household itself."""
        return [name for name in self.program.columns("subject") if name in self.facts and self.facts[name].of == "household"]

    def evaluate(
        self,
        connection: Any | None,
        facts: Facts,
        members: Sequence[Facts] | None = None,
        relatives: Sequence[Facts] | None = None,
        *,
        assume: bool = False,
    ) -> list[Verdict]:
        """A verdict per rule. connection: a psycopg connection (one statement, no locks), or None to compute here.

        facts: by name; None or absent is unknown. members: the household's members including the person, with `role`; None or
        empty: the household is not known. relatives: with `relation`; None: not known. Money in fen, decimals as Decimal or
        whole numbers, dates as date. Raises LinliError rules.wrong_value for a value that its declaration doesn't allow.
        """
        rows = {
            "subject": [self._row("subject", facts, assume)],
            "household": None if members is None else [self._row("household", member, assume) for member in members],
            "family": None if relatives is None else [self._row("family", relative, assume) for relative in relatives],
        }
        return self.evaluate_carried(connection, rows)

    def evaluate_carried(self, connection: Any | None, rows: Carried) -> list[Verdict]:
        """As evaluate, for rows whose values are already as the engines carry them: numbers scaled, nothing left to check."""
        if connection is None:
            flags, numbers = self._here(rows)
        else:
            found = prepared.rows(connection, self.sql, _parameters(rows))[0]
            flags, numbers = found["flags"], found["numbers"]
        return [self._verdict(plan, flags, numbers) for plan in self.program.plans]

    def _here(self, rows: Carried) -> tuple[list[bool | None], list[int | None]]:
        subject = self._frame("subject", rows["subject"] or [])
        for group in self.program.groups():
            subject = subject.with_columns(self._totals(group, rows[group]))
        outputs = run(self.program.scopes["subject"], self.program.outputs(), subject).row(0, named=True)
        return [outputs[column_of(place)] for place in self._flags], [outputs[column_of(place)] for place in self._numbers]

    def _totals(self, group: str, rows: list[dict[str, Any]] | None) -> list[pl.Series]:
        subject, parts = self.program.scopes["subject"], self.program.reductions(group)
        results = run(self.program.scopes[group], parts.values(), self._frame(group, rows or []))
        columns = [pl.Series(column_of(subject.add("group_unknown", (), group)), [unknown_group(group, rows)])]
        for place, part in parts.items():
            series = results[column_of(part)]
            columns.append(pl.Series(column_of(place), [series.sum() if subject.ops[place].kind == "sum" else bool(series.any())]))
        return columns

    def _frame(self, scope: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
        schema = {name: DTYPES[kind.kind] for name, kind in self.program.columns(scope).items()}
        return pl.DataFrame([{"_": True, **row} for row in rows], schema={"_": pl.Boolean, **schema})

    def _row(self, scope: str, facts: Facts, assume: bool) -> dict[str, Any]:
        row = {}
        for name, kind in self.program.columns(scope).items():
            declared = self.facts.get(name)
            value = facts.get(name)
            if value is None and assume and declared is not None:
                row[name] = declared.assume
            elif value is not None:
                row[name] = carried(name, value, kind, declared)
        return row

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


def unknown_group(group: str, rows: Sequence[Facts] | None) -> bool:
    """A household without members is not known; relatives may be known to be none."""
    return rows is None or (group == "household" and not rows)


def _parameters(rows: Carried) -> dict[str, str | None]:
    plain = {scope: json.dumps(items, default=date.isoformat) if items is not None else None for scope, items in rows.items()}
    return {**plain, "subject": json.dumps((rows["subject"] or [{}])[0], default=date.isoformat)}


def carried(name: str, value: Any, kind: Type, declared: FactDeclaration | None) -> Any:
    """A fact's value as the engines carry it. Raises LinliError rules.wrong_value if it doesn't fit its declaration."""
    found = _scaled(value, kind) if kind.kind in NUMBERS else value if _is_a(value, kind) else None
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


def _scaled(value: Any, kind: Type) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    scaled = Decimal(value).scaleb(kind.scale)
    return int(scaled) if scaled.is_finite() and scaled == scaled.to_integral_value() else None


def _is_a(value: Any, kind: Type) -> bool:
    wanted: dict[str, type] = {"boolean": bool, "date": date, "text": str}
    return isinstance(value, wanted[kind.kind]) and not isinstance(value, datetime)


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
