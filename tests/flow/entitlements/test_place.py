"""Where a case goes and whose county pays: the programme's own places, and who is registered in another city all the same."""

from __future__ import annotations

import pytest
from award_examples import City, asked, own
from case_examples import refused, staff
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
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
from linli.screening import acts as screening
from linli.screening import kept
from linli.screening.explaining import reasons
from linli.screening.models import Determination

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


NEWCOMER = {"registered": ELSEWHERE, "lives": VILLAGE}
NOWHERE = {"registered": ELSEWHERE}


@pytest.mark.parametrize("places", [PLACES, {"registered": ELSEWHERE, "lives": VILLAGE}], ids=["of four places", "newcomer"])
@pytest.mark.parametrize("office", PLACES)
def test_a_screening_counts_everybody_where_their_case_would_go(city: City, office: str, places: dict[str, str]) -> None:
    """By the night's run and after a change of their own."""
    variant(office, office, "lives")
    who = elder(**places)
    (run,) = screening.screen(viewer=SYSTEM, slugs=[SLUG])
    expected = applied(who).area_code
    assert expected == places.get(office, VILLAGE).replace(ELSEWHERE, VILLAGE)
    assert Determination.objects.get(programme=SLUG, subject=who.uid).area_code == expected
    assert [(county, found) for county, found, *_more in kept.by_county(run, [""]) if found] == [(expected[:6], 1)]
    Determination.objects.filter(programme=SLUG, subject=who.uid).delete()
    screening.rescreen(viewer=SYSTEM, residents=[who.uid])
    assert Determination.objects.get(programme=SLUG, subject=who.uid).area_code == expected


def at_home(name: str, **places: str) -> Resident:
    lives = [registers.Lives(kind, code, FIRST_DAY) for kind, code in places.items()]
    return person(name, situations=lives, relations_known=True)


def test_a_household_is_counted_where_its_case_would_go(city: City) -> None:
    """With its head, though another member lives elsewhere; where the head lives in another city, where they are registered."""
    slug = "subsistence-allowance"
    publish_draft(slug, [
        ('version: "2026"', 'version: "2026-2"'),
        ("effective_from: 2026-01-01", "effective_from: 2026-02-01"),
        ("office: registered, payer", "office: lives, payer"),
    ])  # fmt: skip
    head = at_home("测试甲", registered="140882100201", lives="140802002002")
    child = at_home("测试乙", registered="140882100201", lives="140882101201")
    away = at_home("测试丙", registered="140882100201", lives=ELSEWHERE)
    homes = {
        registers.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=members, valid_from=FIRST_DAY): area
        for members, area in (([(child, "child"), (head, "head")], "140802002002"), ([(away, "head")], "140882100201"))
    }
    screening.screen(viewer=SYSTEM, slugs=[slug])
    for home, area in homes.items():
        assert Determination.objects.get(subject=home.uid, programme=slug).area_code == area
        assert reasons(SYSTEM, slug, home.uid).office == area
    Determination.objects.filter(programme=slug).delete()
    screening.rescreen(viewer=SYSTEM, residents=[], households=[home.uid for home in homes])
    assert set(Determination.objects.filter(programme=slug).values_list("area_code", flat=True)) == set(homes.values())


def test_the_reasons_are_open_where_the_case_is(city: City) -> None:
    """An officer of the county where somebody lives sees why, though another county has them registered."""
    variant("lives", "lives")
    who = elder(registered=VILLAGE, lives="140882100201")
    assert reasons(staff(31, Grant("officer", "140882")), SLUG, who.uid).explanation.verdict.verdict == "eligible"
    with refused("viewer.not_granted"):
        reasons(staff(31, Grant("officer", "140802")), SLUG, who.uid)


def test_the_student_aid_stays_at_home(city: City) -> None:
    assert asked(city.found).area_code == VILLAGE
