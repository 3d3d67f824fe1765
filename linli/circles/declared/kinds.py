"""Types of circles and the three tiers of service, which no source defines: tiers are labels, and say so (kinds.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from linli.circles.declared.reading import items, keys, label, named, text
from linli.rules.declare import Label
from linli.rules.source import Entry


@dataclass(frozen=True, slots=True)
class Kinds:
    """types: by key, with what each is about; tiers: by key; tiers_note: what the source leaves open."""

    types: Mapping[str, tuple[Label, Label]]
    tiers: Mapping[str, Label]
    tiers_note: Label


def read_kinds(entry: Entry) -> Kinds:
    """The city's types and tiers. LinliError with its place."""
    told = keys(entry, ("types", "tiers"))
    types = [keys(one, ("key", "zh", "en", "note")) for one in items(told["types"])]
    tiers = keys(told["tiers"], ("note", "of"))
    of = [keys(one, ("key", "zh", "en")) for one in items(tiers["of"])]
    return Kinds(
        {text(one["key"]): (named(one), label(one["note"])) for one in types},
        {text(one["key"]): named(one) for one in of},
        label(tiers["note"]),
    )
