"""What a cell should hold and what was found there, in the reader's language and from the list's own declaration."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from linli.kernel.money import yuan_text
from linli.registers.imports.noted import Note
from linli.registers.lists import Column, ListDeclaration
from linli.web.templatetags.texts import chinese

_ENGLISH = re.compile(r"[A-Za-z]{2,}[ ,;:’']+[A-Za-z]{2,}")
_HAN = re.compile(r"[\u3400-\u9fff]")
_CHARACTERS = re.compile(r"([0-9]+) characters")
MOST = 12


def expected(declaration: ListDeclaration, columns: dict[str, str], note: Note) -> str:
    """What belongs into the cell; "" where nothing can be said. columns: list column by file header."""
    name = columns.get(note.header, "")
    if note.code == "papers.merged":
        return _("一格一个值")
    if note.code.startswith(("cells.", "identity.")) and name:
        return _kind(declaration.column(name))
    return plain(note.expected)


def found(note: Note) -> str:
    """What stands there; English asides of the engine in the reader's words."""
    if note.found == "empty":
        return _("空")
    if match := _CHARACTERS.fullmatch(note.found):
        return _("%(number)s 个字符") % {"number": match[1]}
    return plain(note.found)


def plain(text: str) -> str:
    """The text, unless it is an English sentence on a Chinese page: the problem and its remedy say it there."""
    return "" if chinese() and _ENGLISH.search(text) else text


def _kind(column: Column) -> str:
    codes = [code for code in column.codes or {} if _HAN.search(code)] or list(column.values)
    if codes:
        return _("、").join(codes[:MOST])
    known = {
        "identity": _("18 位身份证号"),
        "credit_code": _("18 位统一社会信用代码"),
        "person_name": _("姓名"),
        "area": _("行政区划代码"),
        "date": _("日期，如 2024-01-05"),
        "boolean": _("是或否"),
        "text": _("文字"),
    }
    return known.get(column.type) or _number(column)


def _number(column: Column) -> str:
    """“数字，0 到 100”."""
    low, high = (_bound(column, value) for value in (column.minimum, column.maximum))
    kind = _("金额（元）") if column.type == "money" else _("数字")
    return _("%(kind)s，%(low)s 到 %(high)s") % {"kind": kind, "low": low, "high": high} if low and high else kind


def _bound(column: Column, value: int | None) -> str:
    if value is None:
        return ""
    if column.type == "money":
        return yuan_text(value).removesuffix(".00")
    return str(Decimal(value).scaleb(-(column.scale or 0)))
