"""A superior's form is filled and nothing else of it changes; what filling would lose is refused by the cell's name."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kernel.errors import LinliError
from linli.papers import Form, Rows, Slot
from linli.papers.forms import recalculating

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A form with a picture, merged cells, validation, a chart, formulas, a defined name and a hidden sheet that adds up."""
    path, picture = tmp_path / "form.xlsx", tmp_path / "sign.png"
    picture.write_bytes(PICTURE)
    book = xlsxwriter.Workbook(str(path))
    sheet, hidden = book.add_worksheet("表 1"), book.add_worksheet("汇总")
    frame = book.add_format({"border": 1, "num_format": "#,##0"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.insert_image("F1", str(picture))
    sheet.merge_range("A1:D1", "运城市统计表", book.add_format({"bold": True, "align": "center"}))
    for row, name in enumerate(("盐湖区", "河津市", "绛县"), start=3):
        sheet.write(row, 0, name)
        sheet.write_blank(row, 1, None, frame)
        sheet.write_formula(row, 2, f"=B{row + 1}*2", frame, 99)
    sheet.write_formula("B7", "=SUM(B4:B6)", frame, 77)
    sheet.write_blank("D4", None, day)
    sheet.merge_range("D5:D6", "", frame)
    sheet.data_validation("B4", {"validate": "integer", "criteria": ">=", "value": 0})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "='表 1'!$B$4:$B$6"})
    sheet.insert_chart("F5", chart)
    hidden.write_formula("A1", "='表 1'!B7", None, 55)
    hidden.hide()
    book.define_name("合计人数", "='表 1'!$B$8")
    book.close()
    return path


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def filled(template: Path, values: dict[str, object], table: Rows | None = None) -> Path:
    out = template.with_name("filled.xlsx")
    with Form(template) as form:
        form.fill(out, {form.slot(target): value for target, value in values.items()}, table)  # type: ignore[misc]
    return out


def test_only_the_filled_cells_change(template: Path):
    out = filled(template, {"B4": 12, "表 1!B5": Decimal("3.5"), "合计人数": "共三人", "D4": date(2026, 11, 22)})
    before, after = parts(template), parts(out)
    changed = {name for name in before if before[name] != after[name]}
    assert list(before) == list(after)
    assert changed == {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"}
    old, new = openpyxl.load_workbook(template), openpyxl.load_workbook(out)
    for sheet in old.sheetnames:
        for row in old[sheet].iter_rows():
            for cell in row:
                other = new[sheet][cell.coordinate]
                assert other.style_id == cell.style_id
                if (sheet, cell.coordinate) not in {("表 1", "B4"), ("表 1", "B5"), ("表 1", "B8"), ("表 1", "D4")}:
                    assert other.value == cell.value
    sheet = new["表 1"]
    assert [sheet[name].value for name in ("B4", "B5", "B8")] == [12, 3.5, "共三人"]
    assert sheet["D4"].value.date() == date(2026, 11, 22)
    assert sorted(map(str, sheet.merged_cells.ranges)) == ["A1:D1", "D5:D6"]
    assert len(sheet.data_validations.dataValidation) == 1


def test_formulas_stay_and_forget_their_results(template: Path):
    out = filled(template, {"B4": 12})
    remembered = openpyxl.load_workbook(out, data_only=True)
    assert remembered["表 1"]["B7"].value is None
    assert remembered["汇总"]["A1"].value is None
    assert openpyxl.load_workbook(out)["表 1"]["B7"].value == "=SUM(B4:B6)"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'<sheets/></sheets><calcPr calcId="1"/>', b'<sheets/></sheets><calcPr calcId="1" fullCalcOnLoad="1"/>'),
        (b'<calcPr fullCalcOnLoad="0" calcId="1"></calcPr>', b'<calcPr calcId="1" fullCalcOnLoad="1"></calcPr>'),
        (b"<x:sheets></x:sheets><x:extLst/>", b'<x:sheets></x:sheets><x:calcPr fullCalcOnLoad="1"/><x:extLst/>'),
        (b"<sheets></sheets><definedNames></definedNames>", b'<sheets></sheets><definedNames></definedNames><calcPr fullCalcOnLoad="1"/>'),
    ],
)
def test_the_workbook_is_told_to_work_everything_out(before: bytes, after: bytes):
    assert recalculating(before) == after
    assert recalculating(after) == after


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("C4", "papers.formula_slot"),
        ("B1", "papers.merged_slot"),
        ("D6", "papers.merged_slot"),
        ("表 9!B4", "papers.no_such_cell"),
        ("汇总!A2", "papers.no_such_cell"),
        ("B4:B6", "papers.no_such_cell"),
        ("没有的名称", "papers.no_such_cell"),
        ("B0", "papers.no_such_cell"),
    ],
)
def test_a_cell_that_cannot_be_filled_is_refused_by_name(template: Path, target: str, code: str):
    with Form(template) as form, pytest.raises(LinliError) as refused:
        form.slot(target)
    assert refused.value.code == code
    assert target.rpartition("!")[2] in refused.value.text("zh")


