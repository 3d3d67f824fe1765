"""Money paid too much: found, told, and back in its fund, set off with consent, or given up by two; never taken silently."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from bank_examples import PAID, RETURNED, Asked
from place_examples import SYSTEM
from settle_examples import Treasury, refused, tell, verdicts
from test_from_batches import AID, approved

from linli.agreements.acts import change
from linli.agreements.models import Award
from linli.casework import acts as casework
from linli.casework.models import Case, Letter
from linli.entitlements import overpaid, recovering
from linli.entitlements.acts import object_to
from linli.entitlements.models import Recovery
from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Grant, Viewer
from linli.ledger.acts import Promise, allocate, commit, open_fund
from linli.ledger.queries import Part, fund_figures
from linli.ledger.verify import verify_book
from linli.registers import acts as registers
from linli.registers.models import Resident, Staff, StaffPerson
from linli.settlement import acts, jobs, queries, reactions
from linli.settlement.acts.taking import Source
from linli.settlement.models import OutcomeRow, Payment
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
ONE, TWO, THREE, FOUR = (Viewer(f"staff:00000000-0000-7000-8000-00000000007{number}", (Grant("officer"),)) for number in (1, 2, 3, 4))
FUND = f"{AID}.provincial"
DAY = date(2026, 11, 1)


def back(one: Viewer, other: Viewer, case: Case, fen: int, reference: str) -> None:
    """One enters it from the bank's receipt, another confirms it."""
    word = acts.money_back(one, case=case.uid, fen=fen, on=DAY, reference=reference)
    acts.confirm_back(other, word=word.uid)


@pytest.fixture
def paid(db: None, tmp_path: Path) -> list[Award]:
    """Twelve awards of the year, paid."""
    batch = approved()
    reactions.take_over(list(Fact.objects.filter(type="batches.approved")))
    jobs.take_over_batch(batch=str(batch.uid))
    payer = acts.enter_payer(acts.ordering.MACHINE, name="运城市财政局", number="1400990000001", bank="102181000012")
    _, found = Treasury([], payer, batch.uid).sent(tmp_path)
    tell(tmp_path, "transfer", [(one, PAID["transfer"]) for one in found])
    return list(Award.objects.order_by("id"))


def test_what_was_paid_beyond_the_end_comes_back_to_its_fund(paid: list[Award]) -> None:
    assert overpaid.find(SYSTEM) == 0
    spent, award = fund_figures(FUND).spent_fen, paid[0]
    change(SYSTEM, award.uid, "ended", "died", on=date(2025, 12, 31))
    Award.objects.filter(pk=award.pk).update(begins_on=date(2025, 1, 1), ends_on=date(2025, 12, 31))
    registers.record_death(SYSTEM, resident=Resident.objects.get(uid=award.person), deceased_on=date(2025, 12, 31))
    assert (overpaid.find(SYSTEM), overpaid.find(SYSTEM)) == (1, 0)
    recovery = Recovery.objects.get()
    case = recovery.case
    assert (recovery.cause, recovery.periods, recovery.amount_fen) == ("died", [["2026", 400_000, 0]], 400_000)
    assert (case.kind, case.parent_id, case.status) == ("recovery", award.case_id, "open")
    assert Letter.objects.get(case=case).kind == "recovery"
    assert fund_figures(FUND).spent_fen == spent
    whys = {"returned": "entitlements.money_missing", "offset": "entitlements.no_consent_yet", "waived": "entitlements.no_proposal"}
    for outcome, why in whys.items():
        with refused(why):
            casework.answer(ONE, case.uid, outcome, "说明")
    for fen in (150_000, 150_000):
        word = acts.money_back(ONE, case=case.uid, fen=fen, on=DAY, reference="回单1")
    assert (fund_figures(FUND).spent_fen, Recovery.objects.get().open_fen) == (spent, 400_000)
    with refused("settlement.same_person"):
        acts.confirm_back(ONE, word=word.uid)
    with refused("settlement.entered_otherwise"):
        acts.money_back(ONE, case=case.uid, fen=150_001, on=DAY, reference="回单1")
    for _ in range(2):
        acts.confirm_back(TWO, word=word.uid)
    assert (fund_figures(FUND).spent_fen, Recovery.objects.get().open_fen) == (spent - 150_000, 250_000)
    with refused("settlement.not_so_much"):
        acts.money_back(ONE, case=case.uid, fen=250_001, on=DAY, reference="回单2")
    wrong = acts.money_back(TWO, case=case.uid, fen=25_000, on=DAY, reference="回单2")
    for _ in range(2):
        acts.drop_word(ONE, word=wrong.uid)
    with refused("settlement.wrong_state"):
        acts.confirm_back(ONE, word=wrong.uid)
    back(TWO, ONE, case, 250_000, "回单2")
    assert (fund_figures(FUND).spent_fen, Case.objects.get(pk=case.pk).outcome) == (spent - 400_000, "returned")
    assert list(verify_book()) == []


