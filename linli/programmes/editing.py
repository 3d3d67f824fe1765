"""Changes single values in a programme file's text: what is not touched keeps its comments, order and layout, letter by letter."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from linli.kernel.errors import LinliError, Place
from linli.rules.source import Loader

Node = Any
STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
WIDTH = 100
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PLAIN_VALUE = re.compile(r"[A-Za-z0-9_.%+-][A-Za-z0-9_.%+ -]*")


def put(text: str, path: str, value: str, kind: str = "text") -> str:
    """The text with the scalar at a path ("rule.parameters.rate.values[0].value") replaced; text ends as it did.

    kind: text (always a text), number, day or value (written plainly where it reads as one, else as the text that was typed, so that
    the check finds it in its place), choice, expression. An empty value is null, an empty optional text is taken out. A key that is
    not there is added behind its siblings. Raises LinliError where the path leads nowhere.
    """
    text = text.removeprefix("\ufeff")
    steps = _steps(path)
    parent = _at(_compose(text), steps[:-1], path)
    node, key_node = _child(parent, steps[-1])
    if node is None:
        return _add(text, parent, str(steps[-1]), value, kind)
    if not isinstance(node, yaml.ScalarNode):
        raise _nowhere(path)
    written = _written(value, kind, flow=_in_flow(text, parent), indent=_indent(parent))
    start, end = node.start_mark.index, node.end_mark.index
    if node.style in ("|", ">"):
        end = _content_end(text, node)
    if start == end:  # a key with nothing behind it
        start = end = key_node.end_mark.index + 1
        written = f" {written}"
    return text[:start] + written + text[end:]


def renewed(text: str, version: str, first: date) -> str:
    """The text as that of a new version: with its name and first day, open-ended."""
    return put(put(put(text, "version", version), "effective_from", first.isoformat(), "day"), "effective_to", "", "day")


def insert(text: str, path: str, item: Mapping[str, Any]) -> str:
    """The text with a mapping added under a key that is not there yet, on one line behind its siblings."""
    text = text.removeprefix("\ufeff")
    steps = _steps(path)
    parent = _at(_compose(text), steps[:-1], path)
    if _child(parent, steps[-1])[0] is not None or not isinstance(parent, yaml.MappingNode):
        raise _nowhere(path)
    return _behind(text, parent, f"{steps[-1]}: {flow_mapping(item)}")


def append(text: str, path: str, item: Mapping[str, Any]) -> str:
    """The text with an item added at the end of a list; kept on one line. item: values as put() takes them, or nested mappings."""
    text = text.removeprefix("\ufeff")
    node = _at(_compose(text), _steps(path), path)
    if not isinstance(node, yaml.SequenceNode):
        raise _nowhere(path)
    line = flow_mapping(item)
    if node.flow_style:
        end = node.end_mark.index - 1
        return text[:end].rstrip() + (", " if node.value else "") + line + text[end:]
    last = _line_end(text, _leaf_end(text, node.value[-1]))
    indent = " " * node.start_mark.column
    return text[:last] + f"\n{indent}- {line}" + text[last:]


def flow_mapping(item: Mapping[str, Any]) -> str:
    """A mapping on one line. Texts are quoted where they must be; ("50 yuan", "value") says how a value is written;
    a list holds codes."""
    parts = []
    for key, value in item.items():
        if isinstance(value, Mapping):
            parts.append(f"{key}: {flow_mapping(value)}")
        elif isinstance(value, list):
            parts.append(f"{key}: [{', '.join(_written(str(one), 'choice', flow=True, indent=0) for one in value)}]")
        else:
            content, kind = value if isinstance(value, tuple) else (value, "text")
            parts.append(f"{key}: {_written(str(content), kind, flow=True, indent=0)}")
    return "{" + ", ".join(parts) + "}"


def _compose(text: str) -> Node:
    try:
        node = yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as error:
        raise _nowhere(str(error).splitlines()[0]) from error
    if node is None:
        raise _nowhere("")
    return node


def _steps(path: str) -> list[str | int]:
    return [int(index) if index else name for name, index in STEP.findall(path)]


def _at(node: Node, steps: list[str | int], path: str) -> Node:
    for step in steps:
        node, _key = _child(node, step)
        if node is None:
            raise _nowhere(path)
    return node


def _child(node: Node, step: str | int) -> tuple[Node, Node]:
    """The value under a key or index with its key's node; None where there is none."""
    if isinstance(node, yaml.MappingNode) and isinstance(step, str):
        return next(((value, key) for key, value in node.value if key.value == step), (None, None))
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], None
    return None, None


def _in_flow(text: str, node: Node) -> bool:
    return text[node.start_mark.index] in "{["


def _indent(node: Node) -> int:
    return int(node.start_mark.column)


def _written(value: str, kind: str, *, flow: bool, indent: int) -> str:
    """The value as YAML that reads back as the same text or, for numbers and days, as what they are."""
    value = value.strip().replace("\r\n", "\n")
    if kind == "expression":
        return _expression(" ".join(value.split()), flow=flow, indent=indent)
    if kind == "text":
        value = " ".join(value.split())
        return value if _reads_as(value, flow, "str") else json.dumps(value, ensure_ascii=False)
    if not value:
        return "null"
    plain = {"number": NUMBER, "value": PLAIN_VALUE, "day": DAY}.get(kind)
    fits = plain is None or plain.fullmatch(value)
    return value if fits and _reads_as(value, flow, "") else json.dumps(value, ensure_ascii=False)


