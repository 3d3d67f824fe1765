"""What can be wrong with a network: refused where it can't be meant, listed where it may be."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from linli.kernel.errors import Problems
from linli.reach.graph import Floats, Graph, Ints
from linli.reach.metric import Bools, straight
from linli.reach.profiles import Way
from linli.reach.snapping import islands
from linli.reach.sources.listing import Listing, refused
from linli.reach.sources.sheet import MOST_SAID, Sheet

SHORTER: Final = 0.98
"""A link may be this much shorter than its straight line and a metre more: other formulas, rounded coordinates."""
LONGER: Final = 5.0
"""A link that is so many times as long as its straight line, and LONGER_METRES more, is listed: a bend, or a wrong number."""
LONGER_METRES: Final = 100.0
LONGEST_METRES: Final = 100_000.0
"""No single link of a walking network is longer; a whole walk of them still fits an int32 of decimetres."""
_MANY, _FEW = 0.2, 5
_MEASURED: Final = 10.0
_NOWHERE: Final = np.iinfo(np.int32).min


def refuse_doubles(sheet: Sheet, field: str, keys: npt.NDArray) -> None:
    """Raises Problems naming both rows of every key that is there twice."""
    order = np.argsort(keys, kind="stable")
    same = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    if not len(same):
        return
    problems = [
        refused(
            "double_key",
            ("编号重复", "The same key is there twice."),
            ("删去重复的行，或改用不同的编号", "remove one of the rows, or give it a key of its own"),
            file=sheet.name,
            line=sheet.line(order[at + 1]),
            field=sheet.column(field) or field,
            expected=("每个编号只出现一次", "every key once"),
            found=(f"{keys[order[at]]}（第 {sheet.line(order[at])} 行也是）", f"{keys[order[at]]}, also in line {sheet.line(order[at])}"),
        )
        for at in same[:MOST_SAID]
    ]
    raise Problems(problems)


def refuse_impossible(sheet: Sheet, lon: Floats, lat: Floats) -> None:
    """Raises for positions that are nowhere on earth: swapped where that would explain all of them, else row by row."""
    wrong = (np.abs(lon) > 180) | (np.abs(lat) > 90)
    if not wrong.any():
        return
    if (np.abs(lat) <= 180).all() and (np.abs(lon) <= 90).all():
        raise swapped(sheet.name, f"{lon[0]:g}, {lat[0]:g}")
    sheet.refuse_rows(np.flatnonzero(wrong), "lon", ("经度 -180…180，纬度 -90…90", "longitude -180…180, latitude -90…90"))


def swapped(file: str, found: str) -> Exception:
    """The refusal of a file whose longitudes and latitudes stand in each other's place."""
    return refused(
        "swapped",
        ("经度和纬度很可能写反了", "Longitude and latitude are most likely swapped."),
        ("把两列的列名对调", "exchange the names of the two columns"),
        file=file,
        field="lon",
        expected=("lon 列为经度，lat 列为纬度", "the longitude in lon, the latitude in lat"),
        found=found,
    )


def list_self_loops(sheet: Sheet, u: Ints, v: Ints, listing: Listing) -> None:
    """Lists rows that lead from a node to itself."""
    rows = np.flatnonzero(u == v)
    keys = sheet.texts("u") or []
    listing.extend("self_loop", map(sheet.where, rows), [keys[row] for row in rows])


def refuse_contradictions(graph: Graph, nodes: str, edges: str) -> None:
    """Raises where the lengths as a whole don't fit the coordinates: these are swapped, or the lengths are in another unit."""
    far = straight(graph.lon[graph.u], graph.lat[graph.u], graph.lon[graph.v], graph.lat[graph.v])
    _refuse_far(graph, far, edges)
    length = graph.length / 10
    asked = far > _MEASURED
    if not asked.any():
        asked = far >= 0
    short, long = (float(one[asked].mean()) for one in (_shorter(length, far), _longer(length, far)))
    few = (short + long) * asked.sum() <= _FEW
    if (short <= _MANY or (few and short <= 0.5)) and long <= 0.5:
        return
    if (np.abs(graph.lon) <= 90).all():
        turned = straight(graph.lat[graph.u], graph.lon[graph.u], graph.lat[graph.v], graph.lon[graph.v])
        fits = ~(_shorter(length, turned) | _longer(length, turned))
        if fits[asked].mean() > 1 - _MANY:
            raise swapped(nodes, f"{graph.lon[0]:g}, {graph.lat[0]:g}")
    ratio = float(np.median(length[asked] / np.maximum(far[asked], 0.1)))
    raise refused(
        "lengths",
        ("路段长度与节点坐标对不上", "The lengths of the links contradict the coordinates of their nodes."),
        ("检查长度的单位（应为米）和坐标", "check the unit of the lengths (metres) and the coordinates"),
        file=edges,
        field="length_m",
        expected=("不小于两端的直线距离", "no less than the straight line between the ends"),
        found=(
            f"{short + long:.0%} 的路段不符，中位数为直线的 {ratio:.3g} 倍",
            f"{short + long:.0%} of the links; in the middle {ratio:.3g} of the straight line",
        ),
    )


