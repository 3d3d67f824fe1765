"""A network out of tables: nodes and edges as csv, with them gates as csv and barriers as GeoJSON.

nodes: node, lon, lat. edges: u, v, length_m, and where known highway, name, way_id, kind, steps, bridge, tunnel, wheelchair, incline,
foot, access, foot_oneway. gates: node, and where known key, name, hours, shut. What a column means is in docs/reach.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from linli.kernel import digests
from linli.kernel.errors import LinliError, Problems
from linli.reach.graph import Floats, Gate, Graph, Ints, Longs, Origin, Shorts
from linli.reach.metric import Bools, decimetres, degree_metres
from linli.reach.profiles import Way
from linli.reach.snapping import MOST_METRES
from linli.reach.snapshot import in_order
from linli.reach.sources import checks
from linli.reach.sources.areas import Box, read_barriers
from linli.reach.sources.listing import Listing, refused
from linli.reach.sources.opening import understood
from linli.reach.sources.sheet import NO, YES, Sheet, read_sheet
from linli.reach.sources.tagging import ALLOWED, CLOSED, FORBIDDEN, STEEP_PERCENT, percent

_HOURS: Final = (
    "如：周一至周日 06:00-22:00；跨夜写 00:00-06:00 22:00-24:00；或留空",
    "such as: Mon-Sun 06:00-22:00; past midnight: 00:00-06:00 22:00-24:00; or empty",
)
_WORDS: Final = {
    "steps": Way.STEPS, "steep": Way.STEEP, "no_wheelchair": Way.NO_WHEELCHAIR, "bridge": Way.BRIDGE, "tunnel": Way.TUNNEL,
    "forward": Way.FORWARD, "backward": Way.BACKWARD, "plain": Way.PLAIN, "": Way.PLAIN,
}  # fmt: skip
_EDGE_COLUMNS: Final = (
    *("highway", "name", "way_id", "kind", "steps", "steep", "bridge", "tunnel"),
    *("wheelchair", "incline", "foot", "access", "foot_oneway", "oneway"),
)
_TAG_WORDS: Final = {
    "bridge": ("viaduct", "aqueduct", "boardwalk", "cantilever", "covered", "movable", "swing", "trestle", "low_water_crossing"),
    "tunnel": ("building_passage", "culvert", "passage", "avalanche_protector", "flooded"),
    "wheelchair": ("limited", "designated"),
    "foot": (*ALLOWED, *FORBIDDEN, "customers", "delivery", "residents", "discouraged"),
    "access": (*ALLOWED, *CLOSED, "customers", "delivery", "residents", "public", "discouraged"),
}


@dataclass(frozen=True, slots=True)
class Tables:
    """The files of one network, found by their columns."""

    nodes: Sheet
    edges: Sheet
    gates: Sheet | None = None
    barriers: Path | None = None


def read_network(
    files: Sequence[Path], *, system: str | None = None, source: str = "", licence: str = "", edition: str = ""
) -> tuple[Graph, Listing]:
    """The network in a folder or in several files, and what was listed on the way. system: of the files that don't say theirs.

    Raises LinliError or Problems, with file, row and column, for what can't be read in one way only. O((n + m) log m).
    """
    tables, listing = tables_in(files), Listing()
    key, lon, lat, said = _nodes(tables.nodes, system)
    links = _links(tables.edges, key, listing)
    barriers = read_barriers(tables.barriers, system, listing, _around(lon, lat)) if tables.barriers else ()
    declared = tables.nodes.declared
    origin = Origin(
        source or declared.get("source", "") or tables.nodes.name,
        licence or declared.get("licence", "") or declared.get("license", ""),
        said,
        edition or declared.get("edition", ""),
        _sources(tables),
    )
    names = _names(tables.edges)
    graph = Graph(key, lon, lat, *links, origin, _gates(tables.gates, key, listing), barriers, names)
    checks.refuse_contradictions(graph, tables.nodes.name, tables.edges.name)
    graph = checks.tidied(graph, listing)
    graph = in_order(checks.cut(graph, listing))
    checks.list_on_barrier(graph, listing)
    checks.look(graph, listing)
    return replace(graph, origin=replace(origin, notes=listing.counts())), listing


def tables_in(files: Sequence[Path]) -> Tables:
    """Which file is what, by its columns; a folder stands for the csv, csv.gz and geojson files in it. LinliError where it is unclear."""
    found: dict[str, list[Sheet]] = {"nodes": [], "edges": [], "gates": []}
    shapes = []
    for path in _listed(files):
        if path.name.lower().endswith((".geojson", ".json")):
            shapes.append(path)
            continue
        sheet = read_sheet(path)
        kind = _kind(sheet)
        if kind:
            found[kind].append(sheet)
        elif path in files:
            raise _no_table(sheet)
    for kind, least in (("nodes", 1), ("edges", 1), ("gates", 0)):
        if not least <= len(found[kind]) <= 1:
            raise _unclear(kind, [one.name for one in found[kind]])
    if len(shapes) > 1:
        raise _unclear("barriers", [one.name for one in shapes])
    gates = found["gates"][0] if found["gates"] else None
    return Tables(found["nodes"][0], found["edges"][0], gates, shapes[0] if shapes else None)


def _no_table(sheet: Sheet) -> LinliError:
    return refused(
        "columns",
        ("看不出这是路网的哪张表", "None of a network's tables has these columns."),
        ("第一行写列名，列之间用逗号分隔", "the first line has the names of the columns, with commas between"),
        file=sheet.name,
        line=sheet.header,
        expected=("节点：node, lon, lat；路段：u, v, length_m；大门：node", "nodes: node, lon, lat; edges: u, v, length_m; gates: node"),
        found=", ".join(sheet.frame.columns)[:200],
    )


def _kind(sheet: Sheet) -> str | None:
    if sheet.column("u") and sheet.column("v"):
        return "edges"
    if "node" in sheet.columns or "节点" in sheet.columns:
        return "nodes" if sheet.column("lon") and sheet.column("lat") else "gates"
    return None


def _listed(files: Sequence[Path]) -> Iterable[Path]:
    for path in files:
        if not path.is_dir():
            yield path
            continue
        yield from sorted(one for one in path.iterdir() if one.name.lower().endswith((".csv", ".csv.gz", ".geojson")))


def _unclear(kind: str, names: list[str]) -> LinliError:
    return refused(
        "files",
        ("找不到路网的文件，或同类文件不止一个", "A file of the network is missing, or there is more than one of a kind."),
        (
            "逐个写出文件：节点（node, lon, lat）和路段（u, v, length_m）",
            "name the files one by one: nodes (node, lon, lat) and edges (u, v, length_m)",
        ),
        field=kind,
        expected="1",
        found=", ".join(names) or "0",
    )


def _sources(tables: Tables) -> str:
    parts = [one.source_digest for one in (tables.nodes, tables.edges, tables.gates) if one is not None]
    if tables.barriers is not None:
        parts.append(digests.digest(tables.barriers.read_bytes()))
    return digests.digest("\n".join(parts).encode())


def _nodes(sheet: Sheet, system: str | None) -> tuple[Longs, Floats, Floats, str]:
    sheet.require("node", "lon", "lat")
    key = sheet.whole("node")
    checks.refuse_doubles(sheet, "node", key)
    given_lon, given_lat = sheet.numbers("lon"), sheet.numbers("lat")
    checks.refuse_impossible(sheet, given_lon, given_lat)
    lon, lat, said = sheet.positions(system)
    sheet.refuse_rows(np.flatnonzero(~np.isfinite(lon)), "lon", ("我国范围内的坐标", "a position in China, as this system has them"))
    order = np.argsort(key)
    return key[order], lon[order], lat[order], said


def _around(lon: Floats, lat: Floats) -> Box:
    """The network's box and as much around it as points may lie from its streets."""
    east, north = degree_metres(lat.mean())
    wide, tall = MOST_METRES / float(east), MOST_METRES / float(north)
    return float(lon.min()) - wide, float(lat.min()) - tall, float(lon.max()) + wide, float(lat.max()) + tall


