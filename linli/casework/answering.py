"""What rooms above ask and do when a case of some kind is answered: before, what has to hold; after, what follows in the same act.

A room names these in its module `gates`, loaded when the site starts. They run inside the act that has locked the case: one that raises
leaves the case open, with its reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from linli.casework.models import Case
from linli.kernel.viewer import Viewer
from linli.trace import Act

Answering = Callable[[Act, Viewer, Case, str, str], None]
"""(act, viewer, case, outcome, words); `before` the case is open still, `after` its outcome stands."""

_before: dict[str, list[Answering]] = defaultdict(list)
_after: dict[str, list[Answering]] = defaultdict(list)


def before(*kinds: str) -> Callable[[Answering], Answering]:
    """Have something asked before a case of these kinds is answered; it raises LinliError where it can't be."""
    return _kept(_before, kinds)


def after(*kinds: str) -> Callable[[Answering], Answering]:
    """Have something done once a case of these kinds is answered."""
    return _kept(_after, kinds)


def _kept(where: dict[str, list[Answering]], kinds: tuple[str, ...]) -> Callable[[Answering], Answering]:
    def keep(one: Answering) -> Answering:
        for kind in kinds:
            where[kind].append(one)
        return one

    return keep


def ask(a: Act, viewer: Viewer, case: Case, outcome: str, words: str) -> None:
    """Everything that is asked before. Raises the first one's LinliError."""
    for one in _before[case.kind]:
        one(a, viewer, case, outcome, words)


def follow(a: Act, viewer: Viewer, case: Case, outcome: str, words: str) -> None:
    """Everything that follows."""
    for one in _after[case.kind]:
        one(a, viewer, case, outcome, words)
