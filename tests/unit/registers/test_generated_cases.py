"""Planted cases: the rules in the city's programme files find every planted eligible person and none of the planted ineligible."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from linli.registers.generated import load_population
from linli.registers.generated.block import blocks
from linli.registers.generated.cases import CASES
from linli.registers.generated.generate import generate_parquet
from linli.registers.lists import load_lists, vocabulary
from linli.rules import Rule, evaluate_frame, load_rule

CITY = Path(__file__).parents[3] / "cities" / "yuncheng"
AS_OF = date(2026, 11, 22)
POPULATION = load_population(CITY)
VERDICTS = {"eligible": "eligible", "ineligible": "not_eligible", "undecided": "unknown"}
PROGRAMMES = sorted({case.programme for case in CASES})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A population of 20,000 as Parquet."""
    out = tmp_path_factory.mktemp("generated")
    generate_parquet(POPULATION, load_lists(CITY), out, residents=20_000, seed=11, as_of=AS_OF)
    return out


def _rule(slug: str) -> Rule:
    content: dict[str, Any] = yaml.safe_load((CITY / "programmes" / slug / "programme.yaml").read_text("utf-8"))
    return load_rule({"name": slug, **content["rule"]}, vocabulary=vocabulary(CITY))


def _judged(folder: Path, slug: str) -> pl.DataFrame:
    found = evaluate_frame(_rule(slug), folder / "people.parquet", households=folder / "households.parquet", as_of=AS_OF)
    truth = pl.read_parquet(folder / "truth.parquet").filter(pl.col("programme") == slug)
    return truth.join(found, on="subject_id", how="left", suffix=".found")


@pytest.mark.parametrize("slug", PROGRAMMES)
def test_screening_agrees_with_every_label(folder: Path, slug: str) -> None:
    judged = _judged(folder, slug)
    assert {"eligible", "ineligible"} <= set(judged["label"])
    wrong = judged.filter(pl.col("label").replace(VERDICTS) != pl.col("verdict").fill_null("not there"))
    assert wrong.select("why", "label", "verdict").rows() == []


@pytest.mark.parametrize("slug", sorted({case.programme for case in CASES if case.label == "undecided"}))
def test_an_undecided_case_waits_for_the_facts_that_were_left_out(folder: Path, slug: str) -> None:
    undecided = _judged(folder, slug).filter(pl.col("label") == "undecided")
    assert undecided.height > 0
    assert undecided["missing"].list.sort().to_list() == undecided["missing.found"].list.sort().to_list()


def test_amounts_are_the_ones_the_case_fixes(folder: Path) -> None:
    fixed = _judged(folder, "disabled-student-aid").filter(pl.col("amount_fen").is_not_null())
    assert fixed.height > 0
    assert fixed["amount_fen"].to_list() == fixed["amount_fen.found"].to_list()


def test_no_household_is_in_two_cases() -> None:
    for block in blocks(POPULATION, 10_000, 3, AS_OF):
        homes = block.scene.homes.household[[one.person for one in block.planted]].tolist()
        assert len(homes) == len(set(homes))


def test_every_kind_of_case_is_planted() -> None:
    planted = {one.case.why for block in blocks(POPULATION, 60_000, 3, AS_OF) for one in block.planted}
    assert planted == {case.why for case in CASES}
