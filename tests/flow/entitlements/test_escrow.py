"""Transfer with mortgage: money stands in the ledger, leaves it only after the new lien is registered, and goes back whatever fails."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from award_examples import City, own
from bank_examples import CLOSED, PAID, RETURNED, answer, asked
from case_examples import later, on, refused, resident, staff
from django.db import IntegrityError, transaction
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from settle_examples import given
from web_examples import born

from linli.casework import acts as casework
from linli.casework.models import Case, Document, Requirement
from linli.casework.steps import acts as steps
from linli.casework.steps import intake
from linli.casework.withdrawing import withdraw
from linli.entitlements import acts
from linli.entitlements.acts.applying import Wanted
from linli.entitlements.escrow import acts as escrow
from linli.entitlements.escrow import deposits, moving, queries
from linli.entitlements.escrow.models import EscrowDeposit, EscrowEntry, EscrowPayout
from linli.entitlements.reactions import money_out
from linli.kernel import clock
from linli.kernel.viewer import Grant
from linli.ledger import acts as ledger
from linli.ledger.queries import standing, trial_balance
from linli.programmes.queries import pinned
from linli.registers import acts as registers
from linli.registers.models import Organisation, Resident
from linli.settlement import acts as settlement
from linli.settlement.acts.escrows import paid_by_hand as by_hand
from linli.settlement.models import Payment
from linli.settlement.reactions import out_of_escrow
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
THIRD, READER = staff(23, Grant("officer", "140802")), staff(24, Grant("officer", "140802"))
OFFICER, COLLEAGUE = staff(21, Grant("officer", "140802")), staff(22, Grant("officer", "140802"))
PRICE = 80_000_000
FACTS = {"dwelling_in_city": True, "dwelling_is_mortgaged": True, "all_parties_agree": True}


def somebody(name: str) -> Resident:
    with on(later(date(2026, 10, 12))):
        lives = [registers.Lives("registered", VILLAGE, FIRST_DAY), registers.Lives("lives", VILLAGE, FIRST_DAY)]
        return person(name, identity=identity(born(40)), birth_date=born(40), situations=lives, relations_known=True)


class Sale:
    """A transfer on its way: the buyer's case, accepted."""

    def __init__(self) -> None:
        self.buyer, self.seller = somebody("测试买"), somebody("测试卖")
        banks = [Organisation.objects.create(name=f"测试银行{one}", area_code="140802", kind="employer") for one in "甲乙"]
        self.case = acts.apply(own(self.buyer), self.buyer.uid, Wanted("transfer-with-mortgage"))
        Requirement.objects.filter(case=self.case).update(state="given")
        acts.accept(OFFICER, self.case.uid)
        acts.state_facts(OFFICER, self.case.uid, FACTS)
        self.holders = {
            "buyer": escrow.Holder("resident", self.buyer.uid),
            "seller": escrow.Holder("resident", self.seller.uid),
            "new-bank": escrow.Holder("organisation", banks[0].uid),
            "old-bank": escrow.Holder("organisation", banks[1].uid),
        }
        escrow.set_terms(OFFICER, self.uid, PRICE, self.holders)

    @property
    def uid(self) -> UUID:
        return self.case.uid

    def now(self) -> Case:
        return Case.objects.select_related("task").get(pk=self.case.pk)

    def paper(self, result: str = "accepted") -> UUID:
        made = Document.objects.create(
            case=self.case, subject=self.buyer.uid, material="consents", digest="x", media="m", bytes=1,
            given_at=clock.now(), given_by="staff:x", check_result=result, checked_at=clock.now(), checked_by="staff:y",
        )  # fmt: skip
        return UUID(str(made.uid))

    def all_agree(self) -> None:
        escrow.agree(own(self.buyer), self.uid, "buyer")
        escrow.agree(own(self.seller), self.uid, "seller")
        for party in ("new-bank", "old-bank"):
            escrow.agreed_on_paper(OFFICER, self.uid, party, self.paper())
        steps.pass_on(OFFICER, self.uid)

    def pay(self, party: str, fen: int, reference: str) -> EscrowDeposit:
        deposits.enter(OFFICER, self.uid, party, fen, reference, clock.today())
        return deposits.confirm(COLLEAGUE, self.uid, reference)

    def all_paid(self) -> None:
        self.all_agree()
        self.pay("buyer", 30_000_000, "TX-1")
        self.pay("new-bank", 50_000_000, "TX-2")
        steps.pass_on(OFFICER, self.uid)

    def registered(self) -> None:
        self.all_paid()
        escrow.registered(OFFICER, self.uid, "晋（2026）第1号", clock.today())
        acts.decide(OFFICER, self.uid, "registered")
        acts.decide(COLLEAGUE, self.uid, "registered")

    def follow(self) -> None:
        for _time in range(2):
            money_out(list(Fact.objects.filter(type__in=["casework.closed", "casework.forgotten"], subject=self.case.subject)))

    def held(self) -> tuple[int, int]:
        found = standing(queries.held_on(self.case))
        return found.posted, found.held


