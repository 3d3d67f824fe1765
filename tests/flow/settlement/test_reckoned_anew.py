"""Periods paid by the day that come to something else by what became known afterwards: topped up with the next batch, or recovered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from batch_examples import AID, CHECKER, GIVEN, MAKER, UNDERGRADUATE, checked, granted, publish
from place_examples import SYSTEM, load_small_city

from linli.agreements.acts import change
from linli.agreements.models import Award, Rest
from linli.batches import queries
from linli.batches.acts import approving, drawing, gathering, settling
from linli.batches.explained import explanation
from linli.batches.models import Batch, Difference, Item
from linli.entitlements import overpaid
from linli.entitlements.models import Recovery
from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.ledger.acts import Promise, allocate, open_fund
from linli.settlement.queries import Status
from linli.trace.deep import verify_rows
from linli.trace.verify import verify_chains
from linli.web.case.applications import payments

pytestmark = pytest.mark.django_db
OVER = datetime(2027, 1, 4, 9, tzinfo=clock.SHANGHAI)
FUND = f"{AID}.provincial"


@pytest.fixture
def city(db: None) -> Iterator[None]:
    """The student aid by the day, every file looked at, the notice after payment; a year that is over."""
    load_small_city()
    publish(prorate="prorate: day", verification="verification:\n  every: true\n", notice="place: after_payment")
    with clock.frozen(OVER):
        open_fund(SYSTEM, slug=FUND, purpose=("助学", "aid"), programme=AID, promises=[Promise("province", ("省级", "province"), 10**8)])
        allocate(SYSTEM, fund=FUND, source="province", fen=10**8, key="a")
        yield


def gathered(period: str) -> Batch:
    row = gathering.open_batch(MAKER, programme=AID, period=period, given=GIVEN)
    gathering.gather(MAKER, batch=row.uid)
    return row


def paid(period: str) -> list[Item]:
    row = gathered(period)
    drawing.freeze_list(MAKER, batch=row.uid)
    checked(row)
    approving.approve(CHECKER, batch=row.uid)
    settling.paid(SYSTEM, list(queries.listed(row).values_list("uid", flat=True)))
    return list(Item.objects.filter(batch=row).order_by("id"))


def rested(award: Award, first: date, last: date) -> None:
    """A leave that becomes known now."""
    change(SYSTEM, award.uid, "suspended", "left_school")
    change(SYSTEM, award.uid, "active", "back_at_school")
    Rest.objects.filter(award=award).update(from_day=first, until_day=last)


def test_what_was_overpaid_is_recovered_and_what_is_owed_comes_with_the_next_batch(city: None) -> None:
    away, back = granted("学生甲", UNDERGRADUATE), granted("学生乙", UNDERGRADUATE)
    Rest.objects.create(award=back, from_day=date(2026, 7, 1), until_day=date(2026, 7, 10), reason="left_school")
    first, second = paid("2026")
    assert (first.amount_fen, second.amount_fen) == (500_000, 486_302)
    assert overpaid.reckon_anew(SYSTEM) == 0
    with clock.frozen(OVER + timedelta(days=1)):
        rested(away, date(2026, 3, 1), date(2026, 3, 31))
        Rest.objects.filter(award=back).delete()
        Award.objects.filter(pk=back.pk).update(state_since=clock.now())
        assert (overpaid.reckon_anew(SYSTEM), overpaid.reckon_anew(SYSTEM)) == (1, 0)
    owed = -(-500_000 * 334 // 365)
    recovery = Recovery.objects.get()
    assert (recovery.award_id, recovery.periods) == (away.pk, [["2026", 500_000, owed]])
    assert {(one.item_id, one.fen) for one in Difference.objects.all()} == {(first.pk, owed - 500_000), (second.pk, 500_000 - 486_302)}
    with clock.frozen(OVER + timedelta(days=365)):
        found = {item.award_id: item for item in queries.listed(gathered("2027"))}
        assert (found[away.pk].amount_fen, found[back.pk].amount_fen) == (500_000, 513_698)
        assert explanation(found[back.pk])[1].zh == "补发 2026 期 136.98 元"
        assert overpaid.reckon_anew(SYSTEM) == 0
        told = Status(uuid7(), found[back.pk].uid, "whole", "2027", 513_698, "planned", None, "", "", 0)
        assert [line.en for line in payments([told])[0].how][1] == "still owed for 2026: 136.98 yuan"
    assert Difference.objects.get(fen__gt=0).listed_in == found[back.pk]


@pytest.mark.long
def test_a_difference_is_set_down_once_and_dropped_when_it_is_none_any_more(city: None) -> None:
    award = granted("学生甲", UNDERGRADUATE)
    (item,) = paid("2026")
    Rest.objects.create(award=award, from_day=date(2026, 7, 1), until_day=date(2026, 7, 10), reason="left_school")
    for day in (1, 2):
        with clock.frozen(OVER + timedelta(days=day)):
            Award.objects.filter(pk=award.pk).update(state_since=clock.now())
            overpaid.differing.look(SYSTEM)
    assert Difference.objects.get().fen == 486_302 - 500_000
    with clock.frozen(OVER + timedelta(days=3)):
        Rest.objects.filter(award=award).delete()
        Award.objects.filter(pk=award.pk).update(state_since=clock.now())
        assert overpaid.reckon_anew(SYSTEM) == 0
    assert Difference.objects.get().dropped_at is not None
    assert not Recovery.objects.exists()
    item.refresh_from_db()
    assert item.looked_at is not None
    altered = [one.row for one in verify_rows() if one.row and one.row.startswith(("batches.item", "batches.difference"))]
    assert [*verify_chains(), *altered] == []
