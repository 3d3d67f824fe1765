"""`linli rules` as a person uses it, without a database."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from linli.kernel.errors import LinliError, Problems
from linli.site.command.rules import command

RULE = """
subject: person
facts: {income: {type: money, min: 0, max: 1000 yuan, zh: 月收入, en: monthly income, assume: 0}}
conditions: [{id: low, zh: 低收入, en: low income, when: income < 50000}]
amount: 50000 - income
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINLI_LANG", "en")
    Path("r.yaml").write_text(RULE, encoding="utf-8")
    pl.DataFrame({"person_id": [1, 2, 3], "household_id": ["a", "a", None], "income": [100, 60_000, None]}).write_parquet("people.parquet")
    return tmp_path


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(command, list(arguments), catch_exceptions=False)


def test_eval_writes_verdicts_conditions_missing_and_amounts(folder: Path) -> None:
    result = invoke("eval", "r.yaml", "--facts", "people.parquet", "--as-of", "2026-11-01", "--out", "v.parquet")
    assert "eligible 1, not_eligible 1, unknown 1" in result.output
    table = pl.read_parquet("v.parquet")
    assert table.columns == ["subject_id", "verdict", "condition.low", "missing", "amount_fen"]
    assert table.rows() == [
        (1, "eligible", True, [], 49_900),
        (2, "not_eligible", False, [], None),
        (3, "unknown", None, ["income"], None),
    ]


def test_a_folder_that_is_not_there_is_refused_and_not_made(folder: Path) -> None:
    with pytest.raises(LinliError) as refused:
        invoke("eval", "r.yaml", "--facts", "people.parquet", "--out", "nowhere/deep/v.parquet")
    assert refused.value.code == "rules.no_such_folder"
    assert "mkdir -p nowhere/deep" in refused.value.text("en")
    assert not (folder / "nowhere").exists()
    Path("there").mkdir()
    assert invoke("eval", "r.yaml", "--facts", "people.parquet", "--out", "there/v.parquet").exit_code == 0


def test_a_simulation_says_so(folder: Path) -> None:
    result = invoke("eval", "r.yaml", "--facts", "people.parquet", "--assume-missing", "--out", "v.parquet")
    assert "simulation" in result.output
    shown = invoke("explain", "r.yaml", "--facts", "people.parquet", "--subject", "3", "--assume-missing")
    assert "simulation" in shown.output
    assert "(assumed)" in shown.output


def test_explain_speaks_both_languages(folder: Path) -> None:
    assert "not yet decided" in invoke("explain", "r.yaml", "--facts", "people.parquet", "--subject", "3").output
    assert "尚不能确定" in invoke("explain", "r.yaml", "--facts", "people.parquet", "--subject", "3", "--lang", "zh").output


def test_check_words_and_schema(folder: Path) -> None:
    assert "valid" in invoke("check", "r.yaml").output
    words = invoke("words", "r.yaml").output
    assert "“月收入”小于 500.00 元" in words
    assert "“monthly income” is less than 500.00 yuan" in words
    assert json.loads(invoke("schema").output)["title"] == "Linli rule"


def test_nothing_is_written_for_a_rule_that_can_not_be_understood(folder: Path) -> None:
    Path("r.yaml").write_text(RULE.replace("income <", "incom <"), encoding="utf-8")
    with pytest.raises(Problems, match=r"r\.yaml:4:"):
        invoke("eval", "r.yaml", "--facts", "people.parquet", "--out", "v.parquet")
    assert not Path("v.parquet").exists()


def test_an_unknown_subject_is_named(folder: Path) -> None:
    with pytest.raises(LinliError, match="no such subject"):
        invoke("explain", "r.yaml", "--facts", "people.parquet", "--subject", "99")


def test_the_day_is_today_unless_given(folder: Path) -> None:
    invoke("eval", "r.yaml", "--facts", "people.parquet", "--out", "v.parquet")
    assert date.fromisoformat(pl.read_parquet_metadata("v.parquet")["linli.as_of"]) >= date(2026, 1, 1)
