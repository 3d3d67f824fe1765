"""List files: what is refused is named with file, line and column; what a list says becomes facts for rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.errors import LinliError, Problems
from linli.registers.lists import load_list, load_lists, sources, vocabulary

CITY = Path(__file__).parents[3] / "cities" / "yuncheng"
GOOD = """\
list: orchard-help
zh: 果农帮扶
en: help for fruit growers
owner: {zh: 农业农村局, en: agriculture bureau}
subject: person
key: identity_number
sensitivity: internal
refresh: {every_days: 30}
coverage: {place: lives, area: "1408"}
absence: "no"
source: file
presence: {fact: gets_orchard_help, zh: 享受帮扶, en: gets help}
columns:
  - {name: identity_number, zh: 身份证号, en: identity number, type: identity}
  - {name: trees, zh: 株数, en: trees, type: integer, min: 1, max: 9, fact: orchard_trees, codes: {很多: 9}}
"""


def write(folder: Path, text: str, name: str = "orchard-help") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, "utf-8")
    return path


def problems_of(path: Path) -> list[LinliError]:
    try:
        load_list(path)
    except Problems as several:
        return several.problems
    except LinliError as error:
        return [error]
    pytest.fail("the file was accepted")


def test_a_new_list_is_only_a_new_file(tmp_path: Path) -> None:
    folder = tmp_path / "registers"
    folder.mkdir()
    write(folder, GOOD)
    facts = vocabulary(tmp_path)
    assert facts["gets_orchard_help"] == {"type": "boolean", "zh": "享受帮扶", "en": "gets help"}
    assert facts["orchard_trees"] == {"type": "integer", "zh": "株数", "en": "trees", "min": 1, "max": 9}
    assert "birth_date" in facts
    assert sources(tmp_path)["orchard_trees"].owner_en == "agriculture bureau"


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ('absence: "no"', "absence: no", "no\nsource"),
        ("every_days: 30", "every_days: 0", "0}"),
        ("key: identity_number", "key: trees", "trees"),
        ("很多: 9", "很多: 10", "10}"),
        ("min: 1, max: 9", "min: 10, max: 9", "10, max"),
        ("fact: orchard_trees", "fact: gets_orchard_help", "gets_orchard_help, codes"),
        ("zh: 株数", "zh: 身份证号", "{name: trees"),
        ("type: integer", "type: number", "number, min"),
        ("source: file", "sauce: file", "list: orchard-help"),
    ],
)
def test_each_fault_is_placed(tmp_path: Path, old: str, new: str, at: str) -> None:
    text = GOOD.replace(old, new)
    assert text != GOOD
    before = text[: text.index(at)]
    wanted = (before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
    found = [(problem.place.line, problem.place.column) for problem in problems_of(write(tmp_path, text)) if problem.place]
    assert wanted in found


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("list: [a", 2),
        ("list: a\nlist: b\n", 2),
        ("a: &x {b: 1}\nc: *x\n", 1),
        ("<<: {a: 1}\n", 1),
        ("a: !!python/object/apply:os.system [ls]\n", 1),
        ("\x1f", None),
    ],
)
def test_broken_or_hostile_yaml_is_refused_at_its_place(tmp_path: Path, text: str, line: int | None) -> None:
    problem = problems_of(write(tmp_path, text))[0]
    assert problem.place is not None
    assert problem.place.line == line


def test_deep_nesting_is_refused_without_exhausting_the_stack(tmp_path: Path) -> None:
    assert problems_of(write(tmp_path, "a: " + "[" * 5000 + "]" * 5000))[0].code == "rules.yaml_too_deep"


def test_the_name_of_the_file_is_the_slug(tmp_path: Path) -> None:
    assert problems_of(write(tmp_path, GOOD, "something-else"))[0].place.line == 1  # type: ignore[union-attr]


def test_two_lists_cannot_give_one_fact(tmp_path: Path) -> None:
    folder = tmp_path / "registers"
    folder.mkdir()
    write(folder, GOOD)
    write(folder, GOOD.replace("orchard-help", "orchard-two"), "orchard-two")
    with pytest.raises(Problems) as refused:
        load_lists(tmp_path)
    assert {problem.code for problem in refused.value.problems} == {"lists.fact_twice"}


def test_a_fact_of_everyone_cannot_be_taken(tmp_path: Path) -> None:
    folder = tmp_path / "registers"
    folder.mkdir()
    write(folder, GOOD.replace("orchard_trees", "birth_date"))
    with pytest.raises(LinliError) as refused:
        vocabulary(tmp_path)
    assert refused.value.code == "lists.fact_taken"


def test_yunchengs_lists_give_the_facts_that_programmes_use() -> None:
    facts = vocabulary(CITY)
    expected = {
        "has_disability_certificate", "disability_kind", "disability_level", "on_subsistence_allowance", "subsistence_category",
        "in_extreme_hardship", "in_low_income_edge_family", "is_enrolled_student", "student_level", "enrolled_on", "expected_graduation",
        "is_insured_employee", "contribution_base", "insured_since", "employer_code", "is_registered_unemployed", "unemployed_since",
        "is_recognised_hard_to_employ", "monthly_income", "assets", "needs_rehabilitation", "lives_alone", "is_empty_nest", "care_level",
        "has_startup_loan", "loan_principal", "loan_from", "loan_to", "loan_repaid_on", "insured_headcount", "new_hires_12m",
        "micro_enterprise", "dwelling_unsafe_for_elders",
    }  # fmt: skip
    assert expected <= facts.keys()
    assert sources(CITY)["monthly_income"].authorisation


def test_the_digest_is_of_the_content(tmp_path: Path) -> None:
    first = load_list(write(tmp_path, GOOD)).digest
    assert load_list(write(tmp_path, "# a comment\n" + GOOD)).digest == first
    assert load_list(write(tmp_path, GOOD.replace("every_days: 30", "every_days: 31"))).digest != first


@given(st.text(max_size=200))
def test_any_text_is_accepted_or_refused_with_a_place(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = write(tmp_path_factory.mktemp("any"), text)
    for problem in problems_of(path):
        assert problem.place is not None
        assert problem.place.file == str(path)
