"""The xlsx package (ECMA-376): a zip of XML parts, opened only after it has been shown to be harmless.

Refused before anything is parsed: old .xls, encryption, macros, external links and connections, binary workbooks, zip bombs
(declared size, ratio, number of parts; while reading, no part gives more than it declared). DTDs are refused in every part. Links,
macros, connections and embedded programs are then looked for in the types of all relationships and contents, whatever a part is called.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO
from xml.parsers import expat

from linli.kernel.errors import LinliError, Place
from linli.papers.tables import Limits, refusal

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CONTENT_TYPES = "[Content_Types].xml"
_PARTS = 2_000
_SMALL = 2**20
"""Ratios are judged above this size: a small part that is all spaces is odd but harmless."""
_BLOCK = 2**16

_RESAVE = ("用表格软件另存为 .xlsx 后重新提交", "save it as .xlsx in a spreadsheet program and send it again")
_VALUES = ("在新工作簿中只粘贴数值后重新提交", "paste the values only into a new workbook and send that")


class Package:
    """An opened xlsx file. Use as a context manager."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path, self.limits = path, limits
        _refuse_wrong_start(path, limits)
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
            raise damaged(path) from None
        try:
            _refuse_hostile(path, self._zip.infolist(), limits)
            _refuse_declared(self)
        except LinliError:
            self._zip.close()
            raise

    def __enter__(self) -> Package:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def has(self, part: str) -> bool:
        """Whether the package holds a part of that name."""
        return part in self._zip.NameToInfo

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of all parts, in their order."""
        return tuple(self._zip.NameToInfo)

    def size(self, part: str) -> int:
        """The declared unpacked size of a part in bytes."""
        return self._zip.getinfo(part).file_size

    def blocks(self, part: str) -> Iterator[bytes]:
        """The part's bytes in blocks of 64 KiB; a part that does not match its declared size or checksum is refused."""
        try:
            with self._open(part) as stream:
                while block := stream.read(_BLOCK):
                    yield block
        except (zipfile.BadZipFile, NotImplementedError, ValueError, RuntimeError, EOFError, OSError, zipfile.zlib.error):  # type: ignore[attr-defined]
            raise damaged(self.path) from None

    def _open(self, part: str) -> IO[bytes]:
        if not self.has(part):
            raise damaged(self.path, part)
        return self._zip.open(part)

    def parse(self, part: str, start: Callable[[str, dict[str, str]], None], text_end: Callable[[str, str], None] | None = None) -> None:
        """Walk a small part: start(name, attributes) and text_end(name, text) with local names."""
        parser = safe_parser(self.path)
        text: list[str] = []
        if text_end is not None:
            finish = text_end

            def end(name: str) -> None:
                finish(local(name), "".join(text))
                text.clear()

            parser.EndElementHandler = end
            parser.CharacterDataHandler = text.append

        def begin(name: str, attributes: dict[str, str]) -> None:
            text.clear()
            start(local(name), {local(key): value for key, value in attributes.items()})

        parser.StartElementHandler = begin
        feed(parser, self.blocks(part), self.path)


def safe_parser(path: Path) -> expat.XMLParserType:
    """An expat parser that refuses any DTD (entity bombs, outside references)."""

    def refuse_doctype(*_: object) -> None:
        place = Place(file=path.name)
        raise refusal("doctype", "文件内含有不允许的 XML 声明", "The file holds an XML document type.", place, remedy=_RESAVE)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = _BLOCK
    parser.StartDoctypeDeclHandler = refuse_doctype
    return parser


def feed(parser: expat.XMLParserType, blocks: Iterator[bytes], path: Path) -> None:
    """Run the whole part through the parser."""
    try:
        for block in blocks:
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise damaged(path) from None


def local(name: str) -> str:
    """An XML name without its prefix."""
    return name.rsplit(":", 1)[-1]


def damaged(path: Path, part: str | None = None) -> LinliError:
    """The file is not a whole xlsx file."""
    return refusal("damaged", "文件已损坏或不是 xlsx 文件", "Not a whole xlsx file.", Place(file=path.name, field=part), remedy=_RESAVE)


def relative(base: str, target: str) -> str:
    """A relationship's target as the name of a part."""
    joined = PurePosixPath(target) if target.startswith("/") else PurePosixPath(base) / target
    parts: list[str] = []
    for piece in joined.parts:
        if piece == "..":
            parts = parts[:-1]
        elif piece not in ("/", "."):
            parts.append(piece)
    return "/".join(parts)


def _refuse_wrong_start(path: Path, limits: Limits) -> None:
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise refusal(
            "too_large",
            "文件过大",
            "The file is too large.",
            Place(file=path.name),
            expected=(f"最多 {limits.file_bytes} 字节", f"at most {limits.file_bytes} bytes"),
            found=f"{size}",
            remedy=("分成几个文件提交", "split it into several files"),
        )
    with path.open("rb") as file:
        start = file.read(8)
        if start != _OLE:
            return
        # [MS-OFFCRYPTO]: an encrypted workbook is an OLE file whose stream names are UTF-16.
        encrypted = "EncryptedPackage".encode("utf-16-le") in file.read(2**20) or _tail_names_encryption(path, size)
    if encrypted:
        raise refusal(
            "encrypted", "文件已加密", "The file is encrypted.", Place(file=path.name), remedy=("取消密码后重新提交", "remove the password")
        )
    raise refusal("old_xls", "不接受旧式 .xls 文件", "Old .xls files are not read.", Place(file=path.name), remedy=_RESAVE)


