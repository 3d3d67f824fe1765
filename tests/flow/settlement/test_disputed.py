"""Whoever made, approved or paid the list that somebody stands on doesn't answer when the decision about them is contested."""

from __future__ import annotations

import pytest
from place_examples import SYSTEM
from settle_examples import MAKER
from test_recoveries import paid

from linli.agreements.models import Award
from linli.batches.models import Batch
from linli.casework import contesting
from linli.casework.models import Case, Task
from linli.casework.receipts import new_receipt
from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.settlement.models import Order

__all__ = ["paid"]


def contested(award: Award, kind: str) -> Case:
    """A case that contests the decision on which an award rests."""
    now = clock.now()
    case = Case.objects.create(
        receipt=new_receipt(clock.today()), kind=kind, subject=f"resident:{award.person}", area_code=award.area_code, parent=award.case,
        programme=award.programme, opened_at=now, opened_by=SYSTEM.actor, due_at=now, fact=kind,
    )  # fmt: skip
    Task.objects.create(case=case, role="officer", area_code=award.area_code, due_at=now, warn_at=now)
    return case


def officer(actor: str) -> Viewer:
    return Viewer(actor, (Grant("officer"),))


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["objection", "review"])
def test_who_made_approved_or_paid_the_list_does_not_answer_what_is_contested(paid: list[Award], kind: str) -> None:
    case = contested(paid[0], kind)
    order, batch = Order.objects.get(), Batch.objects.get()
    for actor in {order.made_by, order.released_by, batch.opened_by, batch.frozen_by, batch.approved_by} - {"", SYSTEM.actor}:
        why = contesting.barred(officer(actor), case)
        assert why is not None, actor
        assert why.code == "casework.decided_it"
        assert contesting.not_for(officer(actor)) == [case.task.pk]
    other = officer("staff:00000000-0000-7000-8000-000000000099")
    assert contesting.barred(other, case) is None
    assert contesting.not_for(other) == []
    assert MAKER.actor in {order.made_by, batch.opened_by}
