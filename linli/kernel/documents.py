"""A document's number as people type it: brackets, digits and spaces of any kind, and the same number all the same.

运民发〔2026〕1号 may come as [2026], （2026） or with wide digits, and counts once whichever way it comes.
"""

from __future__ import annotations

import re
import unicodedata

from linli.kernel.errors import LinliError, Place

_OPENING, _CLOSING = ("Ps", "Pi"), ("Pe", "Pf")
_UNSEEN = ("C", "Z", "M")
"""Categories of characters that a number does not have: controls, marks of direction, spaces, marks on other characters."""
_FILLERS = "\u115f\u1160"
_SIGNS = frozenset("!#$%&'*+,-./:;=?@^_|~〇·、。〔〕")
_SHORT = re.compile(r"(?<=〕)第?0*(?=[1-9][0-9]*号)")
"""A document of an organ is number 7, never 07 (GB/T 9704-2012, 7.2.5)."""


def tidy_number(text: str, *, field: str = "document") -> str:
    """The one way in which it is kept and looked for: no spaces, nothing unseen, 〔〕 for every bracket, - for every dash, plain digits and
    letters. Raise LinliError at the field for letters of a script in which no number is written here, for they look like others."""
    plain = "".join(_plain(one) for one in unicodedata.normalize("NFKC", text))
    strange = next((one for one in plain if not _usual(one)), None)
    if strange is not None:
        raise LinliError(
            "documents.strange",
            zh="编号里有认不出的字符",
            en="There is a character in the number that numbers here don't have.",
            place=Place(field=field),
            expected="Chinese characters, Latin letters, digits and plain signs",
            expected_zh="汉字、拉丁字母、数字和常用符号",
            found=f"{strange} (U+{ord(strange):04X})",
            remedy_zh="用键盘照原件输入，不要粘贴",
            remedy_en="type it from the original instead of pasting it",
        )
    return _SHORT.sub("", plain)


def _plain(one: str) -> str:
    kind = unicodedata.category(one)
    if kind.startswith(_UNSEEN) or one in _FILLERS:
        return ""
    if kind in _OPENING or one == "<":
        return "〔"
    if kind in _CLOSING or one == ">":
        return "〕"
    if kind == "Nd":
        return str(unicodedata.digit(one))
    return "-" if kind == "Pd" or one == "\u2212" else one


def _usual(one: str) -> bool:
    return one.isdigit() or one in _SIGNS or unicodedata.name(one, "").startswith(("LATIN", "CJK UNIFIED"))


def tidy_line(text: str) -> str:
    """A name on one line as it is kept: spaces within it are one, nothing unseen stays."""
    plain = "".join(one if not unicodedata.category(one).startswith("C") else " " * one.isspace() for one in text)
    return " ".join(plain.split())
