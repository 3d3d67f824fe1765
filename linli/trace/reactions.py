"""Reactions: what a later stage does after a fact. Declared here, run as jobs that are committed with the fact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from linli.kernel.errors import LinliError
from linli.trace.facts import FactType

if TYPE_CHECKING:
    from linli.trace.models import Fact

Handler = Callable[[Sequence["Fact"]], None]
_registry: dict[str, Reaction] = {}
_by_type: dict[str, list[Reaction]] = {}


@dataclass(frozen=True, slots=True)
class Reaction:
    """A handler of facts and the names of the types it wants."""

    name: str
    types: frozenset[str]
    handler: Handler


def reaction(*types: FactType, name: str) -> Callable[[Handler], Handler]:
    """Declare the decorated function as a reaction to facts of these types.

    The handler gets facts of one act, in one transaction with a marker per fact, and calls acts of its own or of earlier
    stages. A fact reaches it at least once; what it writes to this database happens once. Anything else it does must be
    safe to repeat. If it fails on several facts it is run again on each alone, and the facts that fail alone are parked.
    """

    def declare(handler: Handler) -> Handler:
        if name in _registry:
            raise ValueError(f"reaction {name!r} is declared twice")
        declared = Reaction(name, frozenset(fact_type.name for fact_type in types), handler)
        _registry[name] = declared
        for fact_type in declared.types:
            _by_type.setdefault(fact_type, []).append(declared)
        return handler

    return declare


def named(name: str) -> Reaction:
    """The reaction of this name; raises LinliError if this release declares none."""
    if name not in _registry:
        raise LinliError(
            "trace.unknown_reaction",
            zh="没有声明这个后续处理",
            en="No such reaction is declared.",
            expected=", ".join(sorted(_registry)) or ("没有声明任何一个", "none is declared"),
            found=name,
            remedy_zh="检查版本是否一致",
            remedy_en="check that worker and web run the same release",
        )
    return _registry[name]


def wanted(types_and_ids: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """Reaction name -> ids of the facts it wants, in order."""
    found: dict[str, list[int]] = {}
    for fact_type, fact in types_and_ids:
        for declared in _by_type.get(fact_type, ()):
            found.setdefault(declared.name, []).append(fact)
    return found
