"""What adapters share: values out of an authority's texts, and the refusals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.papers import Cell
from linli.registers.imports.reading import reader_of, stored
from linli.registers.lists import ListDeclaration


def values_of(declaration: ListDeclaration, texts: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Values by fact out of values by column name, read as a cell of a file would be (money in yuan). Raises LinliError."""
    found: dict[str, Any] = {}
    for column in declaration.fact_columns:
        raw = texts.get(column.name)
        if raw is None or raw == "":
            if column.required:
                raise no_answer(place, f"a value of {column.name}", "nothing")
            continue
        try:
            value = reader_of(column)(Cell(_text(raw)))
        except LinliError as error:
            raise error.at(Place(place, field=column.name)) from None
        found[column.fact or ""] = stored(value)
    return found


def _text(raw: Any) -> str:
    return {True: "是", False: "否"}[raw] if isinstance(raw, bool) else str(raw)


def moment(text: str, place: str) -> datetime:
    """An ISO instant; without a zone it is Shanghai time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise no_answer(place, "an ISO time", text[:40]) from None
    return found if found.tzinfo else found.replace(tzinfo=clock.SHANGHAI)


def day(text: str | None, place: str) -> date | None:
    """An ISO day, None for nothing."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise no_answer(place, "an ISO day", str(text)[:40]) from None


def no_answer(place: str, expected: str, found: str) -> LinliError:
    """The authority gave no answer that can be used; the facts stay unknown."""
    return LinliError(
        "verification.no_answer",
        zh="核验没有得到可用的答复",
        en="The authority gave no usable answer.",
        place=Place(place),
        expected=expected,
        found=found,
        remedy_zh="稍后重试；相关事实保持未知",
        remedy_en="try again later; the facts stay unknown",
    )
