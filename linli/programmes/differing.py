"""What differs between two versions of a programme, field by field in words, with what stayed the same folded away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from linli.programmes.declaration import Programme
from linli.programmes.lines import Line
from linli.programmes.telling import SECTIONS, told
from linli.rules.declare import Label, Naming


@dataclass(frozen=True, slots=True)
class Row:
    """One field: before and after in words, None where that version doesn't have it. state: changed, added, removed or same.

    language: see lines.Line.
    """

    group: Label | None
    label: Label
    before: Label | None
    after: Label | None
    state: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the comparison."""

    slug: str
    label: Label
    changed: tuple[Row, ...]
    unchanged: tuple[Row, ...]


def compare(before: Programme | None, after: Programme, names: Naming, bodies: Mapping[str, Label]) -> list[Part]:
    """Section by section what changed, in the order of the later version. before None: all of it is new. Pure."""
    old = {(line.section, line.key): line for line in told(before, names, bodies)} if before else {}
    new = {(line.section, line.key): line for line in told(after, names, bodies)}
    rows: dict[str, list[Row]] = {section: [] for section in SECTIONS}
    for key, line in new.items():
        rows[line.section].append(_row(old.get(key), line))
    for key, line in old.items():
        if key not in new:
            rows[line.section].append(Row(line.group, line.label, line.value, None, "removed", line.language))
    return [_part(section, each) for section, each in rows.items()]


def _part(section: str, rows: list[Row]) -> Part:
    changed = tuple(row for row in rows if row.state != "same")
    return Part(section, SECTIONS[section], changed, tuple(row for row in rows if row.state == "same"))


def _row(before: Line | None, after: Line) -> Row:
    if before is None:
        return Row(after.group, after.label, None, after.value, "added", after.language)
    return Row(after.group, after.label, before.value, after.value, "same" if before.value == after.value else "changed", after.language)
