"""What the lint refuses, what it flags, and what it lets pass."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programme_texts import also, programme

from linli.kernel.errors import Problems
from linli.programmes import Programme, catalogue
from linli.programmes.catalogue import City
from linli.programmes.declaration import Desk
from linli.programmes.files import city_vocabulary, parse_programme
from linli.programmes.lint import Surroundings, lint, surroundings
from linli.programmes.wording import ages_in
from linli.rules import Label

YUNCHENG = Path(__file__).resolve().parents[3] / "cities" / "yuncheng"
CITY = City(
    "yuncheng", Label("运城市", "Yuncheng"), "1408", Desk("12345", Label("热线", "hotline")), {"human-resources": Label("人社", "HR")}
)


AROUND = Surroundings(CITY, ["disability-certificate"], ["job-help", "home-adaptation"])


def codes(one: Programme, *others: Programme, blocking: bool | None = None) -> list[str]:
    found = lint(one, AROUND, others)
    return [finding.error.code for finding in found if blocking is None or finding.blocks is blocking]


def test_a_clean_programme_has_no_findings() -> None:
    assert codes(programme()) == []


@pytest.mark.parametrize(
    "expression",
    [
        "hukou_type = 'agricultural'",
        "sex = 'male'",
        "age(birth_date) < 35",
        "household_any(sex = 'male')",
        "family_any(hukou_type <> 'unified', relation = 'father')",
    ],
)
def test_employment_may_not_ask_hukou_sex_or_age_without_a_basis(expression: str) -> None:
    [error] = [finding.error for finding in lint(programme(also(expression)), AROUND) if finding.blocks]
    assert error.code == "programmes.discrimination"
    assert error.place is not None
    assert error.place.line
    assert "supports: [more]" in error.remedy_en


@pytest.mark.parametrize("expression", ["sex = 'male'", "age(birth_date) >= 16"])
def test_a_legal_basis_for_that_very_condition_lets_it_pass(expression: str) -> None:
    basis = ("en: Employment Promotion Law}", "en: Employment Promotion Law, supports: [{}]}}")
    assert "programmes.discrimination" not in codes(programme(also(expression), (basis[0], basis[1].format("more"))))
    assert "programmes.discrimination" in codes(programme(also(expression), (basis[0], basis[1].format("unemployed"))))


def test_other_programmes_may_ask_for_age() -> None:
    assert codes(programme(also("age(birth_date) >= 75"), ("employment: true", "employment: false")), blocking=True) == []


def test_the_amount_is_looked_at_too() -> None:
    amount = ("funds: []", "  amount: \"CASE WHEN sex = 'male' THEN 200 ELSE 100 END\"\nfunds: []")
    assert codes(programme(amount), blocking=True) == ["programmes.discrimination"]


def test_a_programme_stays_off_until_its_legal_basis_is_named() -> None:
    basis = "legal_basis:\n  - {id: employment-promotion-law, zh: 中华人民共和国就业促进法, en: Employment Promotion Law}\n"
    needs = ("employment: true", "employment: true\nrequires_legal_basis: true")
    assert codes(programme(needs, (basis, "legal_basis: []\n")), blocking=True) == ["programmes.no_legal_basis"]
    assert codes(programme(needs)) == []


def test_an_empty_parameter_blocks() -> None:
    empty = ("  as_of: screening\n", "  as_of: screening\n  parameters:\n    least: {type: integer, zh: 下限, en: least, values: []}\n")
    assert codes(programme(empty), blocking=True) == ["programmes.empty_parameter"]


def test_retroactive_is_refused_without_a_reason_and_flagged_with_one() -> None:
    early = ("effective_from: 2026-01-01", "effective_from: 2025-01-01")
    assert codes(programme(early), blocking=True) == ["programmes.retroactive"]
    explained = ("issued_on: 2026-01-01", "issued_on: 2026-01-01\nretroactive: {zh: 溯及全年。, en: For the whole year.}")
    assert codes(programme(early, explained), blocking=True) == []
    assert codes(programme(early, explained), blocking=False) == ["programmes.retroactive"]


def test_versions_may_follow_but_not_overlap() -> None:
    def second(day: str) -> Programme:
        return programme(('version: "1"', 'version: "2"'), ("effective_from: 2026-01-01", f"effective_from: {day}"))

    ends = programme(("effective_from: 2026-01-01", "effective_from: 2026-01-01\neffective_to: 2026-06-30"))
    assert codes(second("2026-07-01"), ends) == []
    assert codes(second("2026-06-30"), ends) == ["programmes.overlap"]
    assert codes(ends, second("2026-06-30")) == ["programmes.overlap"]
    assert codes(second("2026-06-30"), programme()) == []
    assert codes(second("2026-01-01"), programme()) == ["programmes.overlap"]


def test_unknown_departments_lists_and_foreign_areas_are_refused() -> None:
    material = "materials:\n  - {id: a, zh: 甲, en: a, source: {zh: 乙, en: b}, form: copy, exempt: data_sharing, list: no-such-list}\n"
    found = codes(
        programme(("body: human-resources", "body: moon-office"), ("materials: []\n", material), ('area: "1408"', 'area: "1401"'))
    )
    assert found == ["programmes.unknown_body", "programmes.unknown_list", "programmes.outside_city"]


def test_holding_a_programme_that_does_not_exist_is_refused() -> None:
    assert codes(programme(also("NOT holds('home-adaptation')"))) == []
    assert codes(programme(also("NOT holds('job-help')"))) == []
    assert codes(programme(also("NOT holds('home-adaption')")), blocking=True) == ["programmes.unknown_programme"]


def test_figures_must_have_a_value_on_the_first_day() -> None:
    def since(day: str) -> tuple[str, str]:
        dated = f"values: [{{from: {day}, value: 60}}]"
        return "  as_of: screening\n", f"  as_of: screening\n  parameters:\n    least: {{type: integer, zh: 下限, en: least, {dated}}}\n"

    civil, aged = ("employment: true", "employment: false"), also("age(birth_date) >= least")
    assert codes(programme(since("2026-01-01"), aged, civil)) == []
    assert codes(programme(since("2026-01-02"), aged, civil), blocking=True) == ["programmes.no_value_on_first_day"]


def test_a_name_that_another_programme_has_is_flagged() -> None:
    one = programme()
    called = {"other-one": one.label.zh, "another": "别的名称", one.slug: one.label.zh}
    [told] = lint(one, replace(AROUND, called=called))
    assert (told.error.code, told.blocks, "other-one" in told.error.zh) == ("programmes.same_name", False, True)


def test_a_first_day_that_is_years_away_is_flagged() -> None:
    near, far = f"effective_from: {programme().effective_from}", "effective_from: 9999-12-31"
    assert "programmes.far_away" in codes(programme((near, far)), blocking=False)


def test_a_figure_that_changed_by_the_same_document_is_flagged_and_so_are_words_that_still_name_it() -> None:
    folder = YUNCHENG / "programmes" / "disabled-student-aid"
    vocabulary = city_vocabulary(YUNCHENG)
    text = (folder / "programme.yaml").read_text("utf-8")
    before = parse_programme(text.encode(), vocabulary)
    later = text.replace('version: "2023"', 'version: "later"').replace("effective_from: 2023-01-01", "effective_from: 2027-09-01")
    same, dearer = (parse_programme(one.encode(), vocabulary) for one in (later, later.replace("6000 yuan", "6500 yuan")))
    around = surroundings(catalogue(YUNCHENG))

    def flagged(one: Programme) -> set[tuple[str, bool]]:
        return {(found.error.code, found.blocks) for found in lint(one, around, [before]) if "same_" in found.error.code}

    assert flagged(same) == set()
    assert flagged(dearer) == {("programmes.same_source", False), ("programmes.same_words", False)}


@pytest.mark.parametrize("sign", ["\u202e", "\\u202e", "\u200b", "\\u2066", "\u3164", "\U000e0041"])
def test_a_text_with_what_nobody_sees_is_refused_with_its_place(sign: str) -> None:
    with pytest.raises(Problems) as caught:
        programme(("zh: 登记失业人员。", f'zh: "登记{sign}失业人员。"'))
    [fault] = caught.value.problems
    assert (fault.code, fault.place is not None and fault.place.line is not None) == ("rules.unseen", True)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_name_has_an_end(language: str) -> None:
    text = f"{language}: {getattr(programme().label, language)}\n"
    with pytest.raises(Problems):
        programme((text, f"{language}: {'长' * 100_000}\n"))


def test_words_that_name_another_age_than_the_rule_are_flagged() -> None:
    aged = also("age(birth_date) >= 75", zh="年满七十五周岁", en="at least 75 years old")
    civil = ("employment: true", "employment: false")
    assert codes(programme(aged, civil)) == []
    [slip] = lint(programme(aged, civil, ("zh: 登记失业人员。", "zh: 72周岁以上佩戴手环的老人。")), AROUND)
    assert (slip.error.code, slip.error.found, slip.blocks) == ("programmes.unknown_age", "72", False)


def test_ages_of_a_scale_are_known_to_the_rule() -> None:
    brackets = "[{from: -1000, value: 0 yuan}, {from: 80, value: 50 yuan}, {from: 90, value: 100 yuan}]"
    scale = f"  scales:\n    rate: {{input: integer, type: money, values: [{{from: 2026-01-01, brackets: {brackets}}}]}}\n"
    amount = ("funds: []", "  amount: bracket('rate', age(birth_date))\nfunds: []")
    civil, words = ("employment: true", "employment: false"), ("zh: 登记失业人员。", "zh: 八十周岁、九十周岁起标准不同。")
    assert codes(programme(("  as_of: screening\n", f"  as_of: screening\n{scale}"), amount, civil, words)) == []


def test_nothing_speaks_against_yunchengs_programmes_except_the_drafts() -> None:
    shelf = catalogue(YUNCHENG)
    blocked = {
        (programme.slug, finding.error.code)
        for versions in shelf.versions.values()
        for programme in versions
        for finding in lint(programme, surroundings(shelf), versions)
        if finding.blocks or finding.error.code == "programmes.unknown_age"
    }
    drafts = {one.slug for one in shelf if one.version.startswith("draft")}
    assert {"employer-insurance-subsidy", "rural-teaching-allowance"} <= drafts
    assert blocked == {(slug, "programmes.empty_parameter") for slug in drafts}


CHINESE = "零一二三四五六七八九"


def in_chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    return CHINESE[ones] if not tens else ("" if tens == 1 else CHINESE[tens]) + "十" + (CHINESE[ones] if ones else "")


@given(st.integers(0, 99))
def test_ages_are_read_in_both_languages_and_both_numerals(age: int) -> None:
    for text in (f"年满{age}周岁", f"{in_chinese(age)}岁以上", f"aged {age} or over", f"at least {age} years old", f"until turning {age}"):
        assert ages_in(text) == {age}
    assert ages_in("第十五条，共 30 个工作日") == frozenset()


def shipped(slug: str, *changes: tuple[str, str]) -> Programme:
    text = (YUNCHENG / "programmes" / slug / "programme.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return parse_programme(text.encode(), city_vocabulary(YUNCHENG), file="test")


@pytest.mark.parametrize(
    ("slug", "old", "new", "code"),
    [
        ("hard-to-employ", ", conditions: {employed: unemployed}", "", "stop_unsaid"),
        ("hard-to-employ", "{employed: unemployed}", "{employed: married}", "stop_unsaid"),
        ("old-age-allowance", "stops: [died, moved_away]", "stops: [died, moved_away, repaid]", "stop_unsaid"),
        ("disabled-student-aid", "stops: [on_leave,", "stops: [left_school, on_leave,", "stop_unsaid"),
        ("old-age-allowance", "resumes: [moved_back]", "resumes: [moved_back, leave_ended]", "resume_unsaid"),
    ],
)
def test_a_stop_that_nothing_says_is_not_published(slug: str, old: str, new: str, code: str) -> None:
    def said(one: Programme) -> set[str]:
        return {finding.error.code for finding in lint(one, surroundings(catalogue(YUNCHENG))) if finding.blocks}

    assert f"programmes.{code}" not in said(shipped(slug))
    assert f"programmes.{code}" in said(shipped(slug, (old, new)))


@pytest.mark.parametrize(
    ("slug", "lost", "stop", "again"),
    [
        ("hard-to-employ", "unemployed", "employed", None),
        ("hard-to-employ", "place", "moved_away", None),
        ("hard-to-employ", "difficulty", "no_longer_eligible", "eligible_again"),
        ("subsistence-allowance", "not_supported", "in_institution", "left_institution"),
        ("subsistence-allowance", "place", "moved_away", "moved_back"),
        ("disabled-student-aid", "enrolled", "on_leave", "leave_ended"),
        ("old-age-allowance", "age", None, None),
    ],
)
def test_a_lost_condition_says_which_stop_it_is_and_what_ends_it(slug: str, lost: str, stop: str | None, again: str | None) -> None:
    standing = shipped(slug).standing
    assert standing is not None
    assert standing.stop_of([lost]) == stop
    assert stop is None or standing.resumed_by(stop) == again
