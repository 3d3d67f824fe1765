"""What is written is what is read, and no text ever becomes a formula."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.papers import read_table, write_table
from linli.papers.tables import column_index, column_letters
from linli.papers.writing import Value

MODEST = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
READABLE = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
TEXT = st.text(st.one_of(READABLE, st.sampled_from("=+-@＝＋－＠'\t\r\n\"_x0041_，张\x01\x1f")), min_size=1, max_size=30)
ROWS = st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=8)
HEADERS = ["姓名", "b", "c"]


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
@MODEST
@given(rows=ROWS)
def test_every_text_comes_back_exactly(tmp_path: Path, suffix: str, rows: list[list[str]]) -> None:
    path = tmp_path / f"table{suffix}"
    assert write_table(path, HEADERS, rows) == len(rows)
    table = read_table(path)
    assert table.headers == tuple(HEADERS)
    assert [[cell.text for cell in row.cells] for row in table.rows] == rows
    assert table.fraction == 1.0


@MODEST
@given(rows=ROWS)
def test_another_program_finds_no_formula_either(tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "table.xlsx"
    write_table(path, HEADERS, rows)
    sheet = openpyxl.load_workbook(path)["Sheet1"]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM(A1)", "=cmd|'/c calc'!A0", '=HYPERLINK("x")'],
)
def test_risky_text_is_quoted_in_both_forms(tmp_path: Path, text: str) -> None:
    write_table(tmp_path / "t.csv", ["a", "b"], [[text, "1"]])
    assert "'" + text[0] in (tmp_path / "t.csv").read_bytes().decode("utf-8-sig")
    write_table(tmp_path / "t.xlsx", ["a", "b"], [[text, "1"]])
    assert openpyxl.load_workbook(tmp_path / "t.xlsx")["Sheet1"]["A2"].quotePrefix


def test_types_keep_their_values(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    values: list[Value] = [
        7,
        -3,
        Decimal("4000.10"),
        date(2024, 2, 29),
        datetime(2026, 1, 1, 16, 0, tzinfo=UTC),
        True,
        None,
        990000194912310021,
    ]
    write_table(path, [f"c{number}" for number in range(len(values))], [values])
    (row,) = read_table(path).rows
    assert [cell.text for cell in row.cells] == ["7", "-3", "4000.1", "2024-02-29", "2026-01-02", "TRUE", "", "990000194912310021"]
    assert row.cells[-1].kind == "text"


def test_a_full_sheet_goes_on_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linli.papers.writing._SHEET_ROWS", 3)
    path = tmp_path / "t.xlsx"
    seen: list[int] = []
    assert write_table(path, ["a"], ([number] for number in range(7)), sheet="名单", progress=seen.append) == 7
    assert seen == [7]
    found = [row.cells[0].text for name in ("名单", "名单 (2)", "名单 (3)") for row in read_table(path, sheet=name).rows]
    assert found == [str(number) for number in range(7)]


@given(st.integers(0, 20_000))
def test_column_letters_and_numbers_are_inverse(index: int) -> None:
    assert column_index(column_letters(index)) == index
