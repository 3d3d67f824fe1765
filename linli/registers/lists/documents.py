"""A YAML file as plain values with the place of each, for a schema validator that speaks of paths."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linli.kernel.errors import Place
from linli.rules import Entry, read_yaml


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file. value: plain data; entry: the same with places."""

    file: str
    value: Any
    entry: Entry

    def place(self, path: tuple[str | int, ...]) -> Place:
        """Where the value at `path` stands; the nearest enclosing value if it isn't there itself."""
        entry = self.entry
        for step in path:
            held = entry.value
            if isinstance(held, dict) and step in held:
                entry = held[str(step)]
            elif isinstance(held, list) and isinstance(step, int) and step < len(held):
                entry = held[step]
            else:
                break
        return Place(self.file, entry.line, entry.column, ".".join(str(step) for step in path) or None)


def read_document(path: Path) -> Document:
    """Parse one YAML file. Raises LinliError for what is broken, too large, or more than plain data."""
    entry = read_yaml(path)
    return Document(str(path), entry.plain(), entry)