def test_a_signed_template_is_refused(template: Path):
    with zipfile.ZipFile(template, "a") as package:
        package.writestr("_xmlsignatures/sig1.xml", "<x/>")
    with pytest.raises(LinliError) as refused:
        Form(template)
    assert refused.value.code == "papers.signed"


def people(path: Path, *, footer: int = 0) -> Path:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("名册")
    frame = book.add_format({"border": 1})
    sheet.write_row(0, 0, ["序号", "姓名", "备注"], frame)
    for row in (1, 2):
        for column in range(3):
            sheet.write_blank(row, column, None, frame)
    sheet.set_row(1, 30)
    if footer:
        sheet.write(footer - 1, 1, "填表人")
    book.close()
    return path


def test_a_row_for_each_person_below_each_other(tmp_path: Path):
    template = people(tmp_path / "people.xlsx")
    out = filled(template, {}, Rows("名册", 2, (1, 2), ((n, f"居民{n}") for n in range(1, 6))))
    sheet = openpyxl.load_workbook(out)["名册"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [[n, f"居民{n}", None] for n in range(1, 6)]
    assert {sheet.cell(row, 3).border.left.style for row in range(2, 7)} == {"thin"}
    assert [sheet.row_dimensions[row].height for row in (2, 6)] == [30, 30]


def test_too_few_empty_rows_are_refused(tmp_path: Path):
    template = people(tmp_path / "people.xlsx", footer=5)
    three = Rows("名册", 2, (1, 2), ((n, "甲") for n in range(3)))
    assert openpyxl.load_workbook(filled(template, {}, three))["名册"]["B5"].value == "填表人"
    with pytest.raises(LinliError) as refused:
        filled(template, {}, Rows("名册", 2, (1, 2), ((n, "甲") for n in range(4))))
    assert refused.value.code == "papers.no_room"
    assert "3 empty rows:" in refused.value.en
    with pytest.raises(LinliError, match="1 empty row: too few"):
        filled(people(tmp_path / "one.xlsx", footer=3), {}, Rows("名册", 2, (1, 2), ((n, "甲") for n in range(2))))


WORDS = st.text(max_size=30)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(WORDS, WORDS), max_size=8))
def test_no_text_becomes_a_formula_and_every_text_arrives(rows: list[tuple[str, str]]):
    folder = Path(__import__("tempfile").mkdtemp())
    template = people(folder / "people.xlsx")
    out = filled(template, {}, Rows("名册", 2, (1, 2), rows))
    xml = parts(out)["xl/worksheets/sheet1.xml"]
    assert b"<f>" not in xml
    with Form(out) as form:
        read = form.texts("名册")
    for place, row in enumerate(rows):
        for column, text in enumerate(row, start=1):
            got = read.get((place + 2, column), "")
            assert got.removeprefix("'") == text.removeprefix("'") or re.sub(r"\s", "", got) == re.sub(r"\s", "", text)
            assert not got.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_form_without_any_row_is_filled_too(tmp_path: Path):
    path = tmp_path / "empty.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("空表")
    book.close()
    out = filled(path, {"B3": 7, "A1": "甲", "C3": True})
    sheet = openpyxl.load_workbook(out)["空表"]
    assert (sheet["A1"].value, sheet["B3"].value, sheet["C3"].value) == ("甲", 7, True)


def test_slots_say_where_they_are():
    assert Slot("表 1", 5, 28).text == "表 1!AB5"


def test_a_cell_far_from_anything_in_the_template_is_refused(template: Path):
    with Form(template) as form:
        assert form.slot("Z4").text == "表 1!Z4"
        assert form.slot("B99").text == "表 1!B99"
        with pytest.raises(LinliError) as caught:
            form.slot("Z99")
    assert caught.value.code == "papers.empty_slot"
