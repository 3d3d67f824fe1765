"""Programmes of other shapes: by rule alone, a registration that other rules read, one that another system decides, four signatures."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from award_examples import City, own
from case_examples import later, on, refused, staff
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from web_examples import born

from linli.agreements.models import Award
from linli.casework.models import Case
from linli.casework.steps import acts as steps
from linli.entitlements import acts, instant
from linli.entitlements.acts import Account
from linli.entitlements.acts.applying import Wanted
from linli.entitlements.reactions import follow
from linli.entitlements.reckoning import reckon
from linli.kernel import clock
from linli.kernel.viewer import Grant
from linli.programmes.queries import pinned
from linli.registers import acts as registers
from linli.registers.acts.records import record_change
from linli.registers.models import Holding, ListImport, ListVersion, Record, Resident
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


def delivered(slug: str, area: str) -> None:
    """A list has come for an area, last week."""
    version, _new = ListVersion.objects.get_or_create(
        list_slug=slug, digest="sha256:x", defaults={"declaration": {}, "first_used_at": clock.now()}
    )
    day = clock.today() - timedelta(days=7)
    ListImport.objects.create(
        version=version, list_slug=slug, file_name="x", file_digest=f"sha256:{area}", as_of=day, fresh_until=day + timedelta(days=60),
        area_code=area, actor="system:test", applied_at=clock.now(),
    )  # fmt: skip


def test_a_list_that_came_for_another_county_makes_nothing_fresh(city: City) -> None:
    for slug in ("extreme-hardship", "subsistence-allowance", "low-income-edge"):
        record_change(SYSTEM, subject=city.found, list_slug=slug, valid_from=FIRST_DAY, present=False)
    found = reckon(pinned("disabled-student-aid", "2023"), city.found.uid)
    told = [*found.reasons.told.values(), *found.reasons.told_of.values()]
    lists = {one.source.list for one in told if one.source.list}
    for slug in lists:
        delivered(slug, "140882")
    assert not instant.fresh(found, 31)
    for slug in lists:
        delivered(slug, "140802")
    assert instant.fresh(found, 31)
    assert not instant.fresh(found, 6)


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