def _links(sheet: Sheet, key: Longs, listing: Listing) -> tuple[Ints, Ints, Ints, Shorts, Longs]:
    """u, v, length, kind, way of the rows that can be walked."""
    sheet.require("u", "v", "length_m")
    sheet.list_misspelt(listing, *_EDGE_COLUMNS)
    ends = []
    for field in ("u", "v"):
        number = sheet.whole(field)
        at = np.searchsorted(key, number)
        unknown = (at == len(key)) | (key[np.minimum(at, len(key) - 1)] != number)
        sheet.refuse_rows(np.flatnonzero(unknown), field, ("节点表中的节点", "a node of the table of nodes"))
        ends.append(at.astype(np.int32))
    length = decimetres(sheet.numbers("length_m", least=0.0, most=checks.LONGEST_METRES))
    way = _ways(sheet)
    kind = _way_kinds(sheet, listing)
    walked = ~_forbidden(sheet)
    rows = np.flatnonzero(~walked)
    listing.extend("not_walkable", map(sheet.where, rows), ["foot/access"] * len(rows))
    checks.list_self_loops(sheet, ends[0], ends[1], listing)
    walked &= ends[0] != ends[1]
    if not walked.any():
        raise refused(
            "no_links",
            ("没有一条可以步行的路段", "Not one link can be walked."),
            ("检查路段表", "check the table of edges"),
            file=sheet.name,
            found="0",
        )
    return ends[0][walked], ends[1][walked], length[walked], kind[walked], way[walked]


def _ways(sheet: Sheet) -> Longs:
    """The first number in a row's way_id (a street joined from several ways names them all), -1 where there is none."""
    if sheet.column("way_id") is None:
        return np.full(len(sheet), -1, np.int64)
    numbers: Longs = sheet.frame["way_id"].str.extract(r"([0-9]{1,18})").cast(pl.Int64).fill_null(-1).to_numpy()
    return numbers


def _forbidden(sheet: Sheet) -> Bools:
    """Rows that say themselves that nobody may walk there; a table without such columns is a table of what can be walked."""
    shut = _said(sheet, "access", (*CLOSED, *NO[1:])) & ~_said(sheet, "foot", (*ALLOWED, *YES))
    return shut | _said(sheet, "foot", (*FORBIDDEN, *NO[1:]))