@pytest.fixture
def sale(city: City) -> Sale:
    return Sale()


def balanced() -> None:
    assert sum(row.balance for row in trial_balance()) == 0


def test_a_dwelling_is_transferred_and_the_money_reaches_the_old_bank_and_the_seller(sale: Sale) -> None:
    assert sale.now().step == "consent"
    sale.registered()
    assert (sale.now().step, sale.held()) == ("release", (PRICE, PRICE))
    with refused("entitlements.escrow_unplanned"):
        steps.pass_on(OFFICER, sale.uid)
    with refused("entitlements.escrow_plan"):
        escrow.plan_release(OFFICER, sale.uid, {"old-bank": 20_000_000})
    escrow.plan_release(OFFICER, sale.uid, {"old-bank": 20_000_000, "seller": 60_000_000})
    steps.pass_on(OFFICER, sale.uid)
    with refused("entitlements.escrow_signed"):
        escrow.plan_release(COLLEAGUE, sale.uid, {"buyer": PRICE})
    steps.pass_on(COLLEAGUE, sale.uid)
    assert sale.now().outcome == "registered"
    sale.follow()
    assert (sale.held(), standing(queries.DUE).posted) == ((0, 0), PRICE)
    payouts = {one.party: one for one in EscrowPayout.objects.filter(purpose="released")}
    assert {party: one.fen for party, one in payouts.items()} == {"old-bank": 20_000_000, "seller": 60_000_000}
    with refused("entitlements.escrow_second_person"):
        moving.paid_out(OFFICER, payouts["seller"].uid, "OUT-1", clock.today())
    for number, one in enumerate(payouts.values()):
        for _time in range(2):
            moving.paid_out(COLLEAGUE, one.uid, f"OUT-{number}", clock.today())
    assert (standing(queries.DUE).posted, standing(queries.BANK).posted) == (0, 0)
    balanced()


@pytest.mark.long
def test_no_step_passes_before_what_it_is_for(sale: Sale) -> None:
    with refused("entitlements.escrow_consent"):
        steps.pass_on(OFFICER, sale.uid)
    with refused("entitlements.escrow_paper"):
        escrow.agreed_on_paper(OFFICER, sale.uid, "new-bank", sale.paper("rejected"))
    with refused("entitlements.escrow_step"):
        sale.pay("buyer", 100, "TX-0")
    sale.all_agree()
    with refused("entitlements.escrow_not_paid_in"):
        steps.pass_on(OFFICER, sale.uid)
    sale.pay("buyer", 30_000_000, "TX-1")
    assert sale.pay("buyer", 30_000_000, "TX-1").pk == EscrowDeposit.objects.get().pk
    with refused("entitlements.escrow_reference"):
        sale.pay("buyer", 40_000_000, "TX-1")
    with refused("entitlements.escrow_too_much"):
        sale.pay("new-bank", 60_000_000, "TX-2")
    with refused("entitlements.escrow_not_paid_in"):
        steps.pass_on(OFFICER, sale.uid)
    with refused("entitlements.escrow_money_in"):
        escrow.set_terms(OFFICER, sale.uid, PRICE + 1, sale.holders)
    sale.pay("new-bank", 50_000_000, "TX-2")
    steps.pass_on(OFFICER, sale.uid)
    with refused("entitlements.escrow_unregistered"):
        acts.decide(OFFICER, sale.uid, "registered")
    with refused("ledger.floor"):
        legs = ((queries.held_on(sale.case), -1), (queries.BANK, 1))
        ledger.post(SYSTEM, posting=ledger.Posting(key="out", unit="fen", kind="fund.spend", legs=legs))
    balanced()


