"""What in a template reaches out of its workbook: formulas that ask the network, another program or file, and links to odd places.

A template is handed on filled with people's data and worked out wherever it is opened. Formulas are looked for in cells, names,
conditional formats, validations, tables, charts and drawings of every part that is XML, whatever it is called.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from linli.kernel.errors import LinliError, Place
from linli.papers.package import CONTENT_TYPES, Package, feed, local, safe_parser, walk
from linli.papers.tables import column_letters, refusal
from linli.papers.workbook import unescaped

_REMEDY = (
    "改成只用本工作簿内数据的公式，或只留数值，再重新提交",
    "use formulas over this workbook's own cells, or values only, and send it again",
)
_FUNCTIONS = (
    "WEBSERVICE|IMAGE|RTD|FILTERXML|CALL|REGISTER(?:\\.ID)?|ENCODEURL|DDE|EXEC|EVALUATE|SQL\\.REQUEST|STOCKHISTORY|TRANSLATE|DETECTLANGUAGE"
    "|COPILOT|PY|CUBE[A-Z]+"
)
_CALLED = re.compile(rf"(?<![\w.])(?:_XL\w*\.)*({_FUNCTIONS})\s*\(|_XLETA\.({_FUNCTIONS}|HYPERLINK)(?![\w.])")
_QUOTED = re.compile(r'"((?:[^"]|"")*)"|\'(?:[^\']|\'\')*\'')
_BOOK = re.compile(r"\[[^\[\]]*\][^\[\]!\s'\"(){},;+*/&<>=^-]*!|'(?:[^']|'')*\[(?:[^']|'')*'\s*!|'\s*#|://|\\\\")
"""Another workbook or address: [1]表!A1, [1]!名称, '…[1]表 1'!A1, an address outside a text. Table[column] is none."""
_LINK = re.compile(r"(?<![\w.])HYPERLINK\s*\(")
_FIXED = re.compile(r'HYPERLINK\s*\(\s*"(\d+)"\s*[,)]')
_ADDRESS = re.compile(r"(?:https?://|mailto:|#)", re.IGNORECASE)
_DRAWN = frozenset(("fmlamacro", "fmlalink", "fmlarange", "fmlapict", "fmlagroup", "fmlatxbx"))
_SAYING = _DRAWN | {"f", "formula", "formula1", "formula2", "calculatedcolumnformula", "totalsrowformula", "definedname"}
_ATTRIBUTES = _DRAWN | {"textlink", "formula", "cellrange"}
_OUTWARD = frozenset(("webpublishitem", "databinding", "ddelink", "olelink"))
_MACRO_NAME = ("xlm", "function", "vbProcedure")
_VML = re.compile(r"<(?:\w+:)?fmla\w+>([^<]*)<", re.IGNORECASE)
_PLAIN_LINK = re.compile(r"(?:https?://|mailto:|#)|(?![\\/]{2})[^:]*$", re.IGNORECASE)
"""An address that somebody clicks on: the web, mail, a place in the file or a file beside it; no share and no program."""
_AROUND = frozenset(("conditionalformatting", "datavalidation"))


def outside(formula: str) -> bool:
    """Whether a formula reaches out of its workbook: over the network, to another program or another file. Texts in it are no matter."""
    plain = unicodedata.normalize("NFKC", unescaped(formula))
    texts: list[str] = []

    def numbered(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0]
        texts.append(found[1])
        return f'"{len(texts) - 1}"'

    bare = _QUOTED.sub(numbered, plain)
    if "|" in bare or _BOOK.search(bare) or _CALLED.search(bare.upper()):
        return True
    fixed = [number for number in _FIXED.findall(bare.upper()) if _ADDRESS.match(texts[int(number)])]
    return len(fixed) != len(_LINK.findall(bare.upper()))


def refuse_outward(package: Package, sheets: dict[str, str]) -> None:
    """Raise LinliError for the first formula or link that reaches out, naming sheet and cell. sheets: part -> the sheet's name."""
    for part in package.parts:
        if part == CONTENT_TYPES or not _is_xml(package, part):
            continue
        if part.lower().endswith(".rels"):
            _refuse_links(package, part)
            continue
        found = _drawn(package, part) if part.lower().endswith(".vml") else _Formulas(package, part).run()
        for where, formula in found:
            sheet = sheets.get(part, part.rpartition("/")[2])
            raise _refused(package.path, f"{sheet}!{where}" if where else sheet, formula)