def without_far(graph: Graph, listing: Listing) -> Graph:
    """The network without links longer than any is, each listed: somebody has moved one of their nodes to the other end of the world."""
    gone = graph.length > LONGEST_METRES * 10
    listing.extend("ends_apart", map(link_words(graph), np.flatnonzero(gone)), (f"{one / 10_000:,.0f} km" for one in graph.length[gone]))
    return without(graph, gone) if gone.any() else graph


def _refuse_far(graph: Graph, far: Floats, edges: str) -> None:
    """Raises for links whose ends lie farther apart than any link is long: one of their nodes is somewhere else."""
    wrong = np.flatnonzero(far > LONGEST_METRES)
    if len(wrong):
        at = int(wrong[0])
        raise refused(
            "ends_apart",
            ("路段两端相距太远，其中一个节点的坐标不对", "The ends of a link lie too far apart: the coordinates of one of them are wrong."),
            ("核对这两个节点的坐标", "check the coordinates of both nodes"),
            file=edges,
            field="u, v",
            expected=f"≤ {LONGEST_METRES / 1000:g} km",
            found=f"{graph.key[graph.u[at]]}–{graph.key[graph.v[at]]}: {far[at] / 1000:,.0f} km"
            + (f" (+{len(wrong) - 1})" * (len(wrong) > 1)),
        )


def _shorter(length: Floats, far: Floats) -> Bools:
    return length < far * SHORTER - 1.0


def _longer(length: Floats, far: Floats) -> Bools:
    return length > LONGER * far + LONGER_METRES


def tidied(graph: Graph, listing: Listing) -> Graph:
    """The network without links that are there twice; everything doubtful about the others listed."""
    low, high = np.minimum(graph.u, graph.v), np.maximum(graph.u, graph.v)
    turned = graph.u > graph.v
    one_way = graph.kind & np.uint16(Way.FORWARD | Way.BACKWARD)
    direction = np.where(
        turned & (one_way != 0) & (one_way != (Way.FORWARD | Way.BACKWARD)), one_way ^ (Way.FORWARD | Way.BACKWARD), one_way
    )
    plain = graph.kind & ~np.uint16(Way.FORWARD | Way.BACKWARD)
    order = np.lexsort((graph.way, plain, direction, graph.length, high, low))
    columns = np.column_stack([low, high, graph.length, plain | direction.astype(np.uint16), graph.way])[order]
    same_ends = np.r_[False, (columns[1:, :2] == columns[:-1, :2]).all(axis=1)]
    double = np.zeros(len(order), bool)
    double[order] = np.r_[False, (columns[1:] == columns[:-1]).all(axis=1)]
    parallel = np.zeros(len(order), bool)
    parallel[order] = same_ends
    _list_links(graph, np.flatnonzero(double), "double_link", listing)
    _list_links(graph, np.flatnonzero(parallel & ~double), "parallel", listing)
    kept = without(graph, double)
    far = straight(kept.lon[kept.u], kept.lat[kept.u], kept.lon[kept.v], kept.lat[kept.v])
    length = kept.length / 10
    _list_links(kept, np.flatnonzero((kept.length == 0) & ~_shorter(length, far)), "zero_length", listing)
    _list_links(kept, np.flatnonzero(_shorter(length, far)), "length_short", listing, far)
    _list_links(kept, np.flatnonzero(_longer(length, far)), "length_long", listing, far)
    return kept


def without(graph: Graph, gone: Bools) -> Graph:
    """The network without some of its links."""
    if not gone.any():
        return graph
    stay = ~gone
    return replace(graph, u=graph.u[stay], v=graph.v[stay], length=graph.length[stay], kind=graph.kind[stay], way=graph.way[stay])


