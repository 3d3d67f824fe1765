"""From an application to an award: clocks, steps, what is missing, decisions, and who may do what."""

from __future__ import annotations

from datetime import date

import pytest
from award_examples import ACCOUNT, CLERK, COUNTY, FEDERATION, OTHER_COUNTY, City, asked, own
from case_examples import later, on, refused
from web_examples import AID

from linli.agreements.models import Award
from linli.casework import acts as casework
from linli.casework import timers
from linli.casework.inbox import inbox
from linli.casework.models import Case, Letter, Requirement, StepTaken
from linli.casework.steps import acts as steps
from linli.casework.steps.acts import programme_of
from linli.casework.withdrawing import withdraw
from linli.entitlements import acts, letters
from linli.entitlements.models import Application, Decision
from linli.entitlements.reckoning import reckon
from linli.entitlements.told import told_of
from linli.kernel import clock
from linli.trace.deep import verify_rows
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db


def again(case: Case) -> Case:
    return Case.objects.select_related("task").get(pk=case.pk)


def accepted(case: Case) -> Case:
    return acts.accept(COUNTY, case.uid)


def test_a_student_is_granted_the_aid_step_by_step(city: City) -> None:
    case = asked(city.found)
    row = Application.objects.get(case=case)
    assert (row.verdict, row.amount_fen, row.category) == ("eligible", 500000, "undergraduate")
    assert set(Requirement.objects.filter(case=case).values_list("material", "state")) >= {("account", "given"), ("certificate", "exempt")}
    accepted(case)
    assert again(case).step == "check"
    steps.pass_on(COUNTY, case.uid)
    assert (again(case).step, again(case).task.desk_code) == ("decide", "1408")
    acts.decide(FEDERATION, case.uid, "granted")
    done, award = again(case), Award.objects.get(case=case)
    assert (done.status, done.outcome, award.state, award.amount_fen) == ("closed", "granted", "active", 500000)
    assert list(Letter.objects.filter(case=case).order_by("id").values_list("kind", flat=True)) == ["acceptance", "grant"]
    assert Decision.objects.get(application=row).conditions == {"place": True, "enrolled": True, "level": True, "disability": True}
    told = Fact.objects.get(type="entitlements.decided", subject=case.subject)
    assert told.payload["receipt"] == case.receipt


def test_a_window_of_another_county_takes_it_in_for_the_home_county(city: City) -> None:
    case = asked(city.found, CLERK, window="140882")
    assert (case.origin, case.received_at, case.area_code[:6]) == ("window", "140882", "140802")
    assert [item.case for item in inbox(COUNTY).items] == [case.uid]
    assert inbox(OTHER_COUNTY).items == ()
    with refused("casework.no_case"):
        acts.accept(OTHER_COUNTY, case.uid)


def test_what_is_unknown_is_asked_for_and_never_refused(city: City) -> None:
    case = asked(city.undecided)
    assert Requirement.objects.get(case=case, material="certificate").state == "wanted"
    with refused("casework.items_missing"):
        accepted(case)
    acts.ask_supplement(COUNTY, case.uid, ["certificate"], "请提供残疾人证")
    assert again(case).stopped_at is not None
    with refused("casework.asked_once"):
        acts.ask_supplement(COUNTY, case.uid, ["certificate"], "再请提供")


def test_a_request_that_stays_unanswered_lapses_and_can_be_made_anew(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        case = asked(city.undecided)
        acts.ask_supplement(COUNTY, case.uid, ["certificate"], "请提供残疾人证")
    with on(later(date(2026, 11, 2), 23)):
        timers.fire_due()
        assert again(case).status == "open"
    with on(later(date(2026, 11, 3))):
        timers.fire_due()
        assert again(case).outcome == "lapsed"
        assert asked(city.undecided).receipt != case.receipt


def test_asking_again_after_withdrawing_leaves_both_rows_as_their_facts_say(city: City) -> None:
    """The first row no longer stands in the way: that change too is on record."""
    first = asked(city.found)
    withdraw(own(city.found), first.uid)
    asked(city.found)
    assert list(Application.objects.filter(person=city.found.uid).order_by("id").values_list("open", flat=True)) == [False, True]
    assert [one for one in verify_rows() if (one.row or "").startswith("entitlements.")] == []


def test_the_clock_stands_still_while_something_is_missing(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        case = asked(city.found, account=None)
        acts.ask_supplement(COUNTY, case.uid, ["account"], "请提供账户")
    with on(later(date(2026, 10, 23))):
        acts.give_account(own(city.found), case.uid, ACCOUNT)
        assert again(case).stopped_at is None
        accepted(case)
        assert again(case).due_at.astimezone(clock.SHANGHAI).date() == date(2026, 11, 20)  # twenty working days on


def test_nobody_decides_in_the_wrong_step_or_against_the_rule(city: City) -> None:
    case = accepted(asked(city.found))
    with refused("casework.not_this_step"):
        acts.decide(COUNTY, case.uid, "granted")
    steps.pass_on(COUNTY, case.uid)
    with refused("entitlements.against_the_rule"):
        acts.decide(FEDERATION, case.uid, "refused", "不同意")
    with refused("casework.goes_by_steps"):
        casework.answer(FEDERATION, case.uid, "granted", "直接办结")
    with refused("casework.not_this_step"):
        steps.pass_on(FEDERATION, case.uid)


def test_one_beneficiary_has_one_application_and_one_award(city: City) -> None:
    case = asked(city.found)
    with refused("entitlements.once"):
        asked(city.found)
    accepted(case)
    steps.pass_on(COUNTY, case.uid)
    acts.decide(FEDERATION, case.uid, "granted")
    with refused("entitlements.once"):
        asked(city.found)


def test_the_same_key_applies_and_decides_once(city: City) -> None:
    from linli.entitlements.acts.applying import Wanted

    wanted = Wanted(AID, account=ACCOUNT, committed=("kinship",))
    first = acts.apply(own(city.found), city.found.uid, wanted, key="k")
    assert acts.apply(own(city.found), city.found.uid, wanted, key="k").pk == first.pk
    acts.accept(COUNTY, first.uid, key="a")
    acts.accept(COUNTY, first.uid, key="a")
    steps.pass_on(COUNTY, first.uid, key="p")
    steps.pass_on(COUNTY, first.uid, key="p")
    assert StepTaken.objects.filter(case=first).count() == 2


def test_a_late_step_moves_up_and_a_returned_one_comes_back(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        case = accepted(asked(city.found))
        steps.pass_on(COUNTY, case.uid)
        steps.send_back(FEDERATION, case.uid, "请核对学籍")
        assert (again(case).step, again(case).task.desk_code) == ("check", "140802")
        with refused("casework.first_step"):
            steps.send_back(COUNTY, case.uid, "再退")
    with on(later(date(2026, 11, 17))):
        timers.fire_due()
        assert again(case).task.desk_code == "1408"


def test_the_letter_of_a_grant_says_from_which_day_and_names_what_the_registers_call_by_codes(city: City) -> None:
    case = asked(city.found)
    row, programme = Application.objects.get(case=case), programme_of(case)
    zh, en = letters._granted(programme, row)
    assert f"从{clock.today().year}年" in zh
    assert f"It counts from {clock.today()}" in en
    reckoned = reckon(programme, row.beneficiary_uid, told_of(row, programme))
    said = "；".join(one["found"][0] for one in letters.conditions(reckoned.reasons, {}))
    assert "运城市" in said
    assert "1408" not in said