def test_the_ledger_itself_refuses_a_release_without_a_registration(sale: Sale) -> None:
    sale.all_paid()
    deposit = EscrowDeposit.objects.get(party="buyer")
    legs = ((queries.held_on(sale.case), -deposit.fen), (queries.BANK, deposit.fen))
    posting = ledger.Posting(
        key="out", unit="fen", kind=moving.RELEASED, legs=legs, reference=str(sale.uid), hold=deposit.hold
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="before the new right is registered"), transaction.atomic():
        ledger.post(SYSTEM, posting=posting)
    payout = EscrowPayout(escrow=deposit.escrow, purpose="released", party="seller", fen=1, ordered_at=clock.now())
    with pytest.raises(IntegrityError, match="before the new right is registered"), transaction.atomic():
        payout.save(force_insert=True)
    assert sale.held() == (PRICE, PRICE)


@pytest.mark.long
def test_terms_that_change_need_every_consent_anew(sale: Sale) -> None:
    with refused("entitlements.escrow_not_party"):
        escrow.agree(own(sale.buyer), sale.uid, "seller")
    with refused("viewer.level_too_low"):
        escrow.agree(resident(sale.seller, "phone"), sale.uid, "seller")
    escrow.agree(own(sale.seller), sale.uid, "seller")
    escrow.set_terms(OFFICER, sale.uid, PRICE, sale.holders)
    assert [one.party.agreed_at is not None for one in queries.asked_of(own(sale.seller))] == [True]
    escrow.set_terms(OFFICER, sale.uid, PRICE + 100, sale.holders)
    assert [one.party.agreed_at is not None for one in queries.asked_of(own(sale.seller))] == [False]
    with refused("entitlements.escrow_parties"):
        escrow.set_terms(OFFICER, sale.uid, PRICE, {"buyer": sale.holders["buyer"]})
    with refused("entitlements.escrow_same_holder"):
        escrow.set_terms(OFFICER, sale.uid, PRICE, {**sale.holders, "seller": sale.holders["buyer"]})


def refuse(sale: Sale) -> None:
    acts.state_facts(OFFICER, sale.uid, {"all_parties_agree": False})
    acts.decide(OFFICER, sale.uid, "refused")
    acts.decide(COLLEAGUE, sale.uid, "refused")


def test_money_that_came_in_counts_once_another_officer_has_compared_the_slip(sale: Sale) -> None:
    sale.all_agree()
    told = (OFFICER, sale.uid, "buyer", PRICE, "TX-1", clock.today())
    assert deposits.enter(*told).pk == deposits.enter(*told).pk
    assert (queries.held_fen(sale.case), EscrowDeposit.objects.count()) == (0, 0)
    with refused("entitlements.escrow_not_paid_in"):
        steps.pass_on(COLLEAGUE, sale.uid)
    with refused("entitlements.escrow_money_in"):
        escrow.set_terms(OFFICER, sale.uid, PRICE + 1, sale.holders)
    with refused("entitlements.escrow_too_much"):
        deposits.enter(COLLEAGUE, sale.uid, "new-bank", 1, "TX-2", clock.today())
    with refused("entitlements.escrow_second_person"):
        deposits.confirm(OFFICER, sale.uid, "TX-1")
    deposits.drop(COLLEAGUE, sale.uid, "TX-1")
    with refused("entitlements.escrow_no_deposit"):
        deposits.confirm(COLLEAGUE, sale.uid, "TX-1")
    deposits.enter(*told)
    for _time in range(2):
        made = deposits.confirm(COLLEAGUE, sale.uid, "ＴＸ-1")
    assert (made.actor, sale.held()) == (OFFICER.actor, (PRICE, PRICE))
    with refused("entitlements.escrow_confirmed"):
        deposits.drop(OFFICER, sale.uid, "TX-1")
    steps.pass_on(OFFICER, sale.uid)
    told_of = Fact.objects.filter(subject=sale.case.subject, type__startswith="entitlements.escrow_", echo_of=None)
    assert [one.type.rpartition("_")[2] for one in told_of.order_by("id")][-4:] == ["entered", "dropped", "entered", "in"]
    balanced()


