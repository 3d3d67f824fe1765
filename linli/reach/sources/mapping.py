"""Tag maps: which tags of OpenStreetMap mean which category; and the places of an extract as a table that `linli reach nearest` reads."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from linli.reach.graph import Origin
from linli.reach.sources.listing import refused
from linli.reach.sources.osm import SourcePlace

OWN = Path(__file__).with_name("categories.yaml")


def read_tag_map(path: Path | None = None) -> dict[str, tuple[str, ...]]:
    """category -> rules “key=value” out of a YAML file: {category: [rule, …]}, or a city's places.yaml, whose categories have them under
    osm. LinliError for anything else.
    """
    path = path or OWN
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _wrong(path, str(error).splitlines()[0]) from None
    if isinstance(data, dict) and isinstance(data.get("categories"), dict):
        data = {slug: entry.get("osm", []) if isinstance(entry, dict) else entry for slug, entry in data["categories"].items()}
    if not isinstance(data, dict) or not data:
        raise _wrong(path, type(data).__name__)
    return {str(category): _rules(path, str(category), rules) for category, rules in data.items()}


def _rules(path: Path, category: str, rules: Any) -> tuple[str, ...]:
    if not isinstance(rules, list):
        raise _wrong(path, f"{category}: {rules}")
    for rule in rules:
        parts = rule.split("&") if isinstance(rule, str) else []
        if not parts or not all(key and mark and value for key, mark, value in (part.partition("=") for part in parts)):
            raise _wrong(path, f"{category}: {rule}")
    return tuple(rules)


def _wrong(path: Path, found: str) -> Exception:
    return refused(
        "tag_map",
        ("标签对照表写得不对", "The tag map is malformed."),
        (f"对照 {OWN.name} 修改", f"compare it with {OWN.name}"),
        file=path.name,
        expected="category: [key=value, …]",
        found=found,
    )


def write_places(path: Path, places: Sequence[SourcePlace], origin: Origin) -> None:
    """A csv of id, lon, lat, category, name, hours; an area that streets enter has a row for each entrance, its id with #1, #2 …"""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# system: {origin.system}\n# source: {origin.source}\n# licence: {origin.licence}\n")
        writer = csv.writer(file)
        writer.writerow(["id", "lon", "lat", "category", "name", "hours"])
        for one in places:
            words = (";".join(one.categories), " ".join(_name(one.tags).split()), one.hours)
            for number, (lon, lat) in enumerate(one.entrances or ((one.lon, one.lat),), start=1):
                key = f"{one.key}#{number}" if one.entrances else one.key
                writer.writerow([key, f"{lon:.7f}", f"{lat:.7f}", *words])


def _name(tags: Mapping[str, str]) -> str:
    return tags.get("name:zh") or tags.get("name") or tags.get("name:en") or ""
