"""The grammar is a subset of SQL: whatever we read, a general SQL parser reads the same way."""

from __future__ import annotations

import random
from functools import partial

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from linli.rules.syntax import Syntax, parse

ATOMS = ["a", "b", "c", "1", "2.5", "'x'", "TRUE", "age(d)", "lookup('t', k)", "DATE '2020-02-29'"]
OPERATORS = ["+", "-", "*", "=", "<>", "<", "<=", ">", ">=", "AND", "OR"]
LEVEL = {"+": 3, "-": 3, "*": 4, "AND": 1, "OR": 0}


def random_text(rng: random.Random, depth: int) -> str:
    """An expression with few brackets; comparisons are bracketed since they can't be chained."""
    if depth == 0:
        return rng.choice(ATOMS)
    kind = rng.randint(0, 7)
    inner = partial(random_text, rng, depth - 1)
    if kind == 0:
        return f"NOT ({inner()})"
    if kind == 1:
        return f"(-({inner()}))"
    if kind == 2:
        return f"(({inner()}) {rng.choice(['', 'NOT '])}IN (1, 'x', 2))"
    if kind == 3:
        return f"(({inner()}) {rng.choice(['', 'NOT '])}BETWEEN ({inner()}) AND ({inner()}))"
    if kind == 4:
        return f"CASE {rng.choice(['', 'a '])}WHEN {inner()} THEN {inner()} ELSE {inner()} END"
    operator = rng.choice(OPERATORS)
    text = f"{inner()} {operator} {inner()}"
    return f"({text})" if operator in ("=", "<>", "<", "<=", ">", ">=") or rng.random() < 0.3 else text


def ours(tree: Syntax) -> str:
    """Our tree, fully bracketed."""
    parts = [ours(part) for part in tree.parts]
    if tree.kind in ("number", "text", "name", "truth", "date"):
        return f"{tree.kind}:{str(tree.value).lower()}"
    if tree.kind in ("and", "or"):
        text = parts[0]
        for part in parts[1:]:
            text = f"({tree.kind} {text} {part})"
        return text
    return f"({tree.kind}{'' if tree.value is None else ':' + str(tree.value).lower()} {' '.join(parts)})"


BINARY = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.And: "and",
    exp.Or: "or",
}


def theirs(node: exp.Expression) -> str:
    """The general parser's tree, in the same form."""
    if isinstance(node, exp.Paren):
        return theirs(node.this)
    for kind, sign in BINARY.items():
        if type(node) is kind:
            return f"({sign} {theirs(node.left)} {theirs(node.right)})"
    if isinstance(node, exp.Literal):
        return f"text:{node.this}" if node.is_string else f"number:{node.this}"
    if isinstance(node, exp.Boolean):
        return f"truth:{str(node.this).lower()}"
    if isinstance(node, exp.Column):
        return f"name:{node.name}"
    if isinstance(node, exp.Cast):
        return f"date:{node.this.this}"
    if isinstance(node, exp.Anonymous):
        return f"(call:{node.name} {' '.join(theirs(part) for part in node.expressions)})"
    return _special(node)


def _special(node: exp.Expression) -> str:
    if isinstance(node, exp.Not):
        inner = node.this
        negated = theirs(inner)
        # NOT IN and NOT BETWEEN are one node with us; a NOT before brackets is not.
        if isinstance(inner, exp.In | exp.Between):
            return negated.replace(":false", ":true", 1)
        return f"(not {negated})"
    if isinstance(node, exp.Neg):
        return f"(negative {theirs(node.this)})"
    if isinstance(node, exp.In):
        return f"(in:false {' '.join(theirs(part) for part in (node.this, *node.expressions))})"
    if isinstance(node, exp.Between):
        return f"(between:false {' '.join(theirs(node.args[key]) for key in ('this', 'low', 'high'))})"
    assert isinstance(node, exp.Case), node
    parts = [theirs(node.this)] if node.this else []
    for branch in node.args["ifs"]:
        parts += [theirs(branch.this), theirs(branch.args["true"])]
    return f"(case:{str(bool(node.this)).lower()} {' '.join([*parts, theirs(node.args['default'])])})"


@given(seed=st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_a_general_sql_parser_reads_it_the_same_way(seed: int) -> None:
    text = random_text(random.Random(seed), 3)
    assert ours(parse(text)) == theirs(sqlglot.parse_one(text, dialect="postgres"))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a OR b AND c", "(or name:a (and name:b name:c))"),
        ("NOT a = b", "(not (= name:a name:b))"),
        ("NOT a AND b", "(and (not name:a) name:b)"),
        ("a - b - c", "(- (- name:a name:b) name:c)"),
        ("a + b * c", "(+ name:a (* name:b name:c))"),
        ("-a * b", "(* (negative name:a) name:b)"),
        ("a BETWEEN 1 AND 2 AND b", "(and (between:false name:a number:1 number:2) name:b)"),
        ("a != b", "(<> name:a name:b)"),
        ("a not in (1)", "(in:true name:a number:1)"),
    ],
)
def test_what_binds_to_what(text: str, tree: str) -> None:
    assert ours(parse(text)) == tree
