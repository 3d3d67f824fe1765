"""A network as a file: the same network is the same bytes, what comes back is what was saved, and no damage passes."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kernel.errors import LinliError
from linli.reach.graph import Barrier, Gate, Graph, Origin
from linli.reach.profiles import Way
from linli.reach.snapshot import digest, in_order, load, save

WORD = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
DEGREE = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    keys = draw(st.lists(st.integers(-(2**60), 2**60), unique=True, min_size=2, max_size=9))
    n = len(keys)
    node = st.integers(0, n - 1)
    points = draw(st.lists(DEGREE, min_size=n, max_size=n))
    links = draw(st.lists(st.tuples(node, node, st.integers(0, 2**31 - 1), st.integers(0, 127)), max_size=12))
    links = [link for link in links if link[0] != link[1]]
    m = len(links)
    u, v, length, kind = (np.array([link[part] for link in links], np.int32) for part in range(4))
    gates = draw(st.lists(st.builds(Gate, node, WORD, WORD, WORD, st.booleans()), max_size=3, unique_by=lambda one: one.key))
    barriers = draw(st.lists(st.builds(Barrier, WORD, st.lists(DEGREE, max_size=4).map(tuple), WORD), max_size=3))
    origin = draw(st.builds(Origin, WORD, WORD, WORD, WORD, WORD, st.dictionaries(WORD, st.integers(0, 9), max_size=2)))
    names = draw(st.dictionaries(st.integers(0, 2**60), WORD, max_size=3))
    lon, lat = (np.array([point[part] for point in points]) for part in range(2))
    way = np.full(m, -1, np.int64)
    narrow = tuple(sorted(draw(st.sets(node, max_size=3))))
    return Graph(np.array(keys), lon, lat, u, v, length, kind.astype(np.uint16), way, origin, tuple(gates), tuple(barriers), names, narrow)


def same(one: Graph, other: Graph) -> bool:
    return all(
        np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b
        for a, b in ((getattr(one, field.name), getattr(other, field.name)) for field in fields(Graph))
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graphs())
def test_what_comes_back_is_what_was_saved(tmp_path: Path, graph: Graph) -> None:
    said = save(graph, tmp_path / "g.reach")
    found = load(tmp_path / "g.reach")
    assert same(found, in_order(graph))
    assert digest(found) == said == digest(graph)
    first = (tmp_path / "g.reach").read_bytes()
    save(found, tmp_path / "h.reach")
    assert (tmp_path / "h.reach").read_bytes() == first


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graphs(), st.data())
def test_a_damaged_or_shortened_file_is_refused(tmp_path: Path, graph: Graph, data: st.DataObject) -> None:
    save(graph, tmp_path / "g.reach")
    bytes_ = (tmp_path / "g.reach").read_bytes()
    at = data.draw(st.integers(0, len(bytes_) - 1))
    changed = bytes_[:at] + bytes([bytes_[at] ^ data.draw(st.integers(1, 255))]) + bytes_[at + 1 :]
    for damaged in (changed, bytes_[:at], bytes_ + b"\n", bytes_[:at] + bytes_):
        if damaged == bytes_:
            continue
        (tmp_path / "d.reach").write_bytes(damaged)
        with pytest.raises(LinliError) as caught:
            load(tmp_path / "d.reach")
        assert caught.value.code.startswith("reach.snapshot_")


@settings(deadline=None)
@given(graphs(), st.randoms())
def test_order_and_direction_of_drawing_change_no_digest(graph: Graph, draw) -> None:  # type: ignore[no-untyped-def]
    links, nodes = list(range(len(graph.u))), list(range(len(graph.key)))
    draw.shuffle(links)
    draw.shuffle(nodes)
    place = np.empty(len(nodes), np.int32)
    place[nodes] = np.arange(len(nodes))
    turn = np.array([draw.random() < 0.5 for _ in links], bool)
    u, v, kind = place[graph.u][links], place[graph.v][links], graph.kind[links].copy()
    both = np.uint16(Way.FORWARD | Way.BACKWARD)
    one_way = ((kind & both) != 0) & ((kind & both) != both)
    kind[turn & one_way] ^= both
    mixed = Graph(
        graph.key[nodes], graph.lon[nodes], graph.lat[nodes], np.where(turn, v, u).astype(np.int32), np.where(turn, u, v).astype(np.int32),
        graph.length[links], kind, graph.way[links], graph.origin,
        tuple(Gate(int(place[one.node]), one.key, one.name, one.hours, one.shut) for one in graph.gates), graph.barriers, graph.names,
        tuple(int(place[one]) for one in graph.narrow),
    )  # fmt: skip
    assert digest(mixed) == digest(graph)


def test_a_file_of_a_later_format_says_so(tmp_path: Path) -> None:
    (tmp_path / "later.reach").write_bytes(b"linli-reach 9\nwhatever")
    with pytest.raises(LinliError) as caught:
        load(tmp_path / "later.reach")
    assert caught.value.code == "reach.snapshot_format"


def test_the_other_algorithm_is_named_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    none = {name: np.zeros(0, kind) for name, kind in (("u", "i4"), ("v", "i4"), ("length", "i4"), ("kind", "u2"), ("way", "i8"))}
    graph = Graph(key=np.array([1]), lon=np.array([111.0]), lat=np.array([35.0]), **none, origin=Origin("", "", ""))
    monkeypatch.setenv("LINLI_CRYPTO", "sm")
    assert save(graph, tmp_path / "g.reach").startswith("sm3:")
    monkeypatch.delenv("LINLI_CRYPTO")
    assert load(tmp_path / "g.reach").key.tolist() == [1]