def test_the_table_itself_takes_no_money_that_one_person_alone_entered(sale: Sale) -> None:
    sale.all_agree()
    deposits.enter(OFFICER, sale.uid, "buyer", PRICE, "TX-1", clock.today())
    one = EscrowEntry.objects.get()
    alone = EscrowEntry.objects.filter(pk=one.pk)
    with pytest.raises(IntegrityError, match="escrow_entry_two_people"), transaction.atomic():
        alone.update(state="confirmed", ended_by=OFFICER.actor, ended_at=clock.now())
    with pytest.raises(IntegrityError, match="never rewritten"), transaction.atomic():
        alone.update(fen=1)
    held = EscrowDeposit(
        escrow=one.escrow, party="buyer", fen=PRICE, reference="TX-1", received_on=one.received_on, transfer=sale.uid, hold=sale.uid,
        at=clock.now(), actor=OFFICER.actor,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="entered by one and confirmed by another"), transaction.atomic():
        held.save(force_insert=True)


def test_what_is_confirmed_after_the_case_ended_goes_back_the_way_that_it_came(sale: Sale) -> None:
    sale.all_agree()
    sale.pay("buyer", 30_000_000, "TX-1")
    deposits.enter(OFFICER, sale.uid, "new-bank", 50_000_000, "TX-2", clock.today())
    withdraw(own(sale.buyer), sale.uid)
    sale.follow()
    assert [(one.party, one.fen) for one in EscrowPayout.objects.all()] == [("buyer", 30_000_000)]
    deposits.confirm(COLLEAGUE, sale.uid, "TX-2")
    out_of_escrow(list(Fact.objects.filter(type="entitlements.escrow_ordered", echo_of=None)))
    assert (sale.held(), standing(queries.DUE).posted) == ((0, 0), PRICE)
    payouts = {one.party: one for one in EscrowPayout.objects.filter(purpose="returned")}
    assert {party: one.fen for party, one in payouts.items()} == {"buyer": 30_000_000, "new-bank": 50_000_000}
    with refused("entitlements.escrow_second_person"):
        by_hand(OFFICER, payouts["buyer"].uid, "OUT-1", clock.today())
    by_hand(COLLEAGUE, payouts["buyer"].uid, "OUT-1", clock.today())
    balanced()


def lapse(sale: Sale) -> None:
    acts.ask_supplement(OFFICER, sale.uid, ["contract"], "请补充合同")
    intake.lapse(SYSTEM, sale.uid)


ENDS: dict[str, Any] = {
    "refused": refuse,
    "withdrawn": lambda sale: withdraw(own(sale.buyer), sale.uid),
    "lapsed": lapse,
    "erased": lambda sale: casework.forget(SYSTEM, sale.buyer.uid),
}


@pytest.mark.parametrize("outcome", [pytest.param(one, marks=() if one == "refused" else pytest.mark.long) for one in ENDS])
def test_however_it_ends_before_the_release_all_goes_back_to_whoever_paid(sale: Sale, outcome: str) -> None:
    sale.all_paid()
    ENDS[outcome](sale)
    assert sale.now().outcome == outcome
    assert sale.held() == (PRICE, PRICE)  # until the ledger follows, nothing else can have it
    sale.follow()
    assert (sale.held(), standing(queries.DUE).posted) == ((0, 0), PRICE)
    told = [(one.purpose, one.party, one.fen) for one in EscrowPayout.objects.order_by("id")]
    assert told == [("returned", "buyer", 30_000_000), ("returned", "new-bank", 50_000_000)]
    balanced()


def test_a_kill_at_the_end_leaves_either_all_of_it_or_nothing(sale: Sale, monkeypatch: pytest.MonkeyPatch) -> None:
    sale.all_paid()
    with monkeypatch.context() as patch:
        patch.setattr(EscrowPayout, "save", lambda *_a, **_k: (_ for _ in ()).throw(ConnectionError("killed")))
        with pytest.raises(ConnectionError):
            withdraw(own(sale.buyer), sale.uid)
    assert (sale.now().status, EscrowPayout.objects.count(), sale.held()) == ("open", 0, (PRICE, PRICE))
    withdraw(own(sale.buyer), sale.uid)
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "post_all", lambda *_a, **_k: (_ for _ in ()).throw(ConnectionError("killed")))
        with pytest.raises(ConnectionError):
            moving.follow(SYSTEM, sale.now())
    assert sale.held() == (PRICE, PRICE)
    sale.follow()
    assert (sale.held(), standing(queries.DUE).posted) == ((0, 0), PRICE)
    balanced()


