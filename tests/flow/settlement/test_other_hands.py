"""One officer alone gets no money out: another releases, another reads the answer, and a contradiction of the bank stops what follows."""

from __future__ import annotations

from pathlib import Path

from bank_examples import CLOSED, PAID, Asked, answer
from settle_examples import CHECKER, DAY, ELSEWHERE, MAKER, THIRD, Treasury, given, refused, tell

from linli.settlement import acts, queries
from linli.settlement.models import Order, Payment


def failed_once(treasury: Treasury, folder: Path) -> tuple[list[Asked], Payment]:
    """The first of the four failed; what was asked of the bank."""
    treasury.take_over()
    _, found = treasury.sent(folder)
    tell(folder, "transfer", [(found[0], CLOSED["transfer"])], name="failed")
    return found, treasury.payments()[0]


def anew(treasury: Treasury, payment: Payment) -> Order:
    """Another account, by the checker; and the next file, made by the maker."""
    again = acts.correct_account(CHECKER, payment=payment.uid, given=given(treasury.people[0].name, 78))
    assert again.state == "ready"
    return treasury.order()


def test_who_entered_an_account_neither_releases_nor_hands_over_its_file(treasury: Treasury, tmp_path: Path) -> None:
    _, payment = failed_once(treasury, tmp_path)
    order = anew(treasury, payment)
    with refused("settlement.same_person"):
        acts.release_order(CHECKER, order=order.uid)
    acts.release_order(THIRD, order=order.uid)
    with refused("settlement.same_person"):
        acts.hand_over(CHECKER, order=order.uid, path=tmp_path / "never")
    assert acts.hand_over(THIRD, order=order.uid, path=tmp_path / "file").state == "handed_over"


def test_who_made_or_released_a_file_does_not_read_its_answer(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    _, found = treasury.sent(tmp_path)
    path = tmp_path / "answer"
    path.write_bytes(answer("transfer", [(found[0], PAID["transfer"])]))
    for viewer in (MAKER, CHECKER):
        with refused("settlement.same_person"):
            acts.receive(viewer, layout="transfer", path=path, name="answer")
    assert acts.receive(THIRD, layout="transfer", path=path, name="answer").rows == 1


def test_a_bank_that_first_said_failed_and_then_paid_stops_the_next_file(treasury: Treasury, tmp_path: Path) -> None:
    found, payment = failed_once(treasury, tmp_path)
    order = anew(treasury, payment)
    tell(tmp_path, "transfer", [(found[0], PAID["transfer"])], name="paid after all")
    with refused("settlement.paid_before"):
        acts.release_order(THIRD, order=order.uid)
    assert queries.batch_of(THIRD, treasury.batch).contradicted == 1
    acts.drop_order(MAKER, order=order.uid)
    payment.refresh_from_db()
    assert (payment.state, payment.reason) == ("waiting", "paid_before")
    with refused("settlement.paid_before"):
        acts.withdraw(MAKER, payment=payment.uid, reason="x")
    with refused("settlement.paid_before"):
        acts.correct_account(MAKER, payment=payment.uid, given=given(treasury.people[0].name, 79))
    tell(tmp_path, "transfer", [(found[0], CLOSED["transfer"]), (found[1], PAID["transfer"])], name="failed indeed")
    payment.refresh_from_db()
    assert (payment.state, payment.reason) == ("waiting", "other")
    assert acts.correct_account(MAKER, payment=payment.uid, given=given(treasury.people[0].name, 79)).state == "ready"


def test_a_file_that_cannot_be_headed_is_refused_at_once_and_one_that_is_not_filled_can_be_taken_back(treasury: Treasury) -> None:
    treasury.take_over()
    told = {"batch": treasury.batch, "day": DAY, "payer": treasury.payer.uid}
    with refused("settlement.not_writable"):
        acts.make_order(MAKER, layout="iso20022", project_code="x" * 36, **told)
    assert not Order.objects.exists()
    order = acts.make_order(MAKER, layout="iso20022", **told)
    assert acts.drop_order(MAKER, order=order.uid).state == "dropped"
    assert acts.fill_order(order=order.uid).count == 0  # the job that comes late does nothing
    assert treasury.order("iso20022").count == 4


def test_nobody_of_another_county_makes_a_file_and_none_is_taken_back_once_it_has_left(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    with refused("viewer.not_granted"):
        treasury.order(maker=ELSEWHERE)
    assert not Order.objects.exists()
    order, found = treasury.sent(tmp_path)
    with refused("settlement.wrong_state"):
        acts.drop_order(MAKER, order=order.uid)
    tell(tmp_path, "transfer", [(one, PAID["transfer"]) for one in found])
    with refused("settlement.wrong_state"):
        acts.drop_order(MAKER, order=order.uid)
    assert {one.state for one in treasury.payments()} == {"paid"}
