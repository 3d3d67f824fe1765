"""Categories of places: what a city calls them and which tags of OpenStreetMap mean them, from cities/<city>/places.yaml."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from linli.kernel.errors import LinliError, Problems
from linli.rules.declare import Label, label_of, mapping_of, need, refuse_unknown_keys, text_of, wrong
from linli.rules.source import Entry, read_yaml

FILE = "places.yaml"
GROUPS = {
    "trade": Label("便民商业", "shops of everyday life"),
    "care": Label("养老托育和医疗", "care and health"),
    "green": Label("绿地和活动场地", "green and play"),
    "public": Label("政务和公共服务", "public services"),
    "community": Label("社区文化", "community"),
}
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Category:
    """osm: rules key=value, of which one must hold; several joined by & must hold together, * stands for any value.

    register: the other register that keeps these places, or "".
    """

    slug: str
    label: Label
    group: str
    osm: tuple[str, ...] = ()
    register: str = ""


def categories(city: str | Path) -> Mapping[str, Category]:
    """The city's categories by slug, in the file's order; none where it has no file. Raises Problems with file, line and column.

    Read once for each state of the file.
    """
    path = Path(city) / FILE
    try:
        stamp = os.stat(path)
    except FileNotFoundError:
        return {}
    return _read(path, stamp.st_mtime_ns, stamp.st_size)


def named(known: Mapping[str, Category], text: str) -> str | None:
    """The slug of a category that is named by its slug or its Chinese or English name; None for none."""
    plain = text.strip().lower()
    return next((one.slug for one in known.values() if plain in (one.slug, one.label.zh, one.label.en.lower())), None)


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int, _size: int) -> Mapping[str, Category]:
    problems: list[LinliError] = []
    found = {}
    for slug, entry in mapping_of(need(read_yaml(path), "categories"), problems).items():
        try:
            found[slug] = _category(slug, entry)
        except LinliError as problem:
            problems.append(problem)
    if problems:
        raise Problems(problems)
    return found


def _category(slug: str, entry: Entry) -> Category:
    if not _SLUG.fullmatch(slug):
        raise wrong(entry, ("小写字母、数字和连字符", "lower-case letters, digits and hyphens"))
    refuse_unknown_keys(entry, ("zh", "en", "group", "osm", "register"))
    register = entry.value.get("register")
    return Category(
        slug,
        label_of(entry),
        text_of(need(entry, "group"), tuple(GROUPS)),
        tuple(_rule(item) for item in need(entry, "osm").value),
        text_of(register, ("windows",)) if register else "",
    )


def _rule(item: Entry) -> str:
    if not all(key and mark and value for key, mark, value in (part.partition("=") for part in text_of(item).split("&"))):
        raise wrong(item, "key=value&key=value")
    return text_of(item)
