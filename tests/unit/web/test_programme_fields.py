"""The forms of a programme file: every value has one place, and sending a form back as it was changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from linli.kernel.errors import LinliError
from linli.rules.source import parse_yaml
from linli.web.drafting import amounts
from linli.web.drafting import programme_fields as fields

FILES = sorted(Path("cities/yuncheng/programmes").glob("*/programme*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_what_a_form_shows_is_what_it_writes(file: Path):
    text = file.read_text("utf-8")
    entry, places = parse_yaml(text.encode()), list[str]()
    for section in fields.edited(entry):
        asked = fields.specs(entry, section)
        values = fields.values_of(entry, asked)
        assert fields.written(text, entry, {}, asked) == text
        shown = {path: value for path, value in values.items() if value}
        assert parse_yaml(fields.written(text, entry, shown, asked).encode()).plain() == entry.plain()
        assert {fields.section_of(spec.path) for spec in asked} == {section}
        places += [spec.path for spec in asked]
    assert len(places) == len(set(places))


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("rule.conditions.disability", "rule.conditions[2]"),
        ("rule.conditions[1].when, character 12", "rule.conditions[1].when"),
        ("materials.account.list", "materials[5].list"),
        ("item.code", "item.code"),
        ("nowhere.at.all", "nowhere"),
    ],
)
def test_the_place_of_a_fault_is_found_by_index_id_or_the_nearest_above(told: str, found: str):
    entry = parse_yaml(Path("cities/yuncheng/programmes/disabled-student-aid/programme.yaml").read_bytes())
    assert fields.place_in(entry, told) == found


def test_what_a_table_gives_for_any_other_key_is_asked_for_too():
    text = Path("cities/yuncheng/programmes/subsistence-allowance/programme.yaml").read_text("utf-8")
    entry = parse_yaml(text.encode())
    asked = fields.specs(entry, "figures")
    [other] = [spec for spec in asked if spec.path.endswith(".otherwise")]
    assert other.label.zh == "没有列出的（元）"
    after = fields.written(text, entry, {other.path: "612.50"}, asked)
    assert "otherwise: 612.50 yuan" in after
    again = parse_yaml(after.encode())
    assert fields.values_of(again, fields.specs(again, "figures"))[other.path] == "612.50"


def test_a_procedure_is_changed_step_by_step_and_no_form_asks_for_one_that_is_not_there():
    folder = Path("cities/yuncheng/programmes")
    text = (folder / "old-age-allowance" / "programme.yaml").read_text("utf-8")
    entry = parse_yaml(text.encode())
    asked = [spec for section in sorted(fields.WHERE_DECLARED) for spec in fields.specs(entry, section)]
    added = {"id": "look", "zh": "复核", "en": "review", "kind": "review", "days": "2"}
    changed = {"procedure.steps[0].days": "7", "verification.random.rate": "10/100", "verification.every": "true"}
    changed |= {f"procedure.steps{fields.NEW}.{key}": value for key, value in added.items()}
    after = parse_yaml(fields.written(text, entry, changed, asked).encode()).plain()
    first, *others = entry.plain()["procedure"]["steps"]
    assert after["procedure"]["steps"] == [{**first, "days": 7}, *others, {**added, "days": 2}]
    assert (after["verification"]["random"]["rate"], after["verification"]["every"]) == ("10/100", True)
    without = parse_yaml((folder / "child-rehabilitation-aid" / "programme-2018-10-01.yaml").read_bytes())
    assert set(fields.EDITED) - set(fields.edited(without)) == fields.WHERE_DECLARED - {"figures"}


def test_a_reason_that_was_not_there_is_written_in_both_languages():
    file = Path("cities/yuncheng/programmes/old-age-allowance/programme.yaml")
    text = file.read_text("utf-8")
    entry = parse_yaml(text.encode())
    asked = fields.specs(entry, "dates")
    changed = {"retroactive.zh": "补发。", "retroactive.en": "Paid later."}
    after = fields.written(text, entry, changed, asked)
    assert parse_yaml(after.encode()).plain() == {**entry.plain(), "retroactive": {"zh": "补发。", "en": "Paid later."}}


@pytest.mark.parametrize(
    ("raw", "shown", "typed", "written"),
    [
        ("600 yuan", "600.00", "650", "650 yuan"),
        ("600.50 元", "600.50", "1,200.05", "1200.05 元"),
        ("60000", "600.00", "650.5", "65050"),
        ("60000 fen", "600.00", "¥650 元", "65000 fen"),
        ("", "", "85.50", "85.50 yuan"),
        ("600 yuan", "600.00", "", ""),
    ],
)
def test_amounts_are_yuan_on_the_page_and_the_files_own_unit_in_the_file(raw: str, shown: str, typed: str, written: str):
    assert amounts.shown(raw) == shown
    assert amounts.written(typed, raw) == written
    assert amounts.fen_of(written) == (amounts.typed(typed) if typed else None)


@pytest.mark.parametrize("typed", ["600.505", "60000 fen", "-5", "1e3", "六百", "600 600", "NaN", ".5"])
def test_what_is_no_amount_in_yuan_is_refused_with_what_to_do(typed: str):
    with pytest.raises(LinliError) as caught:
        amounts.written(typed, "600 yuan")
    assert "两位小数" in (caught.value.remedy_zh or "")