@pytest.mark.long
def test_nobody_takes_it_back_once_the_new_lien_stands(sale: Sale) -> None:
    sale.registered()
    with refused("entitlements.escrow_registered_already"):
        withdraw(own(sale.buyer), sale.uid)
    assert (sale.now().status, sale.held()) == ("open", (PRICE, PRICE))


@pytest.mark.long
def test_what_stands_takes_as_many_queries_however_many_paid(sale: Sale, django_assert_num_queries: Any) -> None:
    programme, case = pinned("transfer-with-mortgage", "2026"), sale.now()
    sale.all_agree()
    for number in range(3):
        sale.pay("buyer", 10_000_000, f"TX-{number}")
        with django_assert_num_queries(10):
            found = queries.of_case(case, programme)
    assert found is not None
    assert (found.held_fen, found.complete, found.lacking) == (30_000_000, False, ())
    assert [one.name for one in found.parties][:2] == ["测试买", "测试卖"]


def test_what_is_released_goes_to_the_bank_in_a_file_and_is_sent_when_the_bank_says_so(sale: Sale, tmp_path: Path) -> None:
    sale.registered()
    escrow.plan_release(OFFICER, sale.uid, {"old-bank": 20_000_000, "seller": 60_000_000})
    steps.pass_on(OFFICER, sale.uid)
    steps.pass_on(COLLEAGUE, sale.uid)
    for _time in range(2):
        out_of_escrow(list(Fact.objects.filter(type="entitlements.escrow_ordered", echo_of=None)))
    sale.follow()
    bank, seller = (Payment.objects.get(amount_fen=fen) for fen in (20_000_000, 60_000_000))
    assert (bank.state, seller.reason, seller.payee_uid) == ("waiting", "no_account", sale.seller.uid)
    assert settlement.correct_account(OFFICER, payment=seller.uid, given=given(sale.buyer.name, 1)).reason == "name_differs"
    assert settlement.correct_account(OFFICER, payment=seller.uid, given=given(sale.seller.name, 1)).state == "ready"
    with refused("settlement.the_persons"):
        settlement.withdraw(OFFICER, payment=bank.uid, reason="x")
    by_hand(COLLEAGUE, bank.item, "OUT-1", clock.today())
    payer = settlement.enter_payer(SYSTEM, name="测试监管户", number="1400990000002", bank="102181000012")
    told = {"batch": sale.uid, "layout": "transfer", "day": clock.today(), "payer": payer.uid}
    order = settlement.fill_order(order=settlement.make_order(COLLEAGUE, **told).uid)
    with refused("settlement.same_person"):
        settlement.release_order(OFFICER, order=order.uid)
    settlement.release_order(THIRD, order=order.uid)
    with refused("settlement.wrong_state"):
        by_hand(COLLEAGUE, seller.item, "OUT-2", clock.today())
    settlement.hand_over(THIRD, order=order.uid, path=tmp_path / "file")
    (sent,) = asked("transfer", (tmp_path / "file").read_bytes())
    payout = EscrowPayout.objects.get(uid=seller.item)
    for number, (says, due) in enumerate(((CLOSED, seller.amount_fen), (PAID, 0), (RETURNED, seller.amount_fen))):
        path = tmp_path / f"answer{number}"
        path.write_bytes(answer("transfer", [(sent, says["transfer"])]))
        outcome = settlement.receive(READER, layout="transfer", path=path, name=path.name)
        while settlement.apply_some(outcome=outcome.uid):
            pass
        if says is PAID:
            word = settlement.say_paid(OFFICER, payment=seller.uid, reference="银行函〔2026〕2号")
            for _time in range(2):
                assert settlement.confirm_paid(COLLEAGUE, word=word.uid).state == "paid"
        payout.refresh_from_db()
        assert (payout.reference, standing(queries.DUE).posted) == ("" if due else sent.reference, due)
    assert standing(queries.BANK).posted == -seller.amount_fen
    assert {row.state for row in Payment.objects.all()} == {"withdrawn", "failed"}
    with refused("settlement.came_back"):
        by_hand(COLLEAGUE, seller.item, sent.reference, clock.today())
    for _time in range(2):
        assert by_hand(COLLEAGUE, seller.item, "OUT-3", clock.today()).reference == "OUT-3"
    assert (standing(queries.DUE).posted, standing(queries.BANK).posted) == (0, 0)
    balanced()
