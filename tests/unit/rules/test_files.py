"""Whole files: what comes out, in whatever order and size people come in, and what is refused."""

from __future__ import annotations

import json
import random
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from linli.kernel.errors import LinliError, Problems
from linli.rules import evaluate_frame, evaluate_to_files, evaluate_to_parquet, inputs, load_rule
from linli.rules.bulk import evaluate_file
from linli.rules.evaluate import Tables
from linli.rules.frames import MissingColumnWarning, encoded
from tests.unit.rules.random_rules import DAY, random_rule, random_world, tables

FACTS = {
    "birth_date": {"type": "date", "zh": "出生日期", "en": "birth date"},
    "income": {"type": "money", "min": 0, "max": 100_000_000, "zh": "月收入", "en": "monthly income", "assume": 0},
    "level": {"type": "text", "values": ["a", "b"], "zh": "层次", "en": "level"},
    "share": {"type": "decimal", "scale": 2, "digits": 4, "zh": "份额", "en": "share"},
}


def rule(when: str, subject: str = "person", amount: str | None = None, **more: Any) -> Any:
    source = {"subject": subject, "facts": FACTS, "conditions": [{"id": "c", "zh": "甲", "en": "a", "when": when}], **more}
    return load_rule({**source, **({"amount": amount} if amount else {})}, name="r")


PEOPLE = pl.DataFrame(
    {
        "person_id": ["p1", "p2", "p3", "p4"],
        "household_id": ["h1", "h2", "h1", None],
        "role": ["head", "head", "child", None],
        "birth_date": [date(1960, 2, 29), None, date(2010, 3, 1), date(1950, 1, 1)],
        "income": [100_000, None, 50_000, 70_000],
        "level": ["a", "b", None, "a"],
    }
)


def by_id(table: pl.DataFrame, column: str = "verdict") -> dict[str, Any]:
    return dict(table.select("subject_id", column).iter_rows())


