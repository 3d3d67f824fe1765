"""What the bank paid though it had called it failed is booked by two people; what it paid twice is recovered, and what came back twice
is paid once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from bank_examples import CLOSED, PAID, RETURNED, Asked
from batch_examples import AID
from settle_examples import CHECKER, FEN, FUND, MAKER, THIRD, Treasury, given, money, refused, tell
from test_from_batches import approved
from test_other_hands import anew, failed_once

from linli.agreements.models import Award
from linli.casework.models import Case
from linli.entitlements import recovering
from linli.entitlements.models import Recovery
from linli.ledger.acts import allocate
from linli.ledger.queries import fund_figures, standing
from linli.ledger.verify import verify_book
from linli.registers.models import Resident
from linli.settlement import acts, jobs, reactions
from linli.settlement.acts.shared import MACHINE
from linli.settlement.models import BankWord, Order, Payment
from linli.trace.models import Fact


def confirmed(payment: Payment) -> Payment:
    """One officer enters the bank's written answer, another confirms it; the first can't."""
    word = acts.say_paid(MAKER, payment=payment.uid, reference="银行函〔2026〕1号")
    assert acts.say_paid(MAKER, payment=payment.uid, reference="银行函〔2026〕1号").pk == word.pk
    with refused("settlement.same_person"):
        acts.confirm_paid(MAKER, word=word.uid)
    acts.confirm_paid(CHECKER, word=word.uid)
    acts.confirm_paid(CHECKER, word=word.uid)
    payment.refresh_from_db()
    return payment


@pytest.mark.parametrize("begun", [False, True])
def test_what_was_paid_after_all_is_booked_and_a_file_that_has_not_left_is_dropped(treasury: Treasury, tmp_path: Path, begun: bool) -> None:
    found, payment = failed_once(treasury, tmp_path)
    with refused("settlement.no_contradiction"):
        acts.say_paid(MAKER, payment=payment.uid, reference="银行函〔2026〕1号")
    order = anew(treasury, payment) if begun else None
    tell(tmp_path, "transfer", [(found[0], PAID["transfer"])], name="paid after all")
    payment = confirmed(payment)
    first = payment.instructions.order_by("id")[0]
    assert (payment.state, payment.reason, first.state, payment.account_id) == ("paid", "", "paid", first.account_id)
    assert money() == (3 * FEN, 3 * FEN, FEN)
    assert order is None or Order.objects.get(pk=order.pk).state == "dropped"
    tell(tmp_path, "transfer", [(one, PAID["transfer"]) for one in found[1:]], name="the rest")
    tell(tmp_path, "transfer", [(found[0], RETURNED["transfer"])], name="returned")
    payment.refresh_from_db()
    assert (payment.state, money()) == ("failed", (FEN, 0, 3 * FEN))
    acts.correct_account(MAKER, payment=payment.uid, given=given(treasury.people[0].name, 79))
    assert money() == (FEN, FEN, 3 * FEN)
    assert list(verify_book()) == []


@pytest.mark.parametrize("first", ["sent", "paid"])
def test_what_the_bank_paid_twice_is_a_payment_of_its_own(treasury: Treasury, tmp_path: Path, first: str) -> None:
    found, payment = failed_once(treasury, tmp_path)
    acts.correct_account(MAKER, payment=payment.uid, given=given(treasury.people[0].name, 78))
    _, again = treasury.sent(tmp_path)
    if first == "paid":
        tell(tmp_path, "transfer", [(again[0], PAID["transfer"])], name="second try")
    tell(tmp_path, "transfer", [(found[0], PAID["transfer"])], name="paid after all")
    word = acts.say_paid(MAKER, payment=payment.uid, reference="银行函〔2026〕1号")
    with refused("ledger.floor"):
        acts.confirm_paid(CHECKER, word=word.uid)
    assert BankWord.objects.get().state == "waiting"
    allocate(MACHINE, fund=FUND, source="province", fen=FEN, key="more")
    payment = confirmed(payment)
    if first == "sent":
        tell(tmp_path, "transfer", [(again[0], PAID["transfer"])], name="second try")
    second = Payment.objects.get(part="again")
    assert (payment.state, payment.reason, second.state, second.amount_fen) == ("paid", "", "paid", FEN)
    assert money() == (3 * FEN, 3 * FEN, 2 * FEN)
    fact = Fact.objects.get(type="settlement.paid_twice", echo_of=None)
    assert (fact.subject, fact.payload["payment"]) == (f"resident:{payment.person}", str(second.uid))
    last = again[0] if first == "sent" else found[0]
    tell(tmp_path, "transfer", [(last, RETURNED["transfer"])], name="the second is returned")
    second.refresh_from_db()
    assert (second.state, money()) == ("withdrawn", (4 * FEN, 3 * FEN, FEN))
    assert list(verify_book()) == []


def students(folder: Path) -> tuple[Treasury, list[Asked]]:
    """Twelve awards of the year, at the bank."""
    batch = approved()
    jobs.take_over_batch(batch=str(batch.uid))
    payer = acts.enter_payer(MACHINE, name="运城市财政局", number="1400990000001", bank="102181000012")
    desk = Treasury([], payer, batch.uid)
    return desk, desk.sent(folder)[1]


@pytest.mark.django_db
@pytest.mark.long
@pytest.mark.parametrize("how", ["person", "bank"])
def test_what_was_paid_twice_is_recovered_beside_what_was_paid_too_much(tmp_path: Path, how: str) -> None:
    desk, found = students(tmp_path)
    tell(tmp_path, "transfer", [*((one, CLOSED["transfer"]) for one in found[:2]), *((one, PAID["transfer"]) for one in found[2:])])
    payment = desk.payments()[0]
    acts.correct_account(MAKER, payment=payment.uid, given=given(Resident.objects.get(uid=payment.person).name, 99))
    _, again = desk.sent(tmp_path)
    tell(tmp_path, "transfer", [(again[0], PAID["transfer"]), (found[0], PAID["transfer"])], name="both")
    fund = f"{payment.programme}.provincial"
    spent = fund_figures(fund).spent_fen
    payment = confirmed(payment)
    for _ in range(2):
        reactions.paid_twice(list(Fact.objects.filter(type="settlement.paid_twice", echo_of=None)))
    recovery = Recovery.objects.get()
    twice = [payment.period, 2 * payment.amount_fen, payment.amount_fen]
    assert (recovery.cause, recovery.periods, recovery.amount_fen) == ("twice", [twice], payment.amount_fen)
    whole = [recovering.Overpaid(payment.period, payment.amount_fen, 0)]
    recovering.open_recovery(MAKER, recovery.award.uid, cause="stated", periods=whole, words="学籍登记更正")
    if how == "person":
        word = acts.money_back(MAKER, case=recovery.case.uid, fen=payment.amount_fen, on=date(2026, 11, 1), reference="回单1")
        acts.confirm_back(CHECKER, word=word.uid)
    else:
        tell(tmp_path, "transfer", [(found[0], RETURNED["transfer"])], name="returned")
    assert (Case.objects.get(pk=recovery.case_id).outcome, fund_figures(fund).spent_fen) == ("returned", spent)
    assert list(verify_book()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("whose", ["person", "fund"])
def test_what_came_back_twice_is_the_persons_once_or_the_same_money(tmp_path: Path, whose: str) -> None:
    desk, found = students(tmp_path)
    tell(tmp_path, "transfer", [(one, PAID["transfer"]) for one in found])
    payment, fund = desk.payments()[0], f"{AID}.provincial"
    award, day = Award.objects.get(uid=payment.award), date(2026, 11, 1)
    whole = [recovering.Overpaid(payment.period, payment.amount_fen, 0)]
    case = recovering.open_recovery(MAKER, award.uid, cause="stated", periods=whole, words="学籍登记更正")
    with refused("settlement.not_found"):
        acts.say_surplus(MAKER, payment=payment.uid, goes_to=whose, reference="退汇1")
    word = acts.money_back(CHECKER, case=case.uid, fen=payment.amount_fen, on=day, reference="回单1")
    acts.confirm_back(THIRD, word=word.uid)
    tell(tmp_path, "transfer", [(found[0], RETURNED["transfer"])], name="returned")
    spent = fund_figures(fund).spent_fen
    word = acts.say_surplus(MAKER, payment=payment.uid, goes_to=whose, reference="退汇1")
    with refused("settlement.same_person"):
        acts.confirm_surplus(MAKER, word=word.uid)
    for _ in range(2):
        acts.confirm_surplus(CHECKER, word=word.uid)
    assert (payment.instructions.get().state, fund_figures(fund).spent_fen) == ("returned", spent)
    refunds = list(Payment.objects.filter(part="refund"))
    assert len(refunds) == (whose == "person")
    for refund in refunds:
        assert (refund.state, refund.amount_fen, standing(f"owed:{AID}").posted) == ("waiting", payment.amount_fen, payment.amount_fen)
        with refused("settlement.the_persons"):
            acts.withdraw(MAKER, payment=refund.uid, reason="x")
        name = Resident.objects.get(uid=payment.person).name
        assert acts.correct_account(MAKER, payment=refund.uid, given=given(name, 99)).state == "ready"
        _, sent = desk.sent(tmp_path)
        tell(tmp_path, "transfer", [(one, PAID["transfer"]) for one in sent], name="refund")
        refund.refresh_from_db()
        assert (refund.state, standing(f"owed:{AID}").posted, fund_figures(fund).spent_fen) == ("paid", 0, spent)
    assert list(verify_book()) == []
