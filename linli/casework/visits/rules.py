"""What a city declares of visits (cities/<city>/visits.yaml): who is called on regularly, how often, how many calls make a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from linli.kernel.errors import malformed
from linli.rules.declare import Label

NAME = "visits.yaml"
_malformed = partial(
    malformed,
    "casework.malformed_visits",
    zh="上门走访规定文件不正确",
    en="The file of visits is malformed.",
    like="cities/yuncheng/visits.yaml",
)


@dataclass(frozen=True, slots=True)
class Regular:
    """People of `age` or more who live alone are called on every so many days; `late_days` after that the township is told.

    ahead_days: how long before its last day a call may be made and is on the list. basis: what the figure rests on.
    """

    slug: str
    label: Label
    age: int
    every_days: int
    ahead_days: int
    late_days: int
    basis: Label


@dataclass(frozen=True, slots=True)
class VisitRules:
    """daily: calls a day for one person; brings: lists whose facts can be asked at the door."""

    daily: int
    regular: Regular
    brings: frozenset[str]


def visit_rules() -> VisitRules:
    """The city's rules of visits. Raises LinliError where the file is missing or malformed."""
    path = Path(settings.LINLI_CITY) / NAME
    if not path.is_file():
        raise _malformed(path, "the file", "no file")
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, _changed_ns: int) -> VisitRules:
    try:
        declared: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise _malformed(path, "YAML", type(error).__name__) from None
    if not isinstance(declared, dict):
        raise _malformed(path, "a mapping", type(declared).__name__)
    brings = declared.get("brings", [])
    if not isinstance(brings, list) or not all(isinstance(one, str) for one in brings):
        raise _malformed(path, "brings: slugs of lists", str(brings))
    return VisitRules(_whole(path, declared, "daily"), _regular(path, declared.get("regular")), frozenset(brings))


def _regular(path: Path, given: Any) -> Regular:
    if not isinstance(given, dict):
        raise _malformed(path, "regular: who is called on how often", str(given))
    days = {name: _whole(path, given, name) for name in ("age", "every_days", "ahead_days", "late_days")}
    return Regular(slug=str(given.get("slug", "")), label=_label(path, given, "label"), basis=_label(path, given, "basis"), **days)


def _whole(path: Path, given: Mapping[str, Any], name: str) -> int:
    figure = given.get(name)
    if not isinstance(figure, int) or isinstance(figure, bool) or figure < 1:
        raise _malformed(path, f"{name}: a whole number of 1 or more", str(figure))
    return figure


def _label(path: Path, given: Mapping[str, Any], name: str) -> Label:
    text = given.get(name)
    if not isinstance(text, dict) or not text.get("zh") or not text.get("en"):
        raise _malformed(path, f"{name}: {{zh, en}}", str(text))
    return Label(text["zh"], text["en"])
