"""Parts of a programme file that a form can begin: what the format asks for in each beside what somebody fills in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from linli.programmes.editing import insert
from linli.rules.declare import Label


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the file that a form can begin. start: what the format asks for beside what was filled in (see editing.insert)."""

    title: Label
    start: Mapping[str, Any]


PARTS = {
    "verification": Part(Label("核查", "checks"), {"every": ("false", "choice")}),
    "verification.random": Part(Label("随机抽查", "random sample"), {"rate": ("", "value"), "strata": ("county", "choice")}),
    "public_notice": Part(
        Label("公示", "public notice"),
        {
            "fields": ["name", "township", "category", "amount"],
            "days": ("", "number"),
            "unit": ("working", "choice"),
            "place": ("before_payment", "choice"),
            "minors_online": ("false", "choice"),
        },
    ),
}
"""In the order in which they are written."""


def with_parts(text: str, begun: Mapping[str, Mapping[str, Any]], there: Callable[[str], bool]) -> str:
    """The text with the parts that somebody has begun; what one of them stands in comes first. there: whether the file has a part."""
    wanted = {*begun, *(outer for part in begun if (outer := part.rpartition(".")[0]) and not there(outer))}
    for part, declared in PARTS.items():
        if part in wanted:
            text = insert(text, part, {**declared.start, **begun.get(part, {})})
    return text
