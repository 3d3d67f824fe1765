"""Spells a checked rule out as operations: three-valued values, and for each fact whether it is missing and still matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from linli.rules import tree
from linli.rules.program import Program, RulePlan, Scope
from linli.rules.rule import Rule
from linli.rules.tree import BOOLEAN, DATE, Node

Missing = dict[str, int]


def lower(rules: Iterable[Rule], as_of: date) -> Program:
    """The program of these rules for a screening as of that day. Raises LinliError rules.not_in_force."""
    program = Program()
    for rule in rules:
        program.plans.append(_Lowering(program, rule, as_of).plan())
    return program


class _Lowering:
    def __init__(self, program: Program, rule: Rule, as_of: date) -> None:
        self.program, self.rule = program, rule
        self.day = rule.as_of.on(as_of)
        self.dated = rule.values_on(as_of)

    def plan(self) -> RulePlan:
        rule, subject = self.rule, self.program.scopes["subject"]
        conditions = [(condition.id, self.value(condition.node, subject)) for condition in rule.conditions]
        verdict = subject.all_of(*(place for _, place in conditions))
        parts = [self.missing(condition.node, subject) for condition in rule.conditions]
        amount = None
        if rule.amount is not None:
            parts.append(self.missing(rule.amount, subject))
            amount = self.rounded(subject, rule.amount)
        # Whoever is asked for what is missing is asked once: for an open verdict the facts of the amount are named too.
        open_ = subject.negation(subject.denied(verdict))
        missing = {key: subject.all_of(open_, place) for key, place in _union(subject, parts).items()}
        kept = tuple((key, place) for key, place in sorted(missing.items()) if not subject.is_constant(place, False))
        return RulePlan(rule.name, rule.digest, rule.subject, self.day, verdict, tuple(conditions), kept, amount)

    def rounded(self, scope: Scope, amount: Node) -> int:
        place = self.value(amount, scope)
        return scope.add("round", (place,), amount.type.scale, tree.MONEY) if amount.type.scale else place

    def value(self, node: Node, scope: Scope) -> int:
        """The position of the node's value."""
        return VALUES[type(node)](self, node, scope)

    def missing(self, node: Node, scope: Scope) -> Missing:
        """Per fact a two-valued position: the node is unknown, this fact is unknown, and it still matters."""
        special = MISSING.get(type(node))
        if special is not None:
            return special(self, node, scope)
        return _union(scope, [self.missing(child, scope) for child in tree.children(node)])

    def each(self, nodes: Iterable[Node], scope: Scope) -> tuple[int, ...]:
        return tuple(self.value(node, scope) for node in nodes)

    def constant(self, node: tree.Constant, scope: Scope) -> int:
        return scope.constant(node.value, node.type)

    def fact(self, node: tree.FactOf, scope: Scope) -> int:
        return scope.add("fact", (), node.name, node.type)

    def holds(self, node: tree.Holds, scope: Scope) -> int:
        return scope.add("fact", (), f"holds.{node.slug}", BOOLEAN)

    def fact_missing(self, node: tree.FactOf | tree.Holds, scope: Scope) -> Missing:
        name = node.name if isinstance(node, tree.FactOf) else f"holds.{node.slug}"
        return {name: scope.unknown(self.value(node, scope))}

    def parameter(self, node: tree.Parameter, scope: Scope) -> int:
        return scope.constant(self.dated["parameter", node.name], node.type)

    def as_of(self, node: tree.AsOf, scope: Scope) -> int:
        return scope.constant(self.day, DATE)

    def arithmetic(self, node: tree.Arithmetic, scope: Scope) -> int:
        kind = {"+": "add", "-": "subtract", "*": "multiply"}[node.operator]
        return scope.add(kind, self.each((node.left, node.right), scope), None, node.type)

    def negative(self, node: tree.Negative, scope: Scope) -> int:
        return scope.add("negate", (self.value(node.item, scope),), None, node.type)

    def rescale(self, node: tree.Rescale, scope: Scope) -> int:
        place = self.value(node.item, scope)
        op = scope.ops[place]
        if op.kind == "constant" and isinstance(op.detail, tuple):
            return scope.constant(op.detail[1] * 10**node.power, node.type)
        return scope.add("rescale", (place,), node.power, node.type)

    def compare(self, node: tree.Compare, scope: Scope) -> int:
        return scope.add("compare", self.each((node.left, node.right), scope), node.operator)

    def one_of(self, node: tree.OneOf, scope: Scope) -> int:
        place = scope.add("one_of", (self.value(node.item, scope),), tuple(option.value for option in node.options))
        return scope.negation(place) if node.negated else place

    def between(self, node: tree.Between, scope: Scope) -> int:
        return self.value(_between(node), scope)

    def between_missing(self, node: tree.Between, scope: Scope) -> Missing:
        return self.missing(_between(node), scope)

    def negation(self, node: tree.Not, scope: Scope) -> int:
        return scope.negation(self.value(node.item, scope))

    def all_of(self, node: tree.AllOf, scope: Scope) -> int:
        return scope.all_of(*self.each(node.items, scope))

    def any_of(self, node: tree.AnyOf, scope: Scope) -> int:
        return scope.any_of(*self.each(node.items, scope))

    def logic_missing(self, node: tree.AllOf | tree.AnyOf, scope: Scope) -> Missing:
        """A decided AND or OR hides what its parts lack."""
        open_ = scope.unknown(self.value(node, scope))
        parts = _union(scope, [self.missing(item, scope) for item in node.items])
        return {key: scope.all_of(open_, place) for key, place in parts.items()}

    def case(self, node: tree.Case, scope: Scope) -> int:
        return scope.add("case", self.each(tree.children(node), scope), None, node.type)

    def case_missing(self, node: tree.Case, scope: Scope) -> Missing:
        """Every branch that can still be reached: what its condition lacks, and what its result lacks unless the condition is false."""
        parts: list[Missing] = []
        reached = scope.constant(True)
        for when, result in node.branches:
            place = self.value(when, scope)
            parts.append(_gated(scope, reached, self.missing(when, scope)))
            parts.append(_gated(scope, scope.all_of(reached, scope.negation(scope.denied(place))), self.missing(result, scope)))
            reached = scope.all_of(reached, scope.negation(scope.sure(place)))
        parts.append(_gated(scope, reached, self.missing(node.otherwise, scope)))
        return _union(scope, parts)

    def age(self, node: tree.Age, scope: Scope) -> int:
        return scope.add("age", (self.value(node.birth, scope),), self.day, node.type)

    def add_years(self, node: tree.AddYears, scope: Scope) -> int:
        return scope.add("add_years", self.each((node.day, node.years), scope), None, node.type)

    def lookup(self, node: tree.Lookup, scope: Scope) -> int:
        return scope.add("lookup", (self.value(node.key, scope),), self.dated["table", node.table], node.type)

    def lookup_missing(self, node: tree.Lookup, scope: Scope) -> Missing:
        """A known key that the table has no row for is missing from the table, not from the person."""
        key, place = self.value(node.key, scope), self.value(node, scope)
        found = self.missing(node.key, scope)
        if self.dated["table", node.table][1] is None:
            found[f"table.{node.table}"] = scope.all_of(scope.unknown(place), scope.negation(scope.unknown(key)))
        return found

    def bracket(self, node: tree.Bracket, scope: Scope) -> int:
        return scope.add("bracket", (self.value(node.item, scope),), self.dated["scale", node.scale], node.type)

    def marginal(self, node: tree.Marginal, scope: Scope) -> int:
        return scope.add("marginal", (self.value(node.item, scope),), self.dated["scale", node.scale], node.type)

    def aggregate(self, node: tree.Aggregate, scope: Scope) -> int:
        """Strict: one member whose part is unknown makes the whole unknown, unless another decides it."""
        members = self.program.scopes[node.group]
        group_unknown = scope.add("group_unknown", (), node.group)
        if node.how in ("sum", "count"):
            unsure, part = self.counted(node, members)
            total = scope.add("sum", (), (node.group, part), node.type)
            reason = scope.any_of(group_unknown, self.some(node, scope, unsure))
            return scope.add("unless", (reason, total), None, node.type)
        test = self.test(node, members)
        unsure = scope.any_of(group_unknown, self.some(node, scope, members.unknown(test)))
        if node.how == "any":
            decided = self.some(node, scope, members.sure(test))
            return scope.any_of(decided, scope.add("unless", (unsure, scope.constant(False))))
        decided = scope.negation(self.some(node, scope, members.denied(test)))
        return scope.all_of(decided, scope.add("unless", (unsure, scope.constant(True))))

    def some(self, node: tree.Aggregate, scope: Scope, member_place: int) -> int:
        if self.program.scopes[node.group].is_constant(member_place, False):
            return scope.constant(False)
        return scope.add("some", (), (node.group, member_place))

    def counted(self, node: tree.Aggregate, members: Scope) -> tuple[int, int]:
        """Positions in the members' scope: whether this member's part is unknown, and the part as a number."""
        value = members.constant(1, tree.INTEGER) if node.value is None else self.value(node.value, members)
        if node.where is None:
            return members.unknown(value), members.add("only_if", (members.constant(True), value), None, node.type)
        where = self.value(node.where, members)
        unsure = members.any_of(members.unknown(where), members.all_of(members.sure(where), members.unknown(value)))
        return unsure, members.add("only_if", (members.sure(where), value), None, node.type)

    def test(self, node: tree.Aggregate, members: Scope) -> int:
        return self.value(_test(node), members)

    def aggregate_missing(self, node: tree.Aggregate, scope: Scope) -> Missing:
        members = self.program.scopes[node.group]
        if node.how in ("sum", "count"):
            inner = self.counted_missing(node, members)
            open_ = scope.constant(True)
        else:
            inner = self.missing(_test(node), members)
            open_ = scope.unknown(self.value(node, scope))
        found = {_owned(node.group, key): scope.all_of(open_, self.some(node, scope, place)) for key, place in inner.items()}
        return {node.group: scope.add("group_unknown", (), node.group), **found}

    def counted_missing(self, node: tree.Aggregate, members: Scope) -> Missing:
        value = {} if node.value is None else self.missing(node.value, members)
        if node.where is None:
            return value
        possible = members.negation(members.denied(self.value(node.where, members)))
        return _union(members, [self.missing(node.where, members), _gated(members, possible, value)])


