"""Tables as departments send them."""

from __future__ import annotations

import codecs
from pathlib import Path

import openpyxl
import pytest

from linli.kernel.errors import LinliError
from linli.papers import Cell, Limits, read_table

from .workbooks import cell, header, workbook


def refused(path: Path, sheet: str | None = None, limits: Limits | None = None) -> LinliError:
    with pytest.raises(LinliError) as error:
        list(read_table(path, sheet=sheet, limits=limits).rows)
    return error.value


def test_rows_keep_their_numbers_and_blank_rows_are_left_out(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "t.xlsx", header("a", "b") + f'<row r="3">{cell("B3", "x")}</row><row r="4"/><row r="9">{cell("A9", "y")}</row>'
    )
    assert [(row.number, [c.text for c in row.cells]) for row in read_table(path).rows] == [(3, ["", "x"]), (9, ["y", ""])]


def test_rows_and_cells_without_references_follow_on(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", header("a", "b") + "<row><c><v>1</v></c><c><v>2</v></c></row>")
    assert [(row.number, [c.text for c in row.cells]) for row in read_table(path).rows] == [(2, ["1", "2"])]


def test_a_merged_title_above_the_header_is_a_title(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.merge_cells("A1:C1")
    sheet["A1"] = "残疾人证名单（2026年）"
    sheet.append(["姓名", "身份证\n号码", "等级"])
    sheet.append(["张", "x", 1])
    book.save(tmp_path / "t.xlsx")
    table = read_table(tmp_path / "t.xlsx")
    assert table.headers == ("姓名", "身份证号码", "等级")
    assert table.header_row == 2
    assert [row.cells[0].text for row in table.titles] == ["残疾人证名单（2026年）"]
    assert [row.number for row in table.rows] == [3]


@pytest.mark.parametrize("ranges", ["A1:B1", "A2:A3", "B2:C2", "A1:A2"])
def test_merged_cells_in_header_or_body_are_named(tmp_path: Path, ranges: str) -> None:
    path = workbook(
        tmp_path / "t.xlsx",
        header("a", "b", "c") + f'<row r="2">{cell("A2", "x")}</row>',
        after=f'<mergeCells><mergeCell ref="{ranges}"/></mergeCells>',
    )
    error = refused(path)
    assert (error.code, error.found) == ("papers.merged", ranges)


def test_merged_cells_behind_a_prefix_are_found_before_the_first_row(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", "")
    sheet = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr">'
        '<x:is><x:t>a</x:t></x:is></x:c><x:c r="B1"><x:v>1</x:v></x:c></x:row></x:sheetData><x:mergeCells><x:mergeCell ref="A2:B2"/>'
        "</x:mergeCells></x:worksheet>"
    )
    workbook(path, "", extra={"xl/worksheets/sheet1.xml": sheet})
    with pytest.raises(LinliError) as error:
        read_table(path)
    assert error.value.found == "A2:B2"


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ('<c r="A2"><v>42</v></c>', Cell("42", "number")),
        ('<c r="A2"><v>4000.0999999999999</v></c>', Cell("4000.1", "number")),
        ('<c r="A2"><v>1.38E10</v></c>', Cell("13800000000", "number")),
        ('<c r="A2"><v>9.9000019491231002E+17</v></c>', Cell("990000194912310000", "lost")),
        ('<c r="A2"><v>990000194912310021</v></c>', Cell("990000194912310000", "lost")),
        ('<c r="A2"><v>-0.50</v></c>', Cell("-0.5", "number")),
        ('<c r="A2"><v>0</v></c>', Cell("0", "number")),
        ('<c r="A2" s="1"><v>45296</v></c>', Cell("2024-01-05", "date")),
        ('<c r="A2" s="2"><v>45296.5</v></c>', Cell("2024-01-05T12:00:00", "date")),
        ('<c r="A2" s="1"><v>1</v></c>', Cell("1900-01-01", "date")),
        ('<c r="A2" s="3"><v>45296</v></c>', Cell("45296", "number")),
        ('<c r="A2" t="d"><v>2024-01-05T00:00:00</v></c>', Cell("2024-01-05", "date")),
        ('<c r="A2" t="b"><v>1</v></c>', Cell("TRUE", "boolean")),
        ('<c r="A2" t="e"><v>#N/A</v></c>', Cell("#N/A", "error")),
        ('<c r="A2"><f>SUM(B1:B9)</f><v>7</v></c>', Cell("=SUM(B1:B9)", "formula")),
        ('<c r="A2"><f t="shared" si="0"/><v>7</v></c>', Cell("=", "formula")),
        ('<c r="A2" t="inlineStr"><is><r><t>张</t></r><rPh><t>zhang</t></rPh><r><t>三</t></r></is></c>', Cell("张三")),
        ('<c r="A2" t="inlineStr"><is><t>a&amp;b&lt;c</t></is></c>', Cell("a&b<c")),
    ],
)
def test_a_cell_keeps_what_its_author_saw(tmp_path: Path, xml: str, expected: Cell) -> None:
    path = workbook(tmp_path / "t.xlsx", header("a", "b") + f'<row r="2">{xml}</row>')
    (row,) = read_table(path).rows
    assert row.cells[0] == expected


