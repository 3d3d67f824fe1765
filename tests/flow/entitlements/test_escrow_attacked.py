"""What somebody would try with other people's money: a slip twice, the consent of who is no party any more, one payout sent twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from award_examples import City, own
from bank_examples import CLOSED, PAID, answer, asked
from case_examples import refused
from place_examples import SYSTEM
from settle_examples import given
from test_escrow import COLLEAGUE, OFFICER, PRICE, READER, THIRD, Sale, balanced

from linli.casework.steps import acts as steps
from linli.entitlements.escrow import acts as escrow
from linli.entitlements.escrow import deposits, moving, queries
from linli.entitlements.escrow.models import EscrowDeposit, EscrowEntry, EscrowParty, EscrowPayout
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.ledger.queries import standing
from linli.registers.models import Organisation, Staff, StaffPerson
from linli.settlement import acts as settlement
from linli.settlement.acts.escrows import paid_by_hand as by_hand
from linli.settlement.models import Payment
from linli.settlement.reactions import out_of_escrow
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db


@pytest.fixture
def sale(city: City) -> Sale:
    return Sale()


def test_one_slip_of_the_bank_is_one_payment_however_it_is_written(sale: Sale) -> None:
    sale.all_agree()
    sale.pay("buyer", 30_000_000, "TX-1")
    for slip in ("tx-1", "ＴＸ-1", " TX - 1", "TX\u200b-1"):
        with refused("entitlements.escrow_reference"):
            sale.pay("new-bank", 50_000_000, slip)
        assert sale.pay("buyer", 30_000_000, slip).pk == EscrowDeposit.objects.get().pk
        assert EscrowEntry.objects.count() == 1
    assert sale.held() == (30_000_000, 30_000_000)


def test_who_is_no_party_any_more_agrees_for_nobody(sale: Sale) -> None:
    firm = Organisation.objects.create(name="测试公司", area_code="140802", kind="employer")
    escrow.set_terms(OFFICER, sale.uid, PRICE, {**sale.holders, "seller": escrow.Holder("organisation", firm.uid)})
    with refused("entitlements.escrow_not_party"):
        escrow.agree(own(sale.seller), sale.uid, "seller")
    escrow.set_terms(OFFICER, sale.uid, PRICE + 1, sale.holders)
    with refused("entitlements.escrow_terms"):  # they read the price as it was
        escrow.agree(own(sale.seller), sale.uid, "seller", terms=2)
    assert not EscrowParty.objects.exclude(agreed_at=None).exists()
    assert escrow.agree(own(sale.seller), sale.uid, "seller", terms=3).terms == 3


def released(sale: Sale) -> dict[str, EscrowPayout]:
    sale.registered()
    escrow.plan_release(OFFICER, sale.uid, {"old-bank": 20_000_000, "seller": 60_000_000})
    steps.pass_on(OFFICER, sale.uid)
    steps.pass_on(COLLEAGUE, sale.uid)
    return {one.party: one for one in EscrowPayout.objects.all()}


def test_one_slip_is_for_one_payout(sale: Sale) -> None:
    payouts = released(sale)
    sale.follow()
    moving.paid_out(COLLEAGUE, payouts["seller"].uid, "OUT-1", clock.today())
    for slip in ("OUT-1", "out-1", "ＯＵＴ-1", "TX-1"):
        with refused("entitlements.escrow_reference"):
            moving.paid_out(COLLEAGUE, payouts["old-bank"].uid, slip, clock.today())
    assert standing(queries.DUE).posted == 20_000_000
    balanced()


def test_nothing_is_entered_by_hand_while_the_bank_contradicts_itself(sale: Sale, tmp_path: Path) -> None:
    payouts = released(sale)
    out_of_escrow(list(Fact.objects.filter(type="entitlements.escrow_ordered", echo_of=None)))
    sale.follow()
    seller = Payment.objects.get(item=payouts["seller"].uid)
    settlement.correct_account(OFFICER, payment=seller.uid, given=given(sale.seller.name, 1))
    payer = settlement.enter_payer(SYSTEM, name="测试监管户", number="1400990000002", bank="102181000012")
    told = {"batch": sale.uid, "layout": "transfer", "day": clock.today(), "payer": payer.uid}
    order = settlement.fill_order(order=settlement.make_order(COLLEAGUE, **told).uid)
    settlement.release_order(THIRD, order=order.uid)
    settlement.hand_over(THIRD, order=order.uid, path=tmp_path / "file")
    (sent,) = asked("transfer", (tmp_path / "file").read_bytes())
    for number, says in enumerate((CLOSED, PAID)):
        path = tmp_path / f"answer{number}"
        path.write_bytes(answer("transfer", [(sent, says["transfer"])]))
        outcome = settlement.receive(READER, layout="transfer", path=path, name=path.name)
        while settlement.apply_some(outcome=outcome.uid):
            pass
    with refused("settlement.paid_before"):
        by_hand(COLLEAGUE, payouts["seller"].uid, "OUT-1", clock.today())
    assert standing(queries.DUE).posted == PRICE


def test_terms_that_changed_take_no_money_before_they_are_agreed_to(sale: Sale) -> None:
    sale.all_agree()
    escrow.set_terms(OFFICER, sale.uid, PRICE + 100, sale.holders)
    with refused("entitlements.escrow_payer"):
        sale.pay("buyer", 30_000_000, "TX-1")
    assert not EscrowDeposit.objects.exists()


def test_nobody_near_a_party_touches_its_money(sale: Sale) -> None:
    staff = Staff.objects.create(name="测试员", login="near", password="!")
    StaffPerson.objects.create(staff=staff, resident=sale.seller, checked_by="x", checked_at=clock.now())
    near = Viewer(staff.actor, OFFICER.grants)
    sale.all_agree()
    with refused("registers.too_near"):
        deposits.enter(near, sale.uid, "buyer", 30_000_000, "TX-1", clock.today())
    deposits.enter(OFFICER, sale.uid, "buyer", 30_000_000, "TX-1", clock.today())
    for end in (deposits.confirm, deposits.drop):
        with refused("registers.too_near"):
            end(near, sale.uid, "TX-1")
    with refused("registers.too_near"):
        escrow.set_terms(near, sale.uid, PRICE + 100, sale.holders)
    assert EscrowDeposit.objects.count() == 0


def test_who_planned_a_release_lets_no_file_with_it_out_and_nobody_near_says_it_was_sent(sale: Sale) -> None:
    payouts = released(sale)
    out_of_escrow(list(Fact.objects.filter(type="entitlements.escrow_ordered", echo_of=None)))
    seller = Payment.objects.get(item=payouts["seller"].uid)
    settlement.correct_account(READER, payment=seller.uid, given=given(sale.seller.name, 1))
    payer = settlement.enter_payer(SYSTEM, name="测试监管户", number="1400990000002", bank="102181000012")
    told = {"batch": sale.uid, "layout": "transfer", "day": clock.today(), "payer": payer.uid}
    order = settlement.fill_order(order=settlement.make_order(COLLEAGUE, **told).uid)
    with refused("settlement.same_person"):
        settlement.release_order(OFFICER, order=order.uid)
    settlement.release_order(THIRD, order=order.uid)
    staff = Staff.objects.create(name="测试员", login="near", password="!")
    StaffPerson.objects.create(staff=staff, resident=sale.seller, checked_by="x", checked_at=clock.now())
    with refused("registers.too_near"):
        moving.paid_out(Viewer(staff.actor, OFFICER.grants), payouts["old-bank"].uid, "OUT-1", clock.today())
