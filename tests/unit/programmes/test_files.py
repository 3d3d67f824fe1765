"""Programme files: what is read, and how broken ones are refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programme_texts import FACTS, TEXT, also, programme

from linli.kernel.errors import LinliError, Problems
from linli.programmes import parse_programme
from linli.programmes.files import read_content

LINES = TEXT.splitlines()


def refusals(text: str) -> list[LinliError]:
    with pytest.raises(Problems) as caught:
        parse_programme(text.encode(), FACTS, file="programme.yaml")
    return caught.value.problems


def test_the_place_of_eligibility_is_the_first_condition() -> None:
    first, second = programme().rule.conditions
    assert (first.id, first.text) == ("place", "living_prefecture = '1408'")
    assert first.label.zh == "常住运城市"
    assert second.id == "unemployed"


def test_a_county_is_asked_for_by_its_county_fact() -> None:
    facts = FACTS | {"registered_county": {"type": "text", "zh": "县", "en": "county"}}
    text = TEXT.replace("eligibility: lives", "eligibility: registered").replace('"1408"', '"140802"')
    found = parse_programme(text.encode(), facts)
    assert found.rule.conditions[0].text == "registered_county = '140802'"


def test_a_household_belongs_where_its_head_does() -> None:
    text = TEXT.replace("subject: person", "subject: household").replace(
        "when: is_registered_unemployed", "when: household_any(is_registered_unemployed)"
    )
    assert parse_programme(text.encode(), FACTS).rule.conditions[0].text == "household_any(living_prefecture = '1408', role = 'head')"


@pytest.mark.parametrize(
    ("written", "day", "precision"),
    [("2026-03-05", date(2026, 3, 5), "day"), ('"2023-12"', date(2023, 12, 1), "month"), ('"2023"', date(2023, 1, 1), "year")],
)
def test_the_day_of_issue_is_as_exact_as_the_source(written: str, day: date, precision: str) -> None:
    found = programme(("issued_on: 2026-01-01", f"issued_on: {written}"))
    assert (found.issued_on, found.issued_precision) == (day, precision)


@pytest.mark.parametrize(
    ("issued", "applies", "retroactive"),
    [
        ("2026-01-01", "2026-01-01", False),
        ("2026-01-02", "2026-01-01", True),
        ('"2023-12"', "2023-12-31", False),
        ('"2023-12"', "2023-12-30", True),
        ('"2023"', "2024-01-01", False),
        ('"2023"', "2023-01-01", True),
    ],
)
def test_what_applies_before_it_was_issued_is_retroactive(issued: str, applies: str, retroactive: bool) -> None:
    found = programme(("issued_on: 2026-01-01", f"issued_on: {issued}"), ("effective_from: 2026-01-01", f"effective_from: {applies}"))
    assert found.is_retroactive is retroactive


def test_open_fields_are_named_and_do_not_stop_loading() -> None:
    found = programme(('code: "000100"', "code: null"), ("promised_working_days: 10", "promised_working_days: null"))
    assert [(item.path, item.blocking) for item in found.open_fields] == [
        ("item.code", False),
        ("time_limits.promised_working_days", False),
    ]


PARAMETER = "  as_of: screening\n  parameters:\n    least: {type: integer, zh: 下限, en: least number, values: []}\n"


def test_an_empty_parameter_blocks_but_the_rest_is_still_checked() -> None:
    found = programme(("  as_of: screening\n", PARAMETER), also("age(birth_date) >= least"))
    assert found.empty_parameters == ("rule.parameters.least",)
    assert "“下限”：尚未填写" in found.words("zh")
    assert "9999" not in found.words("en")
    with pytest.raises(LinliError, match="not in force"):
        found.rule.check_in_force(date(2026, 6, 1))
    wrong = refusals(TEXT.replace("  as_of: screening\n", PARAMETER).replace("when: is_registered_unemployed", "when: sex >= least"))
    assert wrong[0].code.startswith("rules.")


def test_a_misspelt_key_is_refused_at_its_place() -> None:
    [error] = refusals(TEXT.replace("promised_working_days", "promised_days"))[:1]
    assert error.place is not None
    assert (error.place.file, error.place.line) == (
        "programme.yaml",
        LINES.index(next(line for line in LINES if line.startswith("time_limits"))) + 1,
    )
    assert error.remedy_zh
    assert error.remedy_en


def test_a_fault_in_the_rule_points_at_the_character() -> None:
    [error] = refusals(TEXT.replace("when: is_registered_unemployed", "when: is_registerd_unemployed"))
    line = next(line for line in LINES if "when:" in line)
    assert error.place is not None
    assert (error.place.line, error.place.column) == (LINES.index(line) + 1, line.index("is_registered") + 1)
    assert "is_registered_unemployed" in error.remedy_en


def test_all_faults_are_found_in_one_pass() -> None:
    text = TEXT.replace("lifecycle: entitlements", "lifecycle: gifts").replace("subject: person\nhouse", "subject: people\nhouse")
    assert len(refusals(text)) == 2


def test_a_fault_in_one_part_hides_no_fault_in_another() -> None:
    """Format, contradiction and rule, each where the others leave it readable."""
    text = TEXT.replace("lifecycle: entitlements", "lifecycle: gifts")
    text = text.replace("effective_from: 2026-01-01", "effective_from: 2026-01-01\neffective_to: 2025-12-31")
    text = text.replace("when: is_registered_unemployed", "when: is_registerd_unemployed")
    text = text.replace("en: Employment Promotion Law}", "en: Employment Promotion Law, supports: [no_such_condition]}")
    codes = sorted(error.code for error in refusals(text))
    assert codes[:3] == ["programmes.contradiction", "programmes.contradiction", "programmes.schema"]
    assert [code for code in codes if code.startswith("rules.")]


def test_a_missing_part_is_one_fault_and_the_rule_is_still_read() -> None:
    text = TEXT.replace('place: {eligibility: lives, office: lives, payer: lives, area: "1408", zh: 运城市, en: Yuncheng}\n', "")
    text = text.replace("when: is_registered_unemployed", "when: is_registerd_unemployed")
    assert [error.code.partition(".")[0] for error in refusals(text)] == ["programmes", "rules"]


def test_a_faulty_rule_leaves_the_rest_to_be_looked_at() -> None:
    text = TEXT.replace("when: is_registered_unemployed", "when: is_registerd_unemployed")
    read = read_content(text.encode(), FACTS)
    assert read.programme is not None
    assert [condition.id for condition in read.programme.rule.conditions] == ["place"]
    assert read.faults


@pytest.mark.parametrize(
    "change",
    [
        ("effective_from: 2026-01-01", "effective_from: 2026-01-01\neffective_to: 2025-12-31"),
        ("  subject: person", "  subject: household"),
        ("household_kind: shared_living\n", ""),
        ("materials: []", "materials:\n" + 2 * "  - {id: a, zh: 甲, en: a, source: {zh: 乙, en: b}, form: copy, exempt: none}\n"),
        ("en: Employment Promotion Law}", "en: Employment Promotion Law, supports: [no_such_condition]}"),
    ],
)
def test_contradictions_are_refused(change: tuple[str, str]) -> None:
    errors = refusals(TEXT.replace(*change))
    assert [error.code for error in errors] == ["programmes.contradiction"]
    assert errors[0].place is not None
    assert errors[0].place.line


@pytest.mark.parametrize(
    "text", ["", "\t- [", "a: 1\na: 2", "a: &x 1\nb: *x", "- 1", "programme: !!python/object:os.system x", "\ufeff\x00"]
)
def test_broken_yaml_is_refused(text: str) -> None:
    assert refusals(text)


def test_a_comment_changes_no_digest_and_a_number_does() -> None:
    one = programme()
    assert programme(("programme: job-help", "# a remark\nprogramme: job-help")).digest == one.digest
    assert programme(("promised_working_days: 10", "promised_working_days: 11")).digest != one.digest
    redeclared = FACTS | {"is_registered_unemployed": FACTS["is_registered_unemployed"] | {"assume": False}}
    assert parse_programme(TEXT.encode(), redeclared).digest != one.digest


def test_a_version_can_be_read_back_from_its_own_text_and_facts() -> None:
    one = programme(also("sex = 'male'"))
    assert set(one.facts) == {"living_prefecture", "is_registered_unemployed", "sex"}
    assert parse_programme(one.text.encode(), one.facts).digest == one.digest


@given(st.integers(0, len(LINES) - 1), st.text(st.characters(codec="utf-8"), max_size=12))
def test_any_line_replaced_is_read_or_refused_in_words(number: int, junk: str) -> None:
    lines = [*LINES]
    lines[number] = lines[number][: len(lines[number]) - len(lines[number].lstrip())] + junk
    errors: list[LinliError] = []
    try:
        parse_programme("\n".join(lines).encode(), FACTS, file="programme.yaml")
    except Problems as problems:
        errors = problems.problems
    assert all(error.zh and error.en and error.remedy_zh and error.remedy_en for error in errors)
