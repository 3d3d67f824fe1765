"""What is shown to the public before it is decided: it waits with a running clock until the notice hangs, and always comes to an end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from award_examples import COUNTY, City, asked, own
from batch_examples import CHECKER, MAKER, staff
from case_examples import later, on, refused
from paper_examples import taken
from place_examples import FIRST_DAY, SYSTEM, VILLAGE
from shown_examples import DECIDED_FIRST, FEDERATION, GIVEN, checked, listed, publish_shown_first, shown, unguarded, waiting
from test_objections import at_work
from walk_examples import FIRST, on_list, opened, somebody
from walk_examples import asked as walk_asked

from linli.agreements.models import Award
from linli.batches import blocks, queries
from linli.batches.acts import gathering, noticing
from linli.batches.acts.objecting import object_to
from linli.batches.models import Announcement, Batch, Item
from linli.casework import acts as casework
from linli.casework import unmanned
from linli.casework.documents import acts as documents
from linli.casework.inbox import inbox
from linli.casework.models import Case, Pause
from linli.casework.reactions import hand_up
from linli.casework.steps import acts as steps
from linli.entitlements import acts, reactions, recovering
from linli.entitlements.acts import objecting
from linli.entitlements.models import Recovery
from linli.kernel import clock
from linli.kernel.viewer import Grant
from linli.registers import acts as homes
from linli.registers.acts.records import record_authorisation
from linli.registers.queries.staff import viewer_of
from linli.trace.deep import verify_rows
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
OTHER = staff(71, Grant("officer"))
"""Somebody who had no part in it."""


@pytest.fixture
def hanging(city: City) -> tuple[Case, Batch, Announcement]:
    """A case on a list that hangs."""
    publish_shown_first()
    case = waiting(city.found)
    row = checked(listed())
    return case, row, shown(row)


def again(case: Case) -> Case:
    return Case.objects.select_related("task").get(pk=case.pk)


def day_after(notice: Announcement):
    return clock.frozen(clock.midnight(notice.ends_on + timedelta(days=1)))


def test_the_clock_stands_only_while_the_notice_hangs(city: City) -> None:
    publish_shown_first()
    case = waiting(city.found)
    assert (case.step, case.stopped_at) == ("show", None)  # nothing hangs yet: the office is what it waits for
    due = case.due_at
    notice = shown(checked(listed()))
    assert again(case).stopped_at is not None
    with day_after(notice):
        noticing.take_down_due()
        case = again(case)
        assert (case.step, case.stopped_at) == ("decide", None)
        assert case.due_at > due
        pause = Pause.objects.get(case=case)
        assert pause.began_at >= notice.put_up_at
        assert pause.ended_at is not None
        assert [one for one in verify_rows() if "casework" in str(one)] == []


def test_a_notice_that_was_withdrawn_lets_the_clock_run(hanging: tuple[Case, Batch, Announcement]) -> None:
    case, row, notice = hanging
    noticing.withdraw(CHECKER, announcement=notice.uid)
    assert (again(case).step, again(case).stopped_at) == ("show", None)
    shown(Batch.objects.get(pk=row.pk))
    assert again(case).stopped_at is not None


def test_who_is_taken_off_by_mistake_waits_for_another_notice(
    hanging: tuple[Case, Batch, Announcement],
) -> None:
    case, _row, _notice = hanging
    gathering.remove(CHECKER, item=Item.objects.get().uid, reason="mistake")
    assert (again(case).step, again(case).stopped_at) == ("show", None)


def test_a_case_that_is_taken_off_because_an_objection_was_right_goes_back_a_step(hanging: tuple[Case, Batch, Announcement]) -> None:
    case, _row, notice = hanging
    item = Item.objects.get()
    objection = object_to(OTHER, announcement=notice.uid, item=item.uid, words="已经搬走")
    casework.answer(OTHER, objection.uid, "founded", "确已搬走")
    gathering.remove(CHECKER, item=item.uid, reason="objection")
    case = again(case)
    assert (case.step, case.stopped_at, case.task.done_at) == ("check", None, None)


def test_an_objection_that_is_answered_after_the_notice_does_not_strand_its_case(hanging: tuple[Case, Batch, Announcement]) -> None:
    case, _row, notice = hanging
    item = Item.objects.get()
    objection = object_to(OTHER, announcement=notice.uid, item=item.uid, words="已经搬走")
    with day_after(notice):
        noticing.take_down_due()
        assert (again(case).step, again(case).stopped_at) == ("show", None)  # it is the office that is waited for now
        casework.answer(OTHER, objection.uid, "unfounded", "没有搬走")
        assert again(case).step == "decide"
        acts.decide(FEDERATION, case.uid, "granted")
        assert Award.objects.get(case=case).state in ("proposed", "active")


def test_an_objection_to_a_notice_goes_up_where_everybody_at_its_desk_had_a_part(city: City) -> None:
    only, _grant = at_work("only", "独任", "140802")
    above, _grant = at_work("above", "市级", "1408")
    publish_shown_first()
    case = asked(city.found)
    acts.accept(viewer_of(only), case.uid)
    steps.pass_on(viewer_of(only), case.uid)
    notice = shown(checked(listed()))
    objection = object_to(own(city.away), announcement=notice.uid, item=Item.objects.get().uid, words="已经搬走")
    assert Case.objects.select_related("task").get(pk=objection.pk).task.desk_code == "140802"
    for _again in range(2):
        hand_up(list(Fact.objects.filter(type="casework.case_opened", payload__case=str(objection.uid), echo_of=None)))
    assert again(objection).task.desk_code == "1408"
    with refused("casework.decided_it"):
        casework.answer(viewer_of(only), objection.uid, "unfounded", "没有搬走")
    assert not any(one.case == objection.uid for one in inbox(viewer_of(only)).items)
    assert any(one.case == objection.uid for one in inbox(viewer_of(above)).items)
    casework.answer(viewer_of(above), objection.uid, "unfounded", "没有搬走")
    colleague, _grant = at_work("colleague", "同事", "140802")
    second = object_to(own(city.away), announcement=notice.uid, item=Item.objects.get().uid, words="还是不对")
    assert unmanned.hand_up_all() == 0, "a colleague at the county's desk had no part"
    casework.answer(viewer_of(colleague), second.uid, "unfounded", "没有搬走")


def test_what_is_decided_anew_after_its_period_was_paid_is_shown_and_ends_and_is_paid_once(
    hanging: tuple[Case, Batch, Announcement],
) -> None:
    case, _row, notice = hanging
    with day_after(notice):
        noticing.take_down_due()
        acts.decide(FEDERATION, case.uid, "granted")
        Award.objects.filter(case=case).update(state="active")
        with unguarded():
            Item.objects.update(state="paid", ended_at=clock.now())
            Batch.objects.update(state="closed")
        fresh = objecting.redo(objecting.ANSWERING, case.uid)
        acts.accept(COUNTY, fresh.uid)
        steps.pass_on(COUNTY, fresh.uid)
        second = listed()
        codes = set(blocks.counts_of(second, queries.programme_of(second)).blocked)
        assert {"paid_annulled", "undecided"} <= codes
        assert not codes & {"person_twice", "award_ended"}, "whose advice is to take it off before it was shown"
        notice = shown(checked(second))
        with day_after(notice):
            noticing.take_down_due()
            acts.decide(FEDERATION, fresh.uid, "granted")
            assert again(fresh).outcome == "granted"
            assert "paid_annulled" in blocks.counts_of(second, queries.programme_of(second)).blocked, "and is not paid twice"
            gathering.remove(CHECKER, item=Item.objects.get(state="listed").uid, reason="twice")
            recovery = Recovery.objects.get()
            recovering.propose(staff(73, Grant("officer")), recovery.case.uid, "unfounded", "重新决定的金额与已发相同")
            casework.answer(OTHER, recovery.case.uid, "unfounded", "确认")
            assert Recovery.objects.get().stopped_at is not None
            assert Item.objects.filter(state="paid").count() == 1


def test_a_notice_after_the_decision_is_hung_comes_down_and_the_award_stands(city: City) -> None:
    """The order is the programme's: decided, shown, paid. What isn't in its notice step yet is on no list."""
    publish_shown_first(DECIDED_FIRST, place="before_payment")
    case = waiting(city.found)
    acts.decide(FEDERATION, case.uid, "granted")
    early = gathering.open_batch(MAKER, programme=case.programme, period=str(clock.today().year), given=GIVEN)
    assert gathering.gather(MAKER, batch=early.uid) == 0
    assert again(case).step == "visit"
    steps.pass_on(COUNTY, case.uid)
    assert again(case).step == "show"
    row = checked(listed())
    assert row.pk == early.pk
    notice = shown(row)
    assert again(case).stopped_at is not None
    with day_after(notice):
        noticing.take_down_due()
        ended = again(case)
        assert (ended.status, ended.outcome) == ("closed", "granted")
        reactions.follow(list(Fact.objects.filter(type="casework.closed", subject=case.subject, payload__case=str(case.uid))))
        assert Award.objects.get(case=case).state == "active"
        assert not blocks.counts_of(row, queries.programme_of(row)).blocked.keys() & {"undecided", "award_ended"}


def test_of_a_home_of_children_nothing_is_shown_online(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "take_in", taken)
    with on(later(date(2026, 10, 19))):
        head, other = somebody(14, "测试孤"), somebody(12, "测试妹")
        homes.form_household(
            SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(head, "head"), (other, "other")], valid_from=FIRST_DAY
        )
        for who in (head, other):
            on_list(who, "extreme-hardship", present=False)
            record_authorisation(SYSTEM, resident=who, list_slug="economic-check", valid_from=FIRST_DAY, evidence="测试")
            on_list(who, "economic-check", monthly_income=0, assets=100_000)
        case = walk_asked(head, "subsistence-allowance")
        opened(case)
        while again(case).step != "show":
            steps.pass_on(FIRST, case.uid)
        award = Award.objects.get(case=case)
        assert (award.beneficiary_kind, award.state, award.minor) == ("household", "proposed", True)
