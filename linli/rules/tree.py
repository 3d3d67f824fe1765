"""The checked syntax tree: the one meaning of a rule, from which every engine and the words are printed.

Numbers are whole: an integer, money in fen, or a decimal as value × 10^scale. Every numeric node carries the span
(lowest, highest) that it can reach, in those units, so that 64-bit arithmetic is known never to overflow before it runs.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

LIMIT = 2**62
NUMBERS = ("integer", "money", "decimal")


@dataclass(frozen=True, slots=True)
class Type:
    """kind: boolean, integer, money, decimal, date or text. scale: decimal digits carried; for money, digits below the fen."""

    kind: str
    scale: int = 0

    def __str__(self) -> str:
        return f"{self.kind}({self.scale})" if self.scale else self.kind


BOOLEAN, INTEGER, MONEY, DATE, TEXT = Type("boolean"), Type("integer"), Type("money"), Type("date"), Type("text")
Span = tuple[int, int]
Scalar = bool | int | str | date


@dataclass(frozen=True, slots=True)
class Node:
    """A typed expression. span: reachable (lowest, highest) of a number in its own scale; years of a date; None otherwise."""

    type: Type
    span: Span | None


@dataclass(frozen=True, slots=True)
class Constant(Node):
    value: Scalar


@dataclass(frozen=True, slots=True)
class FactOf(Node):
    """A fact of the subject ('subject'), of a household member ('household') or of a relative ('family')."""

    name: str
    scope: str


@dataclass(frozen=True, slots=True)
class Holds(Node):
    slug: str
    scope: str


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    name: str


@dataclass(frozen=True, slots=True)
class AsOf(Node):
    pass


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """operator: + - *; for + and - both sides have the node's own scale."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negative(Node):
    item: Node


@dataclass(frozen=True, slots=True)
class Rescale(Node):
    """The same number carried with `power` more digits. Exact."""

    item: Node
    power: int


@dataclass(frozen=True, slots=True)
class Compare(Node):
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class OneOf(Node):
    item: Node
    options: tuple[Constant, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Between(Node):
    item: Node
    low: Node
    high: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Not(Node):
    item: Node


@dataclass(frozen=True, slots=True)
class AllOf(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Case(Node):
    """Strict: the first condition that is not false decides; if it is unknown, so is the result."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Age(Node):
    birth: Node


@dataclass(frozen=True, slots=True)
class AddYears(Node):
    day: Node
    years: Node


@dataclass(frozen=True, slots=True)
class Lookup(Node):
    table: str
    key: Node


@dataclass(frozen=True, slots=True)
class Bracket(Node):
    scale: str
    item: Node


@dataclass(frozen=True, slots=True)
class Marginal(Node):
    scale: str
    item: Node


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """group: household or family. how: sum, count, any, all. value is None for count; where is None for everybody."""

    group: str
    how: str
    value: Node | None
    where: Node | None


def children(node: Node) -> list[Node]:
    """The expressions directly below `node`, in reading order."""
    if isinstance(node, Case):
        return [part for branch in node.branches for part in branch] + [node.otherwise]
    found: list[Node] = []
    for field in fields(node):
        value: Any = getattr(node, field.name)
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            found.extend(value)
    return found


def walk(node: Node) -> list[Node]:
    """`node` and everything below it."""
    found = [node]
    for child in children(node):
        found.extend(walk(child))
    return found
