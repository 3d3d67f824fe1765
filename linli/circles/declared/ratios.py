"""Ratios that are published, each with both counts: what the source says where it gives no denominator (ratios.yaml)."""

from __future__ import annotations

from dataclasses import dataclass

from linli.circles.declared.reading import keys, label, named, whole
from linli.rules.declare import Label
from linli.rules.source import Entry


@dataclass(frozen=True, slots=True)
class Ratio:
    """denominator: None where the source doesn't give it; at_most: what it can be at most by what the source says. said: its words."""

    label: Label
    denominator: int | None
    at_most: int | None
    said: Label
    source: Label


def read_ratios(entry: Entry) -> Ratio:
    """The ratio of starred circles. LinliError with its place."""
    told = keys(keys(entry, ("stars",))["stars"], ("zh", "en", "denominator", "at_most", "said", "source"))
    known, most = told["denominator"], told["at_most"]
    return Ratio(
        named(told),
        None if known.value is None else whole(known, 1, 100_000),
        None if most.value is None else whole(most, 1, 100_000),
        label(told["said"]),
        label(told["source"]),
    )
