"""What settlement does after a fact of an earlier stage."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from procrastinate.contrib.django import app

from linli.agreements.models import Award
from linli.batches.facts import APPROVED
from linli.entitlements import overpaid
from linli.entitlements.escrow.facts import ORDERED
from linli.entitlements.facts import RECOVERY_STOPPED
from linli.kernel.viewer import system
from linli.registers.facts import RESIDENT_ERASED
from linli.settlement.acts import erasing, escrows, gathering, giving, making_good, twice
from linli.settlement.facts import ACCOUNT_GIVEN, PAID, PAID_TWICE
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


@reaction(RECOVERY_STOPPED, name="settlement.lift_set_off")
def lift_set_off(facts: Sequence[Fact]) -> None:
    """Nothing was paid too much after all: what is in no file yet is paid whole, what was kept back or paid back is owed again."""
    for fact in facts:
        making_good.make_good(RECOVERING, UUID(fact.payload["case"]))


@reaction(PAID, name="settlement.paid_less_for_nothing")
def paid_less_for_nothing(facts: Sequence[Fact]) -> None:
    """The bank has paid what was lessened, and it was found meanwhile that nothing had been paid too much."""
    making_good.make_good_of(RECOVERING, {UUID(fact.payload["payment"]) for fact in facts})


@reaction(ORDERED, name="settlement.escrow")
def out_of_escrow(facts: Sequence[Fact]) -> None:
    """What the end of a case orders out of its escrow goes to the bank like any other payment."""
    for fact in facts:
        escrows.take_over(RECOVERING, UUID(fact.payload["case"]))


@reaction(PAID_TWICE, name="settlement.paid_twice")
def paid_twice(facts: Sequence[Fact]) -> None:
    """What the bank has paid a second time is recovered, by a case of its own."""
    for fact in facts:
        twice.recover(RECOVERING, UUID(fact.payload["payment"]))


@reaction(PAID, name="settlement.paid_though_annulled")
def paid_though_annulled(facts: Sequence[Fact]) -> None:
    """What the bank had in hand when its award was annulled, and paid, is recovered."""
    paid = {UUID(fact.payload["award"]) for fact in facts}
    for award in Award.objects.filter(uid__in=paid, ending="annulled").order_by("pk"):
        overpaid.annulled(RECOVERING, award)
