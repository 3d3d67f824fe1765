"""What a programme asks beside its steps, said by the rooms that know it: before a case leaves a step, whether it needs one, when it ends.

A room names its gates in a module `gates` of its own, loaded when the site starts. They run inside the act that moves the case, which has
locked it: a gate that raises keeps the case where it is, with its reason.
"""

from __future__ import annotations

from collections.abc import Callable

from linli.casework.models import Case, StepTaken
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import Step
from linli.programmes.queries import pinned
from linli.trace import Act

Leaving = Callable[[Act, Viewer, Case, Programme, StepTaken, str], None]
"""(act, viewer, case, its version, the stay, the outcome it would pass with); raises LinliError while the step can't pass."""
Ending = Callable[[Act, Viewer, Case, Programme], None]
"""(act, viewer, case, its version), once the case's outcome stands in `case.outcome`."""

Passing = Callable[[Case, Programme, Step], bool]
"""(case, its version, a step that comes next): whether there is nothing to do in it for this case."""

_leaving: list[Leaving] = []
_ending: list[Ending] = []
_passing: list[Passing] = []


def before_leaving(gate: Leaving) -> Leaving:
    """Have a gate asked before an officer's signature lets a case pass a step."""
    _leaving.append(gate)
    return gate


def at_the_end(gate: Ending) -> Ending:
    """Have something done when a stepped case ends, however it ends: decided, lapsed, taken back."""
    _ending.append(gate)
    return gate


def passes_by(gate: Passing) -> Passing:
    """Have a step left out for a case that has nothing to do in it."""
    _passing.append(gate)
    return gate


def idle(case: Case, programme: Programme, step: Step) -> bool:
    """Whether a room says that a case has nothing to do in a step."""
    return any(gate(case, programme, step) for gate in _passing)


def ask(a: Act, viewer: Viewer, case: Case, programme: Programme, taken: StepTaken, outcome: str) -> None:
    """Ask every gate whether the step may pass. Raises the first one's LinliError."""
    for gate in _leaving:
        gate(a, viewer, case, programme, taken, outcome)


def end(a: Act, viewer: Viewer, case: Case) -> None:
    """Tell every gate that the case has ended. One query where its version isn't at hand."""
    programme = pinned(case.programme, case.programme_version or "")
    for gate in _ending:
        gate(a, viewer, case, programme)
