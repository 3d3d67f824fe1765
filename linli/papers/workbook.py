"""A workbook's sheets, date styles and shared texts."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from pathlib import Path

from linli.kernel.errors import Place
from linli.papers.package import Package, damaged, relative
from linli.papers.tables import Limits, refusal

_DATE_FORMATS = {14, 15, 16, 17, 22, *range(27, 32), 36, *range(50, 55), 57, 58}
"""Built-in number formats that show a day (ECMA-376 part 1, 18.8.30, with the Chinese ones)."""
_FORMAT_NOISE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_ESCAPE = re.compile(r"_x([0-9A-CEFa-cef][0-9A-Fa-f]{3}|[Dd][0-7][0-9A-Fa-f]{2})_")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A visible sheet and the part that holds it."""

    name: str
    part: str


@dataclass(frozen=True, slots=True)
class Workbook:
    """date_styles: the style numbers under which a number is a day."""

    sheets: tuple[Sheet, ...]
    texts: SharedTexts
    date_styles: frozenset[int]


class SharedTexts:
    """The workbook's texts in one block of bytes: a million Python strings would take four times the memory."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path, self._limits = path, limits
        self._bytes = bytearray()
        self._ends = array("Q")

    def append(self, text: str) -> None:
        """Add the next text."""
        self._bytes += text.encode()
        self._ends.append(len(self._bytes))
        if len(self._bytes) > self._limits.text_bytes:
            raise refusal(
                "too_much_text",
                "文件中的文字过多",
                "The file holds too much text.",
                Place(file=self._path.name),
                expected=(f"最多 {self._limits.text_bytes} 字节", f"at most {self._limits.text_bytes} bytes"),
                remedy=("分成几个文件提交", "split it into several files"),
            )

    def __getitem__(self, index: int) -> str:
        if not 0 <= index < len(self._ends):
            raise damaged(self._path, "shared text")
        start = self._ends[index - 1] if index else 0
        return self._bytes[start : self._ends[index]].decode()


def unescaped(text: str) -> str:
    """Characters that XML can't hold are written _xHHHH_ in a workbook (ECMA-376 part 1, 22.9.2.19)."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def open_workbook(package: Package) -> Workbook:
    """Read everything but the sheets themselves."""
    part = workbook_part(package)
    folder = part.rpartition("/")[0]
    targets = relationships(package, f"{folder}/_rels/{part.rpartition('/')[2]}.rels".lstrip("/"))
    sheets = _visible_sheets(package, part, {key: relative(folder, target) for key, (_, target) in targets.items()})
    by_kind = {kind: relative(folder, target) for kind, target in targets.values()}
    texts = SharedTexts(package.path, package.limits)
    if "sharedStrings" in by_kind:
        _read_texts(package, by_kind["sharedStrings"], texts)
    styles = _date_styles(package, by_kind["styles"]) if "styles" in by_kind else frozenset()
    return Workbook(sheets, texts, styles)


def workbook_part(package: Package) -> str:
    """The part that lists the sheets."""
    parts: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "Override":
            parts[attributes.get("ContentType", "")] = attributes.get("PartName", "").lstrip("/")

    package.parse("[Content_Types].xml", start)
    if any("macroEnabled" in kind for kind in parts):
        raise refusal(
            "macros",
            "含有宏的文件不接受",
            "Files with macros are not read.",
            Place(file=package.path.name),
            remedy=("另存为不含宏的 .xlsx", "save it as .xlsx without macros"),
        )
    for kind, part in parts.items():
        if kind.endswith(("spreadsheetml.sheet.main+xml", "spreadsheetml.template.main+xml")):
            return part
    raise damaged(package.path)


def relationships(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """(kind, target) by id of the relationships that a part declares inside the package."""
    found: dict[str, tuple[str, str]] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], attributes.get("Target", ""))

    package.parse(part, start)
    return found


def _visible_sheets(package: Package, part: str, targets: dict[str, str]) -> tuple[Sheet, ...]:
    place = Place(file=package.path.name)
    sheets: list[Sheet] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr" and attributes.get("date1904", "0") in ("1", "true"):
            raise refusal(
                "date_1904",
                "工作簿使用1904日期系统，日期会相差四年",
                "The workbook counts days from 1904, four years off.",
                place,
                remedy=("在选项中取消“使用1904日期系统”后另存", "switch the 1904 date system off and save again"),
            )
        if name == "sheet" and attributes.get("state", "visible") == "visible" and attributes.get("id", "") in targets:
            sheets.append(Sheet(attributes.get("name", ""), targets[attributes["id"]]))

    package.parse(part, start)
    if len(sheets) > package.limits.sheets:
        raise refusal(
            "too_many_sheets",
            "工作表过多",
            "Too many sheets.",
            place,
            expected=(f"最多 {package.limits.sheets} 个", f"at most {package.limits.sheets}"),
            found=str(len(sheets)),
            remedy=("只保留要导入的工作表", "keep only the sheet to import"),
        )
    return tuple(sheets)


def _read_texts(package: Package, part: str, texts: SharedTexts) -> None:
    pieces: list[str] = []
    phonetic = [0]

    def start(name: str, _: dict[str, str]) -> None:
        phonetic[0] += name == "rPh"

    def end(name: str, text: str) -> None:
        if name == "t" and not phonetic[0]:
            pieces.append(unescaped(text))
        elif name == "rPh":
            phonetic[0] -= 1
        elif name == "si":
            texts.append("".join(pieces))
            pieces.clear()

    package.parse(part, start, end)


def _date_styles(package: Package, part: str) -> frozenset[int]:
    formats: dict[str, str] = {}
    styles: list[str] = []
    inside = [False]

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            inside[0] = True
        elif name == "xf" and inside[0]:
            styles.append(attributes.get("numFmtId", "0"))

    def end(name: str, _: str) -> None:
        if name == "cellXfs":
            inside[0] = False

    package.parse(part, start, end)
    return frozenset(number for number, form in enumerate(styles) if _shows_a_day(form, formats.get(form)))


def _shows_a_day(number: str, code: str | None) -> bool:
    if code is None:
        return number.isdigit() and int(number) in _DATE_FORMATS
    letters = _FORMAT_NOISE.sub("", code).lower()
    return "y" in letters or "d" in letters
