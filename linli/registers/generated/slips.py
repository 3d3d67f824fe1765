"""What goes wrong in departments' files: numbers left out, names written otherwise, strangers, mistyped and destroyed numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from linli.kernel.identity import check_character

_LOOKALIKES = {"丽": "莉", "伟": "玮", "华": "桦", "芳": "方", "军": "君", "静": "靖", "明": "铭", "英": "瑛", "杰": "洁", "霞": "瑕"}


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip: file, row as the spreadsheet numbers it, column, what kind, whose row it is ("" for a stranger), all as text."""

    file: str
    row: str
    column: str
    kind: str
    subject_id: str


def soften(
    frame: pl.DataFrame, rates: Mapping[str, Any], rng: np.random.Generator, file: str, rows_before: int
) -> tuple[pl.DataFrame, list[Slip]]:
    """Slips that an import copes with: no number, another way of writing the name, somebody the registers do not know."""
    draw = rng.random(frame.height) * 10_000
    free = ~frame["spared"].to_numpy()
    limits = np.cumsum([rates["row_without_number"], rates["row_with_other_name"], rates["row_of_stranger"]])
    kinds = np.where(free, np.searchsorted(limits, draw, side="right"), 3)
    numbers, names = frame["identity_number"].to_list(), frame["person_name"].to_list()
    slips = []
    for place in np.flatnonzero(kinds < 3).tolist():
        subject = frame["person_id"][place]
        column, kind = "identity_number", "number left out"
        if kinds[place] == 0:
            numbers[place] = None
        elif kinds[place] == 1:
            column, kind = "person_name", "name written otherwise"
            names[place] = _otherwise(names[place])
        else:
            kind, subject = "not in the registers", ""
            numbers[place], names[place] = _stranger(rng), "某某"
        slips.append(Slip(file, str(rows_before + place + 1), column, kind, subject))
    return frame.with_columns(identity_number=pl.Series(numbers, dtype=pl.String), person_name=pl.Series(names, dtype=pl.String)), slips


def first_sent(frame: pl.DataFrame, rng: np.random.Generator, file: str, rows_before: int) -> tuple[pl.DataFrame, list[Slip]]:
    """Slips that an import refuses, in a few rows of each piece: a digit mistyped, and a number that a spreadsheet made a float."""
    numbers = frame["identity_number"].to_list()
    some = rng.permutation(np.array([place for place, number in enumerate(numbers) if number], dtype=np.int64))[:4]
    slips = []
    for turn, place in enumerate(some.tolist()):
        number = numbers[place]
        if turn % 2 and number.isdigit():
            numbers[place], kind = f"{number[0]}.{number[1:6]}E+17", "destroyed by a spreadsheet"
        else:
            digit = (int(number[12]) + 1) % 10
            numbers[place], kind = f"{number[:12]}{digit}{number[13:]}", "mistyped"
        slips.append(Slip(file, str(rows_before + place + 1), "identity_number", kind, frame["person_id"][place]))
    return frame.with_columns(identity_number=pl.Series(numbers, dtype=pl.String)), slips


def _otherwise(name: str) -> str:
    """The name with a character of the same sound, else with a space in it."""
    for character, other in _LOOKALIKES.items():
        if character in name[1:]:
            return name[0] + name[1:].replace(character, other, 1)
    return f"{name[0]} {name[1:]}"


def _stranger(rng: np.random.Generator) -> str:
    """A valid number of the made-up division with a birth year before the registers begin."""
    stem = f"9900001899{rng.integers(1, 13):02d}{rng.integers(1, 29):02d}{rng.integers(0, 1000):03d}"
    return stem + check_character(stem)