def _tail_names_encryption(path: Path, size: int) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, size - 2**20))
        return "EncryptedPackage".encode("utf-16-le") in file.read()


def _refuse_hostile(path: Path, parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    place = Place(file=path.name)
    if any(part.flag_bits & 0x1 for part in parts):
        raise refusal("encrypted", "文件已加密", "The file is encrypted.", place, remedy=("取消密码后重新提交", "remove the password"))
    unpacked = sum(part.file_size for part in parts)
    dense = max((part.file_size / max(part.compress_size, 1) for part in parts if part.file_size > _SMALL), default=0.0)
    if len(parts) > _PARTS or unpacked > limits.unpacked_bytes or dense > limits.ratio:
        raise refusal(
            "zip_bomb",
            "压缩包展开后过大，可能是恶意文件",
            "The file unpacks into too much: it may be a zip bomb.",
            place,
            expected=(
                f"展开后最多 {limits.unpacked_bytes} 字节、{limits.ratio} 倍、{_PARTS} 个部件",
                f"at most {limits.unpacked_bytes} bytes, {limits.ratio} times the packed size, {_PARTS} parts",
            ),
            found=f"{unpacked}, ×{dense:.0f}, {len(parts)}",
            remedy=_VALUES,
        )
    names = [part.filename.lower() for part in parts]
    if len(set(names)) != len(names):
        raise damaged(path)
    _refuse_active(names, place)


_MACROS = ("macros", "含有宏的文件不接受", "Files with macros are not read.")
_LINKS = ("external_links", "文件引用了其他工作簿", "The file refers to other workbooks.")
_CONNECTIONS = ("connections", "文件含有外部数据连接", "The file holds connections to outside data.")
_OBJECTS = ("objects", "文件中嵌有其他程序的对象", "The file holds objects of other programs.")
_OUTSIDE = ("outside", "文件会从外部读取内容", "The file takes contents from outside it.")
_BINARY = ("binary", "不接受二进制工作簿 .xlsb", "Binary workbooks are not read.")
_NAMES = (
    (("vbaproject", "xl/macrosheets/"), _MACROS),
    (("xl/externallinks/",), _LINKS),
    (("xl/connections", "xl/querytables/"), _CONNECTIONS),
    (("xl/workbook.bin",), _BINARY),
)
_TYPES = (
    (("vbaproject", "vbadata", "macrosheet", "macroenabled", "dialogsheet", "customui", "extensibility", "attachedtoolbars"), _MACROS),
    (("externallink", "ddelink"), _LINKS),
    (("connections", "querytable", "attachedtemplate", "mailmerge", "subdocument"), _CONNECTIONS),
    (("oleobject", "olelink", "activex", "webextension", "taskpanes"), _OBJECTS),
    (("sheet.binary",), _BINARY),
)
"""What the type of a relationship or of a part's content may not hold, small letters."""
_KINDS = frozenset(("control", "package", "afchunk", "frame"))
"""Relationships that bring in programs or other documents; the words stand in harmless types too."""


def _refuse_active(names: list[str], place: Place) -> None:
    for marks, why in _NAMES:
        found = next((name for name in names if any(mark in name for mark in marks)), None)
        if found:
            raise _active(why, place, found)


def _refuse_declared(package: Package) -> None:
    """What the package says of its parts: the types of contents, and of relationships inside it and to the outside."""
    place = Place(file=package.path.name)

    def content(_name: str, attributes: dict[str, str]) -> None:
        for kind in _said(attributes, "ContentType"):
            _refuse_type(kind, place)

    def relationship(_name: str, attributes: dict[str, str]) -> None:
        _refuse_relationship(attributes, place)

    if package.has(CONTENT_TYPES):
        walk(package, CONTENT_TYPES, content)
    for part in package.parts:
        if part.lower().endswith(".rels"):
            walk(package, part, relationship)


def _said(attributes: dict[str, str], name: str) -> list[str]:
    """The values of an attribute, under whatever prefixes."""
    return [value.strip() for key, value in attributes.items() if local(key) == name]


def _refuse_relationship(attributes: dict[str, str], place: Place) -> None:
    kinds = _said(attributes, "Type")
    for kind in kinds:
        _refuse_type(kind, place)
    last = [kind.rpartition("/")[2].lower() for kind in kinds]
    if set(last) & _KINDS:
        raise _active(_OBJECTS, place, last[0])
    if any(mode.lower() != "internal" for mode in _said(attributes, "TargetMode")) and last != ["hyperlink"]:
        raise _active(_OUTSIDE, place, attributes.get("Target", "")[:200])


def walk(package: Package, part: str, start: Callable[[str, dict[str, str]], None]) -> None:
    """Elements with all their attributes, prefixed ones too."""
    parser = safe_parser(package.path)
    parser.StartElementHandler = start
    feed(parser, package.blocks(part), package.path)


def _refuse_type(kind: str, place: Place) -> None:
    asked = kind.lower()
    for marks, why in _TYPES:
        if any(mark in asked for mark in marks):
            raise _active(why, place, kind[:200])


def _active(why: tuple[str, str, str], place: Place, found: str) -> LinliError:
    code, zh, en = why
    return refusal(code, zh, en, place, found=found, remedy=_RESAVE if code == "binary" else _VALUES)
