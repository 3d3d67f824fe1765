"""What entitlements do once a case has ended or a person is erased."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from linli.agreements import acts as agreements
from linli.agreements.facts import AWARD_CHANGED
from linli.agreements.queries import of_case
from linli.batches.facts import PAID
from linli.batches.models import Item
from linli.casework.facts import CLOSED, FORGOTTEN
from linli.casework.kinds import APPLICATION, AWARD_LOOK, OBJECTION, REVIEW
from linli.casework.models import Case
from linli.casework.steps.acts import finish_notice, programme_of
from linli.casework.timers import timer
from linli.entitlements import holding, letters, standing, standing_told
from linli.entitlements.acts import forgetting, objecting
from linli.entitlements.escrow import moving
from linli.entitlements.reviewing.acts import SHOWN
from linli.kernel.viewer import system
from linli.registers.facts import RESIDENT_ERASED
from linli.trace import AlreadyDone, act, reaction
from linli.trace.models import Fact

FOLLOWING = system("entitlements.follow")
ENDED = ("lapsed", "withdrawn")
"""Ends that are no decision: a paper says that the application is over and can be made anew."""


@reaction(CLOSED, name="entitlements.follow")
def follow(facts: Sequence[Fact]) -> None:
    """An application that ended: what was proposed and granted stands, the registers say who has it. One contested with success is
    received anew."""
    for fact in facts:
        if fact.payload["kind"] == APPLICATION.slug:
            _follow(Case.objects.get(uid=fact.payload["case"]))
        elif fact.payload["kind"] == AWARD_LOOK.slug:
            standing.looked_at(Case.objects.get(uid=fact.payload["case"]))
        elif fact.payload["kind"] in (OBJECTION.slug, REVIEW.slug) and fact.payload["outcome"] in ("redo", "ordered"):
            objecting.carry_out(Case.objects.get(uid=fact.payload["case"]))


@reaction(PAID, name="entitlements.completed")
def completed(facts: Sequence[Fact]) -> None:
    """What is paid once ends when it is paid: another event may be applied for."""
    uids = [UUID(fact.subject.partition(":")[2]) for fact in facts]
    standing.complete(Item.objects.filter(uid__in=uids))


@reaction(AWARD_CHANGED, name="entitlements.standing_told")
def tell(facts: Sequence[Fact]) -> None:
    """An award that rests, ends, stands again or comes to another amount: whoever has it reads so in a letter."""
    for fact in facts:
        standing_told.tell(fact)


def _say_ended(case: Case) -> None:
    """The paper that says so, once."""
    with suppress(AlreadyDone), act(FOLLOWING, key=f"entitlements.ending:{case.uid}") as a:
        letters.ending(a, FOLLOWING, case, programme_of(case), case.outcome)


def _follow(case: Case) -> None:
    award = of_case(case)
    if award is not None and award.state == "proposed" and case.outcome == "granted":
        agreements.change(FOLLOWING, award.uid, "active", "")
    if case.outcome in ENDED:
        _say_ended(case)
    if case.outcome in ("granted", "registered"):
        holding.record(FOLLOWING, case)


@reaction(CLOSED, FORGOTTEN, name="entitlements.escrow")
def money_out(facts: Sequence[Fact]) -> None:
    """However a case with an escrow ended, the ledger follows what its end ordered."""
    for fact in facts:
        if fact.payload["kind"] == APPLICATION.slug:
            moving.follow(FOLLOWING, Case.objects.get(uid=fact.payload["case"]))


@reaction(RESIDENT_ERASED, name="entitlements.forget")
def forget(facts: Sequence[Fact]) -> None:
    """Applications and awards of erased people lose what was sealed for them."""
    for fact in facts:
        subject = UUID(fact.subject.partition(":")[2])
        agreements.forget(FOLLOWING, subject)
        forgetting.forget(FOLLOWING, subject)


@timer(SHOWN)
def ranks_shown(case: Case) -> None:
    """The notice of a round's ranks is over: the case goes on to its decision."""
    finish_notice(FOLLOWING, case.uid)
