"""Money asked back: never more than is open, whatever waits beside it; never out of a whole payment, nor out of what goes to a school."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from bank_examples import PAID, RETURNED, Asked
from place_examples import SYSTEM
from settle_examples import ELSEWHERE, Treasury, given, refused, tell, verdicts
from test_from_batches import AID
from test_made_good import CITY, agreed
from test_recoveries import DAY, FUND, ONE, TWO, back, listed, paid

from linli.agreements.acts import change
from linli.agreements.models import Award
from linli.entitlements import overpaid, recovering
from linli.entitlements.models import Recovery
from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.ledger.acts import Promise, allocate, commit, open_fund
from linli.ledger.queries import Part, fund_figures
from linli.ledger.verify import verify_book
from linli.registers.models import Resident
from linli.settlement import acts, queries
from linli.settlement.acts.taking import Source
from linli.settlement.models import BankWord, Payment

__all__ = ["paid"]
pytestmark = pytest.mark.django_db


def test_what_waits_counts_and_what_is_set_off_meanwhile_is_not_paid_back_too(paid: list[Award]) -> None:
    case = agreed(paid[0])  # 500 yuan, 300 of it each time
    word = acts.money_back(ONE, case=case.uid, fen=40_000, on=DAY, reference="回单1")
    with refused("settlement.not_so_much"):
        acts.money_back(ONE, case=case.uid, fen=10_001, on=DAY, reference="回单2")
    with refused("settlement.future_day"):
        acts.money_back(ONE, case=case.uid, fen=10_000, on=clock.today() + timedelta(days=1), reference="回单2")
    (payment,) = listed(paid[0], CITY, "2027").payments()
    assert payment.offset_fen == 30_000
    with refused("settlement.not_so_much"):
        acts.confirm_back(TWO, word=word.uid)
    assert (BankWord.objects.get().state, Recovery.objects.get().returned_fen) == ("waiting", 0)
    with refused("viewer.not_granted"):
        acts.drop_word(ELSEWHERE, word=word.uid)
    acts.drop_word(TWO, word=word.uid)
    back(ONE, TWO, case, 20_000, "回单1")
    assert Recovery.objects.get().open_fen == 30_000


@pytest.mark.parametrize(("fen", "payee", "less"), [(30_000, "self", 0), (30_001, "self", 30_000), (400_000, "school", 0)])
def test_what_is_set_off_leaves_something_and_is_the_persons_own(paid: list[Award], fen: int, payee: str, less: int) -> None:
    agreed(paid[0])
    desk, award = Treasury([], queries.payers()[0]), paid[0]
    allocate(SYSTEM, fund=CITY, source="city", fen=fen, key="small")
    hold = commit(SYSTEM, fund=CITY, fen=fen, key="item:small").uid
    one = acts.Payable(uuid7(), award.uid, award.case.uid, award.person, payee, None, award.area_code, (Part(CITY, fen, hold),), "")
    acts.take_over(SYSTEM, source=Source(desk.batch, award.programme, "2027"), payables=[replace(one, account=award.account_cipher)])
    (payment,) = desk.payments()
    assert (payment.amount_fen, payment.offset_fen or 0) == (fen - less, less)


def test_what_the_bank_returns_is_not_the_funds_where_less_was_paid_back(paid: list[Award], tmp_path: Path) -> None:
    case = recovering.open_recovery(SYSTEM, paid[0].uid, cause="overpaid", periods=[recovering.Overpaid("2026", 400_000, 350_000)])
    back(ONE, TWO, case, 50_000, "回单1")
    payment = Payment.objects.get(award=paid[0].uid)
    sent = payment.instructions.get()
    row = Asked(sent.reference, sent.tail, "", sent.amount_fen)
    assert verdicts(tell(tmp_path, "transfer", [(row, RETURNED["transfer"])], name="later")) == ["spent"]
    with refused("settlement.not_the_funds"):
        acts.say_surplus(ONE, payment=payment.uid, goes_to="fund", reference="退汇1")
    word = acts.say_surplus(ONE, payment=payment.uid, goes_to="person", reference="退汇1")
    acts.confirm_surplus(TWO, word=word.uid)
    assert Payment.objects.get(part="refund").amount_fen == 400_000


def test_what_is_set_off_of_two_payments_in_one_answer_is_each_funds_as_far_as_it_had_paid(paid: list[Award], tmp_path: Path) -> None:
    other = f"{AID}.lottery"
    agreed(paid[0])
    open_fund(SYSTEM, slug=other, purpose=("助学", "aid"), programme=AID, promises=[Promise("lottery", ("彩票", "lottery"), 10**9)])
    Payment.objects.filter(award=paid[0].uid).update(funds=[FUND, other], shares=[390_000, 10_000])  # as if two had paid the year
    before, found = (fund_figures(FUND).free_fen, fund_figures(other).free_fen), []
    for period, less in (("2027", 30_000), ("2028", 20_000)):
        desk = listed(paid[0], CITY, period)
        assert [one.offset_fen for one in desk.payments()] == [less]
        found += desk.sent(tmp_path)[1]
    tell(tmp_path, "transfer", [(one, PAID["transfer"]) for one in found])
    assert Recovery.objects.get().open_fen == 0
    assert (fund_figures(FUND).free_fen - before[0], fund_figures(other).free_fen - before[1]) == (40_000, 10_000)
    assert list(verify_book()) == []


def test_nobody_is_asked_for_what_the_bank_has_returned_until_it_is_paid_again(paid: list[Award], tmp_path: Path) -> None:
    award = paid[0]
    payment = Payment.objects.get(award=award.uid)
    sent = payment.instructions.get()
    row = Asked(sent.reference, sent.tail, "", sent.amount_fen)
    tell(tmp_path, "transfer", [(row, RETURNED["transfer"])], name="returned")
    change(SYSTEM, award.uid, "ended", "died", on=date(2025, 12, 31))
    Award.objects.filter(pk=award.pk).update(begins_on=date(2025, 1, 1), ends_on=date(2025, 12, 31))
    assert overpaid.find(SYSTEM) == 0
    with refused("entitlements.more_than_paid"):
        whole = [recovering.Overpaid("2026", 400_000, 0)]
        recovering.open_recovery(ONE, award.uid, cause="stated", periods=whole, words="死亡后发放")
    acts.correct_account(TWO, payment=payment.uid, given=given(Resident.objects.get(uid=award.person).name, 77))
    desk = Treasury([], queries.payers()[0], payment.batch)
    _, found = desk.sent(tmp_path)
    tell(tmp_path, "transfer", [(one, PAID["transfer"]) for one in found], name="again")
    assert (overpaid.find(SYSTEM), Recovery.objects.get().amount_fen) == (1, 400_000)
