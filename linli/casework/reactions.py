"""What casework does after a fact of an earlier stage, and when its timers fire."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from linli.casework import acts, unmanned
from linli.casework.documents import acts as documents
from linli.casework.facts import CASE_OPENED
from linli.casework.letters import acts as letters
from linli.casework.models import Case
from linli.casework.opening import DUE
from linli.casework.steps import intake
from linli.casework.timers import FIRING, timer
from linli.casework.visits import acts as visits
from linli.kernel.viewer import system
from linli.registers.facts import RESIDENT_ERASED
from linli.trace import reaction
from linli.trace.models import Fact

FORGETTING = system("casework.forget")


@reaction(RESIDENT_ERASED, name="casework.forget")
def forget(facts: Sequence[Fact]) -> None:
    """The cases of erased people and the visits to them lose their words and their places, their papers and letters go."""
    for fact in facts:
        subject = UUID(fact.subject.partition(":")[2])
        acts.forget(FORGETTING, subject)
        visits.forget(FORGETTING, subject)
        documents.forget(FORGETTING, subject)
        letters.forget(FORGETTING, subject)


@reaction(CASE_OPENED, name="casework.hand_up")
def hand_up(facts: Sequence[Fact]) -> None:
    """An objection whose desk can't answer it, because everybody there had a part in what it is about, lies with the desk above."""
    for fact in facts:
        if fact.payload["kind"] in unmanned.OBJECTIONS:
            unmanned.hand_up(UUID(fact.payload["case"]))


@timer(DUE)
def task_due(case: Case) -> None:
    """A task that nobody did in time goes one level up."""
    acts.escalate(FIRING, case.uid)


@timer(intake.LAPSE)
def items_not_given(case: Case) -> None:
    """An application lapses when what was asked for did not come in time."""
    intake.lapse(FIRING, case.uid)
