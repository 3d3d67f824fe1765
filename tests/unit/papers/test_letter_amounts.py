"""Amounts in capital numerals: known ones, and every amount read back by an independent reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.papers.letters.amounts import LARGEST, in_capitals, in_digits

DIGITS = {character: value for value, character in enumerate("零壹贰叁肆伍陆柒捌玖")}


def read_back(text):
    """Fen from capitals, by their values alone."""
    *whole, rest = text.removesuffix("整").split("元")
    total = group = digit = 0
    for character in "".join(whole):
        if character in DIGITS:
            digit = DIGITS[character]
        elif character in "拾佰仟":
            group, digit = group + digit * 10 ** ("拾佰仟".index(character) + 1), 0
        elif character in "万亿":
            total, group, digit = total + (group + digit) * 10 ** {"万": 4, "亿": 8}[character], 0, 0
    fen = (total + group + digit) * 100
    rest = rest.removeprefix("零")
    for unit, worth in (("角", 10), ("分", 1)):
        if unit in rest:
            fen, rest = fen + DIGITS[rest[0]] * worth, rest.split(unit)[1].removeprefix("零")
    return fen


@pytest.mark.parametrize(
    ("fen", "capitals"),
    [
        (0, "零元整"),
        (600_000, "陆仟元整"),
        (1_409_50, "壹仟肆佰零玖元伍角整"),
        (6_007_14, "陆仟零柒元壹角肆分"),
        (325_04, "叁佰贰拾伍元零肆分"),
        (16_409_02, "壹万陆仟肆佰零玖元零贰分"),
        (27_909_000_00, "贰仟柒佰玖拾万零玖仟元整"),
        (100_000_001_00, "壹亿零壹元整"),
        (50, "伍角整"),
        (7, "柒分"),
    ],
)
def test_known_amounts(fen, capitals):
    assert in_capitals(fen) == capitals


@given(st.integers(0, LARGEST))
def test_every_amount_reads_back_and_has_no_double_zero(fen):
    capitals = in_capitals(fen)
    assert read_back(capitals) == fen
    assert "零零" not in capitals
    assert in_digits(fen, "zh").replace(",", "").removesuffix("元") == f"{fen // 100}.{fen % 100:02d}"
