"""Operations that an engine must be able to do, each computed once however many rules need it.

A program is the rules of one run, lowered to a list of operations per scope: the subject's row, a household member's row, a
relative's row. Every engine is a printer of these operations; the strictness about the unknown is already spelled out in
them. Booleans are three-valued unless `known` says otherwise.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date

from linli.rules.tree import BOOLEAN, Type

SCOPES = ("subject", "household", "family")


@dataclass(frozen=True, slots=True)
class Op:
    """One operation on the values of `args` (positions in the same scope's list).

    constant(detail), fact(detail: column), compare(detail: operator), add, subtract, multiply, negate,
    rescale and round (detail: power of ten), not, and, or, one_of(detail: values),
    case(condition, result, …, otherwise; strict), age(detail: day), add_years,
    lookup(detail: rows, otherwise), bracket and marginal (detail: rows).
    unknown: whether the value is unknown. sure: true and known. denied: false and known.
    unless(reason, value): unknown where reason holds, else value.
    only_if(reason, number): the number where reason holds and it is known, else 0.
    group_unknown(detail: group). sum and some (detail: group, position in the group's scope): over all members; 0 or
    false for an unknown group.
    """

    kind: str
    args: tuple[int, ...] = ()
    detail: Hashable = None
    type: Type = BOOLEAN


TWO_VALUED = frozenset({"constant", "unknown", "sure", "denied", "only_if", "group_unknown", "sum", "some"})
PRESERVING = frozenset({"and", "or", "not"})
# Kinds whose value is known exactly where all operands are.
STRICT = frozenset(
    {"compare", "add", "subtract", "multiply", "negate", "rescale", "round", "one_of", "age", "add_years", "bracket", "marginal"}
)


class Scope:
    """The operations on one kind of row, in an order in which each comes after those it uses."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ops: list[Op] = []
        self.known: list[bool] = []
        self._places: dict[Op, int] = {}

    def add(self, kind: str, args: tuple[int, ...] = (), detail: Hashable = None, type: Type = BOOLEAN) -> int:
        """The position of this operation, which is added unless it is there already."""
        op = Op(kind, args, detail, type)
        place = self._places.get(op)
        if place is None:
            place = self._places[op] = len(self.ops)
            self.ops.append(op)
            self.known.append(kind in TWO_VALUED or (kind in PRESERVING and all(self.known[arg] for arg in args)))
        return place

    def constant(self, value: Hashable, type: Type = BOOLEAN) -> int:
        """A constant."""
        return self.add("constant", (), (value.__class__.__name__, value), type)

    def is_constant(self, place: int, value: bool) -> bool:
        """Whether the operation is the constant TRUE (or FALSE)."""
        op = self.ops[place]
        return op.kind == "constant" and op.detail == ("bool", value)

    def all_of(self, *args: int) -> int:
        """Kleene AND."""
        return self._logic("and", args, True)

    def any_of(self, *args: int) -> int:
        """Kleene OR."""
        return self._logic("or", args, False)

    def _logic(self, kind: str, args: tuple[int, ...], neutral: bool) -> int:
        if any(self.is_constant(arg, not neutral) for arg in args):
            return self.constant(not neutral)
        kept = tuple(dict.fromkeys(arg for arg in args if not self.is_constant(arg, neutral)))
        kept = tuple(arg for arg in kept if not self._absorbed(arg, kept, "or" if kind == "and" else "and"))
        if not kept:
            return self.constant(neutral)
        return kept[0] if len(kept) == 1 else self.add(kind, kept)

    def _absorbed(self, arg: int, beside: tuple[int, ...], kind: str) -> bool:
        """a AND (a OR b) is a, and a OR (a AND b) is a: in three values too."""
        op = self.ops[arg]
        return op.kind == kind and any(part in beside for part in op.args)

    def negation(self, arg: int) -> int:
        """Kleene NOT."""
        op = self.ops[arg]
        if op.kind == "constant":
            return self.constant(self.is_constant(arg, False))
        return op.args[0] if op.kind == "not" else self.add("not", (arg,))

    def unknown(self, arg: int) -> int:
        """Two-valued: whether the value is unknown. Spelled out down to facts, so that all who ask about a fact share one answer."""
        op = self.ops[arg]
        if self.known[arg]:
            return self.constant(False)
        if op.kind == "not" or op.kind in STRICT:
            return self.any_of(*(self.unknown(part) for part in op.args))
        return self.add("unknown", (arg,))

    def sure(self, arg: int) -> int:
        """Two-valued: true and known."""
        return arg if self.known[arg] else self.add("sure", (arg,))

    def denied(self, arg: int) -> int:
        """Two-valued: false and known."""
        return self.negation(arg) if self.known[arg] else self.add("denied", (arg,))

    def leaves(self, place: int) -> list[int]:
        """The facts and the injected operations (sums, somes, unknown groups) that an operation rests on."""
        seen: set[int] = set()
        stack = [place]
        while stack:
            one = stack.pop()
            if one not in seen:
                seen.add(one)
                stack.extend(self.ops[one].args)
        return [one for one in sorted(seen) if not self.ops[one].args and self.ops[one].kind != "constant"]


@dataclass(frozen=True, slots=True)
class RulePlan:
    """Where one rule's results stand in the subject's scope. missing: two-valued, per missing fact. amount: in fen, rounded, or None."""

    name: str
    digest: str
    subject: str
    day: date
    verdict: int
    conditions: tuple[tuple[str, int], ...]
    missing: tuple[tuple[str, int], ...]
    amount: int | None

    def outputs(self) -> list[int]:
        """Every position that an engine must deliver."""
        amount = [] if self.amount is None else [self.amount]
        return [self.verdict, *(op for _, op in self.conditions), *(op for _, op in self.missing), *amount]


@dataclass
class Program:
    """The operations of all rules of one run, by scope, and where each rule's results stand."""

    scopes: dict[str, Scope] = field(default_factory=lambda: {name: Scope(name) for name in SCOPES})
    plans: list[RulePlan] = field(default_factory=list)

    def outputs(self) -> list[int]:
        """Every position of the subject's scope that is asked for, once each."""
        return list(dict.fromkeys(place for plan in self.plans for place in plan.outputs()))

    def reductions(self, group: str) -> dict[int, int]:
        """The sums and somes over a group: their position in the subject's scope, and that of the part in the group's scope."""
        found = {}
        for place, op in enumerate(self.scopes["subject"].ops):
            if op.kind in ("sum", "some") and isinstance(op.detail, tuple) and op.detail[0] == group:
                found[place] = int(op.detail[1])
        return found

    def columns(self, scope: str) -> dict[str, Type]:
        """The fact columns that a scope reads, with their types."""
        return {str(op.detail): op.type for op in self.scopes[scope].ops if op.kind == "fact"}

    def groups(self) -> list[str]:
        """The groups that are aggregated over."""
        return [name for name in SCOPES[1:] if self.reductions(name) or self._asks(name)]

    def _asks(self, group: str) -> bool:
        return any(op.kind == "group_unknown" and op.detail == group for op in self.scopes["subject"].ops)
