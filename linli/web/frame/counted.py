"""Texts with a number in them, in the form that the reader's language has for that number."""

from __future__ import annotations

from django.utils.translation import ngettext


def counted(text: str, **number: int) -> str:
    """A translated text with its one number put in: “1 row”, “1,204 rows”. `number`: the placeholder's name and its value."""
    [(name, value)] = number.items()
    return ngettext(text, text, value) % {name: f"{value:,}"}
