"""Reads YAML with the line and column of every value, so that a refusal can point at it.

Only plain data: no anchors, aliases, tags or duplicate keys. Fractions become Decimal, never float.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from linli.kernel.dates import day_from_text
from linli.kernel.errors import LinliError, Place, Said

MAX_BYTES = 2_000_000
MAX_DEPTH = 24
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0]"
    r"|[\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Controls, fillers and marks that turn the direction of what follows: a reader would read other words than the programme."""
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Entry:
    """One YAML value with its place. `value` is a str, int, Decimal, bool, date, None, list[Entry] or dict[str, Entry].

    raw: a scalar's text as written. style: YAML's scalar style ("'", '"', "|", ">" or None), which decides where its
    first character stands.
    """

    value: Any
    file: str | None = None
    line: int | None = None
    column: int | None = None
    path: str = ""
    raw: str = ""
    style: str | None = None

    def place(self, offset: int | None = None) -> Place:
        """Where this value stands; with `offset`, where that character (0-based) of its text stands."""
        if offset is None:
            return Place(self.file, self.line, self.column, self.path or None)
        line, column = self._spot(offset)
        return Place(self.file, line, column, f"{self.path}, character {offset + 1}")

    def _spot(self, offset: int) -> tuple[int | None, int | None]:
        if self.line is None or self.column is None or self.style == ">":
            return self.line, self.column
        before = self.raw[:offset]
        if self.style == "|":
            # The indentation of a literal block is not known from its marks: the column counts inside the text.
            return self.line + 1 + before.count("\n"), offset - (before.rfind("\n") + 1) + 1
        return self.line, self.column + offset + (1 if self.style in ("'", '"') else 0)

    def plain(self) -> Any:
        """The value without places; Decimals stay Decimals."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value

    def get(self, key: str) -> Entry | None:
        """A key of a mapping, or None; a key written with nothing after it counts as absent."""
        item = self.value.get(key) if isinstance(self.value, dict) else None
        return None if item is None or item.value is None else item


def refuse(
    code: str,
    entry: Entry,
    *,
    zh: str,
    en: str,
    offset: int | None = None,
    expected: Said | None = None,
    found: Said | None = None,
    remedy_zh: str = "",
    remedy_en: str = "",
) -> LinliError:
    """An error at the entry, or at `offset` characters into its text."""
    place, texts = entry.place(offset), {"remedy_zh": remedy_zh, "remedy_en": remedy_en}
    return LinliError(code, zh=zh, en=en, place=place, expected=expected, found=found, **texts)


def read_yaml(path: str | Path) -> Entry:
    """The file's one document. Raises LinliError for a missing, oversized, undecodable or malformed file."""
    file = Path(path)
    if not file.is_file():
        raise LinliError(
            "rules.no_such_file",
            zh="找不到文件",
            en="There is no such file.",
            place=Place(str(path)),
            remedy_zh="检查路径",
            remedy_en="check the path",
        )
    return parse_yaml(file.read_bytes(), file=str(path))


