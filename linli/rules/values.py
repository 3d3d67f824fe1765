"""YAML scalars read as typed values: whole numbers in the type's own units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from linli.kernel.dates import day_from_text
from linli.kernel.errors import LinliError, Said
from linli.kernel.money import fen_from_yuan
from linli.rules.source import Entry, refuse
from linli.rules.tree import LIMIT, NUMBERS, Scalar, Span, Type

KINDS = ("boolean", "integer", "money", "decimal", "date", "text")
MAX_SCALE = 9
MONEY_UNITS = {"yuan": 100, "元": 100, "fen": 1, "分": 1}


def read_type(entry: Entry, owner: Entry, cells: Sequence[Entry] = ()) -> Type:
    """The type named by `entry`; a decimal takes its scale from the owner's `scale`, else from the longest fraction among `cells`."""
    if entry.value not in KINDS:
        raise refuse(
            "rules.wrong_type",
            entry,
            zh="不认识的类型",
            en="This type is not known.",
            expected=" | ".join(KINDS),
            found=repr(entry.value),
            remedy_zh="改为其中之一",
            remedy_en="use one of these",
        )
    if entry.value != "decimal":
        return Type(entry.value)
    scale, digits = owner.get("scale"), owner.get("digits")
    for item, most in ((scale, MAX_SCALE), (digits, 18)):
        if item is not None and (not isinstance(item.value, int) or not 0 <= item.value <= most):
            raise _unreadable(item, (f"0 到 {most} 的整数", f"an integer from 0 to {most}"))
    if scale is not None:
        return Type("decimal", scale.value)
    return Type("decimal", min(MAX_SCALE, max([_fraction_digits(cell.value) for cell in cells], default=2)))


def _fraction_digits(value: Any) -> int:
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0


def read_value(entry: Entry, kind: Type) -> Scalar:
    """The value in its type's units: fen for money, value × 10^scale for a decimal."""
    value = entry.value
    if kind.kind == "boolean" and isinstance(value, bool):
        return value
    if kind.kind == "text" and isinstance(value, str | int) and not isinstance(value, bool):
        return _text(entry)
    if kind.kind == "date" and isinstance(value, date):
        return value
    if kind.kind == "date" and isinstance(value, str):
        return _date(entry)
    if kind.kind in NUMBERS and not isinstance(value, bool):
        return _number(entry, kind)
    raise _unreadable(entry, str(kind))


def _text(entry: Entry) -> str:
    text = entry.raw or str(entry.value)
    if any(character in text for character in "'\\") or not text.isprintable():
        raise _unreadable(entry, ("文字，不含引号、反斜杠和控制字符", "text without quotes, backslashes or control characters"))
    return text


def _date(entry: Entry) -> date:
    try:
        return day_from_text(entry.value)
    except ValueError:
        raise _unreadable(entry, ("日期，如 2026-09-01", "a date such as 2026-09-01")) from None


def _number(entry: Entry, kind: Type) -> int:
    value = entry.value
    if kind.kind == "money" and isinstance(value, str):
        number = _money(entry)
    elif isinstance(value, int):
        number = value * 10**kind.scale
    elif isinstance(value, Decimal) and kind.kind == "decimal":
        scaled = value.scaleb(kind.scale)
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise _unreadable(entry, (f"最多 {kind.scale} 位小数", f"a decimal with at most {kind.scale} digits after the point"))
        number = int(scaled)
    else:
        money = "`4000 yuan`，或以分为单位的整数", "`4000 yuan`, or an integer in fen"
        raise _unreadable(entry, money if kind.kind == "money" else str(kind))
    if abs(number) >= LIMIT:
        raise _unreadable(entry, "±2^62")
    return number


def _money(entry: Entry) -> int:
    text = entry.value.strip()
    for unit, fen in MONEY_UNITS.items():
        if text.endswith(unit):
            amount = text.removesuffix(unit).strip()
            try:
                return fen_from_yuan(amount) if fen == 100 else int(amount.replace(",", ""))
            except (LinliError, ValueError):
                break
    raise _unreadable(entry, ("`4000 yuan`、`4000.50 yuan` 或 `400000 fen`", "`4000 yuan`, `4000.50 yuan` or `400000 fen`"))


def _unreadable(entry: Entry, expected: Said) -> LinliError:
    return refuse(
        "rules.wrong_type",
        entry,
        zh="值的类型不对",
        en="The value is of the wrong type.",
        expected=expected,
        found=entry.raw or repr(entry.value),
        remedy_zh="按类型改写",
        remedy_en="write it as its type requires",
    )


def span_of_values(kind: Type, values: Sequence[Any]) -> Span | None:
    """The lowest and highest of the values, if they are numbers; the years, if they are dates."""
    if not values:
        return None
    if kind.kind in NUMBERS:
        return min(values), max(values)
    if kind.kind == "date":
        return min(value.year for value in values), max(value.year for value in values)
    return None
