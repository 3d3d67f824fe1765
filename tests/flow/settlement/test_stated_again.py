"""What an officer states as paid too much: with one sum for a period, and never by somebody who is near to whom it is about."""

from __future__ import annotations

import pytest
from settle_examples import refused
from test_recoveries import ONE, TWO, paid

from linli.agreements.models import Award
from linli.casework import acts as casework
from linli.casework.models import Letter
from linli.casework.receipts import grouped
from linli.entitlements import recovering
from linli.entitlements.models import Recovery
from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.registers.models import Resident, Staff, StaffPerson

__all__ = ["paid"]
pytestmark = pytest.mark.django_db


def stated(viewer: Viewer, award: Award, owed: int) -> Recovery:
    periods = [recovering.Overpaid("2026", 400_000, owed)]
    case = recovering.open_recovery(viewer, award.uid, cause="stated", periods=periods, detail="2026", words="学籍登记更正")
    return Recovery.objects.get(case=case)


def test_another_sum_for_the_same_period_is_refused_and_says_what_stands(paid: list[Award]) -> None:
    first = stated(ONE, paid[0], 300_000)
    assert stated(TWO, paid[0], 300_000) == first
    with refused("entitlements.stated_otherwise") as told:
        stated(TWO, paid[0], 250_000)
    assert grouped(first.case.receipt) in told.value.expected_zh
    assert (told.value.found_zh, Recovery.objects.get().amount_fen) == ("1,500.00 元", 100_000)
    recovering.propose(ONE, first.case.uid, "unfounded", "金额登记错了")
    casework.answer(TWO, first.case.uid, "unfounded", "金额登记错了，重新登记")
    second = stated(ONE, paid[0], 250_000)
    assert (second.amount_fen, stated(TWO, paid[0], 250_000)) == (150_000, second)
    assert Letter.objects.get(case=second.case).kind == "recovery"
    with refused("entitlements.stated_otherwise"):
        stated(TWO, paid[0], 300_000)


@pytest.mark.parametrize("role", ["person", "beneficiary", "payee_uid"])
def test_nobody_states_it_who_is_near_to_whom_it_is_about(paid: list[Award], role: str) -> None:
    award = paid[0]
    other = Resident.objects.create(name="测试邻", known_from=clock.now()).uid
    if role != "person":
        Award.objects.filter(pk=award.pk).update(**{role: other})
    staff = Staff.objects.create(name="测试员", login="near", password="!")
    near = Resident.objects.get(uid=award.person if role == "person" else other)
    StaffPerson.objects.create(staff=staff, resident=near, checked_by="x", checked_at=clock.now())
    with refused("registers.too_near"):
        stated(Viewer(staff.actor, (Grant("officer"),)), award, 300_000)
    assert not Recovery.objects.exists()


def test_nobody_enters_the_consent_of_who_is_near_to_them(paid: list[Award]) -> None:
    first = stated(ONE, paid[0], 300_000)
    staff = Staff.objects.create(name=Resident.objects.get(uid=paid[0].person).name, login="near", password="!")
    with refused("registers.too_near"):
        recovering.consent(Viewer(staff.actor, (Grant("officer"),)), first.case.uid, 50_000)
