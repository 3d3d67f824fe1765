"""A network and places out of an OpenStreetMap extract (PBF, or what osmium reads besides): every piece of a street that can be walked
is a link, its length the geodesic between its ends; gates, and rivers, railways and walls, come with it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from linli.kernel import digests
from linli.kernel.errors import LinliError
from linli.kernel.positions import WGS84
from linli.reach.graph import Barrier, Gate, Graph, Ints, Longs, Origin
from linli.reach.metric import decimetres, straight
from linli.reach.snapshot import in_order
from linli.reach.sources import checks, tagging
from linli.reach.sources.listing import Listing, refused
from linli.reach.sources.opening import hours_of
from linli.reach.sources.outlines import entrances, middle
from linli.reach.sources.shores import Line, Shores, open_shores, stretches
from linli.reach.waters import ON_WATER

_KEYS: Final = ("highway", "railway", "public_transport", "man_made", "barrier", "waterway", "natural", "landuse", "kerb")
_AREAS: Final = ("natural", "waterway", "landuse")
_BLOCK: Final = 2**20


@dataclass(frozen=True, slots=True)
class SourcePlace:
    """A place of the extract. key: “node/123”, “way/…” or “relation/…”. categories: of the tag map. hours: as kernel.hours reads them,
    "" for always or where they are not known: then raw_hours may say more. entrances: where streets enter a large one, else where it is.
    """

    key: str
    lon: float
    lat: float
    categories: tuple[str, ...]
    tags: Mapping[str, str]
    hours: str = ""
    raw_hours: str = ""
    entrances: tuple[tuple[float, float], ...] = ()


@dataclass(slots=True)
class _Read:
    """What one pass gathers, ways as they come."""

    u: array[int] = field(default_factory=lambda: array("q"))
    v: array[int] = field(default_factory=lambda: array("q"))
    ends: array[float] = field(default_factory=lambda: array("d"))  # lon, lat, lon, lat of each link
    kind: array[int] = field(default_factory=lambda: array("H"))
    level: array[int] = field(default_factory=lambda: array("i"))
    way: array[int] = field(default_factory=lambda: array("q"))
    names: dict[int, str] = field(default_factory=dict)
    gates: dict[int, Mapping[str, str]] = field(default_factory=dict)
    narrow: set[int] = field(default_factory=set)
    barriers: list[Barrier] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    places: list[tuple[str, tuple[str, ...], Mapping[str, str], Any]] = field(default_factory=list)
    shores: Shores = field(default_factory=Shores)
    relations: bool = False


def read_osm(
    path: Path,
    *,
    tags: Mapping[str, Iterable[str]] | None = None,
    source: str = tagging.OPENSTREETMAP,
    licence: str = tagging.LICENCE,
    edition: str = "",
) -> tuple[Graph, Listing, list[SourcePlace]]:
    """The network of an extract, what was listed, and its places by a tag map (category -> “key=value”, joined by & where several must
    hold, * for any value). OpenStreetMap is WGS-84 by its own rule. Memory: about 100 bytes a node of the extract.

    LinliError for a file that is damaged, cut short or has no street; what the tags mean is in docs/reach.md.
    """
    listing, categories = Listing(), tagging.TagMap(tags or {})
    header_edition, read = _pass(path, categories, listing)
    if not read.u:
        raise refused(
            "no_links",
            ("文件中没有可以步行的道路", "The file has no street that can be walked."),
            ("检查是否为 OpenStreetMap 数据，且没有被截断", "check that it is an extract of OpenStreetMap and was not cut short"),
            file=path.name,
            expected=("带 highway 标签的道路", "ways with a highway tag"),
            found="0",
        )
    if not read.relations:
        listing.add("no_relations", path.name)
    graph, level = _graph(read, Origin(source, licence, WGS84, edition or header_edition, _digest(path)), listing)
    links = _links_in_file(graph, level, read, listing)
    places = _places(read, set(links.key.tolist()), links)
    return replace(links, origin=replace(links.origin, notes=listing.counts())), listing, places


def _digest(path: Path) -> str:
    hasher = digests.hasher()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            hasher.update(block)
    return f"{digests.default_algorithm()}:{hasher.hexdigest()}"


def _pass(path: Path, categories: tagging.TagMap, listing: Listing) -> tuple[str, _Read]:
    """Everything of the file that matters, in one pass (two where relations are areas)."""
    import osmium

    if not path.is_file() or path.stat().st_size == 0:
        raise _broken(path, "0 bytes")
    read = _Read()
    wanted = osmium.filter.KeyFilter(*dict.fromkeys((*_KEYS, *categories.keys)))
    areas = osmium.filter.KeyFilter(*dict.fromkeys((*_AREAS, *categories.keys)))
    try:
        processor = osmium.FileProcessor(str(path)).with_locations().with_areas(areas).with_filter(wanted)
        edition = processor.header.get("osmosis_replication_timestamp") or ""
        for item in processor:
            _take(item, read, categories, listing)
        _add_shores(path, read, listing)
        read.relations = _has_relations(path)
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        raise _broken(path, str(error)) from None
    return edition, read


def _has_relations(path: Path) -> bool:
    import osmium

    return any(True for _ in osmium.FileProcessor(str(path), osmium.osm.RELATION))


def _broken(path: Path, found: str) -> LinliError:
    return refused(
        "osm_broken",
        ("OpenStreetMap 文件已损坏、不完整，或不是该格式", "The OpenStreetMap file is damaged, cut short or not one."),
        ("重新下载，核对大小和校验和", "download it again and compare its size and checksum"),
        file=path.name,
        expected=".osm.pbf",
        found=found,
    )


def _take(item: Any, read: _Read, categories: tagging.TagMap, listing: Listing) -> None:
    if item.is_node():
        _take_node(item, read, categories)
    elif item.is_way():
        _take_way(item, read, listing)
    elif item.is_area():
        _take_area(item, read, categories)


def _take_node(item: Any, read: _Read, categories: tagging.TagMap) -> None:
    tags = dict(item.tags)
    if tags.get("barrier") in tagging.GATES:
        read.gates[item.id] = tags
    if tagging.bars_wheelchairs(tags):
        read.narrow.add(item.id)
    found = categories.of(tags)
    if found and item.location.valid():
        read.places.append((f"node/{item.id}", found, tags, (item.lon, item.lat)))


def _take_way(item: Any, read: _Read, listing: Listing) -> None:
    tags = dict(item.tags)
    why = tagging.walkable(tags)
    if not why:
        _take_links(item, tags, read, listing)
        return
    if why != "other":
        listing.add(why, f"way/{item.id}", " ".join(f"{key}={tags[key]}" for key in ("highway", "access", "foot") if key in tags))
    kind = tagging.barrier_of(tags)
    if kind and item.is_closed() and tagging.is_water(tags):
        # It comes as an area too, which knows its holes; where it doesn't, these lines are what there is.
        read.shores.ways[item.id] = (stretches(item.nodes), tags)
    elif kind:
        _add_barrier(read, kind, stretches(item.nodes), tags, listing, f"way/{item.id}")


def _take_links(item: Any, tags: dict[str, str], read: _Read, listing: Listing) -> None:
    kind, level = int(tagging.kind_of(tags)), tagging.level_of(tags)
    incline = tags.get("incline", "")
    if incline and tagging.percent(incline) is None and incline not in ("up", "down", "yes", "no"):
        listing.add("unread_incline", f"way/{item.id}", incline)
    if name := tags.get("name", ""):
        read.names[item.id] = name
    before, missing = None, 0
    for node in item.nodes:
        if not node.location.valid():
            before, missing = None, missing + 1
            continue
        here = (node.ref, node.lon, node.lat)
        if before is not None and before[0] != here[0]:
            read.u.append(before[0])
            read.v.append(here[0])
            read.ends.extend((*before[1:], *here[1:]))
            read.kind.append(kind)
            read.level.append(level)
            read.way.append(item.id)
        elif before is not None:
            listing.add("self_loop", f"way/{item.id}", f"node {here[0]}")
        before = here
    if missing:
        listing.add("node_missing", f"way/{item.id}", f"{missing} of {len(item.nodes)}")


def _take_area(item: Any, read: _Read, categories: tagging.TagMap) -> None:
    tags = dict(item.tags)
    if tagging.is_water(tags) and tagging.barrier_of(tags):
        for outer in item.outer_rings():
            read.shores.whole.add((item.from_way(), item.orig_id()))
            for number, ring in enumerate((outer, *item.inner_rings(outer))):
                points = tuple((node.lon, node.lat) for node in ring)
                read.barriers.append(Barrier("water", points, tags.get("name", ""), hole=number > 0))
                read.levels.append(0)
    found = categories.of(tags)
    if found:
        rings = [[(node.ref, node.lon, node.lat) for node in ring] for ring in item.outer_rings()]
        kind = "way" if item.from_way() else "relation"
        read.places.append((f"{kind}/{item.orig_id()}", found, tags, rings))


def _add_barrier(read: _Read, kind: str, lines: list[Line], tags: Mapping[str, str], listing: Listing, where: str) -> None:
    if not lines:
        listing.add("barrier_without_line", where, kind)
    for points in lines:
        read.barriers.append(Barrier(kind, points, tags.get("name", "")))
        # Rivers marked with a layer below the ground still lie open: only a tunnel takes them away.
        read.levels.append(tagging.level_of(tags) if kind == "rail" else 0)


def _add_shores(path: Path, read: _Read, listing: Listing) -> None:
    """Water whose outline the extract doesn't hold whole: what there is of it is a line, and listed."""
    for where, name, lines in open_shores(path, read.shores):
        listing.add("broken_area", where, name)
        for points in lines:
            read.barriers.append(Barrier("water", points, name))
            read.levels.append(0)


