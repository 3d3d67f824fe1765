"""What of a file's cells may be shown without a purpose: never a number, a name, or what a sensitive list says of somebody."""

from __future__ import annotations

import re

from linli.registers.lists import ListDeclaration

HIDDEN_TYPES = ("identity", "person_name", "credit_code")
_LONG_NUMBER = re.compile(r"[0-9Xx]{7,}")
_SHOWN = 10


def is_hidden(declaration: ListDeclaration, column: str) -> bool:
    """Whether a list column's cells are masked; "" is a column of the file that the list does not have: nobody knows what it holds."""
    if not column:
        return True
    declared = declaration.column(column)
    return declared.type in HIDDEN_TYPES or (declaration.sensitivity == "sensitive" and declared.fact is not None)


def sample(declaration: ListDeclaration, column: str, text: str) -> str:
    """A cell of a column for a page: masked as the list says; a code, day or amount that needn't be is shown as it stands."""
    if is_hidden(declaration, column):
        return hidden(text)
    return shown(text, masked=False) if declaration.column(column).type == "text" else text[:80]


def hidden(text: str) -> str:
    """The first character, then a point for each further one, ten at most: enough to see what kind of thing stands there."""
    return text[:1] + "•" * min(len(text) - 1, _SHOWN)


def shown(text: str, *, masked: bool) -> str:
    """A cell's text for a page. A long number is hidden wherever it stands."""
    return hidden(text) if masked or _LONG_NUMBER.search(text) else text[:80]
