"""A line of a programme told in words, and the words that its parts share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from linli.programmes.declaration import Programme
from linli.rules.declare import Label
from linli.rules.words import day_in_words

YES, NO = Label("是", "yes"), Label("否", "no")
OPEN = Label("待填写", "open")
COMMA, THEN = Label("、", ", "), Label(" → ", " → ")


@dataclass(frozen=True, slots=True)
class Line:
    """One field in words. key: the same in every version of the programme; group: what it belongs to ("least age"), or None.

    language: of a value that is a text in one language whoever reads it, "" otherwise.
    """

    section: str
    key: tuple[str, ...]
    group: Label | None
    label: Label
    value: Label
    language: str = ""


def same(text: Any) -> Label:
    """One text for both languages: a number, a telephone, a code."""
    return Label(str(text), str(text))


def day_words(day: date) -> Label:
    """A day in both languages."""
    return Label(day_in_words(day, "zh"), day_in_words(day, "en"))


def both(section: str, key: tuple[str, ...], group: Label | None, label: Label, words: Label | None) -> Iterator[Line]:
    """The Chinese and the English of one text, a line each, so that a change in one of them shows."""
    if words is not None:
        yield Line(section, (*key, "zh"), group, Label(f"{label.zh}（中文）", f"{label.en} (Chinese)"), same(words.zh), "zh-CN")
        yield Line(section, (*key, "en"), group, Label(f"{label.zh}（英文）", f"{label.en} (English)"), same(words.en), "en")


def working_days(number: int | None) -> Label:
    """A number of working days, open where it isn't stated."""
    return OPEN if number is None else Label(f"{number} 个工作日", _counted(number, "working day"))


def days(number: int) -> Label:
    """A number of days of the calendar."""
    return Label(f"{number} 日", _counted(number, "day"))


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def listed(labels: Iterable[Label], between: Label = COMMA) -> Label:
    """Several things in one value, in their order."""
    found = list(labels)
    return Label(between.zh.join(label.zh for label in found), between.en.join(label.en for label in found))


def share(part: Fraction) -> Label:
    """A share in percent where that is exact, else as it is."""
    percent = part * 100
    exact = 100 % percent.denominator == 0
    return same(f"{percent.numerator / percent.denominator:g}%" if exact else part)


def facts_in_words(programme: Programme, names: Iterable[str]) -> Label:
    """Facts by their names in words."""
    known = programme.rule.declarations.facts
    return listed(known[name].label if name in known else same(name) for name in names)
