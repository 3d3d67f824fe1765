"""Kept figures have the promised shape, and what readers are shown is what was measured."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from benchmarks.__main__ import names
from benchmarks.harness import FOLDER, Result, record
from benchmarks.rulesets import columns_read, load_rules
from benchmarks.screening_vs_openfisca import exact_amounts

KEPT = json.loads((FOLDER / "results.json").read_text())
README = Path(__file__).parents[3] / "README.md"


@pytest.mark.parametrize("entry", KEPT, ids=lambda entry: entry["name"])
def test_a_kept_figure_says_what_it_is(entry: dict[str, Any]) -> None:
    assert set(entry) == {field.name for field in fields(Result)}
    assert entry["better"] in ("higher", "lower")
    assert isinstance(entry["value"], float)
    assert isinstance(entry["goal"], float)
    low, high = entry["spread"]
    assert low <= entry["value"] <= high


def test_every_kept_figure_belongs_to_a_benchmark_that_can_be_run_again() -> None:
    beside = {
        "screening-vs-openfisca-5m",
        "batch-growth-memory",
        "case-pages-inbox",
        "siting-gap",
        "reach-nearest-queries",
        "reach-nearest-memory",
    }
    assert {entry["name"] for entry in KEPT} <= {*names(), *beside}


@pytest.mark.parametrize("entry", KEPT, ids=lambda entry: entry["name"])
def test_the_page_shows_the_kept_figure(entry: dict[str, Any]) -> None:
    row = next(line for line in (FOLDER / "results.md").read_text().splitlines() if f"| {entry['name']} |" in line)
    assert f"| {entry['value']:g} {entry['unit']} |" in row


def test_the_readme_shows_no_other_figure_than_the_kept_one() -> None:
    shown = {line.split("|")[1].strip(): line for line in README.read_text().splitlines() if line.startswith("| ")}
    for entry in KEPT:
        if entry["name"] in shown:
            assert f"{entry['value']:g}" in shown[entry["name"]]


@pytest.mark.parametrize(
    ("value", "better", "met"), [(2.9, "lower", True), (3.1, "lower", False), (3.1, "higher", True), (2.9, "higher", False)]
)
def test_a_missed_goal_is_red(tmp_path: Path, value: float, better: str, met: bool) -> None:
    record("sample", value, "ratio", 3.0, better, folder=tmp_path)  # type: ignore[arg-type]
    assert ("🟢 met" in (tmp_path / "results.md").read_text()) is met
    assert ("🔴" in (tmp_path / "results.md").read_text()) is not met


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    for value in (1.0, 2.0):
        record("sample", value, "ratio", 3.0, "lower", folder=tmp_path)
    assert [entry["value"] for entry in json.loads((tmp_path / "results.json").read_text())] == [2.0]


def test_the_twenty_rules_load_and_enough_of_them_look_at_the_household() -> None:
    rules = load_rules(FOLDER / "rules")
    assert len(rules) == 20
    assert sum("household" in rule.groups_used for rule in rules) >= 5


def test_the_scan_is_given_every_column_that_the_rules_read() -> None:
    rules = load_rules(FOLDER / "rules")
    read = columns_read(rules, ["person_id", "household_id", "birth_date", "monthly_income", "holds.home-adaptation", "insured_area"])
    assert read == ["person_id", "household_id", "birth_date", "monthly_income", "holds.home-adaptation"]


def test_the_exact_amounts_of_a_family_reckoned_by_hand(tmp_path: Path) -> None:
    """A single parent of 30 with 400 yuan of salary and a child of 5, who own 50 square metres."""
    births = pl.Series(["1988-01-01", "2012-06-01"]).str.to_date()
    people = pl.DataFrame({"household_id": [0, 0], "birth_date": births, "salary": [40_000, 0], "capital_returns": [0, 0]})
    people.write_parquet(tmp_path / "people.parquet")
    pl.DataFrame({"accommodation_size": [50], "housing_occupancy_status": ["owner"]}).write_parquet(tmp_path / "households.parquet")
    np.save(tmp_path / "role.npy", np.array([0, 1]))
    amounts = {name: found.tolist() for name, found in exact_amounts(tmp_path).items()}
    assert amounts == {
        "basic_income": [60_000, 0],
        "income_tax": [6_000, 0],
        "social_security_contribution": [800, 0],
        "household_income": [40_000],
        "parenting_allowance": [60_000],
        "housing_tax": [50_000],
        "disposable_income": [40_000 + 60_000 + 60_000 - 6_000 - 800 - 4_167],
    }
