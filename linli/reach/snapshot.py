"""A network as one file: a header in JSON, then its arrays, then a digest of all of it; the same network is always the same bytes.

linli-reach 1\\n
<length of the header, 12 digits>\\n
<header: origin, counts, gates, narrow nodes, barriers, names, digest of the network>\\n
key, lon, lat, u, v, length, kind, way, points of barriers: little-endian, in this order
\\n<digest of every byte before it>\\n
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from linli.kernel import digests
from linli.kernel.errors import LinliError, Place
from linli.reach.graph import Barrier, Gate, Graph, Origin
from linli.reach.profiles import Way

FORMAT: Final = 1
_MAGIC = b"linli-reach "
_ARRAYS = {"key": "<i8", "lon": "<f8", "lat": "<f8", "u": "<i4", "v": "<i4", "length": "<i4", "kind": "<u2", "way": "<i8"}
_NODES = ("key", "lon", "lat")
_POINTS = "points"
_DIGITS = 12
_TAIL_MOST = 200
_TURNED = {Way.FORWARD: Way.BACKWARD, Way.BACKWARD: Way.FORWARD}


def in_order(graph: Graph) -> Graph:
    """The same network in the one order that files keep: nodes by key, links by their ends (the smaller first), then length, kind and
    way; gates by node and key, narrow nodes by node; barriers by kind, name and points. Whatever order it was read in, it is the same
    afterwards.
    """
    order = np.argsort(graph.key, kind="stable")
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    u, v = place[graph.u], place[graph.v]
    turned = u > v
    kind = graph.kind.copy()
    one_way = graph.kind & (Way.FORWARD | Way.BACKWARD)
    for this, other in _TURNED.items():
        kind[turned & (one_way == this)] ^= np.uint16(this | other)
    u, v = np.where(turned, v, u), np.where(turned, u, v)
    links = np.lexsort((graph.way, kind, graph.length, v, u))
    return replace(
        graph,
        key=graph.key[order],
        lon=graph.lon[order],
        lat=graph.lat[order],
        u=u[links].astype(np.int32),
        v=v[links].astype(np.int32),
        length=graph.length[links],
        kind=kind[links],
        way=graph.way[links],
        gates=tuple(sorted((replace(gate, node=int(place[gate.node])) for gate in graph.gates), key=lambda one: (one.node, one.key))),
        barriers=tuple(sorted(graph.barriers, key=lambda one: (one.kind, one.name, one.points, one.hole))),
        names=dict(sorted(graph.names.items())),
        narrow=tuple(sorted(int(place[node]) for node in graph.narrow)),
    )


def digest(graph: Graph, algorithm: str | None = None) -> str:
    """Of what is walked: nodes, links, gates, barriers and names, in the order of in_order. Where it comes from is no part of it, so
    that the same network read from rows in another order has the same digest.
    """
    tidy = in_order(graph)
    hasher = digests.hasher(algorithm)
    hasher.update(digests.canonical(_walked(tidy)))
    for part in _parts(tidy):
        hasher.update(part)
    return f"{algorithm or digests.default_algorithm()}:{hasher.hexdigest()}"


def save(graph: Graph, path: Path | str) -> str:
    """Write a network, in order, and return its digest. The file is complete or not there: it is written aside and moved."""
    tidy, path = in_order(graph), Path(path)
    said = digest(tidy)
    origin = tidy.origin
    header = _walked(tidy) | {
        "format": FORMAT,
        "digest": said,
        "origin": {
            "source": origin.source,
            "licence": origin.licence,
            "system": origin.system,
            "edition": origin.edition,
            "source_digest": origin.source_digest,
            "notes": dict(origin.notes),
        },
    }
    text = digests.canonical(header)
    hasher = digests.hasher()
    aside = path.with_name(path.name + ".part")
    try:
        with aside.open("wb") as file:
            for part in (_MAGIC + b"%d\n" % FORMAT, b"%0*d\n" % (_DIGITS, len(text)), text, b"\n", *_parts(tidy)):
                hasher.update(part)
                file.write(part)
            file.write(f"\n{digests.default_algorithm()}:{hasher.hexdigest()}\n".encode())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return said


def load(path: Path | str) -> Graph:
    """Read a network that save wrote. LinliError for a file that is something else, of a later format, cut short or altered."""
    path = Path(path)
    data = path.read_bytes()
    if not data.startswith(_MAGIC):
        raise _unfit(path, "not_a_network", ("这不是路网快照文件", "This is no snapshot of a network."), data[:20])
    version = data[len(_MAGIC) : data.find(b"\n")]
    if version != b"%d" % FORMAT:
        raise _unfit(path, "format", ("路网快照的格式版本不同", "The snapshot is of another format."), version[:20], expected=str(FORMAT))
    body = _checked(path, data)
    try:
        return _graph(body)
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        # The bytes are as they were written, so whoever wrote them did not write what save writes.
        raise _unfit(path, "content", ("路网快照的内容不完整", "The snapshot doesn't hold what it should."), str(error)[:80]) from None


def _checked(path: Path, data: bytes) -> bytes:
    """Everything before the digest at the end, once that agrees."""
    cut = data.rfind(b"\n", max(0, len(data) - _TAIL_MOST), len(data) - 1)
    said = data[cut + 1 : -1].decode("ascii", "replace")
    body = data[: max(cut, 0)]
    known = digests.algorithm_of(said) in digests.ALGORITHMS
    if data[-1:] != b"\n" or not known or digests.digest(body, digests.algorithm_of(said)) != said:
        raise _unfit(path, "damaged", ("路网快照已损坏或不完整", "The snapshot is damaged or cut short."), f"{len(data)} bytes")
    return body


def _graph(body: bytes) -> Graph:
    start = body.index(b"\n") + 1
    length = int(body[start : start + _DIGITS])
    start += _DIGITS + 1
    header = json.loads(body[start : start + length])
    at = start + length + 1
    arrays: dict[str, Any] = {}
    for name, kind in (*_ARRAYS.items(), (_POINTS, "<f8")):
        count = header["nodes"] if name in _NODES else header["links"]
        count = 2 * sum(one["points"] for one in header["barriers"]) if name == _POINTS else count
        arrays[name] = np.frombuffer(body, kind, count, at)
        at += arrays[name].nbytes
    if at != len(body):
        raise ValueError(f"{len(body) - at} bytes too many")
    points = arrays.pop(_POINTS).reshape(-1, 2).tolist()
    barriers, used = [], 0
    for one in header["barriers"]:
        part = points[used : used + one["points"]]
        used += one["points"]
        barriers.append(Barrier(one["kind"], tuple((lon, lat) for lon, lat in part), one["name"], one.get("hole", False)))
    return Graph(
        **arrays,
        origin=Origin(**header["origin"]),
        gates=tuple(Gate(**gate) for gate in header["gates"]),
        barriers=tuple(barriers),
        names={int(way): name for way, name in header["names"]},
        narrow=tuple(header.get("narrow", ())),
    )


def _walked(graph: Graph) -> dict[str, Any]:
    """What of a network is no array of numbers, in canonical form."""
    return {
        "nodes": len(graph.key),
        "links": len(graph.u),
        "gates": [{"node": one.node, "key": one.key, "name": one.name, "hours": one.hours, "shut": one.shut} for one in graph.gates],
        "barriers": [
            {"kind": one.kind, "name": one.name, "points": len(one.points), **({"hole": True} if one.hole else {})}
            for one in graph.barriers
        ],
        "names": [[way, name] for way, name in graph.names.items()],
        # Only where there are any: a network without keeps its bytes and its digest.
        **({"narrow": list(graph.narrow)} if graph.narrow else {}),
    }


def _parts(graph: Graph) -> Iterable[bytes]:
    for name, kind in _ARRAYS.items():
        yield np.ascontiguousarray(getattr(graph, name), kind).tobytes()
    yield np.asarray([point for one in graph.barriers for point in one.points], "<f8").tobytes()


def _unfit(path: Path, code: str, said: tuple[str, str], found: bytes | str, *, expected: str | None = None) -> LinliError:
    return LinliError(
        f"reach.snapshot_{code}",
        zh=said[0],
        en=said[1],
        place=Place(file=str(path)),
        expected=expected,
        found=found.decode("ascii", "replace") if isinstance(found, bytes) else found,
        remedy_zh="用 linli reach import 重新生成",
        remedy_en="make it again with linli reach import",
    )
