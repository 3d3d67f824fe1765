"""Money that was paid too much comes back from the person and from the bank in the same moment: it is the fund's again once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from bank_examples import CLOSED, PAID, RETURNED, Asked
from batch_examples import AID
from settle_examples import CHECKER, MAKER, THIRD, given, tell
from test_bank_contradicts import students
from test_paid_at_once import drained, one_of_them, received
from together import at_once

from linli.agreements.models import Award
from linli.casework.models import Case
from linli.entitlements import recovering
from linli.entitlements.models import Recovery
from linli.kernel.viewer import Grant, Viewer
from linli.ledger.queries import fund_figures
from linli.ledger.verify import verify_book
from linli.registers.models import Resident
from linli.settlement import acts, reactions
from linli.settlement.models import BankWord, OutcomeRow, Payment
from linli.trace.models import Fact
from linli.trace.verify import verify_chains

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
FOURTH = Viewer("staff:00000000-0000-7000-8000-000000000015", (Grant("officer"),))
FUND, DAY = f"{AID}.provincial", date(2026, 11, 1)


def _stated(award: Award, detail: str = "") -> Case:
    """An officer states that nothing was owed for the year."""
    (payment,) = Payment.objects.filter(award=award.uid, part="whole")
    whole = [recovering.Overpaid(payment.period, payment.amount_fen, 0)]
    return recovering.open_recovery(MAKER, award.uid, cause="stated", periods=whole, detail=detail, words="学籍登记更正")


def _person_against_bank(folder: Path, case: Case, payment: Payment, sent: Asked) -> tuple[list[object], str, bool]:
    """Two officers confirm what the person paid back while a worker and another read that the bank returned the same: what became of the
    officers' word, what of the bank's row, whether the payment counts as paid."""
    word = acts.money_back(CHECKER, case=case.uid, fen=payment.amount_fen, on=DAY, reference=f"回单{case.receipt}")
    late = received(folder, sent.reference, [(sent, RETURNED["transfer"])])
    confirm = [partial(acts.confirm_back, officer, word=word.uid) for officer in (THIRD, FOURTH)]
    said = at_once(*confirm, partial(drained, late), partial(drained, late))
    assert said[2:] == [None, None]
    payment.refresh_from_db()
    return said[:2], OutcomeRow.objects.get(outcome=late).verdict, payment.state == "paid"


def _once(said: Sequence[object], verdict: str, paid: bool, refusal: str) -> None:
    """Both officers were told the same, and the bank's row is posted exactly where they were refused."""
    if isinstance(said[0], str):
        assert (said, verdict, paid) == ([refusal] * 2, "returned", False)
    else:
        assert ([type(one) for one in said], verdict, paid) == ([Recovery] * 2, "spent", True)


def test_what_the_person_pays_back_while_the_bank_returns_it_is_the_funds_once(tmp_path: Path) -> None:
    desk, found = students(tmp_path)
    tell(tmp_path, "transfer", [(one, PAID["transfer"]) for one in found])
    for payment, sent in list(zip(desk.payments(), found, strict=True))[:6]:
        case = _stated(Award.objects.get(uid=payment.award))
        spent = fund_figures(FUND).spent_fen
        _once(*_person_against_bank(tmp_path, case, payment, sent), "settlement.not_paid_here")
        assert fund_figures(FUND).spent_fen == spent - payment.amount_fen
        assert Recovery.objects.get(case=case).returned_fen == (payment.amount_fen if payment.state == "paid" else 0)
    assert [*verify_book(), *verify_chains()] == []


def test_what_was_paid_twice_comes_back_once_from_whoever_is_first(tmp_path: Path) -> None:
    desk, found = students(tmp_path)
    tell(tmp_path, "transfer", [(one, CLOSED["transfer"]) for one in found])
    wrong = desk.payments()[:6]  # the money of the other six is there for what is paid twice
    for number, payment in enumerate(wrong):
        acts.correct_account(MAKER, payment=payment.uid, given=given(Resident.objects.get(uid=payment.person).name, 90 + number))
    _, again = desk.sent(tmp_path)
    tell(tmp_path, "transfer", [(one, PAID["transfer"]) for one in [*again, *found[:6]]], name="both")
    for payment in wrong:
        word = acts.say_paid(MAKER, payment=payment.uid, reference="银行函〔2026〕1号")
        acts.confirm_paid(CHECKER, word=word.uid)
    reactions.paid_twice(list(Fact.objects.filter(type="settlement.paid_twice", echo_of=None)))
    for second in Payment.objects.filter(part="again").order_by("id"):
        case = Recovery.objects.get(detail=str(second.uid)).case
        sent, spent = second.instructions.get(), fund_figures(FUND).spent_fen
        row = Asked(sent.reference, sent.tail, "", sent.amount_fen)
        _once(*_person_against_bank(tmp_path, case, second, row), "entitlements.no_recovery")
        assert fund_figures(FUND).spent_fen == spent - second.amount_fen
        assert Case.objects.get(pk=case.pk).outcome == "returned"
    assert [*verify_book(), *verify_chains()] == []


def test_what_was_paid_is_asked_back_once_and_one_receipt_of_the_bank_counts_once(tmp_path: Path) -> None:
    desk, found = students(tmp_path)
    tell(tmp_path, "transfer", [(one, PAID["transfer"]) for one in found])
    for payment in desk.payments()[:6]:
        award, spent = Award.objects.get(uid=payment.award), fund_figures(FUND).spent_fen
        one_of_them(at_once(*[partial(_stated, award, detail) for detail in ("a", "b", "c")]), "entitlements.more_than_paid")
        case = Recovery.objects.get(award=award).case
        enter = [
            partial(acts.money_back, CHECKER, case=case.uid, fen=payment.amount_fen, on=DAY, reference=f"回单{case.receipt}-{number}")
            for number in (1, 1, 2)
        ]
        entered = at_once(*enter)
        word = BankWord.objects.get(case=case.uid)
        assert sorted(one for one in entered if isinstance(one, str)) == ["settlement.not_so_much"] * (
            1 if word.reference.endswith("-1") else 2
        )
        confirm, drop = partial(acts.confirm_back, THIRD, word=word.uid), partial(acts.drop_word, FOURTH, word=word.uid)
        one_of_them(at_once(confirm, drop), "settlement.wrong_state")
        back = payment.amount_fen if BankWord.objects.get(pk=word.pk).state == "confirmed" else 0
        assert (fund_figures(FUND).spent_fen, Recovery.objects.get(case=case).returned_fen) == (spent - back, back)
    assert [*verify_book(), *verify_chains()] == []
