"""A document's number as people type it: brackets, digits and spaces of any kind, and the same number all the same.

运民发〔2026〕1号 may come as [2026], （2026） or with wide digits, and counts once whichever way it comes.
"""

from __future__ import annotations

import unicodedata

_BRACKETS = str.maketrans({**dict.fromkeys("[({【「〈《", "〔"), **dict.fromkeys("])}】」〉》", "〕")})
_UNSEEN = ("C", "Z")
"""Categories of characters that a number does not have: controls, marks of direction, spaces."""


def tidy_number(text: str) -> str:
    """The one way in which it is kept and looked for: no spaces, nothing unseen, 〔〕 for every bracket, plain digits and letters."""
    plain = unicodedata.normalize("NFKC", text).translate(_BRACKETS)
    return "".join(one for one in plain if not unicodedata.category(one).startswith(_UNSEEN))


def tidy_line(text: str) -> str:
    """A name on one line as it is kept: spaces within it are one, nothing unseen stays."""
    plain = "".join(one if not unicodedata.category(one).startswith("C") else " " * one.isspace() for one in text)
    return " ".join(plain.split())
