"""Files made to harm: each is refused with its reason before anything is read from it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kernel.errors import LinliError
from linli.papers import Limits, read_table

from .workbooks import RELS, TYPES, cell, header, workbook

DOCUMENT = "vnd.openxmlformats-officedocument"
PLAIN = "openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = header("a", "b") + f'<row r="2">{cell("A2", "x")}</row>'


def typed(kind: str) -> str:
    """A type of content, and the end of the list."""
    return f'<Default Extension="dat" ContentType="application/{kind}"/></Types>'


def related(kind: str, mode: str = "Internal") -> str:
    """A part's one relationship."""
    return f'<Relationships><Relationship Id="r1" Type="{kind}" Target="http://example.org/x" TargetMode="{mode}"/></Relationships>'


def code_of(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(LinliError) as error:
        list(read_table(path, limits=limits).rows)
    return error.value.code


@pytest.mark.parametrize(
    ("part", "content", "code"),
    [
        ("xl/vbaProject.bin", b"x", "papers.macros"),
        ("xl/macrosheets/sheet1.xml", "<a/>", "papers.macros"),
        (
            "[Content_Types].xml",
            TYPES.replace(PLAIN, "ms-excel.sheet.macroEnabled"),
            "papers.macros",
        ),
        ("xl/externalLinks/externalLink1.xml", "<a/>", "papers.external_links"),
        ("xl/connections.xml", "<a/>", "papers.connections"),
        ("xl/workbook.bin", b"x", "papers.binary"),
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData>", "papers.damaged"),
        ("xl/worksheets/sheet1.xml", b"\x00\x01", "papers.damaged"),
        ("[Content_Types].xml", "<Types/>", "papers.damaged"),
        ("[Content_Types].xml", TYPES.replace("</Types>", typed("vnd.ms-office.vbaProject")), "papers.macros"),
        ("[Content_Types].xml", TYPES.replace("</Types>", typed(f"{DOCUMENT}.spreadsheetml.externalLink+xml")), "papers.external_links"),
        ("xl/other/_rels/a.xml.rels", related(f"{RELS}/externalLink"), "papers.external_links"),
        (
            "xl/OTHER/_RELS/a.xml.RELS",
            related("http://purl.oclc.org/ooxml/officeDocument/relationships/externalLink"),
            "papers.external_links",
        ),
        ("xl/_rels/a.xml.rels", related("http://schemas.microsoft.com/office/2006/relationships/vbaProject"), "papers.macros"),
        ("xl/_rels/a.xml.rels", related(f"{RELS}/connections"), "papers.connections"),
        ("xl/_rels/a.xml.rels", related(f"{RELS}/attachedTemplate"), "papers.connections"),
        ("xl/_rels/a.xml.rels", related(f"{RELS}/oleObject"), "papers.objects"),
        ("xl/_rels/a.xml.rels", related(f"{RELS}/package"), "papers.objects"),
        ("xl/_rels/a.xml.rels", related(f"{RELS}/image", "External"), "papers.outside"),
        ("xl/_rels/a.xml.rels", related(f'{RELS}/image" x:Type="{RELS}/hyperlink', "external"), "papers.outside"),
    ],
)
def test_active_or_broken_parts_are_refused(tmp_path: Path, part: str, content: str | bytes, code: str) -> None:
    assert code_of(workbook(tmp_path / "t.xlsx", ROWS, extra={part: content})) == code


def test_a_link_to_click_on_is_read(tmp_path: Path) -> None:
    extra: dict[str, str | bytes] = {"xl/worksheets/_rels/sheet1.xml.rels": related(f"{RELS}/hyperlink", "External")}
    assert list(read_table(workbook(tmp_path / "t.xlsx", ROWS, extra=extra)).rows)


def test_a_dense_part_is_a_bomb(tmp_path: Path) -> None:
    assert code_of(workbook(tmp_path / "t.xlsx", ROWS, extra={"xl/media/x": b"0" * 3_000_000})) == "papers.zip_bomb"


def test_too_much_in_all_is_a_bomb(tmp_path: Path) -> None:
    assert code_of(workbook(tmp_path / "t.xlsx", ROWS), Limits(unpacked_bytes=1000)) == "papers.zip_bomb"


def test_too_many_parts_are_a_bomb(tmp_path: Path) -> None:
    assert code_of(workbook(tmp_path / "t.xlsx", ROWS, extra={f"x/{number}": "" for number in range(2100)})) == "papers.zip_bomb"


def test_a_part_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", ROWS + f'<row r="3">{cell("A3", "y" * 5000)}</row>')
    with zipfile.ZipFile(path) as file:
        size = file.getinfo("xl/worksheets/sheet1.xml").file_size
    raw = path.read_bytes()
    assert raw.count(size.to_bytes(4, "little")) == 2
    path.write_bytes(raw.replace(size.to_bytes(4, "little"), (size // 2).to_bytes(4, "little")))
    assert code_of(path) == "papers.damaged"


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
def test_document_types_are_refused(tmp_path: Path, prolog: str) -> None:
    assert code_of(workbook(tmp_path / "t.xlsx", ROWS, sheet_prolog=prolog)) == "papers.doctype"


def test_encrypted_and_old_files_are_told_apart(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    (tmp_path / "t.xlsx").write_bytes(ole + "EncryptedPackage".encode("utf-16-le"))
    (tmp_path / "t.xls").write_bytes(ole)
    assert code_of(tmp_path / "t.xlsx") == "papers.encrypted"
    assert code_of(tmp_path / "t.xls") == "papers.old_xls"


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", ROWS)
    raw = bytearray(path.read_bytes())
    entry = raw.index(b"PK\x01\x02")
    raw[entry + 8] |= 1
    path.write_bytes(raw)
    assert code_of(path) == "papers.encrypted"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<html><table></table></html>", b"\x89PNG"])
def test_what_only_claims_to_be_a_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.xlsx").write_bytes(content)
    assert code_of(tmp_path / "t.xlsx") == "papers.damaged"


def test_a_workbook_that_counts_from_1904_is_refused(tmp_path: Path) -> None:
    assert code_of(workbook(tmp_path / "t.xlsx", ROWS, workbook_pr='<workbookPr date1904="1"/>')) == "papers.date_1904"


def test_limits_on_sheets_text_and_size(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", "", sheets={f"s{number}": ROWS for number in range(5)})
    assert code_of(path, Limits(sheets=4)) == "papers.too_many_sheets"
    assert code_of(path, Limits(file_bytes=100)) == "papers.too_large"


def test_a_part_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", ROWS)
    data = bytearray(path.read_bytes())
    name = data.index(b"xl/workbook.xml")
    header = data.rindex(b"PK\x03\x04", 0, name)
    data[header + 7] |= 0x08  # the name is said to be UTF-8
    data[name + 3] = 0x8F
    path.write_bytes(data)
    assert code_of(path) == "papers.damaged"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_random_damage_never_ends_in_anything_but_a_table_or_a_refusal(tmp_path: Path, data: st.DataObject) -> None:
    path = workbook(tmp_path / "t.xlsx", ROWS)
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(4, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    try:
        list(read_table(path).rows)
    except LinliError:
        return
