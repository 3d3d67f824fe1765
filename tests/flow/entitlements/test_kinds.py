"""Programmes of other shapes: by rule alone, a registration that other rules read, one that another system decides, four signatures."""

from __future__ import annotations

from datetime import date

import pytest
from award_examples import City, own
from case_examples import later, on, refused, staff
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from web_examples import born

from linli.agreements.models import Award
from linli.casework import acts as casework
from linli.casework.models import Case
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.entitlements.acts import Account
from linli.entitlements.acts.applying import Wanted
from linli.entitlements.reactions import follow
from linli.kernel.viewer import Grant
from linli.registers import acts as registers
from linli.registers.acts.records import record_change
from linli.registers.models import Holding, Record, Resident
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
OFFICER = staff(21, Grant("officer", "140802"))
ACCOUNT = Account("测试丁", "6217000000000000001")


def somebody(years: int) -> Resident:
    with on(later(date(2026, 10, 12))):
        lives = [registers.Lives("registered", VILLAGE, FIRST_DAY), registers.Lives("lives", VILLAGE, FIRST_DAY)]
        return person("测试丁", identity=identity(born(years)), birth_date=born(years), situations=lives, relations_known=True)


def again(case: Case) -> Case:
    return Case.objects.select_related("task").get(pk=case.pk)


def test_an_old_age_allowance_is_approved_at_once_and_says_so(city: City) -> None:
    who = somebody(82)
    case = again(acts.apply(own(who), who.uid, Wanted("old-age-allowance", account=ACCOUNT)))
    assert (case.status, case.outcome, case.application.automatic) == ("closed", "granted", True)
    award = Award.objects.get(case=case)
    assert (award.state, award.amount_fen, award.cycle) == ("active", 5000, "month")
    follow(list(Fact.objects.filter(type="casework.closed", subject=case.subject)))
    assert Holding.objects.get(resident=who).programme_slug == "old-age-allowance"


def test_nothing_is_approved_at_once_while_something_is_missing(city: City) -> None:
    who = somebody(82)
    case = again(acts.apply(own(who), who.uid, Wanted("old-age-allowance")))
    assert (case.status, case.application.automatic) == ("open", False)


def test_a_registration_ends_on_a_list_that_other_rules_read(city: City) -> None:
    who = somebody(35)
    for slug in ("social-insurance", "unemployment-registration"):
        record_change(SYSTEM, subject=who, list_slug=slug, valid_from=FIRST_DAY, present=False)
    facts = {"able_and_willing": True, "unemployed_since": date(2026, 9, 1)}
    with refused("entitlements.not_to_state"):
        acts.apply(own(who), who.uid, Wanted("unemployment-registration", facts={"is_insured_employee": False}))
    case = acts.apply(own(who), who.uid, Wanted("unemployment-registration", committed=("declaration",), facts=facts))
    acts.accept(OFFICER, case.uid)
    steps.pass_on(OFFICER, case.uid)
    acts.decide(OFFICER, case.uid, "registered")
    row = Record.objects.get(resident=who, list_slug="unemployment-registration", present=True)
    assert row.data == {"unemployed_since": "2026-09-01"}
    assert again(case).outcome == "registered"
    assert not Award.objects.exists()


def test_a_reimbursement_is_taken_in_and_forwarded(city: City) -> None:
    who = somebody(50)
    with refused("entitlements.event"):
        acts.apply(own(who), who.uid, Wanted("medical-reimbursement", account=ACCOUNT))
    case = acts.apply(own(who), who.uid, Wanted("medical-reimbursement", account=ACCOUNT, event=date(2026, 11, 2)))
    assert again(case).status == "open"


def test_nothing_goes_on_until_all_four_departments_have_signed(city: City) -> None:
    who = somebody(75)
    record_change(SYSTEM, subject=who, list_slug="housing", valid_from=FIRST_DAY, data={"dwelling_unsafe_for_elders": True})
    record_change(SYSTEM, subject=who, list_slug="extreme-hardship", valid_from=FIRST_DAY)
    case = acts.apply(own(who), who.uid, Wanted("home-adaptation", committed=("dwelling",), payee="provider"))
    acts.accept(OFFICER, case.uid)
    steps.pass_on(OFFICER, case.uid)
    assert again(case).stopped_at is not None  # the appraisal is not counted
    steps.pass_on(OFFICER, case.uid)
    assert (again(case).step, again(case).task.done_at is None) == ("show", False)
    assert steps.finish_notice(SYSTEM, case.uid)
    acts.decide(OFFICER, case.uid, "granted")
    assert again(case).step == "sign"
    signs = list(Case.objects.filter(parent=case, kind="sign_off").order_by("id"))
    assert [one.department for one in signs] == ["运城市民政局", "运城市财政局", "运城市住房和城乡建设局", "运城市残疾人联合会"]
    signers = [staff(30 + number, Grant("officer", "140802")) for number in range(4)]
    for one, signer in zip(signs[:3], signers, strict=False):
        casework.answer(signer, one.uid, "signed")
    with refused("casework.signed_for_another"):
        casework.answer(signers[0], signs[3].uid, "signed")
    assert again(case).step == "sign"
    casework.answer(signers[3], signs[3].uid, "signed")
    assert again(case).step == "works"
    steps.pass_on(OFFICER, case.uid)
    steps.pass_on(OFFICER, case.uid)
    assert again(case).outcome == "granted"
