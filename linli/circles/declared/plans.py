"""How plans are made: who issues them, what is suggested for a gap, and to whom an overdue action goes (plans.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from linli.circles.declared.reading import items, keys, label, named, one_of, text, whole, wrong
from linli.rules.declare import Label
from linli.rules.source import Entry

DEFAULT = "default"
WHAT = "{what}"
TO = ("owner", "county", "city")


@dataclass(frozen=True, slots=True)
class Rung:
    """An action that is so many days overdue goes to this level: one of TO."""

    after_days: int
    to: str
    label: Label


@dataclass(frozen=True, slots=True)
class Planning:
    """organ, mark, contact: of an issued plan. rungs: least days first. suggestions: by norm."""

    organ: Label
    mark: str
    contact: str
    rungs: tuple[Rung, ...]
    suggestions: Mapping[str, Label]

    def suggestion(self, norm: str, what: Label) -> Label:
        """What could be done about a gap of the norm."""
        told = self.suggestions.get(norm) or self.suggestions[DEFAULT]
        return Label(told.zh.replace(WHAT, what.zh), told.en.replace(WHAT, what.en))


def read_plans(entry: Entry) -> Planning:
    """The city's way with plans. LinliError with its place."""
    told = keys(entry, ("organ", "mark", "contact", "escalation", "suggestions"))
    rungs = tuple(_rung(one) for one in items(told["escalation"]))
    if not rungs or any(later.after_days <= one.after_days for one, later in pairwise(rungs)):
        raise wrong(told["escalation"], ("天数逐级增加", "more days at each level"), ", ".join(str(one.after_days) for one in rungs) or "—")
    suggestions = {key: label(one) for key, one in told["suggestions"].value.items()}
    if DEFAULT not in suggestions:
        raise wrong(told["suggestions"], DEFAULT, ", ".join(suggestions))
    return Planning(label(told["organ"]), text(told["mark"]), text(told["contact"]), rungs, suggestions)


def _rung(entry: Entry) -> Rung:
    told = keys(entry, ("after_days", "to", "zh", "en"))
    return Rung(whole(told["after_days"], 0, 3650), one_of(told["to"], TO), named(told))
