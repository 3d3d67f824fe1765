"""Typed values out of cells. A reader gives None for an empty cell and raises a LinliError, still without a place, for a wrong one.

    try: value = cells.money(row.cells[3], minimum=0)
    except LinliError as error: errors.append(error.at(table.place(row, 3)))

No reader guesses: a formula, an error value and a number whose digits are lost are refused by all of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from linli.kernel.errors import LinliError
from linli.kernel.identity import parse_credit_code, parse_identity
from linli.kernel.money import fen_from_yuan
from linli.papers.tables import Cell

Meaning = TypeVar("Meaning")

YES = frozenset({"是", "有", "Y", "YES", "TRUE", "1", "√"})
NO = frozenset({"否", "无", "没有", "N", "NO", "FALSE", "0", "×"})

_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|\.([0-9]{1,2})\.|年([0-9]{1,2})月)([0-9]{1,2})日?"
    r"(?:[ T]0?0:00(?::00(?:\.0+)?)?)?"
)
_COMPACT_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0[0-9]{2,3}[2-9][0-9]{6,7}(?:[0-9]{1,4})?")
_SERIAL_ORIGIN = date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 10_000, 73_050
"""1927 to 2099: a bare number below is more likely a year or a count than a day."""


def plain(cell: Cell) -> str:
    """The text, trimmed and in half width; refuses what holds no reliable value."""
    if cell.kind == "text":
        return cell.text.strip() if cell.text.isascii() else unicodedata.normalize("NFKC", cell.text).strip()
    if cell.kind == "formula":
        step = ("复制后选择性粘贴为数值", "paste the values only")
        raise wrong("formula", "单元格是公式", "The cell holds a formula.", ("数值或文字", "a value"), cell.text[:80], step)
    if cell.kind == "error":
        step = ("改正后重新提交", "mend it")
        raise wrong("error_value", "单元格是错误值", "The cell holds an error value.", ("数值或文字", "a value"), cell.text, step)
    if cell.kind == "lost":
        raise wrong(
            "digits_lost",
            "号码被存为数字，15位以后的数字已丢失",
            "The number was stored as a number: its digits after the 15th are lost.",
            ("文本格式的号码", "text"),
            (f"{cell.text[:4]}…（{len(cell.text)} 位）", f"{cell.text[:4]}… ({len(cell.text)} digits)")
            if "E" not in cell.text
            else ("科学记数", "scientific notation"),
            ("将该列设为文本格式，从原始资料重新录入", "set the column to text and enter it again from the source"),
        )
    return cell.text


def text(cell: Cell, *, longest: int = 400) -> str | None:
    """The trimmed text; numbers as their digits, days as ISO dates."""
    value = plain(cell)
    if len(value) > longest:
        raise wrong("text", "文字过长", "The text is too long.", (f"最多 {longest} 字", f"at most {longest} characters"), f"{len(value)}")
    if any(unicodedata.category(character) == "Cc" and character not in "\n\t\r" for character in value):
        raise wrong("text", "文字中含有控制字符", "The text holds control characters.", ("可读的文字", "readable text"), ascii(value)[:40])
    return value or None


def identity(cell: Cell) -> str | None:
    """A resident identity number (GB 11643) in upper case."""
    value = _one_token(cell)
    return parse_identity(value).number if value else None


def credit_code(cell: Cell) -> str | None:
    """A unified social credit code (GB 32100)."""
    value = _one_token(cell)
    return parse_credit_code(value) if value else None


def phone(cell: Cell) -> str | None:
    """A mobile or landline number as digits, without +86."""
    value = re.sub(r"[\s\-()]", "", plain(cell))
    value = re.sub(r"^(?:\+|00)86(?=[01])", "", value)
    if value and not _MOBILE.fullmatch(value) and not _LANDLINE.fullmatch(value):
        expected = ("11位手机号，或区号加号码", "11-digit mobile, or area code and number")
        raise wrong("phone", "不是有效的电话号码", "Not a phone number.", expected, masked(value))
    return value or None


def day(cell: Cell, *, earliest: date = date(1880, 1, 1), latest: date = date(2200, 12, 31)) -> date | None:
    """A date: a spreadsheet's day, or 2024-01-05, 2024/1/5, 2024.1.5, 20240105, 2024年1月5日. Two-digit years are refused."""
    value = plain(cell)
    if not value:
        return None
    found = _day(value, cell)
    if found is None or not earliest <= found <= latest:
        raise wrong(
            "date",
            "不是有效的日期",
            "Not a valid date.",
            (f"日期，如 2024-01-05，在 {earliest} 和 {latest} 之间", f"like 2024-01-05, between {earliest} and {latest}"),
            value[:40],
            ("按 2024-01-05 的格式填写", "write it like 2024-01-05"),
        )
    return found


