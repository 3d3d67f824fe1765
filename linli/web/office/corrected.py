"""The field in which an officer states what is right, as fits the fact: words to choose from, a day, a number with its unit, a place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.registers.lists import Column
from linli.registers.queries.areas import full_name, resolve_area
from linli.rules.declare import Label
from linli.web.frame import city
from linli.web.programme.questions import DayField, coded_words
from linli.web.templatetags.texts import day, words

MOST_WORDS = 20
"""A whole number with at most so many values, each with words, is chosen from these."""
MOST_PLACES = 3


def value_field(column: Column, **more: Any) -> forms.Field:
    """A field for a value of a list's or the register's column; it carries its `unit`, "" where there is none."""
    field = _field(column, **more)
    field.unit = "" if isinstance(field, forms.ChoiceField) else unit_of(column)  # type: ignore[attr-defined]
    return field


def _field(column: Column, **more: Any) -> forms.Field:
    if coded := _coded(column):
        choices = [(str(value), words(label)) for value, label in coded]
        return forms.ChoiceField(choices=[("", "–"), *choices], **more)
    if column.type == "boolean":
        return forms.ChoiceField(choices=[("", "–"), ("yes", _("是")), ("no", _("不是"))], **more)
    if column.type == "integer":
        return forms.IntegerField(min_value=column.minimum, max_value=column.maximum, **more)
    if column.type == "money":
        return forms.DecimalField(min_value=_yuan(column.minimum or 0), max_value=_yuan(column.maximum), decimal_places=2, **more)
    if column.type == "date":
        return DayField((1900, 2100), **more)
    return PlaceField(**more) if column.type == "area" else forms.CharField(max_length=200, **more)


def _yuan(fen: int | None) -> Decimal | None:
    return None if fen is None else Decimal(fen) / 100


def _coded(column: Column) -> list[tuple[Any, Label]]:
    """Every value of the column with its words; none for a number whose values have no words."""
    if column.values:
        return [(value, _code_words(column, value) or Label(value, value)) for value in column.values]
    if column.type != "integer" or column.minimum is None or column.maximum is None or column.maximum - column.minimum >= MOST_WORDS:
        return []
    found = [(value, _code_words(column, value)) for value in range(column.minimum, column.maximum + 1)]
    return [(value, label) for value, label in found if label] if all(label for _value, label in found) else []


def _code_words(column: Column, value: Any) -> Label | None:
    """The city's words for a code, else as the list's own files spell it."""
    spelled = next((text for text, meant in (column.codes or {}).items() if meant == value), "")
    return coded_words(column.fact or "", str(value)) or (Label(spelled, spelled) if spelled else None)


def unit_of(column: Column) -> str:
    """What a number counts."""
    known = city.load(settings.LINLI_CITY, "questions.yaml")["questions"].get(f"fact:{column.fact}", {}).get("unit")
    return words(known) if known else _("元") if column.type == "money" else ""


def shown(column: Column, stored: Any) -> str:
    """A stored value in words."""
    if stored is None or stored == "":
        return "–"
    if isinstance(stored, bool):
        return _("是") if stored else _("不是")
    if label := next((label for value, label in _coded(column) if value == stored), None):
        return words(label)
    if column.type == "date":
        return str(day(stored))
    if column.type == "area":
        return full_name(stored, clock.today())
    number = f"{Decimal(stored) / 100:.2f}" if column.type == "money" else str(stored)
    return " ".join(filter(None, (number, unit_of(column))))


def stored_value(column: Column, value: Any) -> Any:
    """The value as the registers take it: money in fen, a list's days as ISO text."""
    if column.type == "boolean":
        return value == "yes"
    if column.type == "money":
        return int(value * 100)
    if column.type == "integer":
        return int(value)
    return value.isoformat() if column.type == "date" else value


class PlaceField(forms.CharField):
    """A place in words, from the county on; its value is the code. Names that mean several places, or none, are answered with what may
    be meant."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}), **more)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if not text or (text.isascii() and text.isdecimal() and 4 <= len(text) <= 12):
            return text
        try:
            found = resolve_area(text, clock.today())
        except LinliError:
            raise ValidationError(_("请照“县、乡镇、村”的顺序写，例如：%(place)s。") % {"place": "盐湖区东城街道"}) from None
        if len(found.areas) == 1:
            return str(found.areas[0].code)
        meant = [one.code for one in (found.areas or [likely.area for likely in found.likely])[:MOST_PLACES]]
        if not meant:
            raise ValidationError(_("区划表里没有这个地方。市外的地方请填行政区划代码。"))
        names = _("、").join(full_name(code, clock.today()) for code in meant)
        raise ValidationError(_("说的是哪一个：%(places)s？") % {"places": names})
