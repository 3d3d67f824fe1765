"""What a cell should hold and what was found there, in the reader's language."""

from __future__ import annotations

import re

from linli.registers.imports.noted import Note
from linli.web.templatetags.texts import chinese

_ENGLISH = re.compile(r"[A-Za-z]{2,}[ ,;:’']+[A-Za-z]{2,}")


def expected(note: Note) -> str:
    """What belongs into the cell; "" where nothing can be said."""
    return note.expected_zh if chinese() and note.expected_zh else plain(note.expected)


def found(note: Note) -> str:
    """What stands there."""
    return note.found_zh if chinese() and note.found_zh else plain(note.found)


def plain(text: str) -> str:
    """The text, unless it is an English sentence on a Chinese page: the problem and its remedy say it there."""
    return "" if chinese() and _ENGLISH.search(text) else text
