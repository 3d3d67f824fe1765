"""What settlement does after a fact of an earlier stage."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from procrastinate.contrib.django import app

from linli.agreements.models import Award
from linli.batches.facts import APPROVED
from linli.entitlements import overpaid
from linli.kernel.viewer import system
from linli.registers.facts import RESIDENT_ERASED
from linli.settlement.acts import erasing, gathering, giving
from linli.settlement.facts import ACCOUNT_GIVEN, PAID
from linli.trace import reaction
from linli.trace.models import Fact

FORGETTING = system("settlement.forget")
RECOVERING = system("settlement.recover")


@reaction(RESIDENT_ERASED, name="settlement.forget")
def forget(facts: Sequence[Fact]) -> None:
    """The accounts of erased people are emptied; what was paid stays, under an id that leads to nobody."""
    for fact in facts:
        erasing.forget(FORGETTING, person=UUID(fact.subject.partition(":")[2]))


@reaction(ACCOUNT_GIVEN, name="settlement.account_given")
def account_given(facts: Sequence[Fact]) -> None:
    """What a person gave from home in place of an account that the bank refused is checked and paid to."""
    for fact in facts:
        giving.take_up(UUID(fact.payload["payment"]))


@reaction(APPROVED, name="settlement.take_over")
def take_over(facts: Sequence[Fact]) -> None:
    """An approved batch is taken over, by a job, since it may be a whole city's."""
    for fact in facts:
        app.configure_task(gathering.TAKE).defer(batch=fact.subject.partition(":")[2])


@reaction(PAID, name="settlement.paid_though_annulled")
def paid_though_annulled(facts: Sequence[Fact]) -> None:
    """What the bank had in hand when its award was annulled, and paid, is recovered."""
    paid = {UUID(fact.payload["award"]) for fact in facts}
    for award in Award.objects.filter(uid__in=paid, ending="annulled").order_by("pk"):
        overpaid.annulled(RECOVERING, award)
