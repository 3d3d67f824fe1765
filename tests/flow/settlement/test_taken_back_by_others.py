"""Who had a part in taking money back answers neither the objection against it nor the review, and doesn't let out what is made good."""

from __future__ import annotations

from pathlib import Path

import pytest
from settle_examples import CHECKER, MAKER, Treasury, refused
from test_disputed import contested, officer
from test_made_good import react
from test_recoveries import DAY, ONE, THREE, TWO, paid

from linli.agreements.models import Award
from linli.batches.models import Batch
from linli.casework import acts as casework
from linli.casework import contesting
from linli.casework.models import Case
from linli.entitlements import recovering
from linli.entitlements.acts import object_to
from linli.entitlements.acts.objecting import carry_out
from linli.kernel.viewer import Grant, Viewer
from linli.settlement import acts
from linli.settlement.models import Order, Payment

__all__ = ["paid"]
FOUR, FIVE = (Viewer(f"staff:00000000-0000-7000-8000-00000000008{number}", (Grant("officer"),)) for number in (4, 5))


def taken_back(award: Award) -> Case:
    """ONE proposes how it ends, TWO enters that all of it came and THREE confirms it."""
    case = recovering.open_recovery(FOUR, award.uid, cause="stated", periods=[recovering.Overpaid("2026", 400_000, 300_000)], words="多发")
    recovering.propose(ONE, case.uid, "waived", "家庭困难")
    word = acts.money_back(TWO, case=case.uid, fen=60_000, on=DAY, reference="回单9")
    acts.confirm_back(THREE, word=word.uid)
    return case


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["objection", "review"])
def test_nobody_who_had_a_part_in_taking_it_back_or_in_what_was_paid_answers(paid: list[Award], kind: str) -> None:
    recovery = taken_back(paid[0])
    case = contested(paid[0], kind)
    Case.objects.filter(pk=case.pk).update(parent=recovery)
    case = Case.objects.get(pk=case.pk)
    order, batch = Order.objects.get(), Batch.objects.get()
    had = {ONE.actor, TWO.actor, THREE.actor, FOUR.actor, order.made_by, order.released_by, batch.opened_by, batch.frozen_by}
    for actor in {one for one in had if one.startswith("staff:")}:
        why = contesting.barred(officer(actor), case)
        assert why is not None, actor
        assert why.code == "casework.decided_it"
        assert contesting.not_for(officer(actor)) == [case.task.pk], actor
    assert contesting.barred(FIVE, case) is None
    assert contesting.not_for(FIVE) == []


@pytest.mark.django_db
def test_who_answered_an_objection_before_does_not_see_the_review_among_their_own(paid: list[Award]) -> None:
    """The inbox and the answer say the same."""
    first, review = contested(paid[0], "objection"), contested(paid[0], "review")
    Case.objects.filter(pk=first.pk).update(status="closed", outcome="upheld", answered_by=FIVE.actor, closed_at=first.opened_at)
    assert contesting.barred(FIVE, review) is not None
    assert review.task.pk in contesting.not_for(FIVE)


@pytest.mark.django_db
def test_who_had_a_part_does_not_let_out_what_is_made_good(paid: list[Award], tmp_path: Path) -> None:
    recovery = taken_back(paid[0])
    award = paid[0]
    own = Viewer(f"resident:{award.person}", subject=str(award.person), level="card")
    objection = object_to(own, recovery.uid, "没有多发")
    with refused("casework.decided_it"):
        casework.answer(TWO, objection.uid, "redo", "有理")
    casework.answer(FIVE, objection.uid, "redo", "有理")
    carry_out(Case.objects.get(pk=objection.pk))
    react()
    payment = Payment.objects.get(part="made_good")
    assert payment.state == "ready"
    desk = Treasury([], Order.objects.get().payer, payment.batch)
    made = desk.order()
    with refused("settlement.same_person"):
        acts.release_order(MAKER, order=made.uid)
    for one in (ONE, TWO, THREE, FOUR, FIVE):
        with refused("settlement.had_a_part"):
            acts.release_order(one, order=made.uid)
    assert acts.release_order(CHECKER, order=made.uid).state == "released"