def parse_yaml(data: bytes, *, file: str | None = None) -> Entry:
    """The document in `data` (UTF-8). Size and depth are limited before anything is built."""
    if len(data) > MAX_BYTES:
        raise LinliError(
            "rules.file_too_large",
            zh="文件过大",
            en="The file is too large.",
            place=Place(file),
            expected=f"at most {MAX_BYTES:,} bytes",
            expected_zh=f"最多 {MAX_BYTES:,} 字节",
            found=f"{len(data):,} bytes",
            found_zh=f"{len(data):,} 字节",
            remedy_zh="拆分文件",
            remedy_en="split the file",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LinliError(
            "rules.not_utf8",
            zh="文件不是 UTF-8 编码",
            en="The file is not UTF-8.",
            place=Place(file),
            found=f"byte {data[error.start]:#04x} at position {error.start}",
            found_zh=f"第 {error.start} 字节 {data[error.start]:#04x}",
            remedy_zh="另存为 UTF-8",
            remedy_en="save it as UTF-8",
        ) from error
    try:
        _refuse_tricks(text, file)
        node = yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as error:
        raise _broken(error, file) from error
    if node is None:
        raise LinliError(
            "rules.empty_file", zh="文件为空", en="The file is empty.", place=Place(file), remedy_zh="填写内容", remedy_en="fill it in"
        )
    return _entry(node, file, "")


def from_plain(value: Any, *, file: str | None = None, path: str = "") -> Entry:
    """The same structure for data that was not read from a file: places are field paths only. An Entry is returned as it is."""
    if isinstance(value, Entry):
        return value
    if isinstance(value, Mapping):
        items = {str(key): from_plain(item, file=file, path=_joined(path, str(key))) for key, item in value.items()}
        return Entry(items, file, path=path)
    if isinstance(value, list | tuple):
        return Entry([from_plain(item, file=file, path=f"{path}[{index}]") for index, item in enumerate(value)], file, path=path)
    if isinstance(value, float):
        value = Decimal(repr(value))
    return Entry(value, file, path=path, raw=str(value))


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _broken(error: yaml.YAMLError, file: str | None) -> LinliError:
    mark = getattr(error, "problem_mark", None)
    return LinliError(
        "rules.broken_yaml",
        zh="YAML 格式错误",
        en="The YAML is broken.",
        place=Place(file, mark.line + 1 if mark else None, mark.column + 1 if mark else None),
        found=str(getattr(error, "problem", None) or error).splitlines()[0],
        remedy_zh="检查缩进（只用空格）、引号和冒号",
        remedy_en="check indentation (spaces only), quotes and colons",
    )


def _refuse_tricks(text: str, file: str | None) -> None:
    """Walks the event stream, which is flat, so that depth and aliases are refused before any tree exists."""
    depth = 0
    documents = 0
    events: Iterator[Any] = yaml.parse(text, Loader=Loader)
    for event in events:
        place = Place(file, event.start_mark.line + 1, event.start_mark.column + 1)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise LinliError(
                "rules.yaml_anchor",
                zh="不允许使用 YAML 锚点和别名",
                en="YAML anchors and aliases are not allowed.",
                place=place,
                remedy_zh="直接写出内容",
                remedy_en="write the content out",
            )
        if getattr(event, "tag", None):
            raise LinliError(
                "rules.yaml_tag",
                zh="不允许使用 YAML 标签",
                en="YAML tags are not allowed.",
                place=place,
                found=str(event.tag),
                remedy_zh="删除标签",
                remedy_en="remove the tag",
            )
        unseen = _UNSEEN.search(event.value) if isinstance(event, yaml.ScalarEvent) else None
        if unseen is not None:
            raise LinliError(
                "rules.unseen",
                zh="文字里有看不见的控制字符",
                en="There is a control character in the text that nobody sees.",
                place=place,
                found=f"U+{ord(unseen[0]):04X}",
                remedy_zh="重新键入这段文字",
                remedy_en="type the text again",
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH or documents > 1:
            raise LinliError(
                "rules.yaml_too_deep",
                zh="YAML 嵌套过深或含多个文档",
                en="The YAML is nested too deeply or holds several documents.",
                place=place,
                expected=f"one document, at most {MAX_DEPTH} levels",
                expected_zh=f"一个文档，最多 {MAX_DEPTH} 层",
                remedy_zh="简化结构",
                remedy_en="make it flatter",
            )


def _entry(node: Any, file: str | None, path: str) -> Entry:
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    if isinstance(node, yaml.ScalarNode):
        return Entry(_scalar(node, file), file, line, column, path, node.value, node.style or None)
    if isinstance(node, yaml.SequenceNode):
        items = [_entry(item, file, f"{path}[{index}]") for index, item in enumerate(node.value)]
        return Entry(items, file, line, column, path)
    return Entry(_mapping(node, file, path), file, line, column, path)


def _mapping(node: yaml.MappingNode, file: str | None, path: str) -> dict[str, Entry]:
    result: dict[str, Entry] = {}
    for key, item in node.value:
        place = Place(file, key.start_mark.line + 1, key.start_mark.column + 1, path or None)
        if not isinstance(key, yaml.ScalarNode):
            raise LinliError(
                "rules.bad_key",
                zh="键必须是文字",
                en="A key must be text.",
                place=place,
                remedy_zh="改写键",
                remedy_en="write the key as text",
            )
        if key.value in result:
            raise LinliError(
                "rules.duplicate_key",
                zh="键重复",
                en="The key is given twice.",
                place=place,
                found=key.value,
                remedy_zh="删除其中一个",
                remedy_en="remove one of them",
            )
        result[key.value] = _entry(item, file, _joined(path, key.value))
    return result


def _scalar(node: yaml.ScalarNode, file: str | None) -> Any:
    kind = node.tag.rpartition(":")[2]
    if node.style or kind == "str":
        return node.value
    try:
        if kind == "int":
            return int(node.value.replace("_", ""))
        if kind == "float":
            return Decimal(node.value.replace("_", ""))
        if kind == "timestamp":
            return day_from_text(node.value)
    except (ValueError, ArithmeticError):
        return node.value
    if kind == "bool":
        return node.value.lower() in ("true", "yes", "on")
    return None if kind == "null" else node.value
