"""Numbers of years in the words of a programme, in Chinese and in English."""

from __future__ import annotations

import re
from collections.abc import Iterator

DIGITS = {character: number for number, character in enumerate("零一二三四五六七八九")}
CHINESE = re.compile(r"([0-9]{1,3}|[零一二三四五六七八九十百]{1,5})(?:\s*周岁|\s*岁)")
RANGE = re.compile(
    r"([0-9]{1,3}|[零一二三四五六七八九十百]{1,5})(?:\s*周?岁?)\s*(?:至|到|—|-|~)\s*(?:[0-9]{1,3}|[零一二三四五六七八九十百]{1,5})\s*周?岁"
)
ENGLISH = re.compile(
    r"(?:\baged?\s+|\bages\s+|\bturning\s+|\bstarts at\s+|\bfrom\s+)([0-9]{1,3})\b(?:\s*(?:to|-|–)\s*([0-9]{1,3})\b)?"
    r"|\b([0-9]{1,3})(?:\s+(?:years? old|or (?:over|older|younger)|and over)\b)"
)


def ages_in(text: str) -> frozenset[int]:
    """The ages that a Chinese or English text speaks of: '七十五周岁以上' and 'aged 75 or over' give 75."""
    return frozenset(_ages(text))


def _ages(text: str) -> Iterator[int]:
    for pattern in (CHINESE, RANGE):
        for found in pattern.finditer(text):
            yield _number(found.group(1))
    for found in ENGLISH.finditer(text):
        yield from (int(group) for group in found.groups() if group)


def _number(text: str) -> int:
    """0 to 999 from digits or Chinese numerals."""
    if text.isascii():
        return int(text)
    total, digit = 0, 0
    for character in text:
        if character in DIGITS:
            digit = DIGITS[character]
        else:
            total += (digit or 1) * (100 if character == "百" else 10)
            digit = 0
    return total + digit