def test_two_officers_give_it_up_with_reasons(paid: list[Award]) -> None:
    found = [recovering.Overpaid("2026", 400_000, 300_000)]
    with refused("casework.no_reasons"):
        recovering.open_recovery(ONE, paid[0].uid, cause="stated", periods=found)
    case = recovering.open_recovery(ONE, paid[0].uid, cause="stated", periods=found, words="学籍登记更正为专科")
    assert recovering.open_recovery(ONE, paid[0].uid, cause="stated", periods=found, words="再次").pk == case.pk
    word = acts.money_back(TWO, case=case.uid, fen=100_000, on=DAY, reference="回单1")
    for viewer in (ONE, TWO):
        with refused("settlement.same_person"):
            acts.confirm_back(viewer, word=word.uid)
    acts.drop_word(TWO, word=word.uid)
    with refused("entitlements.more_than_paid"):
        recovering.open_recovery(ONE, paid[0].uid, cause="stated", periods=found * 4, detail="other", words="再次")
    recovering.propose(ONE, case.uid, "waived", "家庭困难")
    with refused("entitlements.second_officer"):
        casework.answer(ONE, case.uid, "waived", "家庭困难")
    casework.answer(TWO, case.uid, "waived", "家庭困难，同意不予追回")
    assert Case.objects.get(pk=case.pk).outcome == "waived"
    assert fund_figures(FUND).spent_fen == sum(award.amount_fen or 0 for award in paid)


@pytest.mark.long
def test_one_officer_alone_makes_no_money_come_back_and_nothing_comes_back_twice(paid: list[Award]) -> None:
    award, spent = paid[0], fund_figures(FUND).spent_fen
    half = [recovering.Overpaid("2026", 400_000, 200_000)]
    first = recovering.open_recovery(ONE, award.uid, cause="stated", periods=half, detail="2026", words="学籍登记更正")
    whole = [recovering.Overpaid("2026", 400_000, 0)]
    with refused("entitlements.more_than_paid"):
        recovering.open_recovery(ONE, award.uid, cause="stated", periods=whole, detail="other", words="再次")
    recovering.propose(TWO, first.uid, "waived", "家庭困难")
    word = acts.money_back(FOUR, case=first.uid, fen=200_000, on=DAY, reference="回单1")
    for viewer in (ONE, TWO):
        with refused("settlement.same_person"):
            acts.confirm_back(viewer, word=word.uid)
    acts.confirm_back(THREE, word=word.uid)
    second = recovering.open_recovery(ONE, award.uid, cause="stated", periods=half, detail="other", words="再次")
    staff = Staff.objects.create(name="测试员", login="near", password="!")
    StaffPerson.objects.create(staff=staff, resident=Resident.objects.get(uid=award.person), checked_by="x", checked_at=clock.now())
    with refused("registers.too_near"):
        acts.money_back(Viewer(staff.actor, (Grant("officer"),)), case=second.uid, fen=200_000, on=DAY, reference="回单2")
    with refused("settlement.entered_elsewhere"):
        acts.money_back(TWO, case=second.uid, fen=200_000, on=DAY, reference=" 回单１")
    back(TWO, THREE, second, 200_000, "回单2")
    assert fund_figures(FUND).spent_fen == spent - 400_000
    with refused("entitlements.more_than_paid"):
        recovering.open_recovery(ONE, award.uid, cause="stated", periods=half, detail="third", words="再次")
    assert list(verify_book()) == []


@pytest.mark.long
def test_what_the_person_paid_back_is_not_the_funds_again_when_the_bank_returns_it(paid: list[Award], tmp_path: Path) -> None:
    award, spent = paid[0], fund_figures(FUND).spent_fen
    whole = [recovering.Overpaid("2026", 400_000, 0)]
    case = recovering.open_recovery(ONE, award.uid, cause="stated", periods=whole, words="学籍登记更正")
    back(TWO, THREE, case, 400_000, "回单1")
    payment = Payment.objects.get(award=award.uid)
    sent = payment.instructions.get()
    row = Asked(sent.reference, sent.tail, "", sent.amount_fen)
    outcome = tell(tmp_path, "transfer", [(row, RETURNED["transfer"])], name="later")
    assert (verdicts(outcome), OutcomeRow.objects.get(outcome=outcome).found) == (["spent"], "settlement.back_already")
    payment.refresh_from_db()
    assert (payment.state, fund_figures(FUND).spent_fen) == ("paid", spent - 400_000)
    assert list(verify_book()) == []


def listed(award: Award, fund: str, period: str) -> Treasury:
    """The award's 4,000 yuan of a later period, out of a fund, ready to be paid."""
    desk = Treasury([], queries.payers()[0])
    allocate(SYSTEM, fund=fund, source="city", fen=400_000, key=period)
    hold = commit(SYSTEM, fund=fund, fen=400_000, key=f"item:{period}").uid
    item = acts.Payable(
        item=uuid7(),
        award=award.uid,
        case=award.case.uid,
        person=award.person,
        payee="self",
        payee_uid=None,
        area_code=award.area_code,
        shares=(Part(fund, 400_000, hold),),
        account=award.account_cipher,
    )
    acts.take_over(SYSTEM, source=Source(desk.batch, AID, period), payables=[item])
    return desk