@pytest.mark.parametrize("held", [0, 2**20])
@pytest.mark.parametrize("seed", range(12))
def test_order_size_and_format_change_nothing(seed: int, held: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    checked = load_rule(random_rule(rng)[0], name="r")
    people, homes, relations = tables(random_world(rng, size=40))
    expected = evaluate_frame(checked, people, homes, relations, as_of=DAY)
    for key in (["household_id", "person_id"], ["person_id"]):
        again = evaluate_frame(checked, people.sort(key, nulls_last=True), homes, relations, as_of=DAY)
        assert again.sort("subject_id").equals(expected.sort("subject_id"))
    monkeypatch.setattr(inputs, "PIECE_ROWS", 7)
    monkeypatch.setattr(inputs, "HELD_BYTES", held)
    people.write_parquet(tmp_path / "people.parquet", row_group_size=5)
    homes.write_parquet(tmp_path / "homes.parquet")
    relations.write_parquet(tmp_path / "relations.parquet")
    files = Tables(tmp_path / "people.parquet", tmp_path / "homes.parquet", tmp_path / "relations.parquet")
    assert evaluate_file(checked, files, tmp_path / "out.parquet", as_of=DAY) == 40
    assert pl.read_parquet(tmp_path / "out.parquet").equals(expected)


@pytest.mark.parametrize("seed", range(12))
def test_encoded_texts_change_nothing(seed: int) -> None:
    rng = random.Random(100 + seed)
    checked = load_rule(random_rule(rng)[0], name="r")
    people, homes, relations = tables(random_world(rng, size=40))
    texts = [name for name, kind in people.schema.items() if kind == pl.String and not name.endswith("_id")]
    coded = encoded(people.lazy(), texts).collect()
    assert texts
    assert all(isinstance(coded.schema[name], pl.Enum) for name in texts)
    for assume in (False, True):
        expected = evaluate_frame(checked, people, homes, relations, as_of=DAY, assume=assume)
        assert evaluate_frame(checked, coded, homes, relations, as_of=DAY, assume=assume).equals(expected)


@pytest.mark.parametrize("writer", [evaluate_to_files, evaluate_to_parquet])
def test_many_rules_in_one_pass_say_what_each_says_alone(writer: Any, tmp_path: Path) -> None:
    rng = random.Random(5)
    rules = [load_rule(random_rule(rng)[0], name=f"r{index}") for index in range(8)]
    people, homes, relations = tables(random_world(rng, size=60))
    (written,) = writer(rules, people, tmp_path, households=homes, relations=relations, as_of=DAY)
    read = pl.read_ipc if written.path.suffix == ".arrow" else pl.read_parquet
    assert written.amounts is not None
    table, amounts = read(written.path), read(written.amounts)
    about = json.loads((tmp_path / "person.json").read_text(encoding="utf-8"))
    assert about["linli.rule.r3"] == rules[3].digest
    for one in rules:
        alone = evaluate_frame(one, people, homes, relations, as_of=DAY)
        name = one.name
        assert table[f"{name}.eligible"].to_list() == (alone["verdict"] == "eligible").to_list()
        assert table[f"{name}.unknown"].to_list() == (alone["verdict"] == "unknown").to_list()
        for condition in one.conditions:
            holds = alone[f"condition.{condition.id}"]
            assert table[f"{name}.condition.{condition.id}.true"].to_list() == holds.fill_null(False).to_list()
            assert table[f"{name}.condition.{condition.id}.unknown"].to_list() == holds.is_null().to_list()
        keys = [column for column in table.columns if column.startswith(f"{name}.missing.")]
        found = [sorted(key.removeprefix(f"{name}.missing.") for key in keys if row[key]) for row in table.iter_rows(named=True)]
        assert found == alone["missing"].list.sort().to_list()
        if one.amount is not None:
            due = dict(amounts.filter(pl.col("rule") == name).select("row", "amount_fen").iter_rows())
            eligible = alone.with_row_index("row").filter(pl.col("verdict") == "eligible")
            assert due == dict(eligible.select("row", "amount_fen").iter_rows())


def test_households_are_judged_by_their_members() -> None:
    poor = rule("household_sum(income) <= 150000 AND household_any(age(birth_date) < 18)", "household", amount="household_count() * 100")
    table = evaluate_frame(poor, PEOPLE, as_of=date(2026, 2, 28))
    assert by_id(table) == {"h1": "eligible", "h2": "unknown"}
    assert by_id(table, "amount_fen") == {"h1": 200, "h2": None}
    assert by_id(table, "missing")["h2"] == ["household.birth_date", "household.income"]
    homes = pl.DataFrame({"household_id": ["h1", "h3"]})
    assert by_id(evaluate_frame(poor, PEOPLE, homes, as_of=date(2026, 2, 28)), "missing") == {"h1": [], "h3": ["household"]}


def test_a_household_column_without_any_value_is_unknown_beside_a_households_file() -> None:
    people = PEOPLE.with_columns(household_id=pl.lit(None))
    home = {"rent": {"type": "money", "of": "household", "min": 0, "max": 900_000, "zh": "房租", "en": "rent"}}
    for ids in (["h1", "h3"], [1, 3]):
        homes = pl.DataFrame({"household_id": ids, "rent": [100, 200]})
        table = evaluate_frame(rule("rent < 150", facts={**FACTS, **home}), people, homes, as_of=DAY)
        assert (table["verdict"].to_list(), table["missing"].to_list()) == (["unknown"] * 4, [["rent"]] * 4)
        table = evaluate_frame(rule("household_sum(income) < 5"), people, homes, as_of=DAY)
        assert table["missing"].to_list() == [["household"]] * 4
        poor = rule("household_sum(income) <= 150000", "household")
        assert set(by_id(evaluate_frame(poor, people, homes, as_of=DAY)).values()) == {"unknown"}


def test_nobody_has_a_household() -> None:
    people = PEOPLE.with_columns(household_id=pl.lit(None, dtype=pl.String))
    table = evaluate_frame(rule("household_sum(income) < 5"), people, as_of=DAY)
    assert set(table["verdict"]) == {"unknown"}
    assert table["missing"].to_list() == [["household"]] * 4


def test_an_empty_file_gives_an_empty_answer() -> None:
    assert evaluate_frame(rule("household_sum(income) < 5"), PEOPLE.head(0), as_of=DAY).height == 0


def test_a_leap_day_birthday_falls_on_28_february() -> None:
    table = evaluate_frame(rule("age(birth_date) >= 66"), PEOPLE, as_of=date(2026, 2, 28))
    assert by_id(table)["p1"] == "eligible"
    assert by_id(evaluate_frame(rule("age(birth_date) >= 66"), PEOPLE, as_of=date(2026, 2, 27)))["p1"] == "not_eligible"


def test_the_closed_world_switch_is_used_and_recorded(tmp_path: Path) -> None:
    poor = rule("income < 60000")
    assert by_id(evaluate_frame(poor, PEOPLE, as_of=DAY))["p2"] == "unknown"
    assert by_id(evaluate_frame(poor, PEOPLE, as_of=DAY, assume=True))["p2"] == "eligible"
    evaluate_file(poor, Tables(PEOPLE), tmp_path / "v.parquet", as_of=DAY, assume=True)
    assert pl.read_parquet_metadata(tmp_path / "v.parquet")["linli.assumed"].startswith("yes")


def test_an_absent_column_is_unknown_with_a_warning() -> None:
    with pytest.warns(MissingColumnWarning, match="share"):
        table = evaluate_frame(rule("share > 0.5"), PEOPLE, as_of=DAY)
    assert set(table["verdict"]) == {"unknown"}


@pytest.mark.parametrize(
    ("people", "code"),
    [
        (PEOPLE.with_columns(pl.col("income").cast(pl.Float64)), "rules.wrong_column_type"),
        (PEOPLE.with_columns(pl.col("birth_date").cast(pl.String)), "rules.wrong_column_type"),
        (PEOPLE.with_columns(pl.col("birth_date").cast(pl.Datetime)), "rules.wrong_column_type"),
        (PEOPLE.with_columns(income=pl.lit(-1)), "rules.out_of_range"),
        (PEOPLE.with_columns(level=pl.lit("c")), "rules.out_of_range"),
        (PEOPLE.with_columns(birth_date=date(1066, 1, 1)), "rules.out_of_range"),
        (PEOPLE.drop("person_id"), "rules.no_column"),
        (PEOPLE.drop("household_id"), "rules.no_column"),
        (PEOPLE.with_columns(person_id=pl.lit("p1")), "rules.repeated_id"),
        (PEOPLE.with_columns(person_id=pl.when(pl.col("person_id") != "p2").then("person_id")), "rules.repeated_id"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(people: pl.DataFrame, code: str) -> None:
    everything = rule("income > 0 AND level = 'a' AND age(birth_date) > 1 AND household_count() > 0")
    with pytest.raises(LinliError) as caught:
        evaluate_frame(everything, people, as_of=DAY)
    assert caught.value.code == code
    assert caught.value.remedy_zh


def test_ids_of_two_kinds_and_placeholders_are_refused() -> None:
    relations = pl.DataFrame({"person_id": [1], "relative_id": [2], "relation": ["child"]})
    with pytest.raises(LinliError, match="another type"):
        evaluate_frame(rule("family_count() > 0"), PEOPLE, relations=relations, as_of=DAY)
    crowd = pl.DataFrame({"person_id": range(10_001), "household_id": ["none"] * 10_001})
    with pytest.raises(LinliError, match="too many members"):
        evaluate_frame(rule("household_count() > 0"), crowd, as_of=DAY)


def test_something_else_than_parquet_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "people.parquet"
    file.write_text("person_id,income\n1,2\n")
    with pytest.raises(LinliError) as caught:
        evaluate_frame(rule("income > 0"), file, as_of=DAY)
    assert caught.value.code == "rules.not_parquet"


def test_an_interrupted_file_leaves_nothing_behind(tmp_path: Path) -> None:
    bad = PEOPLE.with_columns(income=pl.lit(-1))
    with pytest.raises(LinliError):
        evaluate_file(rule("income > 0"), Tables(bad), tmp_path / "v.parquet", as_of=DAY)
    assert list(tmp_path.iterdir()) == []


def test_organisations_are_subjects_too() -> None:
    firm = load_rule(
        {
            "subject": "organisation",
            "facts": {
                "insured": {"type": "integer", "min": 0, "max": 100000, "of": "organisation", "zh": "参保人数", "en": "insured staff"}
            },
            "conditions": [{"id": "c", "zh": "甲", "en": "a", "when": "insured >= 30"}],
        }
    )
    table = evaluate_frame(firm, pl.DataFrame({"person_id": ["o1", "o2"], "insured": [30, None]}), as_of=DAY)
    assert by_id(table) == {"o1": "eligible", "o2": "unknown"}


@pytest.mark.parametrize(
    ("people", "code"),
    [
        (PEOPLE.with_columns(share=pl.lit(184467440737095517)), "rules.out_of_range"),
        (PEOPLE.with_columns(share=pl.lit(2**63 + 5, dtype=pl.UInt64)), "rules.out_of_range"),
        (PEOPLE.with_columns(share=pl.lit("1e25").str.to_decimal(scale=0).cast(pl.Decimal(38, 0))), "rules.out_of_range"),
        (PEOPLE.with_columns(household_id=pl.lit(float("nan"))), "rules.wrong_column_type"),
        (PEOPLE.with_columns(share=1, household_id=pl.lit("")), "rules.empty_id"),
        (PEOPLE.with_columns(share=1, person_id=pl.col("person_id").replace("p1", "")), "rules.repeated_id"),
    ],
)
def test_what_would_wrap_around_or_join_strangers_is_refused(people: pl.DataFrame, code: str) -> None:
    with pytest.raises(LinliError) as caught:
        evaluate_frame(rule("share < 1 AND household_count() = 1"), people, as_of=DAY)
    assert caught.value.code == code


@pytest.mark.parametrize("kind", [pl.Int8, pl.UInt8, pl.Int32, pl.UInt32, pl.Int64, pl.UInt64, pl.Int128])
def test_whole_numbers_of_any_width_stand_for_decimals_and_money(kind: Any) -> None:
    people = PEOPLE.with_columns(share=pl.lit(7, dtype=kind), income=pl.lit(9, dtype=kind))
    assert set(evaluate_frame(rule("share = 7 AND income = 9"), people, as_of=DAY)["verdict"]) == {"eligible"}


def test_a_fact_of_whomever_is_the_households_outside_and_the_members_inside() -> None:
    homes = pl.DataFrame({"household_id": ["h1", "h2"], "income": [5, 5]})
    both = rule("income > 0 AND household_sum(income) > 120000", "household")
    assert by_id(evaluate_frame(both, PEOPLE, homes, as_of=DAY)) == {"h1": "eligible", "h2": "unknown"}


@pytest.mark.parametrize("held", [0, 2**30])
def test_relations_are_checked_whatever_the_size_of_the_file(held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "HELD_BYTES", held)
    relations = pl.DataFrame({"person_id": ["p1"], "relative_id": ["p2"], "relation": ["Child"]})
    with pytest.raises(LinliError) as caught:
        evaluate_frame(rule("family_any(income > 0, relation = 'child')"), PEOPLE, relations=relations, as_of=DAY)
    assert caught.value.code == "rules.out_of_range"


def table(rows: object) -> dict[str, Any]:
    return {"t": {"key": "integer", "type": "money", "values": [{"from": date(2020, 1, 1), "rows": rows}]}}


@pytest.mark.parametrize("rows", [{}, [1, 2], {"01": 5}, {"１": 5}, {"99999999999999999999999": 5}])
def test_a_table_whose_rows_are_none_or_ambiguous_is_refused(rows: object) -> None:
    with pytest.raises(Problems, match=r"integer key|at least one"):
        rule("lookup('t', household_count()) > 0", tables=table(rows))


def test_the_limits_of_a_date_are_whole_years() -> None:
    for key, day in (("min", date(2010, 9, 1)), ("max", date(2015, 8, 31)), ("min", date(1, 1, 1))):
        fact = {"type": "date", "zh": "日", "en": "day", key: day}
        with pytest.raises(Problems, match="whole years"):
            load_rule({"subject": "person", "facts": {"d": fact}, "conditions": [{"id": "c", "zh": "甲", "en": "a", "when": "age(d) > 1"}]})
