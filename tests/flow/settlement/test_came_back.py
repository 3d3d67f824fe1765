"""Money that was paid and came back: what stands on the batch's pages, and what giving it up means."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from bank_examples import PAID, RETURNED, Asked
from batch_examples import GIVEN, MAKER
from place_examples import SYSTEM
from settle_examples import Treasury, given, tell
from test_from_batches import AID
from test_recoveries import TWO, paid

from linli.agreements import acts as agreements
from linli.agreements.models import Award
from linli.batches import blocks, explained, queries
from linli.batches.acts import gathering
from linli.batches.models import Batch, Item
from linli.registers.models import Resident
from linli.settlement import acts
from linli.settlement.models import Payment
from linli.trace.deep import verify_rows
from linli.trace.models import Fact
from linli.web.batches import tables

__all__ = ["paid"]
pytestmark = pytest.mark.django_db


def returned(award: Award, folder: Path) -> Payment:
    """The bank returns what it had paid."""
    payment = Payment.objects.get(award=award.uid)
    sent = payment.instructions.get()
    tell(folder, "transfer", [(Asked(sent.reference, sent.tail, "", sent.amount_fen), RETURNED["transfer"])], name="returned")
    return payment


def states(batch: Batch, programme: str = AID) -> dict[str, int]:
    """How many lines each list of the batch's page has."""
    pinned = queries.programme_of(batch)
    counted = {state: tables.items_of(batch, pinned, state=state).count() for state in explained.ITEM_STATES}
    return {state: number for state, number in counted.items() if number}


def test_what_came_back_stands_as_returned_and_paid_again_as_paid(paid: list[Award], tmp_path: Path) -> None:
    batch, award = Batch.objects.get(), paid[0]
    assert states(batch) == {"paid": 12}
    payment = returned(award, tmp_path)
    item = Item.objects.get(award=award)
    assert (states(batch), explained.item_words(item)) == ({"paid": 11, "returned": 1}, explained.ITEM_STATES["returned"])
    acts.correct_account(TWO, payment=payment.uid, given=given(Resident.objects.get(uid=award.person).name, 77))
    desk = Treasury([], Payment.objects.get(pk=payment.pk).instructions.get().order.payer, batch.uid)
    _, found = desk.sent(tmp_path)
    tell(tmp_path, "transfer", [(one, PAID["transfer"]) for one in found], name="again")
    item.refresh_from_db()
    assert (states(batch), explained.item_words(item)) == ({"paid": 12}, explained.PAID_AGAIN)


def test_what_came_back_and_is_given_up_is_not_paid_and_may_be_listed_anew(paid: list[Award], tmp_path: Path) -> None:
    batch, award = Batch.objects.get(), paid[0]
    assert batch.state == "closed"
    payment = returned(award, tmp_path)
    acts.withdraw(TWO, payment=payment.uid, reason="账户查不清")
    item = Item.objects.get(award=award)
    assert (item.state, states(batch)) == ("failed", {"paid": 11, "failed": 1})
    assert Fact.objects.filter(type="batches.unpaid", subject=f"item:{item.uid}", echo_of=None).count() == 1
    again = gathering.open_batch(MAKER, programme=AID, period="2026", given=GIVEN)
    gathering.gather(MAKER, batch=again.uid)
    assert [one.award_id for one in queries.listed(again)] == [award.pk]
    assert [one for one in verify_rows() if (one.row or "").startswith("batches.item:")] == []


def test_whoever_gave_back_what_an_annulled_decision_paid_is_decided_anew_and_paid(paid: list[Award], tmp_path: Path) -> None:
    award = paid[0]
    returned(award, tmp_path)
    agreements.change(SYSTEM, award.uid, "ended", "annulled", on=date(2026, 11, 1))
    batch = Batch.objects.get()
    assert not Item.objects.filter(blocks._paid_annulled(batch), award=award).exists()