def _graph(read: _Read, origin: Origin, listing: Listing) -> tuple[Graph, Ints]:
    """Links between nodes in the order of their ids, gates and barriers, and the level of each link."""
    u, v = np.frombuffer(read.u, np.int64), np.frombuffer(read.v, np.int64)
    ends = np.frombuffer(read.ends).reshape(-1, 4)
    key, first = np.unique(np.concatenate([u, v]), return_index=True)
    lon, lat = np.concatenate([ends[:, 0], ends[:, 2]])[first], np.concatenate([ends[:, 1], ends[:, 3]])[first]
    at_u, at_v = np.searchsorted(key, u).astype(np.int32), np.searchsorted(key, v).astype(np.int32)
    kind = np.frombuffer(read.kind, np.uint16).copy()
    narrow = tuple(np.flatnonzero(np.isin(key, np.fromiter(sorted(read.narrow), np.int64))).tolist())
    length = decimetres(straight(lon[at_u], lat[at_u], lon[at_v], lat[at_v]))
    way = np.frombuffer(read.way, np.int64)
    gates, barriers = _gates(read, key, listing), tuple(read.barriers)
    graph = Graph(key, lon, lat, at_u, at_v, length, kind, way, origin, gates, barriers, read.names, narrow)
    return graph, np.frombuffer(read.level, np.int32)


