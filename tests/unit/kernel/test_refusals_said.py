"""A law of the source: what a refusal expected or found is a value or stands in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

LINLI = Path(__file__).resolve().parents[3] / "linli"
ROOMS = sorted(path.name for path in LINLI.iterdir() if (path / "__init__.py").exists())
PHRASE = re.compile(r"(?<![\w`./-])[a-z]{2,} [a-z]{2,}(?![\w`/-])")
"""Two plain words one after the other: nobody names a value so."""


def outside_pairs(value: ast.expr) -> Iterator[ast.AST]:
    """The parts of an expression that stand in no (zh, en)."""
    if not isinstance(value, ast.Tuple):
        yield value
        for one in ast.iter_child_nodes(value):
            yield from outside_pairs(one)  # type: ignore[arg-type]


def literals(value: ast.expr) -> str:
    found = (one.value for one in outside_pairs(value) if isinstance(one, ast.Constant) and isinstance(one.value, str))
    return re.sub(r"`[^`]*`", "", "\x00".join(found))


def one_sided(path: Path) -> Iterator[str]:
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        given = {word.arg: word.value for word in call.keywords} if isinstance(call, ast.Call) else {}
        for name in ("expected", "found"):
            value = given.get(name)
            if value is None or f"{name}_zh" in given:
                continue
            if PHRASE.search(literals(value)):
                yield f"{path.relative_to(LINLI.parent)}:{value.lineno} {name}: {ast.unparse(value)}"


@pytest.mark.parametrize("room", ROOMS)
def test_what_was_expected_and_found_is_said_in_both_languages(room: str):
    assert [line for path in sorted((LINLI / room).rglob("*.py")) for line in one_sided(path)] == []
