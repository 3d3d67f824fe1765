"""The order in which a printer writes operations, and which of them get a name because they are used more than once."""

from __future__ import annotations

from collections import Counter
from typing import Generic, Protocol, TypeVar

from linli.rules.program import Scope

E = TypeVar("E")

# A printer may write the operands of these more than once.
REPEATING = frozenset({"case", "round", "age", "add_years", "lookup", "bracket", "marginal"})
INJECTED = frozenset({"sum", "some", "group_unknown"})


class Printer(Protocol[E]):
    """Writes one operation, given what was written for its operands."""

    def inputs(self, place: int) -> tuple[int, ...]:
        """The operations that the printed form really reads."""
        ...

    def print(self, place: int, done: dict[int, E]) -> E:
        """The operation itself."""
        ...

    def reference(self, place: int) -> E:
        """The name under which the operation is found once it has been computed."""
        ...


class Schedule(Generic[E]):
    """What to write, and in which steps.

    levels: the operations to compute under a name, each list needing only facts and earlier lists. done: what to write for each
    operation.
    """

    def __init__(self, scope: Scope, printer: Printer[E], outputs: list[int]) -> None:
        self.scope, self.printer = scope, printer
        self.done: dict[int, E] = {}
        self.levels: list[list[tuple[int, E]]] = []
        order = self._demanded(outputs)
        uses = Counter(arg for place in order for arg in printer.inputs(place) for _ in range(1 + (scope.ops[place].kind in REPEATING)))
        depth: dict[int, int] = {}
        for place in order:
            depth[place] = max((depth[arg] for arg in printer.inputs(place)), default=0)
            self.done[place] = printer.print(place, self.done)
            if uses[place] + (place in outputs) > 1 and scope.ops[place].kind not in {"constant", "fact", *INJECTED}:
                self._name(place, depth)

    def _name(self, place: int, depth: dict[int, int]) -> None:
        level = depth[place]
        while len(self.levels) <= level:
            self.levels.append([])
        self.levels[level].append((place, self.done[place]))
        self.done[place] = self.printer.reference(place)
        depth[place] = level + 1

    def _demanded(self, outputs: list[int]) -> list[int]:
        """Every operation needed. Positions already stand with operands first."""
        seen: set[int] = set()
        stack = list(outputs)
        while stack:
            place = stack.pop()
            if place not in seen:
                seen.add(place)
                stack.extend(self.printer.inputs(place))
        return sorted(seen)
