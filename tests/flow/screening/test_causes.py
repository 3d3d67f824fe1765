"""What made the difference for the newly found and newly lost of one page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from screening_examples import AID, HARDSHIP_LISTS, certify, deny, edited, employer_subsidy, of_age, put_in_force, student

from linli.kernel import clock
from linli.programmes.acts import confirm_reading, publish_ready
from linli.programmes.catalogue import catalogue
from linli.registers import acts as registers
from linli.registers.acts.records import end_record, record_authorisation, record_change, record_holding
from linli.registers.models import Household, Resident
from linli.screening import acts, comparing, queries
from linli.screening.causes import causes, run_before
from linli.screening.models import Run

pytestmark = pytest.mark.django_db
ALLOWANCE, PAIRING = "subsistence-allowance", "elder-pairing"


def screen(slug: str = AID) -> Run:
    (run,) = acts.screen(viewer=SYSTEM, slugs=[slug])
    return run


def said(run: Run, subject, language: str = "zh") -> list[str]:
    """The causes for one subject as "label：before → after"."""
    found = causes(SYSTEM, run, run_before(run), [subject.uid])[subject.uid]

    def text(label) -> str:
        return "?" if label is None else label.text(language)

    return [f"{text(cause.label)}：{text(cause.before)} → {text(cause.after)}" for cause in found]


def test_a_list_that_someone_came_onto_or_left_is_named_in_both_languages(city):
    deny(found := student("甲"), "disability-certificate", *HARDSHIP_LISTS)
    certify(lost := student("乙"))
    deny(lost, *HARDSHIP_LISTS)
    screen()
    certify(found)
    end_record(SYSTEM, subject=lost, list_slug="disability-certificate", on=clock.today())
    deny(lost, "disability-certificate")
    run = screen()
    assert [row.subject for row in queries.people(SYSTEM, run, "newly_found")] == [found.uid]
    assert [row.subject for row in queries.people(SYSTEM, run, "newly_lost")] == [lost.uid]
    assert said(run, found) == ["持有残疾人证：否 → 是"]
    assert said(run, lost) == ["持有残疾人证：是 → 否"]
    assert said(run, found, "en") == ["holds a disability certificate：no → yes"]


def test_what_was_unknown_before_says_so(city):
    who = student("甲")
    screen()
    certify(who)
    assert "持有残疾人证：? → 是" in said(screen(), who)


def test_only_what_the_conditions_that_turned_read_is_a_cause(city):
    deny(who := student("甲", level="college"), "disability-certificate", *HARDSHIP_LISTS)
    screen()
    certify(who)
    record_change(SYSTEM, subject=who, list_slug="student-status", valid_from=clock.today(), data={"student_level": "undergraduate"})
    run = screen()
    found = {cause.fact for cause in causes(SYSTEM, run, run_before(run), [who.uid])[who.uid]}
    (whole,) = [one for one in comparing.between(run_before(run), run) if one.subject == str(who.uid)]
    assert found == {"has_disability_certificate"}
    assert found | {"student_level"} <= {change.fact for change in whole.changes}


def test_a_birthday_is_an_age_before_and_after(city):
    files = catalogue(settings.LINLI_CITY)
    confirm_reading(viewer=SYSTEM, programme=files.newest(PAIRING), confirmed_by="测试单位")
    publish_ready(viewer=SYSTEM, catalogue=files, demonstration=True)
    today = clock.now()
    born = clock.today().replace(year=clock.today().year - 75) + timedelta(days=1)
    elder = person("老人", identity=identity(born), relations_known=True)
    registers.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(elder, "head")], valid_from=FIRST_DAY)
    record_change(SYSTEM, subject=elder, list_slug="elder-survey", valid_from=FIRST_DAY, data={"lives_alone": True, "is_empty_nest": True})
    screen(PAIRING)
    with clock.frozen(today + timedelta(days=1)):
        run = screen(PAIRING)
        assert [row.subject for row in queries.people(SYSTEM, run, "newly_found")] == [elder.uid]
        assert said(run, elder) == ["年龄：74 → 75"]
        assert said(run, elder, "en") == ["age：74 → 75"]


def test_a_change_in_the_household_is_of_a_member_or_of_their_number(city):
    child = student("子")
    deny(child, "disability-certificate", *HARDSHIP_LISTS)
    deny(alone := student("独"), "disability-certificate", *HARDSHIP_LISTS)
    mother, poor = (person(name, identity=identity(of_age(45), male=False)) for name in ("母", "亲"))
    members = [(mother, "head"), (child, "child")]
    registers.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=members, valid_from=FIRST_DAY)
    certify(mother)
    deny(mother, *HARDSHIP_LISTS)
    screen()
    end_record(SYSTEM, subject=mother, list_slug="low-income-edge", on=clock.today())
    record_change(SYSTEM, subject=mother, list_slug="low-income-edge", valid_from=clock.today())
    certify(poor)
    record_change(SYSTEM, subject=poor, list_slug="low-income-edge", valid_from=FIRST_DAY)
    home = Household.objects.get(members__resident=alone)
    registers.change_member(SYSTEM, household=home, resident=poor, role="parent", on=clock.today())
    run = screen()
    assert said(run, child) == ["家庭成员的低保边缘家庭成员：否 → 是"]
    assert said(run, alone) == ["家庭人数：1 → 2"]


def test_a_household_programme_names_the_members_income(city):
    one = person("甲", identity=identity(of_age(45)))
    home = registers.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(one, "head")], valid_from=FIRST_DAY)
    deny(one, "extreme-hardship")
    record_authorisation(SYSTEM, resident=one, list_slug="economic-check", valid_from=FIRST_DAY, evidence="sha256:paper")
    for since, income in ((FIRST_DAY, 90_000), (clock.today(), 10_000)):
        data = {"monthly_income": income, "assets": 0}
        record_change(SYSTEM, subject=one, list_slug="economic-check", valid_from=since, data=data)
        run = screen(ALLOWANCE)
    assert [row.subject for row in queries.people(SYSTEM, run, "newly_found")] == [home.uid]
    assert said(run, home) == ["家庭成员的月收入：900.00 元 → 100.00 元"]


def test_an_employer_is_found_by_its_new_hires(city, tmp_path):
    put_in_force(employer_subsidy(tmp_path))
    firm = registers.register_organisation(SYSTEM, name="测试单位", kind="employer", area_code=VILLAGE)
    for since, hires in ((FIRST_DAY, 4), (clock.today(), 12)):
        data = {"insured_by_roster": 40, "net_hires_12m": hires}
        record_change(SYSTEM, subject=firm, list_slug="employer-hires", valid_from=since, data=data)
        run = screen("employer-insurance-subsidy")
    assert [(row.name, row.amount_fen) for row in queries.people(SYSTEM, run, "newly_found")] == [("测试单位", 12 * 100_000)]
    assert said(run, firm) == ["净增人数：4 → 12"]


def test_another_version_of_the_programme_and_its_figures_are_causes(city, tmp_path):
    certify(young := student("甲", level="college"))
    screen()
    age = "    - {id: grown, zh: 年满最低年龄, en: old enough, when: age(birth_date) >= least_age}\n"
    figures = "    least_age: {type: integer, zh: 最低年龄, en: least age, values: [{from: 2023-01-01, value: 25, source: {zh: 测试, en: test}}]}\n"  # noqa: E501 - one line of YAML
    changed = (('version: "2023"', 'version: "2026"'), ("effective_from: 2023-01-01", "effective_from: 2026-01-01"))
    put_in_force(
        edited(tmp_path, AID, *changed, ("  conditions:\n", f"  conditions:\n{age}"), ("  parameters:\n", f"  parameters:\n{figures}"))
    )
    assert said(screen(), young) == ["政策版本：2023 → 2026"]
    stricter = (
        ('version: "2026"', 'version: "2026b"'),
        ("effective_from: 2026-01-01", "effective_from: 2026-02-01"),
        ("value: 25", "value: 18"),
    )
    put_in_force(edited(tmp_path, AID, *stricter))
    assert said(screen(), young) == ["政策版本：2026 → 2026b", "最低年龄：25 → 18"]


def test_who_died_is_lost_for_that_and_who_was_not_there_before_is_new(city):
    certify(gone := student("甲"))
    screen()
    registers.record_death(SYSTEM, resident=gone, deceased_on=clock.today())
    certify(new := student("乙"))
    run = screen()
    assert said(run, gone) == ["在世：是 → 否"]
    assert said(run, new) == ["在册：否 → 是"]


def test_an_erased_person_has_no_causes_and_breaks_no_page(city):
    certify(gone := student("甲"))
    screen()
    registers.erase_resident(SYSTEM, resident=gone, reason="test")
    run = screen()
    assert said(run, gone) == []


def test_the_first_screening_has_none_before_it(city):
    certify(student("甲"))
    assert run_before(screen()) is None


def test_the_number_of_queries_does_not_grow_with_the_page(city):
    people: list[Resident] = []
    for index in range(12):
        deny(who := student(f"测试{index}"), "disability-certificate", *HARDSHIP_LISTS)
        people.append(who)
    screen()
    for who in people:
        certify(who)
    run = screen()
    counted = []
    for asked in (people[:1], people[:1], people):
        with CaptureQueriesContext(connection) as seen:
            found = causes(SYSTEM, run, run_before(run), [who.uid for who in asked])
        assert all(found.values())
        counted.append(len(seen))
    assert counted[1] == counted[2] <= 12


def test_a_benefit_that_somebody_got_is_named_as_the_city_names_it(city):
    slug = "home-adaptation"
    elder = person("老人", identity=identity(of_age(70)), relations_known=True)
    record_change(SYSTEM, subject=elder, list_slug="extreme-hardship", valid_from=FIRST_DAY)
    record_change(SYSTEM, subject=elder, list_slug="housing", valid_from=FIRST_DAY, data={"dwelling_unsafe_for_elders": True})
    first = screen(slug)
    assert [row.subject for row in queries.people(SYSTEM, first, "found")] == [elder.uid]
    record_holding(SYSTEM, subject=elder, programme_slug=slug, valid_from=clock.today())
    run = screen(slug)
    name = catalogue(settings.LINLI_CITY).newest(slug).label
    assert said(run, elder) == [f"是否正在享受“{name.zh}”：否 → 是"]
    assert said(run, elder, "en") == [f"whether “{name.en}” is being received：no → yes"]
