"""Hostile and mistaken rules: refused with the place and the remedy, whatever they try."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from linli.kernel.errors import LinliError, Problems
from linli.rules import load_rule
from linli.rules.syntax import ExpressionError, parse

FACTS: dict[str, Any] = {
    "birth_date": {"type": "date"},
    "level": {"type": "text", "values": ["college", "undergraduate"]},
    "income": {"type": "money"},
    "months": {"type": "integer"},
    "share": {"type": "decimal", "scale": 2},
    "flag": {"type": "boolean"},
    "rent": {"type": "money", "of": "household"},
}


def rule(when: str, **more: Any) -> dict[str, Any]:
    """A rule with one condition."""
    facts = {name: {"zh": name, "en": name, **fact} for name, fact in FACTS.items()}
    return {"subject": "person", "facts": facts, "conditions": [{"id": "a", "zh": "甲", "en": "a", "when": when}], **more}


def refusal(source: Any) -> LinliError:
    """The first refusal; every refusal must say where, and what to do, in both languages."""
    with pytest.raises(Problems) as caught:
        load_rule(source)
    for problem in caught.value.problems:
        assert problem.place is not None
        assert str(problem.place)
        assert problem.zh
        assert problem.remedy_zh
        assert problem.remedy_en
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ("(" * 3000 + "flag" + ")" * 3000, "rules.too_large"),
        ("(" * 900 + "flag" + ")" * 900, "rules.too_large"),
        ("NOT " * 500 + "flag", "rules.too_large"),
        ("-" * 900 + "months > 0", "rules.banned"),
        ("- " * 300 + "months > 0", "rules.too_large"),
        ("CASE WHEN " * 60 + "flag", "rules.too_large"),
        (" AND ".join(["flag"] * 450), "rules.too_large"),
        ("flag" + " " * 4000, "rules.too_large"),
        ("months > 9999999999999999999999", "rules.too_large"),
        ("flag -- and more", "rules.banned"),
        ("flag /* more */", "rules.banned"),
        ("flag # more", "rules.banned"),
        ("flag; DROP TABLE person", "rules.banned"),
        ("months IN (SELECT 1)", "rules.banned"),
        ("EXISTS (SELECT 1)", "rules.banned"),
        ("months = NULL", "rules.banned"),
        ("months IS NULL", "rules.banned"),
        ("COALESCE(months, 0) > 1", "rules.banned"),
        ("NULLIF(months, 0) > 1", "rules.banned"),
        ("level LIKE 'c%'", "rules.banned"),
        ("CAST(months AS text) = 'a'", "rules.banned"),
        ("months::text = 'a'", "rules.banned"),
        ("months / 2 > 1", "rules.banned"),
        ("months % 2 = 1", "rules.banned"),
        ("level || 'x' = 'y'", "rules.banned"),
        ('"flag"', "rules.banned"),
        ("`flag`", "rules.banned"),
        ("level = 'it''s'", "rules.bad_text"),
        ("level = 'a\\'", "rules.bad_text"),
        ("level = 'open", "rules.bad_text"),
        ("level = 'a\nb'", "rules.bad_text"),
        ("months > １２", "rules.bad_character"),
        ("f\u043bag", "rules.bad_character"),
        ("fl\u0430g", "rules.bad_character"),
        ("flag\u200b", "rules.bad_character"),
        ("flag AND\u00a0flag", "rules.bad_character"),
        ("months ＞ 1", "rules.bad_character"),
        ("FLAG", "rules.bad_name"),
        ("pg_sleep(10)", "rules.unknown_function"),
        ("now() > birth_date", "rules.unknown_function"),
        ("age()", "rules.arguments"),
        ("age(birth_date, birth_date) > 1", "rules.arguments"),
        ("flagg", "rules.unknown_fact"),
        ("months + flag > 1", "rules.wrong_type"),
        ("months", "rules.wrong_type"),
        ("level > 'college'", "rules.wrong_type"),
        ("level = 'colege'", "rules.unknown_value"),
        ("income = months", "rules.wrong_type"),
        ("income * income > 1", "rules.wrong_type"),
        ("age(months) > 1", "rules.wrong_type"),
        ("birth_date > '2020-01-01'", "rules.wrong_type"),
        ("birth_date > DATE '2020-02-30'", "rules.bad_date"),
        ("1 < months < 3", "rules.chained"),
        ("months BETWEEN 1 AND 2 = TRUE", "rules.chained"),
        ("CASE WHEN flag THEN TRUE END", "rules.no_else"),
        ("months IN (months)", "rules.not_a_literal"),
        ("months IN ()", "rules.syntax"),
        ("months >", "rules.syntax"),
        ("flag flag", "rules.syntax"),
        ("months * 1000000000 * 1000000000 * 1000 > 1", "rules.overflow"),
        ("household_sum(household_count()) > 1", "rules.nested_aggregate"),
        ("household_any(rent > 1)", "rules.wrong_owner"),
        ("household_any(relation = 'father')", "rules.unknown_fact"),
        ("holds(level)", "rules.bad_slug"),
        ("holds('../x')", "rules.bad_slug"),
        ("lookup('nothing', level) = 1", "rules.unknown_table"),
        ("marginal('nothing', income) > 1", "rules.unknown_scale"),
        ("add_years(birth_date, months) > birth_date", "rules.wrong_type"),
        ("", "rules.missing_key"),
    ],
)
def test_a_bad_expression_is_refused_with_its_place(when: str, code: str) -> None:
    source = rule(when or "x")
    if not when:
        del source["conditions"][0]["when"]
    assert refusal(source).code == code


def test_the_message_says_what_was_meant() -> None:
    assert "flag" in refusal(rule("flagg")).remedy_en
    assert "college" in refusal(rule("level = 'colege'")).remedy_zh


def test_line_and_column_point_into_the_file(tmp_path: Path) -> None:
    file = tmp_path / "r.yaml"
    file.write_text(
        "subject: person\nfacts:\n  flag: {type: boolean, zh: 甲, en: a}\n"
        "conditions:\n  - id: a\n    zh: 甲\n    en: a\n    when: flag AND flog\n",
        encoding="utf-8",
    )
    place = refusal(file).place
    assert place is not None
    assert (place.file, place.line, place.column) == (str(file), 8, 20)


def test_every_problem_of_a_file_is_named_at_once() -> None:
    source = rule("flagg", subject="dog", amount="nothing")
    source["facts"]["income"]["type"] = "float"
    with pytest.raises(Problems) as caught:
        load_rule(source)
    assert {problem.code for problem in caught.value.problems} >= {"rules.unknown_fact", "rules.wrong_value", "rules.wrong_type"}


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [*{a},*{a},*{a},*{a},*{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
GOOD = "subject: person\nfacts: {flag: {type: boolean, zh: 甲, en: a}}\nconditions: [{id: a, zh: 甲, en: a, when: flag}]\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BOMB, "rules.yaml_anchor"),
        ("[" * 5000, "rules.yaml_too_deep"),
        ("subject: person\nsubject: person\n", "rules.duplicate_key"),
        ("subject: !!python/object/apply:os.system ['true']\n", "rules.yaml_tag"),
        ("subject:\n\t- person\n", "rules.broken_yaml"),
        ("subject: [person\n", "rules.broken_yaml"),
        ("a: 1\n---\nb: 2\n", "rules.yaml_too_deep"),
        ("", "rules.empty_file"),
        ("{? [a, b] : c}\n", "rules.bad_key"),
        ("- a\n- b\n", "rules.wrong_value"),
        (GOOD + "colour: red\n", "rules.unknown_key"),
        (GOOD.replace("flag: {", "Flag: {"), "rules.bad_name"),
        (GOOD.replace("flag: {", "role: {"), "rules.reserved"),
        (GOOD.replace("conditions: [{id: a, zh: 甲, en: a, when: flag}]", "conditions: []"), "rules.wrong_value"),
        (GOOD.replace("en: a, when", "when"), "rules.missing_key"),
        (GOOD + "parameters: {p: {type: money, values: [{from: 2020-01-01, value: 3.5}]}}\n", "rules.wrong_type"),
        (GOOD + "parameters: {p: {type: money, values: [{from: 2020-01-01, value: 3.555 yuan}]}}\n", "rules.wrong_type"),
        (GOOD + "parameters: {p: {type: integer, values: [{from: soon, value: 3}]}}\n", "rules.wrong_value"),
        (
            GOOD
            + "parameters: {p: {type: integer, values: [{from: 2020-01-01, to: 2021-05-01, value: 3}, {from: 2021-01-01, value: 4}]}}\n",
            "rules.overlap",
        ),
    ],
)
def test_a_bad_file_is_refused(text: str, code: str, tmp_path: Path) -> None:
    file = tmp_path / "r.yaml"
    file.write_text(text, encoding="utf-8")
    assert refusal(file).code == code


def test_other_bytes_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "r.yaml"
    file.write_bytes("subject: 个人".encode("gb18030"))
    assert refusal(file).code == "rules.not_utf8"
    file.write_bytes(b"#" * 2_000_001)
    assert refusal(file).code == "rules.file_too_large"
    assert refusal(tmp_path / "none.yaml").code == "rules.no_such_file"


def test_a_value_that_could_fall_below_a_scale_is_refused() -> None:
    scale = {"input": "money", "type": "decimal", "values": [{"from": date(2020, 1, 1), "brackets": [{"from": 0, "value": 1}]}]}
    assert refusal(rule("bracket('s', income) > 0", scales={"s": scale})).code == "rules.below_scale"


def test_a_vocabulary_and_a_rule_must_agree() -> None:
    with pytest.raises(Problems):
        load_rule(rule("flag"), {"flag": {"type": "integer", "zh": "甲", "en": "a"}})


@pytest.mark.parametrize("expression", ["CASE WHEN TRUE THEN 200 yuan ELSE 0 END", "200 fen"])
def test_a_unit_inside_an_expression_is_told_that_amounts_are_in_fen(expression: str) -> None:
    with pytest.raises(ExpressionError, match="whole number of fen"):
        parse(expression)