def _links_in_file(graph: Graph, level: Ints, read: _Read, listing: Listing) -> Graph:
    """The network without what crosses barriers and without nodes that are left with no link."""
    # A street drawn through a fence has most likely an opening that nobody drew; a straight leg passes no fence all the same.
    graph = checks.cut(graph, listing, level, np.array(read.levels, np.int32), spared={"fence"})
    graph = checks.tidied(checks.without_far(graph, listing), listing)
    checks.list_on_barrier(graph, listing, ON_WATER)
    graph = in_order(checks.used(graph, listing))
    checks.look(graph, listing)
    return graph


def _gates(read: _Read, key: Longs, listing: Listing) -> tuple[Gate, ...]:
    found = []
    for number, tags in sorted(read.gates.items()):
        at = int(np.searchsorted(key, number))
        where = f"node/{number}"
        if at == len(key) or key[at] != number:
            listing.add("gate_off_network", where)
            continue
        raw = tags.get("opening_hours", "")
        hours = hours_of(raw) if raw else ""
        if hours is None:
            listing.add("gate_hours", where, raw)
        shut = tagging.is_shut(tags)
        if not shut and tags.get("access") in tagging.CLOSED:
            listing.add("gate_private", where, f"access={tags['access']}")
        found.append(Gate(at, where, tags.get("name", ""), hours or "", shut))
    return tuple(found)


def _places(read: _Read, walked: set[int], graph: Graph) -> list[SourcePlace]:
    """Places in the order of their keys."""
    found = []
    for key, categories, tags, shape in read.places:
        raw = tags.get("opening_hours", "")
        hours = (hours_of(raw) if raw else "") or ""
        if isinstance(shape, tuple):
            found.append(SourcePlace(key, shape[0], shape[1], categories, tags, hours, raw))
        elif shape:
            found.append(SourcePlace(key, *middle(shape), categories, tags, hours, raw, entrances(shape, walked)))
    return sorted(found, key=lambda one: one.key)
