"""A programme file that contradicts itself: one refusal for all such faults, with its place."""

from __future__ import annotations

from linli.kernel.errors import LinliError, Said
from linli.rules.source import Entry

ONE_OF_TWO = ("改正其中一处", "correct one of the two")


def contradiction(entry: Entry, zh: str, en: str, expected: Said, found: Said, remedy: tuple[str, str] = ONE_OF_TWO) -> LinliError:
    """What speaks against this place of the file, in both languages."""
    return LinliError(
        "programmes.contradiction",
        zh=zh,
        en=en,
        place=entry.place(),
        expected=expected,
        found=found,
        remedy_zh=remedy[0],
        remedy_en=remedy[1],
    )
