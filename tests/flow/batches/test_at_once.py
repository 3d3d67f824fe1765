"""Two officers at the same list in the same moment: it is approved once, with the money of exactly what stands on it."""

from __future__ import annotations

from functools import partial

import pytest
from batch_examples import AID, CHECKER, GIVEN, MAKER, THIRD, Roll
from test_approval import FUND, TOTAL, fund, shown
from together import at_once

from linli.batches.acts import approving, gathering
from linli.batches.models import Batch, Item
from linli.ledger import queries as ledger
from linli.ledger.verify import verify_book
from linli.trace.models import Fact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def whole(batch: Batch) -> tuple[str, int]:
    """Its state; what is held for it, which is what it says it comes to and what its list does."""
    batch.refresh_from_db()
    held = ledger.fund_figures(FUND).committed_fen
    if batch.state == "approved":
        assert held == batch.total_fen == sum(Item.objects.filter(batch=batch, state="listed").values_list("amount_fen", flat=True))
    assert list(verify_book()) == []
    return batch.state, held


def test_a_batch_is_approved_once_by_whoever_is_first(roll: Roll) -> None:
    fund()
    batch = shown(roll)
    answers = at_once(*[partial(approving.approve, who, batch=batch.uid) for who in (CHECKER, THIRD, CHECKER)])
    assert sorted(str(one) for one in answers if isinstance(one, str)) == ["batches.state"] * 2
    assert whole(batch) == ("approved", TOTAL)
    assert Fact.objects.filter(type="batches.approved").count() == 1


def test_a_batch_is_approved_or_dissolved(roll: Roll) -> None:
    fund()
    batch = shown(roll)
    approve, dissolve = (
        partial(approving.approve, CHECKER, batch=batch.uid),
        partial(gathering.dissolve, MAKER, batch=batch.uid, reason="x"),
    )
    assert "batches.state" in at_once(approve, dissolve)
    assert whole(batch) in {("approved", TOTAL), ("dissolved", 0)}


def test_what_is_taken_off_while_the_batch_is_approved_is_off_before_or_stays(roll: Roll) -> None:
    fund()
    batch = shown(roll)
    item = Item.objects.filter(batch=batch).order_by("id").first()
    assert item is not None
    remove = partial(gathering.remove, THIRD, item=item.uid, reason="mistake")
    at_once(partial(approving.approve, CHECKER, batch=batch.uid), remove)
    assert whole(batch) in {("approved", TOTAL), ("approved", TOTAL - item.amount_fen)}


def test_a_batch_that_is_asked_for_twice_at_once_is_one(roll: Roll) -> None:
    ask = partial(gathering.open_batch, MAKER, programme=AID, period="2027", given=GIVEN)
    found = at_once(ask, ask, ask)
    assert len({one.uid for one in found if isinstance(one, Batch)}) == 1
    assert Fact.objects.filter(type="batches.opened", payload__period="2027").count() == 1