def _day(value: str, cell: Cell) -> date | None:
    match = _DATE.fullmatch(value) or _COMPACT_DATE.fullmatch(value)
    if match:
        year, month, last = [int(part) for part in match.groups() if part is not None]
        try:
            return date(year, month, last)
        except ValueError:
            return None
    if cell.kind == "number" and value.isdigit() and _FIRST_SERIAL <= int(value) <= _LAST_SERIAL:
        return _SERIAL_ORIGIN + timedelta(days=int(value))
    return None


def integer(cell: Cell, *, minimum: int | None = None, maximum: int | None = None) -> int | None:
    """A whole number, thousands separators allowed, within the bounds."""
    value = _number(cell, "integer", "不是整数", "Not a whole number.")
    if value is None:
        return None
    if value != value.to_integral_value():
        raise wrong("integer", "不是整数", "Not a whole number.", ("整数", "a whole number"), str(value))
    _within(value, minimum, maximum)
    return int(value)


def decimal(cell: Cell, *, scale: int, minimum: Decimal | int | None = None, maximum: Decimal | int | None = None) -> Decimal | None:
    """An exact number with at most `scale` decimals. "12.5%" is 0.125."""
    value = _number(cell, "decimal", "不是数字", "Not a number.")
    if value is None:
        return None
    if value != round(value, scale):
        raise wrong("decimal", "小数位数过多", "Too many decimals.", (f"最多 {scale} 位小数", f"at most {scale} decimals"), str(value))
    _within(value, minimum, maximum)
    return round(value, scale)


def money(cell: Cell, *, minimum: int | None = None, maximum: int | None = None) -> int | None:
    """Fen from an amount in yuan: 1,234.50, ￥1234.5, 1234元. Bounds in fen; 万元 is refused."""
    value = plain(cell).removeprefix("¥").removeprefix("￥").removesuffix("元").strip()
    if not value:
        return None
    if not re.fullmatch(r"[+-]?[0-9][0-9,]*(?:\.[0-9]*)?", value):
        expected = ("以元为单位，最多两位小数", "yuan with at most two decimals")
        raise wrong("money", "不是有效的金额", "Not an amount of money.", expected, value[:40])
    fen = fen_from_yuan(value)
    _within(Decimal(fen), minimum, maximum, unit=" fen")
    return fen


def boolean(cell: Cell) -> bool | None:
    """是/否, 有/无, Y/N, TRUE/FALSE, 1/0, √/×."""
    value = plain(cell).upper()
    if not value:
        return None
    if value not in YES | NO:
        raise wrong("boolean", "应填是或否", "Neither yes nor no.", "是 / 否", value[:40])
    return value in YES


def choice(cell: Cell, codes: Mapping[str, Meaning]) -> Meaning | None:
    """The meaning of a code, by its exact text after trimming."""
    value = plain(cell)
    if not value:
        return None
    if value not in codes:
        allowed = list(codes)[:20]
        raise wrong("choice", "不在可选值之内", "Not one of the allowed values.", ("、".join(allowed), ", ".join(allowed)), value[:40])
    return codes[value]


def masked(value: str) -> str:
    """Enough of a wrong number to find it by, not enough to use it."""
    return value[:3] + "*" * max(len(value) - 5, 0) + value[-2:] if len(value) > 5 else "*" * len(value)


Words = str | tuple[str, str]
"""The same in every language, or (zh, en)."""


def wrong(code: str, zh: str, en: str, expected: Words, found: Words, remedy: tuple[str, str] = ("", "")) -> LinliError:
    """A cell's error; the caller adds the place with .at()."""
    zh_step, en_step = remedy if remedy[0] else ("改正该单元格", "correct the cell")
    expected_zh, expected_en = expected if isinstance(expected, tuple) else (None, expected)
    found_zh, found_en = found if isinstance(found, tuple) else (None, found)
    return LinliError(
        f"cells.{code}",
        zh=zh,
        en=en,
        expected=expected_en,
        found=found_en,
        remedy_zh=zh_step,
        remedy_en=en_step,
        expected_zh=expected_zh,
        found_zh=found_zh,
    )


def _one_token(cell: Cell) -> str:
    return "".join(plain(cell).split())


def _number(cell: Cell, code: str, zh: str, en: str) -> Decimal | None:
    value = plain(cell)
    if not value:
        return None
    percent = value.endswith("%")
    digits = value.removesuffix("%").replace(",", "")
    if not re.fullmatch(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?", digits):
        raise wrong(code, zh, en, ("数字", "digits"), value[:40])
    try:
        return Decimal(digits) / 100 if percent else Decimal(digits)
    except InvalidOperation:
        raise wrong(code, zh, en, ("数字", "digits"), value[:40]) from None


def _within(value: Decimal, minimum: Decimal | int | None, maximum: Decimal | int | None, unit: str = "") -> None:
    if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
        low, high = ("" if bound is None else f"{bound}{unit}" for bound in (minimum, maximum))
        raise wrong("out_of_range", "数值超出允许范围", "Outside the allowed range.", f"{low} … {high}", f"{value}{unit}")
