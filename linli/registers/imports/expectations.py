"""What belongs into a list's cells, said in Chinese and English from the list's own declaration."""

from __future__ import annotations

import re
from decimal import Decimal

from linli.kernel.errors import LinliError
from linli.kernel.money import yuan_text
from linli.registers.lists import Column

MOST = 12
"""Values of a column that are named; who needs more looks into the list's declaration."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_SAY_IT_THEMSELVES = ("cells.text", "cells.unknown_area")
_TYPES = {
    "identity": ("18 位身份证号", "an 18-character identity number"),
    "credit_code": ("18 位统一社会信用代码", "an 18-character unified social credit code"),
    "person_name": ("姓名", "a name"),
    "area": ("行政区划代码", "a division code"),
    "date": ("日期，如 2024-01-05", "a date like 2024-01-05"),
    "boolean": ("是或否", "是 or 否"),
    "text": ("文字", "text"),
}


def values_of(column: Column) -> list[str]:
    """How the column's values are written: in words where it has any, else as coded. [] where they aren't listed."""
    return [code for code in column.codes or {} if _HAN.search(code)] or list(column.values)


def expected_in(column: Column) -> tuple[str, str]:
    """What a cell of the column holds, (zh, en): “一级、二级”, “数字，0 到 100”."""
    if values := values_of(column)[:MOST]:
        return "、".join(values), ", ".join(values)
    return _TYPES.get(column.type) or _number(column)


def explained(error: LinliError, column: Column) -> LinliError:
    """The error of a cell with what the list wants there. What the cell alone says better (too long, no such area) stays as it is."""
    if error.code.startswith(("cells.", "identity.")) and error.code not in _SAY_IT_THEMSELVES:
        error.expected_zh, error.expected = expected_in(column)
    return error


def _number(column: Column) -> tuple[str, str]:
    low, high = (_bound(column, value) for value in (column.minimum, column.maximum))
    zh, en = ("金额（元）", "an amount in yuan") if column.type == "money" else ("数字", "a number")
    return (f"{zh}，{low} 到 {high}", f"{en}, {low} to {high}") if low and high else (zh, en)


def _bound(column: Column, value: int | None) -> str:
    if value is None:
        return ""
    if column.type == "money":
        return yuan_text(value).removesuffix(".00")
    return str(Decimal(value).scaleb(-(column.scale or 0)))
