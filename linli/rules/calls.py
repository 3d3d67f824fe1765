"""The functions of the language: age, add_years, as_of, holds, lookup, bracket, marginal and the aggregates."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from linli.rules import tree
from linli.rules.refusals import mismatch, spans, unknown_name, within
from linli.rules.syntax import ExpressionError, Syntax
from linli.rules.tree import BOOLEAN, DATE, INTEGER, NUMBERS, Node, Span, Type

if TYPE_CHECKING:
    from linli.rules.check import Checker

MOST_MEMBERS = 10_000
MOST_YEARS = 200
AGGREGATES = {f"{group}_{how}": (group, how) for group in ("household", "family") for how in ("sum", "count", "any", "all")}
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


def check_call(checker: Checker, syntax: Syntax) -> Node:
    """The typed node of a function call."""
    if syntax.value in AGGREGATES:
        return _aggregate(checker, syntax)
    function = FUNCTIONS.get(syntax.value)
    if function is None:
        unknown_name(syntax, "rules.unknown_function", "不认识的函数", "This function is not known.", [*FUNCTIONS, *AGGREGATES])
    check, wanted = function
    _count(syntax, wanted, wanted)
    return check(checker, syntax)


def _count(syntax: Syntax, least: int, most: int) -> None:
    if not least <= len(syntax.parts) <= most:
        raise ExpressionError(
            "rules.arguments",
            syntax.at,
            "参数个数不对",
            "The number of arguments is wrong.",
            "见语言说明",
            "see the language reference",
            expected=str(least) if least == most else f"{least}–{most}",
            found=str(len(syntax.parts)),
        )


def _age(checker: Checker, syntax: Syntax) -> Node:
    return tree.Age(INTEGER, (-400, 400), checker.of_type(syntax.parts[0], DATE))


def _as_of(checker: Checker, syntax: Syntax) -> Node:
    return tree.AsOf(DATE, (1900, 2200))


def _add_years(checker: Checker, syntax: Syntax) -> Node:
    day, years = checker.of_type(syntax.parts[0], DATE), checker.of_type(syntax.parts[1], INTEGER)
    a, b = spans(day, years)
    if max(abs(b[0]), abs(b[1])) > MOST_YEARS:
        mismatch(syntax.parts[1], (f"±{MOST_YEARS} 以内的整数", f"an integer within ±{MOST_YEARS}"), years.type)
    return tree.AddYears(DATE, (a[0] + b[0], a[1] + b[1]), day, years)


def _holds(checker: Checker, syntax: Syntax) -> Node:
    part = syntax.parts[0]
    if part.kind != "text" or not SLUG.fullmatch(part.value):
        raise ExpressionError(
            "rules.bad_slug",
            part.at,
            "holds 的参数须是事项标识",
            "holds() takes a programme's slug.",
            "写成 holds('disability-student-aid')",
            "write holds('disability-student-aid')",
            found=str(part.value),
        )
    return tree.Holds(BOOLEAN, None, part.value, checker.scope)


def _text_name(syntax: Syntax, known: dict[str, object], code: str, zh: str, en: str) -> str:
    part = syntax.parts[0]
    if part.kind != "text" or part.value not in known:
        unknown_name(part, code, zh, en, known)
    return str(part.value)


def _lookup(checker: Checker, syntax: Syntax) -> Node:
    name = _text_name(
        syntax, dict(checker.declarations.tables), "rules.unknown_table", "没有声明这个查找表", "No table of this name is declared."
    )
    table = checker.declarations.tables[name]
    return tree.Lookup(table.type, table.span, name, checker.of_type(syntax.parts[1], table.key))


def _scale_input(checker: Checker, syntax: Syntax) -> tuple[str, Node]:
    name = _text_name(
        syntax, dict(checker.declarations.scales), "rules.unknown_scale", "没有声明这个分档表", "No scale of this name is declared."
    )
    return name, checker.of_type(syntax.parts[1], checker.declarations.scales[name].input)


def _bracket(checker: Checker, syntax: Syntax) -> Node:
    name, item = _scale_input(checker, syntax)
    scale = checker.declarations.scales[name]
    lowest = max(period.value[0][0] for period in scale.dated.periods)
    if item.span is None or item.span[0] < lowest:
        raise ExpressionError(
            "rules.below_scale",
            syntax.at,
            "可能低于分档表的最低档",
            "The value could lie below the scale's lowest bracket.",
            "为信息声明 min，或增加更低的一档",
            "declare a min for the facts used, or add a lower bracket",
            expected=f"≥ {lowest}",
            found=str(item.span and item.span[0]),
        )
    return tree.Bracket(scale.type, scale.span, name, item)


def _marginal(checker: Checker, syntax: Syntax) -> Node:
    name, item = _scale_input(checker, syntax)
    scale = checker.declarations.scales[name]
    if scale.type.kind not in ("decimal", "integer") or item.span is None or scale.span is None:
        mismatch(syntax, ("比例分档表", "a scale of decimal rates"), scale.type)
    lowest = min(period.value[0][0] for period in scale.dated.periods)
    most = max(0, item.span[1] - lowest)
    span: Span = (min(0, scale.span[0]) * most, max(0, scale.span[1]) * most)
    kind = Type("decimal" if item.type == INTEGER and scale.type.scale else item.type.kind, scale.type.scale)
    return tree.Marginal(kind, within(syntax, span), name, item)


def _aggregate(checker: Checker, syntax: Syntax) -> Node:
    group, how = AGGREGATES[syntax.value]
    _refuse_misplaced(checker, syntax, group)
    _count(syntax, 0 if how == "count" else 1, 1 if how == "count" else 2)
    checker.scope = group
    try:
        parts = list(syntax.parts)
        value = _value(checker, how, parts.pop(0)) if how != "count" else None
        where = checker.of_type(parts[0], BOOLEAN) if parts else None
    finally:
        checker.scope = "subject"
    if value is None:
        return tree.Aggregate(INTEGER, (0, MOST_MEMBERS), group, how, None, where)
    span = _sum_span(syntax, value) if how == "sum" else None
    return tree.Aggregate(value.type, span, group, how, value, where)


def _value(checker: Checker, how: str, syntax: Syntax) -> Node:
    return checker.numeric(syntax) if how == "sum" else checker.of_type(syntax, BOOLEAN)


def _sum_span(syntax: Syntax, value: Node) -> Span:
    assert value.span is not None
    assert value.type.kind in NUMBERS
    return within(syntax, (min(0, value.span[0]) * MOST_MEMBERS, max(0, value.span[1]) * MOST_MEMBERS))


def _refuse_misplaced(checker: Checker, syntax: Syntax, group: str) -> None:
    if checker.scope != "subject":
        raise ExpressionError(
            "rules.nested_aggregate",
            syntax.at,
            "聚合函数不能嵌套",
            "Aggregates can't be nested.",
            "拆成几个条件",
            "split it into conditions",
        )
    if checker.subject == "organisation" or (checker.subject == "household" and group == "family"):
        raise ExpressionError(
            "rules.no_group",
            syntax.at,
            "这类对象没有这种成员",
            "This kind of subject has no such members.",
            "改变 subject，或不用这个函数",
            "change the subject, or leave this function out",
            found=f"{syntax.value} · {checker.subject}",
        )


FUNCTIONS: dict[str, tuple[Callable[[Checker, Syntax], Node], int]] = {
    "age": (_age, 1),
    "as_of": (_as_of, 0),
    "add_years": (_add_years, 2),
    "holds": (_holds, 1),
    "lookup": (_lookup, 2),
    "bracket": (_bracket, 2),
    "marginal": (_marginal, 2),
}