def _said(sheet: Sheet, column: str, words: Collection[str]) -> Bools:
    """Rows whose column is one of these words; where there is no such column, rows that say nothing."""
    if column not in sheet.columns:
        return np.full(len(sheet), "" in words)
    found: Bools = sheet.frame[column].str.to_lowercase().is_in(list(words)).to_numpy()
    return found


def _list_unknown(sheet: Sheet, listing: Listing) -> None:
    """Words that the map doesn't have: whoever wrote them may have meant something else than what is made of them."""
    for column, words in _TAG_WORDS.items():
        if column in sheet.columns:
            rows = np.flatnonzero(~_said(sheet, column, (*YES, *NO, *words)))
            listing.extend("unknown_word", map(sheet.where, rows), (f"{column}={sheet.frame[column][int(row)]}" for row in rows))


def _way_kinds(sheet: Sheet, listing: Listing) -> Shorts:
    kind = np.zeros(len(sheet), np.uint16)
    if "highway" in sheet.columns:
        # A list of several kinds (['steps', 'footway']) has steps somewhere on it.
        kind[sheet.frame["highway"].str.contains(r"\bsteps\b").to_numpy()] |= int(Way.STEPS)
    for column, way in (("steps", Way.STEPS), ("steep", Way.STEEP)):
        kind[sheet.yes(column)] |= int(way)
    for column, way in (("bridge", Way.BRIDGE), ("tunnel", Way.TUNNEL)):
        # Beside yes the map knows many kinds of bridges and tunnels; each of them is one.
        kind[~_said(sheet, column, NO)] |= int(way)
    kind[_said(sheet, "wheelchair", NO[1:])] |= int(Way.NO_WHEELCHAIR)
    _list_unknown(sheet, listing)
    _inclines(sheet, kind, listing)
    _kind_words(sheet, kind)
    if "foot_oneway" in sheet.columns:
        way = sheet.frame["foot_oneway"].str.to_lowercase()
        kind[way.is_in(["yes", "1", "true", "forward"]).to_numpy()] |= int(Way.FORWARD)
        kind[way.is_in(["-1", "reverse", "backward"]).to_numpy()] |= int(Way.BACKWARD)
    if "oneway" in sheet.columns:
        rows = np.flatnonzero(~_said(sheet, "oneway", NO))
        if len(rows):
            listing.add("vehicles_oneway", sheet.where(rows[0]), f"{len(rows)}")
    return kind


def _inclines(sheet: Sheet, kind: Shorts, listing: Listing) -> None:
    for row, text in enumerate(sheet.texts("incline") or ()):
        if text:
            steep = percent(text)
            if steep is None:
                listing.add("unread_incline", sheet.where(row), text)
            elif steep > STEEP_PERCENT:
                kind[row] |= int(Way.STEEP)


def _kind_words(sheet: Sheet, kind: Shorts) -> None:
    problems: list[LinliError] = []
    for row, text in enumerate(sheet.texts("kind") or ()):
        for word in text.lower().replace("|", " ").split():
            if word in _WORDS:
                kind[row] |= int(_WORDS[word])
            else:
                problems.append(sheet.wrong(row, "kind", (" ".join(_WORDS), " ".join(_WORDS)), word))
    if problems:
        raise Problems(problems[:50])


def _names(sheet: Sheet) -> dict[int, str]:
    if sheet.column("name") is None or sheet.column("way_id") is None:
        return {}
    pairs = zip(_ways(sheet).tolist(), sheet.texts("name") or (), strict=True)
    # The same way under two names keeps the first in the alphabet, whatever the order of rows.
    return dict(sorted({pair for pair in pairs if pair[0] >= 0 and pair[1]}, reverse=True))


def _gates(sheet: Sheet | None, key: Longs, listing: Listing) -> tuple[Gate, ...]:
    if sheet is None:
        return ()
    sheet.list_misspelt(listing, "key", "name", "hours", "shut")
    number = sheet.whole("node")
    at = np.searchsorted(key, number)
    sheet.refuse_rows(
        np.flatnonzero((at == len(key)) | (key[np.minimum(at, len(key) - 1)] != number)),
        "node",
        ("节点表中的节点", "a node of the table of nodes"),
    )
    said = sheet.texts("key") or [""] * len(sheet)
    keys = [one or f"gate-{node}" for one, node in zip(said, number, strict=True)]
    checks.refuse_doubles(sheet, "key", np.array(keys))
    names, hours = sheet.texts("name") or [""] * len(sheet), sheet.texts("hours") or [""] * len(sheet)
    read = [understood(text) if text else "" for text in hours]
    sheet.refuse_rows(np.flatnonzero([one is None for one in read]), "hours", _HOURS)
    shut = sheet.yes("shut", yes=("shut", "closed", "locked", "关", "关闭", "常闭"), no=("open", "开", "开放", "常开"))
    return tuple(Gate(int(at[row]), keys[row], names[row], read[row] or "", bool(shut[row])) for row in range(len(sheet)))
