"""The amounts that a programme can come to, where its rule knows them all beforehand, and what one payment is of them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from itertools import product
from typing import Any

from linli.programmes.declaration import NEVER, Programme
from linli.programmes.telling import payment_months
from linli.rules import tree
from linli.rules.declare import Declarations, Period

MOST = 500
"""Rules that can come to more amounts than this are not enumerated."""
A_YEAR = {"month": 12, "quarter": 4, "term": 2, "year": 1}
OPERATIONS: Mapping[str, Callable[[int, int], int]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}


class _EndlessError(Exception):
    """The amount depends on a number that isn't written in the file."""


def paid_amounts(programme: Programme) -> frozenset[int] | None:
    """Every amount in fen of one payment, nothing left out; None where the rule doesn't know them all. Pure; no person is looked at."""
    if programme.payment is not None and programme.payment.reckoned != "rule":
        return None
    found, factor = rule_amounts(programme), per_payment(programme)
    return None if found is None else frozenset(in_whole_fen(amount * factor) for amount in found)


def payable(programme: Programme) -> frozenset[int] | None:
    """The only amounts in fen that one payment may have: those that the file lists, else those that the rule comes to; None: any."""
    listed = programme.payment.levels if programme.payment is not None else ()
    return frozenset(listed) or paid_amounts(programme)


def shown_by(programme: Programme) -> str:
    """What shows how much of the rule's amount, as a ceiling, is paid: "loan": a bank's slip and the loan's days; "works": the papers of
    works that are accepted; "slips": the checked bills of the period; "" where it is no ceiling."""
    if programme.payment is None or programme.payment.reckoned != "ceiling":
        return ""
    said = programme.particulars
    if said.loan is not None:
        return "loan"
    accepted = programme.procedure is not None and any(step.kind == "accept_works" for step in programme.procedure.steps)
    return "works" if accepted and (said.works is not None or said.evidence is not None) else "slips"


def in_whole_fen(amount: Fraction) -> int:
    """One payment as it is made: a part of a fen is rounded up to the person's good."""
    return -(-amount.numerator // amount.denominator)


def per_payment(programme: Programme) -> Fraction:
    """What part of the rule's amount one payment is: 3 of a monthly amount paid by the quarter, 1/2 of a yearly one paid by the term."""
    times = A_YEAR.get(programme.payment.cycle) if programme.payment is not None else None
    months = payment_months(programme)
    return Fraction(months, times) if times is not None and months is not None else Fraction(1)


def a_year(programme: Programme) -> int | None:
    """How many times the rule's amount is paid in a year, by the unit of its figures, else by the cycle of payment; None where neither
    says so, as of what is paid once."""
    months = payment_months(programme)
    if months is not None or programme.payment is None:
        return months
    return A_YEAR.get(programme.payment.cycle)


def rule_amounts(programme: Programme) -> frozenset[Fraction] | None:
    """Every amount in fen other than nothing that the rule can come to while the version applies, or None."""
    rule = programme.rule
    if rule.amount is None:
        return None
    days = (programme.effective_from, programme.effective_to or NEVER)
    try:
        values = _values(rule.amount, rule.declarations, days)
    except _EndlessError:
        return None
    below = 10**rule.amount.type.scale
    return frozenset(Fraction(value, below) for value in values if value)


def _values(node: tree.Node, declared: Declarations, days: tuple[date, date]) -> frozenset[int]:
    """What a number can be, in its own units."""

    def inner(part: tree.Node) -> frozenset[int]:
        return _values(part, declared, days)

    match node:
        case tree.Constant(value=value) if isinstance(value, int):
            return frozenset({value})
        case tree.Case():
            return _few(value for part in (*(then for _, then in node.branches), node.otherwise) for value in inner(part))
        case tree.Arithmetic():
            operate = OPERATIONS[node.operator]
            return _few(operate(left, right) for left, right in product(inner(node.left), inner(node.right)))
        case tree.Negative():
            return frozenset(-value for value in inner(node.item))
        case tree.Rescale():
            return frozenset(value * 10**node.power for value in inner(node.item))
    return _declared(node, declared, days)


def _declared(node: tree.Node, declared: Declarations, days: tuple[date, date]) -> frozenset[int]:
    """The values of a figure in every period that meets the version's days."""
    found: list[Any]
    match node:
        case tree.Parameter():
            found = [period.value for period in _met(declared.parameters[node.name].dated.periods, days)]
        case tree.Lookup():
            periods = _met(declared.tables[node.table].dated.periods, days)
            found = [
                value for period in periods for value in (*(cell for _, cell in period.value[0]), period.value[1]) if value is not None
            ]
        case tree.Bracket():
            found = [value for period in _met(declared.scales[node.scale].dated.periods, days) for _, value in period.value]
        case _:
            raise _EndlessError
    return _few(found)


def _met(periods: Iterable[Period[Any]], days: tuple[date, date]) -> list[Period[Any]]:
    return [one for one in periods if one.first <= days[1] and (one.last is None or one.last >= days[0]) and one.first != NEVER]


def _few(values: Iterable[int]) -> frozenset[int]:
    found: set[int] = set()
    for value in values:
        found.add(value)
        if len(found) > MOST:
            raise _EndlessError
    return frozenset(found)