def _refuse_links(package: Package, part: str) -> None:
    def start(_name: str, attributes: dict[str, str]) -> None:
        target = attributes.get("Target", "").strip()
        if "TargetMode" in attributes and not _PLAIN_LINK.match(target):
            raise refusal(
                "outward_link", "链接指向其他程序或网络文件夹", "A link points to a program or a shared folder.",
                Place(file=package.path.name), found=target[:200], remedy=("去掉这个链接后重新提交", "take the link out and send it again"),
            )  # fmt: skip

    walk(package, part, start)


def _refused(path: Path, where: str, formula: str) -> LinliError:
    return refusal(
        "outward_formula", f"{where}：公式会连到工作簿以外", f"{where}: the formula reaches out of the workbook.",
        Place(file=path.name, field=where), found=formula.strip()[:200], remedy=_REMEDY,
    )  # fmt: skip


def _is_xml(package: Package, part: str) -> bool:
    """By its beginning: a part may be called anything."""
    first = next(iter(package.blocks(part)), b"")[:200]
    return first.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" or first[:2] in (b"\xff\xfe", b"\xfe\xff")


def _drawn(package: Package, part: str) -> Iterator[tuple[str, str]]:
    """Formulas of old drawings, which need not be well-formed."""
    text = b"".join(package.blocks(part)).decode("utf-8", "replace")
    return (("", formula) for formula in _VML.findall(text) if outside(formula))


class _Formulas:
    """One pass over a part: formulas of cells, names, conditional formats, validations, tables, charts and drawings."""

    def __init__(self, package: Package, part: str) -> None:
        self._package, self._part = package, part
        self._row = self._column = 0
        self._cell = self._around = self._name = ""
        self._texts: list[list[str]] = []
        self._found: list[tuple[str, str]] = []

    def run(self) -> list[tuple[str, str]]:
        """(cell, range or name, formula) of those that reach out."""
        parser: expat.XMLParserType = safe_parser(self._package.path)
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        feed(parser, self._package.blocks(self._part), self._package.path)
        return self._found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        short = local(name).lower()
        self._place(short, attributes)
        if short in _OUTWARD:
            self._found.append((self._cell, short))
        if short == "definedname" and any(attributes.get(mark, "0").lower() not in ("0", "false") for mark in _MACRO_NAME):
            self._found.append((self._name, self._name))
        for key, value in attributes.items():
            asked = local(key).lower()
            said = asked in _ATTRIBUTES or (asked == "val" and short == "cfvo")
            if (said and outside(value)) or (asked == "macro" and value.strip()):
                self._found.append((self._around or self._cell, value))
        if short in _SAYING:
            self._texts.append([])

    def _place(self, short: str, attributes: dict[str, str]) -> None:
        """Where the walk is: a row, a cell (which need not say so), a range or a name."""
        if short == "row":
            self._row, self._column = self._row + 1, 0
        elif short == "c":
            self._column += 1
            self._cell = attributes.get("r") or f"{column_letters(self._column - 1)}{max(self._row, 1)}"
        elif short in _AROUND:
            self._around = attributes.get("sqref", "")
        elif short == "definedname":
            self._name = attributes.get("name", "")

    def _text(self, text: str) -> None:
        for one in self._texts:
            one.append(text)

    def _end(self, name: str) -> None:
        short = local(name).lower()
        if short in _SAYING:
            formula = "".join(self._texts.pop())
            if outside(formula):
                self._found.append((self._name or self._around or self._cell, formula))
        if short in _AROUND:
            self._around = ""
        elif short == "definedname":
            self._name = ""
        elif short == "c":
            self._cell = ""
