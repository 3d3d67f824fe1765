"""What settlement does after a fact of an earlier stage."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from linli.kernel.viewer import system
from linli.registers.facts import RESIDENT_ERASED
from linli.settlement.acts import erasing
from linli.trace import reaction
from linli.trace.models import Fact

FORGETTING = system("settlement.forget")


@reaction(RESIDENT_ERASED, name="settlement.forget")
def forget(facts: Sequence[Fact]) -> None:
    """The accounts of erased people are emptied; what was paid stays, under an id that leads to nobody."""
    for fact in facts:
        erasing.forget(FORGETTING, person=UUID(fact.subject.partition(":")[2]))