def cut(graph: Graph, listing: Listing, level: Ints | None = None, levels: Ints | None = None, *, spared: Collection[str] = ()) -> Graph:
    """The network without the links that cross a barrier of their own level and are no bridge or tunnel; each is listed.

    level: of links, levels: of barriers (0 is the ground, the usual); a link that ends on a barrier does not cross it. spared: kinds of
    barriers that cut no link.
    """
    if not graph.barriers:
        return graph
    from linli.reach.ground import crossed_by, grid_of, segments  # compiled code is loaded when it is first needed

    ends, owner = segments(graph.barriers)
    level = np.zeros(len(graph.u), np.int32) if level is None else level
    levels = np.zeros(len(graph.barriers), np.int32) if levels is None else levels.copy()
    levels[[one.kind in spared for one in graph.barriers]] = _NOWHERE
    lines = np.column_stack([graph.lon[graph.u], graph.lat[graph.u], graph.lon[graph.v], graph.lat[graph.v]])
    scale = grid_of(lines).scale
    grid = grid_of(ends, scale)
    local = (lines - np.array([*grid.corner, *grid.corner])) * np.array([*scale, *scale])
    found = np.empty(len(lines), np.int32)
    crossed_by(
        local, grid.first, grid.item, grid.ends, grid.size, *grid.shape, level.astype(np.int32), levels[owner].astype(np.int32), found
    )
    exempt = (graph.kind & np.uint16(Way.BRIDGE | Way.TUNNEL)) != 0
    gone = (found >= 0) & ~exempt
    which = [graph.barriers[owner[found[at]]] for at in np.flatnonzero(gone)]
    said = [" ".join(filter(None, (one.kind, one.name))) for one in which]
    listing.extend("cut", map(link_words(graph), np.flatnonzero(gone)), said)
    return without(graph, gone)


def list_on_barrier(graph: Graph, listing: Listing, kinds: Collection[str] | None = None) -> None:
    """Lists nodes that lie on a barrier (of some kinds) and are no gate and on no bridge: level crossings, fords, piers, and mistakes."""
    from linli.reach.ground import touched

    barriers = tuple(one for one in graph.barriers if kinds is None or one.kind in kinds)
    plain = (graph.kind & np.uint16(Way.BRIDGE | Way.TUNNEL)) == 0
    asked = np.zeros(len(graph.key), bool)
    asked[graph.u[plain]] = asked[graph.v[plain]] = True
    asked[[gate.node for gate in graph.gates]] = False
    nodes = np.flatnonzero(asked)
    met = touched(graph.lon[nodes], graph.lat[nodes], barriers)
    for at in np.flatnonzero(met >= 0):
        listing.add("on_barrier", f"node {graph.key[nodes[at]]}", " ".join(filter(None, (barriers[met[at]].kind, barriers[met[at]].name))))


def used(graph: Graph, listing: Listing) -> Graph:
    """The network without nodes that no link is left at, and without their gates."""
    stay = np.zeros(len(graph.key), bool)
    stay[graph.u] = stay[graph.v] = True
    place = (np.cumsum(stay) - 1).astype(np.int32)
    for gate in graph.gates:
        if not stay[gate.node]:
            listing.add("gate_off_network", gate.key)
    return replace(
        graph,
        key=graph.key[stay],
        lon=graph.lon[stay],
        lat=graph.lat[stay],
        u=place[graph.u],
        v=place[graph.v],
        gates=tuple(replace(gate, node=int(place[gate.node])) for gate in graph.gates if stay[gate.node]),
        narrow=tuple(int(place[node]) for node in graph.narrow if stay[node]),
    )


def look(graph: Graph, listing: Listing) -> None:
    """Lists nodes without links, and parts of the network that are islands."""
    used = np.zeros(len(graph.key), bool)
    used[graph.u] = used[graph.v] = True
    lonely = np.flatnonzero(~used)
    listing.extend("lonely_node", (f"node {graph.key[at]}" for at in lonely), [""] * len(lonely))
    part, size, island = islands(graph, np.ones(len(graph.u), bool))
    shown = np.flatnonzero(island & used)
    firsts = shown[np.unique(part[shown], return_index=True)[1]]
    listing.extend("island", (f"node {graph.key[at]}" for at in firsts), (f"{size[part[at]]} nodes" for at in firsts))


def mainland(graph: Graph) -> Graph:
    """The network without its islands, and without the gates on them."""
    gone = islands(graph, np.ones(len(graph.u), bool))[2]
    return used(without(graph, gone[graph.u]), Listing())


def link_words(graph: Graph) -> Callable[[Any], str]:
    """How a link is called in a list: the keys of its ends and its way."""

    def words(at: Any) -> str:
        way = f" way {graph.way[at]}" if graph.way[at] >= 0 else ""
        return f"link {graph.key[graph.u[at]]}-{graph.key[graph.v[at]]}{way}"

    return words


def _list_links(graph: Graph, which: npt.NDArray[np.int64], code: str, listing: Listing, far: Floats | None = None) -> None:
    said = [f"{graph.length[at] / 10:g} m" + (f", {far[at]:.1f} m" if far is not None else "") for at in which]
    listing.extend(code, map(link_words(graph), which), said)
