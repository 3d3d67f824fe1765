"""The facts that rules may name: what the registers know of everyone, and what each list of the city adds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from linli.kernel.errors import LinliError, Place
from linli.registers.lists.declaration import Column, ListDeclaration, load_lists
from linli.registers.lists.documents import read_document

BUILTIN_FILE = Path(__file__).parents[1] / "builtin_facts.yaml"


@dataclass(frozen=True, slots=True)
class FactSource:
    """Where a fact comes from. list is None for what the registers know themselves. public: everybody may read a level that goes by it."""

    fact: str
    list: str | None
    column: str | None
    owner_zh: str
    owner_en: str
    sensitivity: str
    authorisation: bool
    public: bool


def vocabulary(city: Path) -> dict[str, dict[str, Any]]:
    """Fact declarations by name, in the shape of a rule file's `facts:` section (type, zh, en, min, max, values, digits, scale, of)."""
    found = builtin_facts()
    for declaration in load_lists(city).values():
        for name, fact in _facts(declaration):
            if name in found:
                raise _taken(name, declaration)
            found[name] = fact
    return found


def builtin_facts() -> dict[str, dict[str, Any]]:
    """The facts of every person that need no list. Their file is part of the program and read once a process."""
    return {name: dict(fact) for name, fact in _builtin().items()}


@cache
def _builtin() -> dict[str, dict[str, Any]]:
    facts: dict[str, dict[str, Any]] = read_document(BUILTIN_FILE).value["facts"]
    return facts


def sources(city: Path) -> dict[str, FactSource]:
    """For every fact of the vocabulary: the list, owner and sensitivity behind it."""
    known = {name: FactSource(name, None, None, "人口登记", "population register", "internal", False, True) for name in builtin_facts()}
    for declaration in load_lists(city).values():
        columns = {column.fact: column for column in declaration.fact_columns}
        for fact in declaration.facts:
            column = columns.get(fact)
            known[fact] = FactSource(
                fact,
                declaration.slug,
                column.name if column else None,
                declaration.owner_zh,
                declaration.owner_en,
                declaration.sensitivity,
                declaration.authorisation,
                declaration.sensitivity != "sensitive" or (column is not None and column.public),
            )
    return known


def _facts(declaration: ListDeclaration) -> Iterator[tuple[str, dict[str, Any]]]:
    of = {} if declaration.subject == "person" else {"of": declaration.subject}
    if declaration.presence:
        presence = declaration.presence
        yield presence.fact, {"type": "boolean", "zh": presence.zh, "en": presence.en, **of}
    for column in declaration.fact_columns:
        if column.fact:
            yield column.fact, _fact(column) | of


def _fact(column: Column) -> dict[str, Any]:
    limits = {"min": column.minimum, "max": column.maximum, "digits": column.digits, "scale": column.scale}
    # Rules know a credit code as the text it is.
    declared: dict[str, Any] = {"type": "text" if column.type == "credit_code" else column.type, "zh": column.zh, "en": column.en}
    declared |= {name: limit for name, limit in limits.items() if limit is not None}
    return declared | ({"values": list(column.values)} if column.values else {})


def _taken(name: str, declaration: ListDeclaration) -> LinliError:
    return LinliError(
        "lists.fact_taken",
        zh="名单给出的事实与人口登记重名",
        en="A list gives a fact that the population register already has.",
        place=Place(declaration.file),
        expected=("不与别的重复的名称", "a name of its own"),
        found=name,
        remedy_zh="为该列的 fact 换名",
        remedy_en="rename the column's fact",
    )
