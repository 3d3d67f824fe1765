"""Workbooks written part by part, so that tests can hold what no spreadsheet program would write."""

from __future__ import annotations

import zipfile
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="170" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>'
    '<numFmt numFmtId="171" formatCode="[Red]#,##0.00&quot;day&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
    '<xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>'
)


def cell(reference: str, value: str) -> str:
    """An inline text cell."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{value}</t></is></c>'


def header(*names: str) -> str:
    """The first row."""
    return f'<row r="1">{"".join(cell(f"{chr(65 + index)}1", name) for index, name in enumerate(names))}</row>'


def workbook(
    path: Path,
    rows: str,
    *,
    after: str = "",
    extra: dict[str, str | bytes] | None = None,
    sheet_prolog: str = "",
    workbook_pr: str = "",
    sheets: dict[str, str] | None = None,
) -> Path:
    """Write a workbook whose (first) sheet holds the given <row> elements and, after them, whatever is given."""
    bodies = sheets or {"名单": rows}
    listed = "".join(f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>' for number, name in enumerate(bodies, start=1))
    numbers = range(1, len(bodies) + 1)
    links = "".join(f'<Relationship Id="r{n}" Type="{RELS}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers)
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELS}">{workbook_pr}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="s" Type="{RELS}/styles" Target="styles.xml"/>{links}</Relationships>',
        "xl/styles.xml": STYLES,
    }
    for number, body in enumerate(bodies.values(), start=1):
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'{sheet_prolog}<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData>{after}</worksheet>'
        )
    parts.update(extra or {})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path
