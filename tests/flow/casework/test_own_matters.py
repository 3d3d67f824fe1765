"""Nobody deals with what concerns themselves, their household or their family (回避)."""

from __future__ import annotations

from datetime import date

import pytest
from case_examples import FACT, OPENED, Town, on, refused, resident
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person

from linli.casework import acts
from linli.casework.models import Case
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts as registers
from linli.registers.models import Resident, Staff, StaffPerson
from linli.registers.queries import viewer_of
from linli.trace.deep import verify_rows

pytestmark = pytest.mark.django_db


def account(name: str) -> Staff:
    """An officer of the county of this name."""
    row = registers.add_staff(SYSTEM, login=f"login-{Staff.objects.count()}", name=name, password="Not-a-common-1")
    registers.place_grant(SYSTEM, staff=row, role="officer", area_code="140802", valid_from=FIRST_DAY)
    return row


def known(name: str, **more) -> tuple[Resident, str]:
    """A resident and the identity number on their card."""
    number = identity(date(1985, 6, 1))
    return person(name, identity=number, **more), number


def officer(name: str, number: str) -> Viewer:
    """An officer whose identity was checked."""
    row = account(name)
    registers.identify_staff(SYSTEM, staff=row, identity=number)
    return viewer_of(row)


def answer(viewer: Viewer, case: Case) -> Case:
    return acts.answer(viewer, case.uid, "kept", "证件复印件与登记一致")


@pytest.fixture
def case(town: Town) -> Case:
    with on(OPENED):
        return acts.open_dispute(town.self, town.who.uid, FACT, "证上写的是二级")


def test_an_officer_neither_takes_nor_answers_what_they_asked_for_themself(town: Town):
    who, number = known("测试丙")
    with on(OPENED):
        case = acts.open_home_visit(resident(who), who.uid, "请来一趟")
        own = officer("另一个名字", number)
        case.task.role = "officer"
        case.task.save(update_fields=["role"])
        with refused("registers.too_near"):
            acts.take(own, case.uid)
        with refused("registers.too_near"):
            acts.answer(own, case.uid, "visited")
        assert acts.answer(viewer_of(account("无关同事")), case.uid, "visited").status == "closed"


@pytest.mark.parametrize("tie", ["household", "parent", "child", "guardian"])
def test_nor_what_concerns_household_or_family(town: Town, case: Case, tie: str):
    relative, number = known("测试丁")
    with on(OPENED):
        if tie == "household":
            members = [(town.who, "head"), (relative, "other")]
            registers.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=members, valid_from=FIRST_DAY)
        else:
            one, other, relation = {
                "parent": (town.who, relative, "mother"),
                "child": (relative, town.who, "father"),
                "guardian": (town.who, relative, "guardian"),
            }[tie]
            registers.link_family(SYSTEM, resident=one, relative=other, relation=relation, valid_from=FIRST_DAY)
        with refused("registers.too_near"):
            answer(officer("另一个名字", number), case)


def test_nor_do_they_take_it_out_of_a_colleagues_hands(town: Town, case: Case):
    with on(OPENED):
        near, colleague = viewer_of(account(town.who.name)), viewer_of(account("无关同事"))
        acts.take(colleague, case.uid)
        with refused("registers.too_near"):
            acts.release(near, case.uid)
        assert acts.release(colleague, case.uid).task.taken_by == ""


def test_of_several_answered_alike_the_own_one_is_left_out_with_its_reason(town: Town, case: Case):
    with on(OPENED):
        theirs = acts.open_dispute(resident(town.other), town.other.uid, FACT, "没有这张证")
        own = viewer_of(account(town.who.name))
        first, second = acts.keep_many(own, [case.uid, theirs.uid], "与证件一致", key="k")
    assert first.problem is not None
    assert first.problem.code == "registers.too_near"
    assert second.problem is None


def test_until_somebody_is_identified_the_name_decides_and_afterwards_who_they_are(town: Town, case: Case):
    _, number = known("测试甲")
    same_name = account("测试甲")
    with on(OPENED):
        with refused("registers.too_near"):
            answer(viewer_of(same_name), case)
        registers.identify_staff(SYSTEM, staff=same_name, identity=number)
        assert answer(viewer_of(same_name), case).status == "closed"


def test_one_person_is_one_open_account_and_nobody_identifies_themself(town: Town):
    _, number = known("测试戊")
    first, second = account("甲账号"), account("乙账号")
    registers.identify_staff(SYSTEM, staff=first, identity=number)
    with refused("staff.same_person"):
        registers.identify_staff(SYSTEM, staff=second, identity=number)
    with refused("staff.not_a_resident"):
        registers.identify_staff(SYSTEM, staff=second, identity=identity(date(1990, 1, 1)))
    with refused("staff.own_grant"):
        registers.identify_staff(Viewer(first.actor, (Grant("administrator"),)), staff=first, identity=number)
    with refused("viewer.not_granted"):
        registers.identify_staff(viewer_of(second), staff=first, identity=number)
    registers.set_active(SYSTEM, staff=first, active=False)
    registers.identify_staff(SYSTEM, staff=second, identity=number)
    with refused("staff.same_person"):
        registers.set_active(SYSTEM, staff=first, active=True)


def test_an_erased_resident_leads_to_no_account(town: Town):
    who, number = known("测试己")
    officer("另一个名字", number)
    registers.erase_resident(SYSTEM, resident=who, reason="test")
    assert not StaffPerson.objects.exists()
    assert list(verify_rows()) == []
