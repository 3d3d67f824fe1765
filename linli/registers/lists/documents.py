"""YAML read with the place of every value, so that a refusal can name line and column."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from linli.kernel.errors import LinliError, Place

MAXIMUM_BYTES = 1_000_000
Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file. marks: (line, column), 1-based, of each value by its path from the top."""

    file: str
    value: Any
    marks: dict[Path_, tuple[int, int]] = field(default_factory=dict)

    def place(self, path: Path_) -> Place:
        """Where the value at `path` stands; the nearest enclosing value if it isn't there itself."""
        while path and path not in self.marks:
            path = path[:-1]
        line, column = self.marks.get(path, (1, 1))
        return Place(self.file, line, column, ".".join(str(step) for step in path) or None)


def read_document(path: Path) -> Document:
    """Parse one YAML file safely. Raises LinliError for broken YAML, duplicate keys, anchors and files over 1 MB."""
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _refusal(path, 1, 1, "文件无法读取", "The file cannot be read.", "a readable UTF-8 file", str(error)) from None
    if len(raw) > MAXIMUM_BYTES:
        raise _refusal(path, 1, 1, "文件过大", "The file is too large.", f"at most {MAXIMUM_BYTES} bytes", f"{len(raw)} bytes")
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        document = Document(str(path), None)
        value = _value(loader, node, (), document) if node is not None else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = getattr(error, "problem", None) or str(error)
        raise _refusal(path, line, column, "YAML 格式错误", "Broken YAML.", "well-formed YAML", problem) from None
    except (RecursionError, ValueError) as error:
        raise _refusal(path, 1, 1, "YAML 内容无法解析", "The YAML cannot be understood.", "plain nested values", str(error)[:200]) from None
    finally:
        loader.dispose()
    return Document(document.file, value, document.marks)


def _value(loader: yaml.SafeLoader, node: yaml.Node, path: Path_, document: Document) -> Any:
    """The Python value of a node; fills document.marks. A node met twice is an alias and is refused."""
    mark = (node.start_mark.line + 1, node.start_mark.column + 1)
    if getattr(node, "linli_seen", False) or len(path) > 20:
        raise yaml.MarkedYAMLError(problem="an alias, or nesting deeper than 20 levels", problem_mark=node.start_mark)
    node.linli_seen = True  # type: ignore[attr-defined]
    document.marks[path] = mark
    if isinstance(node, yaml.MappingNode):
        return _mapping(loader, node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, item, (*path, index), document) for index, item in enumerate(node.value)]
    return loader.construct_object(node)


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode, path: Path_, document: Document) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == "tag:yaml.org,2002:merge":
            raise yaml.MarkedYAMLError(problem="a key that is not a plain word", problem_mark=key_node.start_mark)
        key = key_node.value
        if key in found:
            raise yaml.MarkedYAMLError(problem=f"the key {key!r} a second time", problem_mark=key_node.start_mark)
        found[key] = _value(loader, value_node, (*path, key), document)
    return found


def _refusal(path: Path, line: int, column: int, zh: str, en: str, expected: str, found: str) -> LinliError:
    return LinliError(
        "lists.unreadable",
        zh=zh,
        en=en,
        place=Place(str(path), line, column),
        expected=expected,
        found=found,
        remedy_zh="按所指行列改正后重试",
        remedy_en="mend it at the line and column shown",
    )