def _owned(group: str, key: str) -> str:
    return key if key.startswith("table.") else f"{group}.{key}"


def _test(node: tree.Aggregate) -> Node:
    """What is asked of each member: for any, filter AND condition; for all, NOT filter OR condition."""
    assert node.value is not None
    if node.where is None:
        return node.value
    if node.how == "any":
        return tree.AllOf(BOOLEAN, None, (node.where, node.value))
    return tree.AnyOf(BOOLEAN, None, (tree.Not(BOOLEAN, None, node.where), node.value))


def _between(node: tree.Between) -> Node:
    ends = (tree.Compare(BOOLEAN, None, ">=", node.item, node.low), tree.Compare(BOOLEAN, None, "<=", node.item, node.high))
    both = tree.AllOf(BOOLEAN, None, ends)
    return tree.Not(BOOLEAN, None, both) if node.negated else both


def _gated(scope: Scope, gate: int, missing: Missing) -> Missing:
    return {key: scope.all_of(gate, place) for key, place in missing.items()}


def _union(scope: Scope, parts: list[Missing]) -> Missing:
    found: dict[str, list[int]] = {}
    for part in parts:
        for key, place in part.items():
            found.setdefault(key, []).append(place)
    return {key: scope.any_of(*places) for key, places in found.items()}