def test_what_was_not_paid_too_much_is_set_off_no_more(paid: list[Award], tmp_path: Path) -> None:
    award, other = paid[0], f"{AID}.city"
    case = recovering.open_recovery(SYSTEM, award.uid, cause="overpaid", periods=[recovering.Overpaid("2026", 400_000, 350_000)])
    person = Viewer(f"resident:{award.person}", subject=str(award.person), level="card")
    recovering.consent(person, case.uid, 30_000)
    casework.answer(ONE, case.uid, "offset", "本人同意，分次扣回")
    open_fund(SYSTEM, slug=other, purpose=("助学", "aid"), programme=AID, promises=[Promise("city", ("市级", "city"), 10**9)])
    (payment,) = listed(award, other, "2027").payments()
    assert payment.amount_fen == 370_000
    word = acts.money_back(ONE, case=case.uid, fen=5_000, on=DAY, reference="回单1")
    objection = object_to(person, case.uid, "学籍没有变化")
    with refused("casework.decided_it"):  # who answered the recovery
        casework.answer(ONE, objection.uid, "redo", "没有多发")
    for _ in range(2):
        recovering.not_overpaid(SYSTEM, Case.objects.get(pk=case.pk), "")
    reactions.lift_set_off(list(Fact.objects.filter(type="entitlements.recovery_stopped", echo_of=None)))
    payment.refresh_from_db()
    assert (objection.parent_id, payment.amount_fen, payment.offset_fen, payment.offset_case) == (case.pk, 400_000, None, None)
    assert listed(award, other, "2028").payments()[0].amount_fen == 400_000
    with refused("entitlements.no_recovery"):
        acts.confirm_back(TWO, word=word.uid)
    with refused("entitlements.not_to_contest"):
        object_to(person, case.uid, "学籍没有变化")


def test_with_consent_the_next_payment_is_less_and_the_fund_that_paid_too_much_has_it_back(paid: list[Award], tmp_path: Path) -> None:
    award, other = paid[0], f"{AID}.city"
    case = recovering.open_recovery(SYSTEM, award.uid, cause="overpaid", periods=[recovering.Overpaid("2026", 400_000, 350_000)])
    person = Viewer(f"resident:{award.person}", subject=str(award.person), level="card")
    with refused("entitlements.no_consent"):
        recovering.consent(ONE, case.uid, 30_000)
    with refused("entitlements.instalment") as found:
        recovering.consent(person, case.uid, 16_666)  # paid by the year: in three years it has to be back
    assert found.value.expected == "from 16667 to 50000 fen"
    recovering.consent(person, case.uid, 30_000)
    Case.objects.filter(pk=case.pk).update(opened_by=ONE.actor)
    with refused("entitlements.second_officer"):
        casework.answer(ONE, case.uid, "offset", "本人同意，分次扣回")
    Case.objects.filter(pk=case.pk).update(opened_by=SYSTEM.actor)
    casework.answer(ONE, case.uid, "offset", "本人同意，分次扣回")
    open_fund(SYSTEM, slug=other, purpose=("助学", "aid"), programme=AID, promises=[Promise("city", ("市级", "city"), 10**9)])
    spent = fund_figures(FUND).spent_fen
    back(ONE, TWO, case, 5_000, "回单1")
    for number, (period, less) in enumerate({"2027": 30_000, "2028": 15_000, "2029": 0}.items()):
        desk = listed(award, other, period)
        (payment,) = desk.payments()
        if number == 0:
            with refused("settlement.not_so_much"):
                acts.money_back(ONE, case=case.uid, fen=15_001, on=DAY, reference="回单2")
        assert (payment.amount_fen, payment.offset_fen or 0) == (400_000 - less, less)
        _, found = desk.sent(tmp_path)
        tell(tmp_path, "transfer", [(one, PAID["transfer"]) for one in found], name=f"answer{number}")
        assert fund_figures(other).spent_fen == 400_000 * (number + 1)
    assert (Recovery.objects.get().open_fen, fund_figures(FUND).spent_fen) == (0, spent - 50_000)
    assert list(verify_book()) == []


def test_nobody_agrees_for_the_person_by_a_mandate_and_no_child_for_themself(paid: list[Award]) -> None:
    who = Resident.objects.get(uid=paid[0].person)
    case = recovering.open_recovery(SYSTEM, paid[0].uid, cause="overpaid", periods=[recovering.Overpaid("2026", 400_000, 350_000)])
    held = Viewer("resident:00000000-0000-7000-8000-000000000077", subject=str(uuid7()), acts_for=(str(who.uid),), level="card")
    with refused("entitlements.no_consent"):
        recovering.consent(held, case.uid, 30_000)
    own = Viewer(f"resident:{who.uid}", subject=str(who.uid), level="card")
    grown, born = who.birth_date, clock.today().replace(year=clock.today().year - 10)
    Resident.objects.filter(pk=who.pk).update(birth_date=born)
    with refused("entitlements.no_consent"):
        recovering.consent(own, case.uid, 30_000)
    Resident.objects.filter(pk=who.pk).update(birth_date=grown)
    assert recovering.consent(own, case.uid, 30_000).consented_by == own.actor
