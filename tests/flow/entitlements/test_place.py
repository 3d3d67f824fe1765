"""Where a case goes and whose county pays: the programme's own places, and who is registered in another city all the same."""

from __future__ import annotations

import pytest
from award_examples import City, asked, own
from case_examples import refused, staff
from place_examples import FIRST_DAY, VILLAGE, identity, person
from walk_examples import ACCOUNT, publish_draft
from web_examples import born

from linli.agreements.models import Award
from linli.casework.inbox import inbox
from linli.casework.models import Case
from linli.entitlements import acts
from linli.entitlements.acts.applying import Wanted
from linli.kernel.viewer import Grant
from linli.registers import acts as registers
from linli.registers.models import Resident

pytestmark = pytest.mark.django_db
SLUG = "old-age-allowance"
PLACES = {"registered": "140802002001", "lives": "140882100201", "insured": "140882101201", "studies": "140802002002"}
ELSEWHERE = "320102002001"


def variant(office: str, payer: str, eligibility: str = "registered") -> None:
    """The allowance with other places, in force since February."""
    before = "place: {eligibility: registered, office: registered, payer: registered"
    publish_draft(SLUG, [
        ('version: "2026"', 'version: "2026-2"'),
        ("effective_from: 2026-01-01", "effective_from: 2026-02-01"),
        ("level: village", "level: township"),
        (before, f"place: {{eligibility: {eligibility}, office: {office}, payer: {payer}"),
    ])  # fmt: skip


def elder(**places: str) -> Resident:
    lives = [registers.Lives(kind, code, FIRST_DAY) for kind, code in places.items()]
    return person("测试丁", identity=identity(born(82)), birth_date=born(82), situations=lives, relations_known=True)


def applied(who: Resident, **more: object) -> Case:
    return Case.objects.select_related("task").get(pk=acts.apply(own(who), who.uid, Wanted(SLUG, **more)).pk)  # type: ignore[arg-type]


@pytest.mark.parametrize("office", PLACES)
def test_a_case_goes_to_the_place_that_its_programme_names(city: City, office: str) -> None:
    variant(office, office)
    case = applied(elder(**PLACES))
    assert (case.area_code, case.task.desk_code) == (PLACES[office], PLACES[office][: len(case.task.desk_code)])
    for county in ("140802", "140882"):
        seen = [one.case for one in inbox(staff(31, Grant("officer", county))).items]
        assert seen == ([case.uid] if PLACES[office].startswith(county) else [])


@pytest.mark.parametrize("payer", PLACES)
def test_the_county_that_pays_is_the_one_that_the_programme_names(city: City, payer: str) -> None:
    variant("lives", payer)
    case = applied(elder(**PLACES), account=ACCOUNT)
    award = Award.objects.get(case=case)
    assert (case.area_code, award.area_code) == (PLACES["lives"], PLACES[payer])


def test_who_is_registered_in_another_city_is_dealt_with_where_they_live(city: City) -> None:
    variant("registered", "registered", "lives")
    case = applied(elder(registered=ELSEWHERE, lives=VILLAGE), account=ACCOUNT)
    assert (case.outcome, case.area_code, Award.objects.get(case=case).area_code) == ("granted", VILLAGE, VILLAGE)


def test_what_is_unknown_falls_back_on_what_is_known_in_the_city_and_at_last_on_the_city(city: City) -> None:
    variant("insured", "insured")
    assert applied(elder(registered=VILLAGE, lives=ELSEWHERE)).area_code == VILLAGE
    case = applied(elder(registered=ELSEWHERE))
    assert (case.area_code, case.task.desk_code) == ("1408", "1408")
    assert case.uid in [one.case for one in inbox(staff(31, Grant("officer", "1408"))).items]


def test_the_reasons_are_open_where_the_case_is(city: City) -> None:
    """An officer of the county where somebody lives sees why, though another county has them registered."""
    from linli.screening.explaining import reasons

    variant("lives", "lives")
    who = elder(registered=VILLAGE, lives="140882100201")
    assert reasons(staff(31, Grant("officer", "140882")), SLUG, who.uid).explanation.verdict.verdict == "eligible"
    with refused("viewer.not_granted"):
        reasons(staff(31, Grant("officer", "140802")), SLUG, who.uid)


def test_the_student_aid_stays_at_home(city: City) -> None:
    assert asked(city.found).area_code == VILLAGE
