"""Outlines of water that an extract doesn't hold whole: what is there of them bars the way as lines, broken where nodes are missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from linli.reach.sources import tagging

Line = tuple[tuple[float, float], ...]
_AREAS: Final = ("multipolygon", "boundary")


@dataclass(slots=True)
class Shores:
    """Water of the extract. whole: what came as an area, (is a way, id); ways: outlines drawn as one way, by its id."""

    whole: set[tuple[bool, int]] = field(default_factory=set)
    ways: dict[int, tuple[list[Line], Mapping[str, str]]] = field(default_factory=dict)


def stretches(nodes: Iterable[Any]) -> list[Line]:
    """The lines through a way's nodes that are in the file, broken where one is missing; those of a single node are left out."""
    found: list[list[tuple[float, float]]] = [[]]
    for node in nodes:
        if node.location.valid():
            found[-1].append((node.lon, node.lat))
        elif found[-1]:
            found.append([])
    return [tuple(line) for line in found if len(line) > 1]


def open_shores(path: Path, shores: Shores) -> Iterator[tuple[str, str, list[Line]]]:
    """Where it stands in the file, name and lines of each outline of water that is no whole area; after the pass over areas.

    Two more passes where a relation is not whole, none besides. The outer and inner ways of such a relation are lines alike.
    """
    for number, (lines, tags) in sorted(shores.ways.items()):
        if (True, number) not in shores.whole:
            yield f"way/{number}", tags.get("name", ""), lines
    torn = {number: found for number, found in _water_relations(path) if (False, number) not in shores.whole}
    lines_of = _lines(path, {way for _, ways in torn.values() for way in ways} - shores.ways.keys()) if torn else {}
    for number, (name, ways) in sorted(torn.items()):
        yield f"relation/{number}", name, [line for way in ways for line in lines_of.get(way, [])]


def _water_relations(path: Path) -> Iterator[tuple[int, tuple[str, list[int]]]]:
    """Number, name and ways of each relation that is a water area."""
    import osmium

    for item in osmium.FileProcessor(str(path), osmium.osm.RELATION):
        tags = dict(item.tags)
        if tags.get("type") in _AREAS and tagging.is_water(tags) and tagging.barrier_of(tags):
            yield item.id, (tags.get("name", ""), [one.ref for one in item.members if one.type == "w"])


def _lines(path: Path, ways: set[int]) -> dict[int, list[Line]]:
    """The stretches of some ways, as far as they run in the open."""
    import osmium

    wanted = osmium.filter.IdFilter(ways).enable_for(osmium.osm.WAY)
    processor = osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations().with_filter(wanted)
    return {item.id: stretches(item.nodes) for item in processor if item.is_way() and item.tags.get("tunnel", "no") == "no"}
