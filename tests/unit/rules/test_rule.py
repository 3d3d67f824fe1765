"""What a loaded rule knows of itself: its dated values, its day, its facts, its digest, its words."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from linli.kernel.errors import LinliError
from linli.rules import LiveRules, explain, load_rule, load_vocabulary, read_yaml
from linli.rules.schema import rule_schema

TEXT = """
name: elder
subject: person
as_of: {month_day: "02-29"}
facts:
  birth_date: {type: date, zh: 出生日期, en: birth date}
  alone: {type: boolean, zh: 独居, en: living alone}
  empty_nest: {type: boolean, zh: 空巢, en: empty nest}
  level: {type: text, zh: 层次, en: level, values: {a: {zh: 甲等, en: first}, b: {zh: 乙等, en: second}}}
  income: {type: money, zh: 月收入, en: monthly income}
parameters:
  least: {type: integer, zh: 起始年龄, en: starting age, values: [
    {from: 2020-01-01, value: 80, source: {zh: 旧文, en: old notice}}, {from: 2026-01-01, to: 2026-12-31, value: 75}]}
  grant: {type: money, values: [{from: 2020-01-01, value: 1200.50 yuan}]}
conditions:
  - {id: need, zh: 高龄, en: old, when: age(birth_date) >= least AND alone OR empty_nest}
amount: CASE WHEN level = 'a' THEN grant ELSE 5000 END
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "elder.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_the_value_of_the_day_is_used(file: Path) -> None:
    rule = load_rule(file)
    assert rule.as_of.on(date(2026, 11, 1)) == date(2026, 2, 28)
    assert rule.values_on(date(2026, 11, 1))["parameter", "least"] == 75
    assert rule.values_on(date(2025, 1, 1))["parameter", "least"] == 80


@pytest.mark.parametrize("day", [date(2019, 12, 31), date(2027, 6, 1)])
def test_without_a_value_on_the_day_the_rule_is_not_in_force(file: Path, day: date) -> None:
    rule = load_rule(file)
    with pytest.raises(LinliError) as caught:
        rule.check_in_force(day)
    assert caught.value.code == "rules.not_in_force"
    with pytest.raises(LinliError):
        LiveRules([rule], day)


def test_an_amount_of_whole_literals_is_said_in_yuan(file: Path) -> None:
    file.write_text(TEXT.replace("THEN grant ELSE 5000 END", "THEN 600000 ELSE 5000 END"), encoding="utf-8")
    said = load_rule(file).words("zh")
    assert "6,000.00 元" in said
    assert "50.00 元" in said


def test_a_programme_file_holds_the_same_rule(file: Path, tmp_path: Path) -> None:
    programme = tmp_path / "programme.yaml"
    programme.write_text("title: {zh: 甲, en: a}\nrule:\n" + "".join(f"  {line}\n" for line in TEXT.strip().splitlines()), encoding="utf-8")
    assert load_rule(programme).digest == load_rule(file).digest == load_rule(read_yaml(file)).digest


def test_the_digest_changes_with_what_can_change_a_verdict(file: Path) -> None:
    plain: dict[str, Any] = read_yaml(file).plain()
    digest = load_rule(plain).digest
    assert load_rule({**plain, "name": "other"}).digest == digest
    assert load_rule({**plain, "amount": "5001"}).digest != digest
    facts = {**plain["facts"], "income": {**plain["facts"]["income"], "max": 5}}
    assert load_rule({**plain, "facts": facts}).digest == digest, "a fact that the rule does not read"


def test_the_vocabulary_declares_facts_once(file: Path, tmp_path: Path) -> None:
    common = tmp_path / "facts.yaml"
    common.write_text("facts:\n  alone: {type: boolean, zh: 独居, en: living alone}\n", encoding="utf-8")
    rule = {"subject": "person", "conditions": [{"id": "a", "zh": "甲", "en": "a", "when": "alone"}]}
    assert load_rule(rule, common).facts_used == {"alone"}
    assert load_rule(rule, load_vocabulary(common)).facts_used == {"alone"}


def test_the_words_leave_no_doubt_about_what_binds_to_what(file: Path) -> None:
    rule = load_rule(file)
    assert "（按“出生日期”计算的周岁不少于 “起始年龄” 并且 “独居”为是） 或者 “空巢”为是" in rule.words("zh")
    assert (
        "(the age in completed years by “birth date” is at least “starting age” and “living alone” is yes) or “empty nest” is yes"
        in rule.words("en")
    )
    assert "“层次”等于 甲等" in rule.words("zh")
    assert "1,200.50 yuan" in rule.words("en")
    assert "自 2026-01-01 至 2026-12-31：75" in rule.words("zh")
    assert "（依据：旧文）" in rule.words("zh")


def test_an_explanation_names_values_reasons_and_who_lacks_what() -> None:
    rule = load_rule(
        {
            "subject": "person",
            "facts": {
                "income": {"type": "money", "zh": "月收入", "en": "monthly income"},
                "alone": {"type": "boolean", "zh": "独居", "en": "alone"},
            },
            "conditions": [
                {"id": "poor", "zh": "低收入", "en": "low income", "when": "household_sum(income) < 100000"},
                {"id": "alone", "zh": "独居", "en": "alone", "when": "alone"},
            ],
        }
    )
    members: list[dict[str, Any]] = [{"person_id": "p1", "income": 5000}, {"person_id": "p2"}]
    found = explain(rule, {"alone": True}, members, as_of=date(2026, 1, 1))
    assert found.verdict.verdict == "unknown"
    assert [condition.holds for condition in found.conditions] == [None, True]
    assert found.missing_from == (("household.income", ("p2",)),)
    assert "月收入 [p1]: 50.00 元" in found.text("zh")
    assert "a household member: monthly income (household.income) ← p2" in found.text("en")


def test_the_published_schema_accepts_what_we_accept(file: Path) -> None:
    def json_form(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: json_form(item) for key, item in value.items()}
        if isinstance(value, list):
            return [json_form(item) for item in value]
        return value.isoformat() if isinstance(value, date) else value

    schema = rule_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json_form(read_yaml(file).plain())
    jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "colour": "red"}, schema)