VALUES: dict[type[Node], Callable[[_Lowering, Any, Scope], int]] = {
    tree.Constant: _Lowering.constant,
    tree.FactOf: _Lowering.fact,
    tree.Holds: _Lowering.holds,
    tree.Parameter: _Lowering.parameter,
    tree.AsOf: _Lowering.as_of,
    tree.Arithmetic: _Lowering.arithmetic,
    tree.Negative: _Lowering.negative,
    tree.Rescale: _Lowering.rescale,
    tree.Compare: _Lowering.compare,
    tree.OneOf: _Lowering.one_of,
    tree.Between: _Lowering.between,
    tree.Not: _Lowering.negation,
    tree.AllOf: _Lowering.all_of,
    tree.AnyOf: _Lowering.any_of,
    tree.Case: _Lowering.case,
    tree.Age: _Lowering.age,
    tree.AddYears: _Lowering.add_years,
    tree.Lookup: _Lowering.lookup,
    tree.Bracket: _Lowering.bracket,
    tree.Marginal: _Lowering.marginal,
    tree.Aggregate: _Lowering.aggregate,
}
MISSING: dict[type[Node], Callable[[_Lowering, Any, Scope], Missing]] = {
    tree.FactOf: _Lowering.fact_missing,
    tree.Holds: _Lowering.fact_missing,
    tree.Between: _Lowering.between_missing,
    tree.AllOf: _Lowering.logic_missing,
    tree.AnyOf: _Lowering.logic_missing,
    tree.Case: _Lowering.case_missing,
    tree.Lookup: _Lowering.lookup_missing,
    tree.Aggregate: _Lowering.aggregate_missing,
}
