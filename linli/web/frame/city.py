"""The installation's city, its counties, and the groups of people that the catalogue is sorted by."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from linli.programmes import City, load_city
from linli.registers.placenames import english, overrides_of
from linli.rules.declare import Label
from linli.web.templatetags.texts import chinese


@dataclass(frozen=True, slots=True)
class Group:
    """Whom programmes are for. A programme belongs if its rule uses one of `facts`, its subject is `subject`, or `programmes` names it."""

    key: str
    label: Label
    sign: str
    facts: frozenset[str]
    subject: str
    programmes: frozenset[str]

    def includes(self, slug: str, facts_used: frozenset[str], subject: str) -> bool:
        """Whether a programme with these facts and this kind of subject is for the group."""
        return slug in self.programmes or bool(self.facts & facts_used) or self.subject == subject


@cache
def load(folder: Path, name: str) -> dict[str, Any]:
    """A YAML file of the city folder, read once a process."""
    with (folder / name).open(encoding="utf-8") as stream:
        loaded: dict[str, Any] = yaml.safe_load(stream)
    return loaded


@cache
def _city(folder: Path) -> City:
    return load_city(folder)


def city() -> City:
    """The city of this installation, read once a process."""
    return _city(settings.LINLI_CITY)


def groups() -> list[Group]:
    """The groups of audiences.yaml in its order."""
    found = load(settings.LINLI_CITY, "audiences.yaml")["groups"]
    return [_group(key, entry) for key, entry in found.items()]


def _group(key: str, entry: dict[str, Any]) -> Group:
    facts, programmes = (frozenset(entry.get(part, ())) for part in ("facts", "programmes"))
    return Group(key, Label(entry["zh"], entry["en"]), entry["sign"], facts, entry.get("subject", ""), programmes)


@cache
def _counties(folder: Path, prefix: str) -> tuple[tuple[str, Label], ...]:
    with (folder / "areas" / "divisions.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = [(row["code"], row["name"]) for row in csv.DictReader(stream)]
    own = [(code, name) for code, name in rows if len(code) == 6 and code.startswith(prefix)]
    return tuple((code, Label(name, english(code, name, _english_names(folder)))) for code, name in own)


@cache
def _english_names(folder: Path) -> dict[str, str]:
    return overrides_of(folder / "areas")


def counties() -> tuple[tuple[str, Label], ...]:
    """(code, name) of the city's counties in the order of the code table."""
    return _counties(settings.LINLI_CITY, city().area)


def area_words(code: str, name: str) -> str:
    """An area's name for officers: on English pages the Chinese name stands beside it, as it stands on paper."""
    if chinese() or not code or not name:
        return name
    return f"{english(code, name, _english_names(settings.LINLI_CITY))} {name}"
