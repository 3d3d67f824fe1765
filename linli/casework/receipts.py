"""Receipt numbers (回执编号): the day, six random digits, and a check digit that finds every slip of one digit or two neighbours.

Digits only, so that they can be read out over a telephone. The middle is random: whoever holds one can't tell the next.
The check is Damm's: a quasigroup of order 10 with an empty diagonal (H. M. Damm, Total anti-symmetrische Quasigruppen, 2004).
"""

from __future__ import annotations

import secrets
from datetime import date

from linli.kernel.errors import LinliError, Place

LENGTH = 13
_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


def check_digit(digits: str) -> str:
    """The digit that makes the whole number valid."""
    interim = "0"
    for digit in digits:
        interim = _DAMM[int(interim)][int(digit)]
    return interim


def new_receipt(day: date) -> str:
    """A number for a case opened on that day. The database refuses one that is taken; ask for another then."""
    digits = f"{day:%y%m%d}{secrets.randbelow(10**6):06d}"
    return digits + check_digit(digits)


def grouped(receipt: str) -> str:
    """As it is printed and read out: '261123 048 151 7'."""
    return f"{receipt[:6]} {receipt[6:9]} {receipt[9:12]} {receipt[12:]}"


def parse_receipt(text: str) -> str:
    """The number as stored, from however somebody typed it. Raises LinliError if a digit is wrong, missing or too many."""
    digits = "".join(character for character in text if character not in " -－　\t")
    if len(digits) != LENGTH or not (digits.isascii() and digits.isdigit()) or check_digit(digits) != "0":
        raise LinliError(
            "casework.bad_receipt",
            zh="回执编号不正确",
            en="This is not a receipt number.",
            place=Place(field="receipt"),
            expected=f"{LENGTH} digits with their check digit",
            expected_zh=f"{LENGTH} 位数字，末位为校验码",
            found=f"{len(digits)} characters",
            found_zh=f"{len(digits)} 个字符",
            remedy_zh="对照回执重新输入",
            remedy_en="compare it with the receipt and type it again",
        )
    return digits
