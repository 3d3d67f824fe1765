"""A decision is contested: answered by somebody else, and received anew where it does not stand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from award_examples import CLERK, COUNTY, FEDERATION, City, asked, own
from case_examples import on, refused, staff
from django.db import connection
from place_examples import FIRST_DAY, SYSTEM

from linli.agreements.models import Award
from linli.casework import acts as casework
from linli.casework import contesting, unmanned
from linli.casework.contesting import annulled
from linli.casework.inbox import inbox
from linli.casework.models import Case, Letter
from linli.casework.reactions import hand_up
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.entitlements.acts import objecting
from linli.entitlements.models import Application
from linli.entitlements.reactions import follow
from linli.kernel.clock import day_of
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts as registers
from linli.registers.models import Staff, StaffGrant
from linli.registers.queries.staff import viewer_of
from linli.trace.models import Fact
from linli.trace.queries import timeline

pytestmark = pytest.mark.django_db
OTHER = staff(61, Grant("officer"))


def decided(city: City) -> Case:
    case = asked(city.found)
    with refused("entitlements.not_to_contest"):
        acts.object_to(own(city.found), case.uid, "还没有决定")
    acts.accept(COUNTY, case.uid)
    steps.pass_on(COUNTY, case.uid)
    acts.decide(FEDERATION, case.uid, "granted")
    return Case.objects.get(pk=case.pk)


def test_who_decided_does_not_answer_the_objection(city: City) -> None:
    case = decided(city)
    objection = acts.object_to(own(city.found), case.uid, "学历应为研究生", key="o")
    assert acts.object_to(own(city.found), case.uid, "学历应为研究生", key="o").pk == objection.pk
    assert objection.task.desk_code == case.steps.order_by("-position")[0].desk_code == "1408"
    for who in (COUNTY, staff(13, Grant("officer"))):
        with refused("casework.decided_it"):
            casework.answer(who, objection.uid, "upheld", "学历无误")
    casework.answer(OTHER, objection.uid, "upheld", "学籍登记为本科")
    assert Award.objects.get(case=case).state == "active"
    assert Case.objects.get(pk=objection.pk).outcome == "upheld"


def test_who_decided_does_not_find_it_among_their_tasks_and_reads_who_can(city: City) -> None:
    case = decided(city)
    objection = acts.object_to(own(city.found), case.uid, "学历应为研究生")

    def waits_for(viewer: Viewer) -> bool:
        return objection.uid in {one.case for one in inbox(viewer).items}

    assert [waits_for(one) for one in (OTHER, COUNTY, FEDERATION)] == [True, False, False]
    assert (inbox(OTHER).counts["green"], inbox(COUNTY).counts["green"]) == (1, 0)
    assert contesting.offices_for(objection) == []
    free = registers.add_staff(SYSTEM, login="free", name="复核员", password="a-long-enough-password-4")
    registers.place_grant(SYSTEM, staff=free, role="officer", area_code="", valid_from=FIRST_DAY)
    assert contesting.offices_for(objection) == [("", ["复核员"])]
    assert objection.task.desk_code == "1408"
    with refused("casework.higher_desk"):
        casework.answer(staff(64, Grant("officer", "140802")), objection.uid, "upheld", "学籍登记为本科")


def at_work(login: str, name: str, area: str) -> tuple[Staff, StaffGrant]:
    who = registers.add_staff(SYSTEM, login=login, name=name, password="a-long-enough-password-4")
    return who, registers.place_grant(SYSTEM, staff=who, role="officer", area_code=area, valid_from=FIRST_DAY)


def decided_by(city: City, officer: Viewer) -> Case:
    """A case that one officer of the county dealt with alone, from acceptance to the decision."""
    case = asked(city.found)
    acts.accept(officer, case.uid)
    steps.pass_on(officer, case.uid)
    acts.decide(FEDERATION, case.uid, "granted")
    with connection.cursor() as cursor:  # as under a programme that is decided in the county
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE casework_steptaken DISABLE TRIGGER USER")
        cursor.execute("UPDATE casework_steptaken SET desk_code = '140802' WHERE case_id = %s", [case.pk])
        cursor.execute("ALTER TABLE casework_steptaken ENABLE TRIGGER USER")
    return Case.objects.get(pk=case.pk)


def test_an_objection_where_nobody_else_is_left_goes_up_by_itself_and_says_so(city: City) -> None:
    only, _grant = at_work("only", "独任", "140802")
    case = decided_by(city, viewer_of(only))
    first = acts.object_to(own(city.found), case.uid, "学历应为研究生")
    assert first.task.desk_code == "140802", "nobody above either: it stays where it is"
    above, _grant = at_work("above", "市级", "1408")
    assert unmanned.hand_up_all() == 1
    assert unmanned.hand_up_all() == 0
    first = Case.objects.select_related("task").get(pk=first.pk)
    assert first.task.desk_code == "1408"
    said = timeline(str(first))[-1]
    assert (said.type, said.payload["from_level"], said.payload["to_level"]) == ("casework.handed_up", "county", "prefecture")
    with refused("casework.decided_it"):
        casework.answer(viewer_of(only), first.uid, "upheld", "学历无误")
    casework.answer(viewer_of(above), first.uid, "upheld", "学籍登记为本科")
    assert Case.objects.get(pk=first.pk).outcome == "upheld"


def test_an_objection_stays_with_the_county_while_a_colleague_there_had_no_part(city: City) -> None:
    only, _grant = at_work("only", "独任", "140802")
    at_work("above", "市级", "1408")
    colleague, _grant = at_work("colleague", "同事", "140802")
    case = decided_by(city, viewer_of(only))
    objection = acts.object_to(own(city.found), case.uid, "学历应为研究生")
    assert objection.task.desk_code == "140802"
    assert unmanned.hand_up_all() == 0
    Staff.objects.filter(pk=colleague.pk).update(is_active=False)
    assert unmanned.hand_up_all() == 1, "the colleague has left meanwhile"
    assert Case.objects.select_related("task").get(pk=objection.pk).task.desk_code == "1408"


def test_a_new_objection_lies_at_once_with_the_desk_that_can_answer(city: City) -> None:
    only, _grant = at_work("only", "独任", "140802")
    at_work("above", "市级", "1408")
    case = decided_by(city, viewer_of(only))
    objection = acts.object_to(own(city.found), case.uid, "学历应为研究生", key="o")
    for _again in range(2):
        hand_up(list(Fact.objects.filter(type="casework.case_opened", payload__case=str(objection.uid), echo_of=None)))
    assert Case.objects.select_related("task").get(pk=objection.pk).task.desk_code == "1408"
    assert [one.type for one in timeline(str(objection))][-1] == "casework.handed_up"
    assert acts.object_to(own(city.found), case.uid, "学历应为研究生", key="o").pk == objection.pk


def test_a_decision_that_does_not_stand_is_taken_anew(city: City) -> None:
    case = decided(city)
    objection = acts.object_to(own(city.found), case.uid, "学历应为研究生")
    casework.answer(OTHER, objection.uid, "redo", "学籍有误，重新核定")
    closed = list(Fact.objects.filter(type="casework.closed", subject=case.subject).order_by("id"))
    follow(closed[-1:])
    follow(closed[-1:])
    award, fresh = Award.objects.get(case=case), Application.objects.get(open=True)
    assert (award.state, award.ending) == ("ended", "annulled")
    assert (fresh.case.status, fresh.case.programme_version, fresh.account_cipher != "") == ("open", "2023", True)
    assert Case.objects.filter(kind="application").count() == 2
    assert objecting.may_object(fresh.case, steps.programme_of(case)) is False
    before, programme = Case.objects.get(pk=case.pk), steps.programme_of(case)
    assert (annulled(before), annulled(fresh.case)) == (True, False)
    assert not objecting.may_object(before, programme)
    assert not objecting.may_review(before, programme)
    with refused("entitlements.not_to_contest"):
        acts.object_to(own(city.found), case.uid, "还是不同意")
    assert Letter.objects.get(case=case, kind="grant").withdrawn_at is not None


def test_who_answered_in_the_matter_does_not_answer_when_that_is_contested(city: City) -> None:
    case = decided(city)
    Case.objects.filter(pk=case.pk).update(answered_by=OTHER.actor)
    objection = acts.object_to(own(city.found), case.uid, "学历应为研究生")
    with refused("casework.decided_it"):
        casework.answer(OTHER, objection.uid, "redo", "学籍有误")


def test_a_review_is_answered_by_another_office_and_after_an_objection(city: City) -> None:
    case = decided(city)
    objection = acts.object_to(own(city.found), case.uid, "学历应为研究生")
    casework.answer(OTHER, objection.uid, "upheld", "学籍登记为本科")
    assert Letter.objects.get(case=objection).kind == "contest"
    review = acts.ask_review(CLERK, case.uid, "对答复不服", origin="phone", key="r")
    assert (review.kind, review.origin, review.parent_id) == ("review", "phone", case.pk)
    assert (day_of(review.due_at) - day_of(review.opened_at), review.due_days) == (timedelta(days=60), None)
    for who, why in ((OTHER, "casework.decided_it"), (staff(62, Grant("officer", "140802")), "casework.same_office")):
        with refused(why):
            casework.answer(who, review.uid, "redo", "学籍有误")
    casework.answer(staff(63, Grant("officer", "1408")), review.uid, "redo", "学籍有误，撤销重办")
    follow(list(Fact.objects.filter(type="casework.closed", subject=case.subject).order_by("id"))[-1:])
    assert Application.objects.get(open=True).case.status == "open"
    assert Award.objects.get(case=case).ending == "annulled"


def test_an_office_that_lets_its_time_pass_is_ordered_to_act(city: City) -> None:
    case = asked(city.found)
    acts.accept(COUNTY, case.uid)
    with refused("entitlements.not_to_contest"):
        acts.ask_review(own(city.found), case.uid, "还没有结果")
    row = Case.objects.get(pk=case.pk)
    with on(row.due_at + timedelta(days=1)):
        review = acts.ask_review(own(city.found), case.uid, "过期没有结果")
        casework.answer(staff(63, Grant("officer", "1408")), review.uid, "ordered", "责令十日内办理")
        follow(list(Fact.objects.filter(type="casework.closed", subject=case.subject).order_by("id"))[-1:])
        assert Case.objects.select_related("task").get(pk=case.pk).task.level == 1