def _reads_as(value: str, flow: bool, tag: str) -> bool:
    """Whether the value, written without quotes, is one scalar with exactly this content, of the kind if one is asked for."""
    try:
        node = yaml.compose(f"{{k: {value}, l: 1}}" if flow else f"k: {value}\nl: 1\n", Loader=Loader)
    except yaml.YAMLError:
        return False
    if not isinstance(node, yaml.MappingNode) or len(node.value) != 2 or not isinstance(node.value[0][1], yaml.ScalarNode):
        return False
    found = node.value[0][1]
    return found.value == value and not found.style and found.tag.endswith(tag)


def _expression(value: str, *, flow: bool, indent: int) -> str:
    """A formula on one line, or folded where it is long."""
    if flow or len(value) <= WIDTH:
        return value if _reads_as(value, flow, "str") else json.dumps(value, ensure_ascii=False)
    lines, line = [], ""
    for word in value.split():
        if line and len(line) + len(word) + 1 > WIDTH:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    pad = "\n" + " " * (indent + 2)
    return ">-" + pad + pad.join([*lines, line])


def _add(text: str, parent: Node, key: str, value: str, kind: str) -> str:
    """A key that is not there yet, behind the last of its siblings; nothing for an empty value."""
    if not value.strip():
        return text
    if not isinstance(parent, yaml.MappingNode) or not (parent.value or _in_flow(text, parent)):
        raise _nowhere(key)
    flow = _in_flow(text, parent)
    return _behind(text, parent, f"{key}: {_written(value, kind, flow=flow, indent=_indent(parent))}")


def _behind(text: str, parent: Node, line: str) -> str:
    """A key with its value behind the last of a mapping's own."""
    if _in_flow(text, parent):
        end = parent.end_mark.index - 1
        return text[:end].rstrip() + (", " if parent.value else "") + line + text[end:]
    last = _line_end(text, _leaf_end(text, parent.value[-1][1]))
    return text[:last] + f"\n{' ' * _indent(parent)}{line}" + text[last:]


def _leaf_end(text: str, node: Node) -> int:
    """Behind the last character of a value's content: a block's own mark lies behind the comments that follow it."""
    if isinstance(node, yaml.ScalarNode):
        return _content_end(text, node)
    if not _in_flow(text, node) and node.value:
        last = node.value[-1]
        return _leaf_end(text, last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _content_end(text: str, node: Node) -> int:
    start, end = node.start_mark.index, node.end_mark.index
    return int(start + len(text[start:end].rstrip())) if node.style in ("|", ">") else int(end)


def _line_end(text: str, index: int) -> int:
    found = text.find("\n", index)
    return len(text) if found < 0 else found


def _nowhere(path: str) -> LinliError:
    return LinliError(
        "programmes.no_such_place", zh="文件里没有这一处", en="There is no such place in the file.", place=Place(field=path),
        remedy_zh="在“全文”里改", remedy_en="change it in the whole text",
    )  # fmt: skip


def remove(text: str, path: str) -> str:
    """The text without a key of a mapping or an item of a list; a mapping's last key leaves an empty one. Raises LinliError where the
    path leads nowhere, or to the only item of a list.
    """
    text = text.removeprefix("\ufeff")
    steps = _steps(path)
    parent = _at(_compose(text), steps[:-1], path)
    node, key = _child(parent, steps[-1])
    if node is None or (len(parent.value) == 1 and isinstance(parent, yaml.SequenceNode)):
        raise _nowhere(path)
    if len(parent.value) == 1:
        end = parent.end_mark.index if _in_flow(text, parent) else _leaf_end(text, parent)
        return text[: parent.start_mark.index] + "{}" + text[end:]
    start, end = (key or node).start_mark.index, _leaf_end(text, node)
    if not _in_flow(text, parent):
        first, last = text.rfind("\n", 0, start) + 1, _line_end(text, end)
        return text[:first] + text[last + 1 :]
    behind = re.match(r"\s*,\s*", text[end:])
    if behind:
        return text[:start] + text[end + behind.end() :]
    return text[:start].rstrip().removesuffix(",") + text[end:]


def repeat(text: str, path: str) -> str:
    """The text with an item of a list a second time behind itself, letter by letter."""
    text = text.removeprefix("\ufeff")
    steps = _steps(path)
    parent = _at(_compose(text), steps[:-1], path)
    node, _key = _child(parent, steps[-1])
    if node is None or not isinstance(parent, yaml.SequenceNode):
        raise _nowhere(path)
    start, end = node.start_mark.index, _leaf_end(text, node)
    if _in_flow(text, parent):
        return f"{text[:end]}, {text[start:end]}{text[end:]}"
    first, last = text.rfind("\n", 0, start) + 1, _line_end(text, end)
    return f"{text[:last]}\n{text[first:last]}{text[last:]}"
