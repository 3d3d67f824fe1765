"""Chinese identity numbers: GB 11643 for people, GB 32100 for organisations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from linli.kernel.errors import LinliError

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

Sex = Literal["male", "female"]


@dataclass(frozen=True, slots=True)
class Identity:
    """What an identity number says of its holder. division: 6-digit code of first registration, not of today's home."""

    number: str
    division: str
    birth_date: date
    sex: Sex


def check_character(first17: str) -> str:
    """The 18th character of an identity number (GB 11643-1999, ISO 7064 MOD 11-2)."""
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


def _bad(code: str, zh: str, en: str, found: str, expected: tuple[str, str], found_zh: str | None = None) -> LinliError:
    return LinliError(
        f"identity.{code}",
        zh=zh,
        en=en,
        expected=expected[1],
        found=found,
        expected_zh=expected[0],
        found_zh=found_zh,
        remedy_zh="对照证件原件核对；表格中请设为文本格式",
        remedy_en="compare it with the card; in a spreadsheet keep the column as text",
    )


def masked(number: str) -> str:
    """'1101**********002X': the division's first four and the last four characters stay."""
    return number[:4] + "*" * (len(number) - 8) + number[-4:]


def parse_identity(text: str) -> Identity:
    """Check an 18-character identity number: digits, birth date, check character. Errors mask the number."""
    number = text.strip().upper()
    if len(number) != 18 or not number.isascii() or not number[:17].isdigit() or number[17] not in "0123456789X":
        raise _bad(
            "shape",
            "身份证号码应为18位",
            "An identity number has 18 characters.",
            f"{len(number)} characters",
            ("17位数字，末位是数字或X", "17 digits and a digit or X"),
            f"{len(number)} 个字符",
        )
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise _bad(
            "birth",
            "身份证号码中的出生日期不存在",
            "The birth date in the number does not exist.",
            number[6:14],
            ("日历上有的一天", "a calendar date"),
        ) from None
    if check_character(number[:17]) != number[17]:
        expected = ("符合 GB 11643 的末位校验码", "the check character of GB 11643")
        raise _bad("check", "身份证号码校验码不符", "The check character does not fit.", masked(number), expected)
    return Identity(number, number[:6], birth, "male" if int(number[16]) % 2 else "female")


def parse_credit_code(text: str) -> str:
    """Check a unified social credit code (统一社会信用代码, GB 32100-2015) and return it in upper case."""
    code = text.strip().upper()
    shape = len(code) == 18 and all(character in _CREDIT_ALPHABET for character in code)
    if not shape or _credit_check(code[:17]) != code[17]:
        raise _bad(
            "credit_code",
            "统一社会信用代码不正确",
            "Not a unified social credit code.",
            code,
            ("18位，末位符合 GB 32100 校验码", "18 characters with the check character of GB 32100"),
        )
    return code


def _credit_check(first17: str) -> str:
    total = sum(_CREDIT_ALPHABET.index(character) * weight for character, weight in zip(first17, _CREDIT_WEIGHTS, strict=True))
    return _CREDIT_ALPHABET[-total % 31]


def credit_check_character(first17: str) -> str:
    """The 18th character of a unified social credit code."""
    return _credit_check(first17)
