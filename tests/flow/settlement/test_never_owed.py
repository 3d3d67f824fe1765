"""An award that was annulled is not paid: not listed in a file, not released, not handed over, not sent again."""

from __future__ import annotations

from pathlib import Path

from bank_examples import CLOSED
from batch_examples import granted
from settle_examples import CHECKER, FEN, MAKER, Treasury, given, refused, tell

from linli.agreements.models import Award
from linli.registers.models import Resident
from linli.settlement import acts
from linli.settlement.models import Payment


def owed(treasury: Treasury) -> Award:
    """A fifth payment, of an award that stands."""
    award = granted("学生己", FEN)
    treasury.owe(Resident.objects.get(uid=award.person), given("学生己", 9), award=award.uid, case=award.case.uid)
    treasury.take_over()
    return award


def annul(award: Award) -> None:
    Award.objects.filter(pk=award.pk).update(state="ended", ending="annulled")


def of(award: Award) -> Payment:
    return Payment.objects.get(award=award.uid)


def test_an_annulled_award_is_left_out_of_the_file_and_says_why(treasury: Treasury, tmp_path: Path) -> None:
    award = owed(treasury)
    annul(award)
    _, found = treasury.sent(tmp_path)
    assert ("学生己" in {one.name for one in found}, len(found)) == (False, 4)
    assert (of(award).state, of(award).reason) == ("waiting", "award_ended")
    with refused("settlement.award_ended"):
        acts.correct_account(MAKER, payment=of(award).uid, given=given("学生己", 10))
    assert acts.withdraw(MAKER, payment=of(award).uid, reason="annulled").state == "withdrawn"


def test_a_file_with_an_annulled_award_does_not_leave_the_house(treasury: Treasury, tmp_path: Path) -> None:
    award = owed(treasury)
    order = treasury.order()
    annul(award)
    with refused("settlement.award_ended"):
        acts.release_order(CHECKER, order=order.uid)
    Award.objects.filter(pk=award.pk).update(state="active", ending="")
    acts.release_order(CHECKER, order=order.uid)
    annul(award)
    with refused("settlement.award_ended"):
        acts.hand_over(CHECKER, order=order.uid, path=tmp_path / "never")
    assert not (tmp_path / "never").exists()
    acts.drop_order(MAKER, order=order.uid)
    assert treasury.order().count == 4


def test_what_failed_of_an_annulled_award_is_not_sent_again(treasury: Treasury, tmp_path: Path) -> None:
    award = owed(treasury)
    _, found = treasury.sent(tmp_path)
    annul(award)
    mine = next(one for one in found if one.name == "学生己")
    tell(tmp_path, "transfer", [(mine, CLOSED["transfer"])])
    with refused("settlement.award_ended"):
        acts.correct_account(MAKER, payment=of(award).uid, given=given("学生己", 10))
