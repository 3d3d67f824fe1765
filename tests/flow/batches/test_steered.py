"""Who would steer what is looked at, or get round whoever looks: one secret for two departments, one person for two, a list dissolved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from batch_examples import AID, CHECKER, GIVEN, HOUR, MAKER, NOW, THIRD, Roll, to_checking
from place_examples import SYSTEM
from test_approval import at_notice, refusal

from linli.batches import queries
from linli.batches.acts import checking, drawing, gathering, noticing
from linli.batches.models import Batch, Check, Item
from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.registers.models import Resident, Staff, StaffPerson
from linli.sampling import commit

pytestmark = pytest.mark.django_db
RATE = {**GIVEN, "rate": {"value": [1, 4], "document": "x"}}
EVERYWHERE = Viewer(THIRD.actor, (Grant("officer"),))


def near(person: object) -> Viewer:
    """An officer of the whole city who is that person."""
    staff = Staff.objects.create(name="测试员", login="near", password="!")
    who = Resident.objects.get(uid=str(person))
    StaffPerson.objects.create(staff=staff, resident=who, checked_by=SYSTEM.actor, checked_at=clock.now())
    return Viewer(staff.actor, (Grant("officer"),))


def test_one_secret_for_two_departments_draws_nothing(roll: Roll) -> None:
    batch, secret = roll.batch(given=RATE), bytes(range(32))
    with clock.frozen(NOW):
        draw = drawing.open_draw(MAKER, batch=batch.uid, reveal_by=NOW + 24 * HOUR)
        for viewer, department in ((MAKER, "disabled-federation"), (CHECKER, "finance")):
            told = commit(draw=draw.code, department=department, secret=secret, at=NOW, algorithm="sha256")
            drawing.commit(viewer, draw=draw.uid, department=department, salt=told.salt.hex(), length=told.length, digest=told.digest)
    with clock.frozen(NOW + HOUR):
        drawing.freeze_list(MAKER, batch=batch.uid)
    with clock.frozen(NOW + 2 * HOUR):
        drawing.reveal_secret(MAKER, draw=draw.uid, department="disabled-federation", secret=secret.hex())
        for viewer in (CHECKER, MAKER):
            with refusal("sampling.same_secret"):
                drawing.reveal_secret(viewer, draw=draw.uid, department="finance", secret=secret.hex())
        with refusal("batches.same_person"):
            drawing.break_off(MAKER, draw=draw.uid, reason="秘密相同")
        drawing.break_off(THIRD, draw=draw.uid, reason="秘密相同")
    assert (Batch.objects.get(pk=batch.pk).state, Check.objects.exists()) == ("frozen", False)


def test_a_drawn_list_that_is_dissolved_has_whoever_was_drawn_looked_at_all_the_same(roll: Roll) -> None:
    batch = to_checking(roll.batch(given=RATE))
    drawn = set(Check.objects.filter(item__batch=batch, kind="random").values_list("item__award", flat=True))
    gathering.dissolve(MAKER, batch=batch.uid, reason="重来")
    again = to_checking(roll.batch(given=RATE))
    looked = Check.objects.filter(item__batch=again, kind="key", conditions=["left_unchecked"])
    assert drawn == set(looked.values_list("item__award", flat=True))


def test_a_finding_is_settled_by_nobody_who_found_it_or_is_near(roll: Roll) -> None:
    batch = to_checking(roll.batch(given=RATE))
    check = Check.objects.filter(item__batch=batch, kind="random").select_related("item").first()
    assert check is not None
    own = near(check.item.person)
    with refusal("registers.too_near"):
        checking.record_result(own, check=check.uid, result="passed")
    checking.record_result(EVERYWHERE, check=check.uid, result="finding", words="不在读")
    with refusal("batches.same_person"):
        checking.settle_finding(EVERYWHERE, check=check.uid, how="cleared", words="在读")
    with refusal("registers.too_near"):
        checking.settle_finding(own, check=check.uid, how="cleared", words="在读")
    checking.settle_finding(MAKER, check=check.uid, how="cleared", words="在读")
    with refusal("batches.no_finding"):
        checking.settle_finding(MAKER, check=check.uid, how="upheld", words="不在读")


def test_a_list_is_not_dissolved_while_it_is_shown(roll: Roll) -> None:
    batch, notice = at_notice(roll)
    with refusal("batches.notice_up"):
        gathering.dissolve(THIRD, batch=batch.uid, reason="重来")
    with clock.frozen(clock.midnight(notice.ends_on + timedelta(days=1))):
        noticing.take_down_due()
        gathering.dissolve(THIRD, batch=batch.uid, reason="重来")
    assert not queries.listed(batch).exists()
    assert Item.objects.filter(batch=batch, reason="dissolved").count() == len(roll.awards)
    assert gathering.open_batch(MAKER, programme=AID, period="2026", given=GIVEN).pk != batch.pk
