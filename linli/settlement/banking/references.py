"""Our reference of a payment, and its short form for a bank that has no room for twenty signs: ten, that say it all.

After LL or LC the file's number (a day and a count) and six figures of the place in it become the day since 2020, the count and the place
in base 32, without letters that are read as figures: every reference has one short form, whatever the file, and an answer names it back.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

WIDTH, SHORT = 20, 10
PAYMENT, QUESTION = "LL", "LC"
"""What references of payments, and of questions about accounts, begin with."""
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FIRST = date(2020, 1, 1)
_WHOLE = re.compile(r"L[LC](\d{8})(\d{4})(\d{6})")
_PARTS = (3, 3, 4)
"""Signs of the day, of the count and of the place."""


def shortened(reference: str) -> str:
    """The short form of a reference; ValueError for what is none of ours."""
    found = _WHOLE.fullmatch(reference)
    if found is None:
        raise ValueError(f"no reference of ours: {reference!r}")
    day, count, place = found.groups()
    days = (date.fromisoformat(f"{day[:4]}-{day[4:6]}-{day[6:]}") - _FIRST).days
    return "".join(_written(value, signs) for value, signs in zip((days, int(count), int(place)), _PARTS, strict=True))


def whole(kind: str, text: str) -> str:
    """The reference that a bank names, whole: told from its short form, or as it stands."""
    plain = text.upper()
    if len(plain) != SHORT or not set(plain) <= set(_SIGNS):
        return text
    days, count, place = (_read(part) for part in (plain[:3], plain[3:6], plain[6:]))
    return f"{kind}{_FIRST + timedelta(days=days):%Y%m%d}{count:04}{place:06}"


def _written(value: int, signs: int) -> str:
    text = ""
    for _sign in range(signs):
        value, rest = divmod(value, len(_SIGNS))
        text = _SIGNS[rest] + text
    if value:
        raise ValueError("more than the short form has room for")
    return text


def _read(text: str) -> int:
    value = 0
    for sign in text:
        value = value * len(_SIGNS) + _SIGNS.index(sign)
    return value
