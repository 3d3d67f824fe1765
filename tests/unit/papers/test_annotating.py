"""The annotated copy: wrong cells are red, commented and listed; rows keep their numbers."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from linli.kernel.errors import LinliError, Place
from linli.papers import annotate, cells, read_table, write_table
from linli.papers.cells import wrong

from .workbooks import cell, header, workbook

BOTH = "不是整数\nNot a whole number."


def errors_of(path: Path) -> list[LinliError]:
    table = read_table(path)
    errors: list[LinliError] = []
    for row in table.rows:
        try:
            cells.integer(row.cells[1])
        except LinliError as error:
            errors.append(error.at(table.place(row, 1)))
    return errors


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_wrong_cells_are_marked_where_they_are(tmp_path: Path, suffix: str) -> None:
    path, copy = tmp_path / f"t{suffix}", tmp_path / "annotated.xlsx"
    write_table(path, ["姓名", "年龄"], [["=张", "7"], ["李", "七"], ["王", "8"], ["赵", "x"]])
    assert annotate(path, copy, errors_of(path)) == 2
    book = openpyxl.load_workbook(copy)
    sheet, listed = book.worksheets
    assert [[c.value for c in row] for row in sheet.iter_rows()] == [
        ["姓名", "年龄"], ["=张", "7"], ["李", "七"], ["王", "8"], ["赵", "x"]]  # fmt: skip
    assert {c.coordinate for row in sheet.iter_rows() for c in row if c.comment} == {"B3", "B5"}
    assert {c.coordinate for row in sheet.iter_rows() for c in row if c.fill.fgColor.rgb == "FFF8D7D3"} == {"B3", "B5"}
    assert "不是整数" in sheet["B3"].comment.text
    assert [[c.value for c in row][:4] for row in listed.iter_rows(min_row=2)] == [
        [3, "B", "年龄", BOTH],
        [5, "B", "年龄", BOTH],
    ]
    assert sheet["A2"].data_type == "s"


def test_an_annotated_copy_can_be_mended_and_sent_again(tmp_path: Path) -> None:
    path, copy = tmp_path / "t.csv", tmp_path / "annotated.xlsx"
    write_table(path, ["a", "b"], [["x", "bad"]])
    annotate(path, copy, errors_of(path))
    table = read_table(copy, sheet="Sheet1")
    assert [[c.text for c in row.cells] for row in table.rows] == [["x", "bad"]]
    assert read_table(copy, sheet="问题清单 Errors").headers[0] == "行 Row"


def test_titles_gaps_and_whole_rows_keep_their_place(tmp_path: Path) -> None:
    rows = f'<row r="1">{cell("A1", "标题")}</row><row r="3">{cell("A3", "a")}{cell("B3", "b")}</row><row r="7">{cell("A7", "x")}</row>'
    path = workbook(tmp_path / "t.xlsx", rows, after='<mergeCells><mergeCell ref="A1:B1"/></mergeCells>')
    error = wrong("row", "整行有误", "The row is wrong.", "one", "none").at(Place(file="t.xlsx", line=7))
    assert annotate(path, tmp_path / "c.xlsx", [error]) == 1
    sheet = openpyxl.load_workbook(tmp_path / "c.xlsx").worksheets[0]
    assert (sheet["A1"].value, sheet["A3"].value, sheet["A7"].value) == ("标题", "a", "x")
    assert sheet["A7"].comment is not None
    assert sheet["B7"].fill.fgColor.rgb == "FFF8D7D3"


def test_a_file_that_cannot_be_read_is_not_annotated(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(b"no")
    with pytest.raises(LinliError):
        annotate(tmp_path / "t.xlsx", tmp_path / "c.xlsx", [])
    assert not (tmp_path / "c.xlsx").exists()


@pytest.mark.parametrize("name", ["问题清单", "a[b]:c", "'x'", "n" * 40])
def test_any_sheet_name_can_be_copied(tmp_path: Path, name: str) -> None:
    rows = header("a", "b") + f'<row r="2">{cell("A2", "x")}</row>'
    path = workbook(tmp_path / "t.xlsx", "", sheets={name: rows})
    annotate(path, tmp_path / "c.xlsx", [])
    assert len(openpyxl.load_workbook(tmp_path / "c.xlsx").worksheets) == 2


def test_numbers_and_days_stay_what_they_were(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", header("a", "b") + '<row r="2"><c r="A2"><v>7</v></c><c r="B2" s="1"><v>45296</v></c></row>')
    annotate(path, tmp_path / "c.xlsx", [])
    (row,) = read_table(tmp_path / "c.xlsx", sheet="名单").rows
    assert [(c.text, c.kind) for c in row.cells] == [("7", "number"), ("2024-01-05", "date")]
