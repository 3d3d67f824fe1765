"""What a unit of comparable programmes costs elsewhere, by whose word and since when: cities/<city>/costs.yaml; without the file, nothing.

A city's own programmes often have none like them here: 532 yuan a home stands out only beside what such works cost in other places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from linli.kernel.errors import malformed
from linli.rules.declare import Label

FILE = "costs.yaml"
_KEYS = {"programme", "zh", "en", "yuan", "from", "until", "source"}
_malformed = partial(
    malformed,
    "insight.malformed_costs",
    zh="外地成本文件不正确",
    en="The file of costs elsewhere is malformed.",
    like=f"cities/yuncheng/{FILE}",
)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What a unit like a programme's costs elsewhere, in fen. begins: the first day on which the value holds."""

    programme: str
    label: Label
    least_fen: int
    most_fen: int
    begins: date
    source: Label


def elsewhere(day: date) -> dict[str, list[Elsewhere]]:
    """The values that hold on a day, by programme. Raises LinliError for a malformed file."""
    path = Path(settings.LINLI_CITY) / FILE
    if not path.is_file():
        return {}
    found: dict[str, list[Elsewhere]] = {}
    try:
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["costs"]:
            one, until = _read(entry)
            if one.begins <= day and (until is None or day < until):
                found.setdefault(one.programme, []).append(one)
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        expected = "costs: programme, zh, en, yuan: [least, most], from, until: a later day or null, source: {zh, en}"
        raise _malformed(path, expected, f"{type(error).__name__}: {error}") from None
    return found


def _read(entry: Mapping[str, Any]) -> tuple[Elsewhere, date | None]:
    least, most = entry["yuan"]
    begins, until, source = entry["from"], entry["until"], entry["source"]
    if set(entry) != _KEYS or not all(type(one) is int for one in (least, most)) or not 0 < least <= most:
        raise ValueError(f"{entry.get('programme')}: yuan {entry['yuan']}, {', '.join(sorted(entry))}")
    if type(begins) is not date or (until is not None and (type(until) is not date or until <= begins)):
        raise ValueError(f"{entry['programme']}: from {begins} until {until}")
    told = Label(str(source["zh"]), str(source["en"]))
    return Elsewhere(str(entry["programme"]), Label(entry["zh"], entry["en"]), least * 100, most * 100, begins, told), until
