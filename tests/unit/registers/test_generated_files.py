"""The files that departments would send of a generated population: readable, in their words, and with every slip listed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from linli.kernel.errors import LinliError
from linli.kernel.identity import parse_identity
from linli.papers import read_table
from linli.registers.generated import load_population
from linli.registers.generated.files import Delivery, read_deliveries, write_files
from linli.registers.generated.generate import generate_parquet
from linli.registers.lists import load_lists

CITY = Path(__file__).parents[3] / "cities" / "yuncheng"
AS_OF = date(2026, 11, 22)
POPULATION = load_population(CITY)
LISTS = load_lists(CITY)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a population of 20,000."""
    out = tmp_path_factory.mktemp("files")
    write_files(POPULATION, LISTS, out, residents=20_000, seed=11, as_of=AS_OF)
    return out


def _cells(folder: Path, delivery: Delivery, header: str) -> dict[int, str]:
    table = read_table(folder / delivery.file)
    column = table.headers.index(header)
    return {row.number: row.cells[column].text for row in table.rows}


def test_every_list_is_delivered_in_headers_its_declaration_knows(folder: Path) -> None:
    deliveries = read_deliveries(folder)
    assert {delivery.list_slug for delivery in deliveries} == set(LISTS)
    for delivery in deliveries:
        table = read_table(folder / delivery.file)
        known = {header for column in LISTS[delivery.list_slug].columns for header in column.headers}
        assert set(table.headers) <= known
        required = [column.zh for column in LISTS[delivery.list_slug].columns if column.required]
        assert set(required) <= set(table.headers)
        assert sum(1 for _ in table.rows) == delivery.rows


def test_only_files_meant_to_be_refused_hold_numbers_that_are_wrong(folder: Path) -> None:
    bad: dict[str, set[int]] = {}
    for delivery in read_deliveries(folder):
        if LISTS[delivery.list_slug].subject == "person":
            for number, text in _cells(folder, delivery, "身份证号").items():
                if text and _is_wrong(text):
                    bad.setdefault(delivery.file, set()).add(number)
    assert set(bad) == {delivery.file for delivery in read_deliveries(folder) if delivery.refused}
    slips = pl.read_parquet(folder / "slips.parquet").filter(pl.col("kind").is_in(["mistyped", "destroyed by a spreadsheet"]))
    assert {file: {int(row) for row in rows} for file, rows in slips.group_by("file").agg("row").iter_rows()} == bad


def _is_wrong(text: str) -> bool:
    try:
        parse_identity(text)
    except LinliError:
        return True
    return False


def test_rows_are_the_people_whom_the_frames_know_to_be_on_the_list(folder: Path, tmp_path: Path) -> None:
    made = generate_parquet(POPULATION, LISTS, tmp_path, residents=20_000, seed=11, as_of=AS_OF)
    people = pl.read_parquet(made.files["people"])
    for slug in ("student-status", "subsistence-allowance", "startup-loan"):
        presence = LISTS[slug].presence
        assert presence is not None
        delivery = next(one for one in read_deliveries(folder) if one.list_slug == slug)
        assert delivery.rows == people[presence.fact].sum()


def test_the_list_that_a_county_sends_late_comes_county_by_county(folder: Path) -> None:
    stale = POPULATION.rates["stale"]
    sent = {one.area: one.as_of for one in read_deliveries(folder) if one.list_slug == stale["list"] and not one.refused}
    assert set(sent) == {county.code for county in POPULATION.counties}
    assert [area for area, day in sent.items() if day < AS_OF] == [stale["county"]]
    assert (AS_OF - sent[stale["county"]]).days > LISTS[stale["list"]].every_days


def test_nobody_of_a_planted_household_is_touched_by_a_slip(folder: Path, tmp_path: Path) -> None:
    made = generate_parquet(POPULATION, LISTS, tmp_path, residents=20_000, seed=11, as_of=AS_OF)
    people = pl.read_parquet(made.files["people"])
    planted = set(pl.read_parquet(made.files["truth"])["subject_id"])
    homes = set(people.filter(pl.col("person_id").is_in(planted))["household_id"]) | planted
    touched = pl.read_parquet(folder / "slips.parquet").filter(~pl.col("kind").is_in(["mistyped", "destroyed by a spreadsheet"]))
    assert touched.height > 0
    assert people.filter(pl.col("person_id").is_in(touched["subject_id"].to_list()), pl.col("household_id").is_in(homes)).is_empty()
