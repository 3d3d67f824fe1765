"""Prints a program's operations as one SQL statement for one live subject.

Facts travel as JSON parameters, never as text of the statement; the statement depends on the rules and the day only, so
PostgreSQL keeps it prepared. Its text is made of names and constants that the checker has let through, each quoted here.
"""

# ruff: noqa: S608 — nothing in the text comes from a person's facts.
from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from linli.kernel.dates import add_years
from linli.rules.program import Op, Program, Scope
from linli.rules.schedule import INJECTED, Schedule
from linli.rules.tree import Type

SQL_TYPES = {"boolean": "boolean", "integer": "bigint", "money": "bigint", "decimal": "bigint", "date": "date", "text": "text"}


def statement(program: Program) -> str:
    """The SQL whose one row holds `flags` (boolean[]) and `numbers` (bigint[]), in the order of flag_places and number_places.

    Parameters: subject (JSON object), household and family (JSON arrays of objects, or NULL: the group is unknown), all by the
    fact names of program.columns. A household without members counts as unknown.
    """
    outputs = [*flag_places(program), *number_places(program)]
    schedule: Schedule[str] = Schedule(program.scopes["subject"], _Printer(program.scopes["subject"]), outputs)
    parts = [_record(program, "subject")]
    sources = ["subject"]
    for group in program.groups():
        parts.extend(_group(program, group))
        sources.append(f"{group}_totals")
    parts.append(f"step AS MATERIALIZED (SELECT * FROM {', '.join(sources)})")
    last = _levels(parts, schedule, "step")
    flags = ", ".join(schedule.done[place] for place in flag_places(program))
    numbers = ", ".join(schedule.done[place] for place in number_places(program))
    return f"WITH {', '.join(parts)} SELECT ARRAY[{flags}]::boolean[] AS flags, ARRAY[{numbers}]::bigint[] AS numbers FROM {last}"


def flag_places(program: Program) -> list[int]:
    """The boolean outputs: verdicts, conditions and missing facts."""
    amounts = set(number_places(program))
    return [place for place in program.outputs() if place not in amounts]


def number_places(program: Program) -> list[int]:
    """The outputs in fen."""
    return list(dict.fromkeys(plan.amount for plan in program.plans if plan.amount is not None))


def _levels(parts: list[str], schedule: Schedule[str], first: str) -> str:
    last = first
    for number, level in enumerate(schedule.levels):
        columns = ", ".join(f"{text} AS {quoted(f'#{place}')}" for place, text in level)
        parts.append(f"{first}_{number} AS MATERIALIZED (SELECT *, {columns} FROM {last})")
        last = f"{first}_{number}"
    return last


def _record(program: Program, scope: str) -> str:
    columns = ", ".join(f"{quoted(name)} {SQL_TYPES[kind.kind]}" for name, kind in program.columns(scope).items()) or '"_" text'
    function = "jsonb_to_record" if scope == "subject" else "jsonb_to_recordset"
    return f"{scope} AS MATERIALIZED (SELECT * FROM {function}(%({scope})s::jsonb) AS facts({columns}))"


def _group(program: Program, group: str) -> list[str]:
    """The members' rows, what is computed of each, and one row of totals."""
    scope, ops, reductions = program.scopes[group], program.scopes["subject"].ops, program.reductions(group)
    schedule: Schedule[str] = Schedule(scope, _Printer(scope), list(reductions.values()))
    parts = [_record(program, group)]
    last = _levels(parts, schedule, group)
    columns = [f"{_reduced(ops[place].kind, schedule.done[part])} AS {quoted(f'#{place}')}" for place, part in reductions.items()]
    unknown = f"%({group})s::jsonb IS NULL" + (f" OR jsonb_array_length(%({group})s::jsonb) = 0" if group == "household" else "")
    columns.append(f"({unknown}) AS {quoted(f'#{group}')}")
    # count(*) makes it one row even where nothing else is summed: an aggregate over a constant needs no member.
    columns.append(f"count(*) AS {quoted(f'#rows of {group}')}")
    return [*parts, f"{group}_totals AS MATERIALIZED (SELECT {', '.join(columns)} FROM {last})"]


def _reduced(kind: str, text: str) -> str:
    return f"coalesce(sum({text}), 0)::bigint" if kind == "sum" else f"coalesce(bool_or({text}), FALSE)"


def quoted(name: str) -> str:
    """An identifier, safe inside a statement with placeholders."""
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'


def literal(value: Any, kind: Type) -> str:
    """A typed constant of the rule."""
    if value is None:
        return f"NULL::{SQL_TYPES[kind.kind]}"
    if kind.kind == "boolean":
        return "TRUE" if value else "FALSE"
    if kind.kind == "date":
        return f"DATE '{value.isoformat()}'"
    if kind.kind == "text":
        return text_literal(str(value))
    return f"({int(value)})::bigint"


def text_literal(text: str) -> str:
    """A text constant: the language admits no quotes or backslashes in text, and they are doubled all the same."""
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace("%", "%%")
    return f"E'{escaped}'::text"


