"""Whoever is near to somebody on a list neither makes it final nor lets its money out: a colleague does."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import pytest
from bank_examples import answer, asked
from batch_examples import Roll, build, to_checking
from django.db import connection
from django.test.utils import CaptureQueriesContext
from place_examples import person
from settle_examples import CHECKER, THIRD, Treasury, all_paid, refused

from linli.batches.acts import approving, drawing, gathering
from linli.batches.models import Item
from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.registers.models import FamilyLink, Resident, Staff, StaffPerson
from linli.settlement import acts

NEAR = "registers.near_among"


def member(resident: Resident | None, name: str = "测试员") -> Viewer:
    """An officer of the city, who is this resident."""
    staff = Staff.objects.create(name=name, login=f"near{Staff.objects.count()}", password="!")
    if resident is not None:
        StaffPerson.objects.create(staff=staff, resident=resident, checked_by="x", checked_at=clock.now())
    return Viewer(staff.actor, (Grant("officer"),))


def test_nobody_makes_releases_or_takes_a_file_that_pays_them_or_theirs(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    payee, other = treasury.people[:2]
    self, namesake, stranger, stranger_too = member(payee), member(None, other.name), member(None, "不在名单上"), member(None, "也不在")
    for viewer in (self, namesake):
        with refused(NEAR):
            treasury.order(maker=viewer)
    order = treasury.order(maker=stranger)
    for viewer in (self, namesake):
        with refused(NEAR) as found:
            acts.release_order(viewer, order=order.uid)
        assert found.value.found == "1 of the list"
    acts.release_order(CHECKER, order=order.uid)
    with refused(NEAR):
        acts.hand_over(self, order=order.uid, path=tmp_path / "never")
    assert not (tmp_path / "never").exists()
    assert acts.hand_over(THIRD, order=order.uid, path=tmp_path / "file").state == "handed_over"
    answer_file = tmp_path / "answer"
    answer_file.write_bytes(answer("transfer", all_paid("transfer", asked("transfer", (tmp_path / "file").read_bytes()))))
    for viewer in (self, namesake):
        with refused(NEAR):
            acts.receive(viewer, layout="transfer", path=answer_file, name="answer")
    assert acts.receive(stranger_too, layout="transfer", path=answer_file, name="answer").rows == 4


def test_nobody_asks_the_bank_about_their_own_account_or_takes_a_file_back(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    self, stranger = member(treasury.people[0]), member(None, "不在名单上")
    with refused(NEAR):
        acts.make_inquiry(self, batch=treasury.batch, layout="transfer-checked")
    asked = acts.make_inquiry(stranger, batch=treasury.batch, layout="transfer-checked")
    acts.fill_inquiry(inquiry=asked.uid)
    for act in (partial(acts.hand_over_inquiry, path=tmp_path / "never"), acts.drop_inquiry):
        with refused(NEAR):
            act(self, inquiry=asked.uid)
    assert not (tmp_path / "never").exists()
    assert acts.drop_inquiry(stranger, inquiry=asked.uid).state == "dropped"
    order = treasury.order(maker=stranger)
    with refused(NEAR):
        acts.drop_order(self, order=order.uid)
    assert acts.drop_order(stranger, order=order.uid).state == "dropped"


@pytest.mark.django_db
def test_nobody_freezes_thins_out_or_approves_a_list_that_names_them_or_theirs() -> None:
    roll: Roll = build()
    batch = roll.batch()
    first, second = (Resident.objects.get(uid=one.person) for one in roll.awards[:2])
    relative = person("测试亲属")
    FamilyLink.objects.create(resident=second, relative=relative, relation="mother", valid_from=date(2026, 1, 1), known_from=clock.now())
    own, relatives = member(first), member(relative)
    for viewer in (own, relatives):
        with refused(NEAR):
            drawing.freeze_list(viewer, batch=batch.uid)
        with refused(NEAR):
            gathering.remove(viewer, item=Item.objects.filter(batch=batch)[5].uid, reason="mistake")
    to_checking(batch)
    with refused(NEAR):
        approving.approve(own, batch=batch.uid)


def test_the_look_takes_as_many_queries_however_long_the_list_is(treasury: Treasury) -> None:
    treasury.take_over()
    near = member(treasury.people[0])
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as found, refused(NEAR):
            treasury.order(maker=near)
        counts.append(len(found))
        treasury.owe(treasury.people[1], None)
        treasury.take_over()
    assert counts[0] == counts[1]