def test_a_workbook_by_another_program_reads_the_same(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["姓名", "金额", "日期"])
    book.active.append(["张", 12.5, __import__("datetime").date(2024, 1, 5)])
    book.create_sheet("空表")
    book.save(tmp_path / "t.xlsx")
    (row,) = read_table(tmp_path / "t.xlsx").rows
    assert row.cells == (Cell("张"), Cell("12.5", "number"), Cell("2024-01-05", "date"))


def test_several_filled_sheets_must_be_chosen_from(tmp_path: Path) -> None:
    rows = header("a", "b") + f'<row r="2">{cell("A2", "x")}</row>'
    path = workbook(tmp_path / "t.xlsx", "", sheets={"城": rows, "乡": rows})
    error = refused(path)
    assert (error.code, error.found) == ("papers.several_sheets", "城, 乡")
    assert len(list(read_table(path, sheet="乡").rows)) == 1
    assert refused(path, sheet="县").code == "papers.no_sheet"


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("", "papers.empty"),
        (header("a", "a"), "papers.double_header"),
        (header("a", "", "c"), "papers.bad_header"),
        ('<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>', "papers.bad_header"),
        (header("a", "b") + f'<row r="2">{cell("C2", "x")}</row>', "papers.outside"),
        (header("a", "b") + '<row r="2"/><row r="2"/>', "papers.damaged"),
        (header("a", "b") + f'<row r="2">{cell("B2", "x")}{cell("A2", "y")}</row>', "papers.damaged"),
        (header("a", "b") + '<row r="2"><c r="A2"><v>seven</v></c></row>', "papers.damaged"),
        (header("a", "b") + '<row r="2"><c r="A2" t="s"><v>5</v></c></row>', "papers.damaged"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, rows: str, code: str) -> None:
    assert refused(workbook(tmp_path / "t.xlsx", rows)).code == code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_both_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text('姓名,住址\r\n张𠮷,"盐湖区,\r\n某街"\r\n\r\n李,\r\n', encoding=encoding, newline="")
    table = read_table(path)
    assert table.headers == ("姓名", "住址")
    assert [(row.number, [c.text for c in row.cells]) for row in table.rows] == [(2, ["张𠮷", "盐湖区,\r\n某街"]), (4, ["李", ""])]


def test_csv_marks_of_other_programs_are_undone(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('a\tb\tc\td\n="0012"\t\'990000194912310021\t9.90000194912E+17\t=1+1\n', encoding="utf-8")
    (row,) = read_table(path).rows
    assert row.cells == (Cell("0012"), Cell("990000194912310021"), Cell("9.90000194912E+17", "lost"), Cell("=1+1", "formula"))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("姓名,b\n张,x\n".encode("utf-16"), "papers.encoding"),
        (b"a,b\n1,\x00\n", "papers.encoding"),
        (b"a,b\n\xff\xff,1\n", "papers.encoding"),
        ("a,b\n张".encode("gb18030")[:-1], "papers.encoding"),
        (b'a,b\n"x,1\n', "papers.broken_csv"),
        (b'a,b\n"x"y,1\n', "papers.broken_csv"),
        (b"a,b\n1,2,3\n", "papers.outside"),
        (b"", "papers.empty"),
        (codecs.BOM_UTF8, "papers.empty"),
        (b"a" * 40_000 + b",b\n1,2\n", "papers.too_wide"),
    ],
)
def test_csv_that_cannot_be_trusted_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert refused(path).code == code


def test_limits_hold_for_both_forms(tmp_path: Path) -> None:
    csv = tmp_path / "t.csv"
    csv.write_text("a,b\n" + "1,2\n" * 20)
    xlsx = workbook(tmp_path / "t.xlsx", header("a", "b") + "".join(f'<row r="{n}">{cell(f"A{n}", "x")}</row>' for n in range(2, 20)))
    for path in (csv, xlsx):
        assert refused(path, limits=Limits(rows=10)).code == "papers.too_many_rows"
        assert refused(path, limits=Limits(columns=1)).code == "papers.too_wide"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.xlsx").code == "papers.no_file"