class _Printer:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def inputs(self, place: int) -> tuple[int, ...]:
        """Every operand is read."""
        return self.scope.ops[place].args

    def reference(self, place: int) -> str:
        """The column of an operation that was computed before."""
        op = self.scope.ops[place]
        return quoted(f"#{op.detail}" if op.kind == "group_unknown" else f"#{place}")

    def print(self, place: int, done: dict[int, str]) -> str:
        """The operation as SQL."""
        op = self.scope.ops[place]
        return self.reference(place) if op.kind in INJECTED else PRINT[op.kind](op, [done[arg] for arg in op.args])


def _constant(op: Op, args: list[str]) -> str:
    assert isinstance(op.detail, tuple)
    return literal(op.detail[1], op.type)


def _one_of(op: Op, args: list[str]) -> str:
    assert isinstance(op.detail, tuple)
    kinds = {bool: "boolean", int: "integer", str: "text", date: "date"}
    return f"({args[0]} IN ({', '.join(literal(value, Type(kinds[type(value)])) for value in op.detail)}))"


def _case(op: Op, args: list[str]) -> str:
    branches = [f"WHEN {when} IS NULL THEN NULL WHEN {when} THEN {result}" for when, result in zip(args[:-1:2], args[1::2], strict=True)]
    return f"(CASE {' '.join(branches)} ELSE {args[-1]} END)"


def _age(op: Op, args: list[str]) -> str:
    assert isinstance(op.detail, date)
    birth, day = args[0], op.detail
    leap_day_counts = (day.month, day.day) == (2, 28) and add_years(date(2024, 2, 29), day.year - 2024).day == 28
    last = 229 if leap_day_counts else day.month * 100 + day.day
    month_day = f"extract(month FROM {birth})::int * 100 + extract(day FROM {birth})::int"
    return f"({day.year} - extract(year FROM {birth})::bigint - CASE WHEN {month_day} > {last} THEN 1 ELSE 0 END)"


def _lookup(op: Op, args: list[str]) -> str:
    detail: Any = op.detail
    rows, otherwise = detail
    table = json.dumps({str(key): value.isoformat() if isinstance(value, date) else value for key, value in rows}, ensure_ascii=False)
    found = f"({text_literal(table)}::jsonb ->> ({args[0]})::text)::{SQL_TYPES[op.type.kind]}"
    return f"(CASE WHEN {args[0]} IS NULL THEN NULL ELSE coalesce({found}, {literal(otherwise, op.type)}) END)"


def _bracket(op: Op, args: list[str]) -> str:
    rows: Any = op.detail
    chain = " ".join(f"WHEN {args[0]} >= {start} THEN {literal(value, op.type)}" for start, value in reversed(rows[1:]))
    return f"(CASE WHEN {args[0]} IS NULL THEN NULL {chain} ELSE {literal(rows[0][1], op.type)} END)"


def _marginal(op: Op, args: list[str]) -> str:
    """greatest() and least() skip NULL, so the unknown is caught before them."""
    rows: Any = op.detail
    parts = []
    for index, (start, rate) in enumerate(rows):
        part = f"greatest({args[0]} - {start}, 0)"
        if index + 1 < len(rows):
            part = f"least({part}, {rows[index + 1][0] - start})"
        parts.append(f"{part} * ({rate})")
    return f"(CASE WHEN {args[0]} IS NULL THEN NULL ELSE {' + '.join(parts)} END)"


def _round(op: Op, args: list[str]) -> str:
    """Half away from zero; bigint division drops the fraction."""
    assert isinstance(op.detail, int)
    step, half = 10**op.detail, 10**op.detail // 2
    return f"(CASE WHEN {args[0]} < 0 THEN -((-{args[0]} + {half}) / {step}) ELSE ({args[0]} + {half}) / {step} END)"


PRINT: dict[str, Callable[[Op, list[str]], str]] = {
    "constant": _constant,
    "fact": lambda op, args: quoted(str(op.detail)),
    "compare": lambda op, args: f"({args[0]} {op.detail} {args[1]})",
    "add": lambda op, args: f"({args[0]} + {args[1]})",
    "subtract": lambda op, args: f"({args[0]} - {args[1]})",
    "multiply": lambda op, args: f"({args[0]} * {args[1]})",
    "negate": lambda op, args: f"(- {args[0]})",
    "rescale": lambda op, args: f"({args[0]} * {10**op.detail})",  # type: ignore[operator]
    "round": _round,
    "not": lambda op, args: f"(NOT {args[0]})",
    "and": lambda op, args: f"({' AND '.join(args)})",
    "or": lambda op, args: f"({' OR '.join(args)})",
    "one_of": _one_of,
    "case": _case,
    "age": _age,
    "add_years": lambda op, args: f"({args[0]} + make_interval(years => ({args[1]})::int))::date",
    "lookup": _lookup,
    "bracket": _bracket,
    "marginal": _marginal,
    "unknown": lambda op, args: f"({args[0]} IS NULL)",
    "sure": lambda op, args: f"({args[0]} IS TRUE)",
    "denied": lambda op, args: f"({args[0]} IS FALSE)",
    "unless": lambda op, args: f"(CASE WHEN {args[0]} THEN NULL ELSE {args[1]} END)",
    "only_if": lambda op, args: f"coalesce(CASE WHEN {args[0]} THEN {args[1]} ELSE 0 END, 0)",
}
