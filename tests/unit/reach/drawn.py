"""Extracts of OpenStreetMap drawn by hand, in metres from (111, 35), as the XML that osmium reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from linli.reach.metric import degree_metres

EAST, NORTH = (float(part) for part in degree_metres(35.0))
Tags = Mapping[str, str]


def degrees(x: float, y: float) -> tuple[float, float]:
    return round(111 + x / EAST, 7), round(35 + y / NORTH, 7)


def extract(
    path: Path,
    nodes: Mapping[int, tuple[float, float]],
    ways: Mapping[int, tuple[Sequence[int], Tags]],
    tagged: Mapping[int, Tags] | None = None,
    relations: Mapping[int, tuple[Sequence[tuple[int, str]], Tags]] | None = None,
) -> Path:
    """Write one. nodes: positions in metres; ways: nodes and tags; tagged: tags of nodes; relations: ways with their roles, and tags."""
    lines = ['<?xml version="1.0"?><osm version="0.6">']
    for number, at in nodes.items():
        lon, lat = degrees(*at)
        lines.append(f'<node id="{number}" version="1" lon="{lon}" lat="{lat}">{_tags((tagged or {}).get(number, {}))}</node>')
    for number, (refs, tags) in ways.items():
        inside = "".join(f'<nd ref="{one}"/>' for one in refs)
        lines.append(f'<way id="{number}" version="1">{inside}{_tags(tags)}</way>')
    for number, (members, tags) in (relations or {}).items():
        inside = "".join(f'<member type="way" ref="{way}" role="{role}"/>' for way, role in members)
        lines.append(f'<relation id="{number}" version="1">{inside}{_tags(tags)}</relation>')
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


def _tags(tags: Tags) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())
