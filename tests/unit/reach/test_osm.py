"""What an extract of OpenStreetMap becomes: streets that can be walked, gates, barriers, places; and what is refused or listed."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError
from linli.reach.graph import Graph
from linli.reach.network import network_of
from linli.reach.profiles import PROFILES, Way
from linli.reach.search import nearest
from linli.reach.snapping import islands, snap
from linli.reach.snapshot import digest, load, save
from linli.reach.sources.listing import Listing
from linli.reach.sources.osm import SourcePlace, read_osm
from tests.unit.reach.drawn import Tags, degrees, extract

HELSINKI = Path(os.environ.get("LINLI_SHARED_DATA", "/work/shared/data")) / "helsinki_centre.osm.pbf"
ROAD = {"highway": "residential"}
LINE = {1: (0.0, 0.0), 2: (100.0, 0.0), 3: (200.0, 0.0)}


def street(tmp_path: Path, tags: Tags, node: Tags | None = None) -> tuple[Graph, Listing]:
    """A road, then another of these tags, with something at the node between them."""
    path = extract(tmp_path / "s.osm", LINE, {7: ([1, 2], ROAD), 8: ([2, 3], tags)}, {2: node} if node else None)
    graph, listing, _ = read_osm(path)
    return graph, listing


@pytest.mark.parametrize(
    "tags",
    [
        *({"highway": kind} for kind in ("footway", "steps", "cycleway", "trunk", "living_street", "service", "platform", "corridor")),
        {"highway": "motorway", "foot": "yes"},
        {"highway": "service", "access": "private", "foot": "yes"},
        {"highway": "service", "access": "destination"},
        {"highway": "trunk", "motorroad": "yes", "foot": "designated"},
        {"highway": "residential", "sidewalk": "no"},
        {"highway": "primary", "sidewalk": "separate"},
        {"railway": "platform"},
        {"man_made": "pier"},
    ],
)
def test_what_is_walked(tmp_path: Path, tags: Tags) -> None:
    assert len(street(tmp_path, tags)[0].u) == 2


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({"highway": "motorway"}, None),
        ({"highway": "motorway_link"}, None),
        ({"highway": "construction", "construction": "footway"}, None),
        ({"highway": "footway", "foot": "no"}, "not_walkable"),
        ({"highway": "primary", "foot": "use_sidepath"}, "not_walkable"),
        ({"highway": "service", "access": "private"}, "not_walkable"),
        ({"highway": "service", "access": "no"}, "not_walkable"),
        ({"highway": "trunk", "motorroad": "yes"}, "not_walkable"),
        ({"highway": "skyhook"}, "unknown_highway"),
        ({"route": "ferry"}, None),
    ],
)
def test_what_is_not_walked_and_what_of_it_is_listed(tmp_path: Path, tags: Tags, code: str | None) -> None:
    graph, listing = street(tmp_path, tags)
    assert len(graph.u) == 1
    assert set(listing.counts()) - {"no_relations", "lonely_node"} == ({code} if code else set())


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"highway": "steps"}, Way.STEPS),
        ({"highway": "steps", "ramp:wheelchair": "yes"}, Way.PLAIN),
        ({"highway": "footway", "incline": "9%"}, Way.STEEP),
        ({"highway": "footway", "incline": "-5°"}, Way.STEEP),
        ({"highway": "footway", "incline": "8%"}, Way.PLAIN),
        ({"highway": "footway", "wheelchair": "no"}, Way.NO_WHEELCHAIR),
        ({"highway": "footway", "bridge": "yes"}, Way.BRIDGE),
        ({"highway": "footway", "tunnel": "yes"}, Way.TUNNEL),
        ({"highway": "residential", "oneway": "yes"}, Way.PLAIN),
        ({"highway": "footway", "oneway:foot": "yes"}, Way.FORWARD),
        ({"highway": "steps", "conveying": "backward"}, Way.STEPS | Way.BACKWARD),
    ],
)
def test_what_a_way_is(tmp_path: Path, tags: Tags, kind: Way) -> None:
    graph, _ = street(tmp_path, tags)
    assert graph.kind[graph.way == 8].tolist() == [kind]


def test_an_incline_that_cannot_be_read_is_listed(tmp_path: Path) -> None:
    assert street(tmp_path, {"highway": "footway", "incline": "quite"})[1].counts()["unread_incline"] == 1


def test_a_turnstile_or_a_raised_kerb_stops_wheelchairs_only(tmp_path: Path) -> None:
    for tags in ({"barrier": "turnstile"}, {"barrier": "kerb", "kerb": "raised"}):
        graph, _ = street(tmp_path, ROAD, tags)
        save(graph, tmp_path / "kept.reach")
        for kept in (graph, load(tmp_path / "kept.reach")):
            lon, lat = zip(*(degrees(x, 5) for x in (40, 90, 110)), strict=True)
            found = []
            for name in ("wheelchair", "adult"):
                network = network_of(kept, PROFILES[name])
                ends = snap(network, lon, lat)
                found.append(nearest(network, {"": ends.part(np.array([0]))}, 10_000).at(ends)[0][0].tolist())
            # The street is walked up to the kerb from either side, and nobody in a wheelchair passes it.
            assert found == [[100, 600, -1], [100, 600, 800]]


def test_lengths_are_geodesics_in_decimetres(tmp_path: Path) -> None:
    graph, _ = street(tmp_path, ROAD)
    assert graph.length.tolist() == [1000, 1000]


RIVER = {
    **{number: (x, y) for number, (x, y) in enumerate([(x, y) for y in (-50.0, 50.0) for x in (0.0, 100.0, 200.0)], start=1)},
    11: (-100.0, 0.0),
    12: (300.0, 0.0),
}
BANKS = {1: ([1, 2, 3], ROAD), 2: ([4, 5, 6], ROAD)}


def river(tmp_path: Path, *crossings: tuple[list[int], Tags], barrier: Tags) -> tuple[Graph, Listing]:
    ways = {**BANKS, **dict(enumerate(crossings, start=3)), 9: ([11, 12], barrier)}
    graph, listing, _ = read_osm(extract(tmp_path / "r.osm", RIVER, ways))
    return graph, listing


@pytest.mark.parametrize("barrier", [{"waterway": "river"}, {"waterway": "canal"}, {"railway": "rail"}, {"barrier": "wall"}])
def test_only_the_bridge_crosses(tmp_path: Path, barrier: Tags) -> None:
    graph, listing = river(tmp_path, ([1, 4], ROAD), ([3, 6], {"highway": "footway", "bridge": "yes"}), barrier=barrier)
    assert listing.counts()["cut"] == 1
    assert [one.where for one in listing.doubts if one.code == "cut"] == ["link 1-4 way 3"]
    found = nearest(network_of(graph, PROFILES["adult"]), {"shop": [int(np.searchsorted(graph.key, 1))]}, 100_000)
    # From the other bank: along it, over the bridge and back.
    assert found.distance[0, np.searchsorted(graph.key, 4)] == pytest.approx(5000, abs=3)


@pytest.mark.parametrize(
    "barrier",
    [
        {"waterway": "river", "tunnel": "culvert"},
        {"railway": "rail", "bridge": "yes"},
        {"railway": "subway", "tunnel": "yes"},
        {"railway": "rail", "layer": "-1"},
        {"railway": "tram"},
        {"railway": "abandoned"},
        {"waterway": "stream"},
        {"barrier": "fence"},
        {"barrier": "hedge"},
    ],
)
def test_what_cuts_no_street(tmp_path: Path, barrier: Tags) -> None:
    _, listing = river(tmp_path, ([1, 4], ROAD), barrier=barrier)
    assert "cut" not in listing.counts()


def test_a_level_crossing_is_a_node_of_both_and_is_passed(tmp_path: Path) -> None:
    nodes = {**RIVER, 20: (0.0, 0.0)}
    ways = {**BANKS, 3: ([1, 20, 4], ROAD), 9: ([11, 20, 12], {"railway": "rail"})}
    _, listing, _ = read_osm(extract(tmp_path / "x.osm", nodes, ways, {20: {"railway": "level_crossing"}}))
    assert "cut" not in listing.counts()


def test_a_street_to_a_node_that_was_moved_to_the_other_end_of_the_world_is_left_out_and_listed(tmp_path: Path) -> None:
    nodes = {1: (0.0, 0.0), 2: (50.0, 0.0), 3: (100.0, 0.0), 4: (4_000_000.0, 0.0)}
    graph, listing, _ = read_osm(extract(tmp_path / "f.osm", nodes, {1: ([1, 2, 3, 4], ROAD)}))
    assert [(one.where, one.code) for one in listing.doubts if one.code == "ends_apart"] == [("link 3-4 way 1", "ends_apart")]
    assert graph.key.tolist() == [1, 2, 3]


def test_the_shore_of_a_lake_bars_streets_and_legs(tmp_path: Path) -> None:
    nodes = {**RIVER, 21: (-50.0, -20.0), 22: (350.0, -20.0), 23: (350.0, 20.0), 24: (-50.0, 20.0)}
    ways = {**BANKS, 3: ([1, 4], ROAD), 9: ([21, 22, 23, 24, 21], {})}
    graph, listing, _ = read_osm(
        extract(tmp_path / "l.osm", nodes, ways, relations={1: ([(9, "outer")], {"type": "multipolygon", "natural": "water"})})
    )
    assert listing.counts()["cut"] == 1
    lon, lat = degrees(100, 0)
    assert snap(network_of(graph, PROFILES["adult"]), [lon], [lat]).problems()[0].why.name == "ACROSS_BARRIER"


@pytest.mark.parametrize("ring", [[21, 22, 98, 23, 24, 21], [21, 99, 22, 23, 24, 21]], ids=["far side torn", "near end torn"])
def test_water_that_the_extract_cuts_through_bars_the_way_with_what_is_there_of_it(tmp_path: Path, ring: list[int]) -> None:
    nodes = {**RIVER, 21: (350.0, 20.0), 22: (-50.0, 20.0), 23: (-50.0, -20.0), 24: (350.0, -20.0)}
    ways = {**BANKS, 3: ([1, 4], ROAD), 9: (ring, {"natural": "water"})}
    _, listing, _ = read_osm(extract(tmp_path / "t.osm", nodes, ways))
    assert (listing.counts()["cut"], listing.counts()["broken_area"]) == (1, 1)


def test_a_river_area_of_which_a_way_is_missing_bars_the_way_too(tmp_path: Path) -> None:
    nodes = {**RIVER, 21: (-50.0, -20.0), 22: (350.0, -20.0)}
    ways = {**BANKS, 3: ([1, 4], ROAD), 9: ([21, 22], {})}
    river = {1: ([(9, "outer"), (10, "outer")], {"type": "multipolygon", "natural": "water", "name": "涑水河"})}
    graph, listing, _ = read_osm(extract(tmp_path / "t.osm", nodes, ways, relations=river))
    assert listing.counts()["cut"] == 1
    assert [(one.where, one.found) for one in listing.doubts if one.code == "broken_area"] == [("relation/1", "涑水河")]
    assert [(one.kind, one.name) for one in graph.barriers] == [("water", "涑水河")]


def test_a_wall_has_no_piece_where_its_nodes_are_missing(tmp_path: Path) -> None:
    nodes = {**RIVER, 21: (-50.0, 0.0), 22: (-20.0, 0.0), 23: (320.0, 0.0), 24: (350.0, 0.0)}
    ways = {**BANKS, 3: ([1, 4], ROAD), 9: ([21, 22, 98, 23, 24], {"barrier": "wall"})}
    graph, listing, _ = read_osm(extract(tmp_path / "w.osm", nodes, ways))
    assert "cut" not in listing.counts()
    assert len(graph.barriers) == 2


def test_a_gate_is_open_in_its_hours(tmp_path: Path) -> None:
    graph, listing = street(tmp_path, ROAD, {"barrier": "gate", "opening_hours": "Mo-Su 06:00-22:00", "name": "东门"})
    (gate,) = graph.gates
    assert (gate.key, gate.name, gate.shut) == ("node/2", "东门", False)
    for hour, passable in ((21, True), (22, False)):
        at = datetime(2026, 11, 23, hour, 0, tzinfo=SHANGHAI)
        assert bool(network_of(graph, PROFILES["adult"], at=at).passable[gate.node]) is passable
    assert "gate_hours" not in listing.counts()


def test_hours_that_cannot_be_read_are_listed_and_the_gate_counts_as_open(tmp_path: Path) -> None:
    graph, listing = street(tmp_path, ROAD, {"barrier": "gate", "opening_hours": "sunrise-sunset"})
    assert listing.counts()["gate_hours"] == 1
    assert network_of(graph, PROFILES["adult"], at=datetime(2026, 11, 23, 3, tzinfo=SHANGHAI)).passable.all()


@pytest.mark.parametrize(
    ("tags", "shut", "listed"),
    [({"access": "no"}, True, False), ({"locked": "yes"}, True, False), ({"access": "private"}, False, True), ({}, False, False)],
)
def test_a_locked_gate_is_shut_and_one_for_residents_is_listed(tmp_path: Path, tags: Tags, shut: bool, listed: bool) -> None:
    graph, listing = street(tmp_path, ROAD, {"barrier": "gate", **tags})
    assert graph.gates[0].shut is shut
    assert ("gate_private" in listing.counts()) is listed


def places(tmp_path: Path, tagged: Tags, area: Tags, size: float = 60) -> list[SourcePlace]:
    nodes = {**LINE, 4: (100.0, size), 5: (0.0, size), 6: (10.0, 5.0)}
    path = extract(tmp_path / "p.osm", nodes, {7: ([1, 2, 3], ROAD), 8: ([1, 2, 4, 5, 1], area)}, {6: tagged})
    return read_osm(path, tags={"market": ["amenity=marketplace"], "trade": ["shop=*"], "old": ["a=b&c=d"], "green": ["leisure=park"]})[2]


def test_places_by_tag_map_with_their_hours(tmp_path: Path) -> None:
    found = places(tmp_path, {"amenity": "marketplace", "shop": "yes", "a": "b", "opening_hours": "24/7"}, {})
    assert [(one.key, one.categories, one.hours, one.raw_hours) for one in found] == [("node/6", ("market", "trade"), "", "24/7")]
    assert places(tmp_path, {"a": "b", "c": "d"}, {})[0].categories == ("old",)


def test_a_shop_is_in_its_middle_and_a_park_is_where_streets_enter_it(tmp_path: Path) -> None:
    (shop,) = places(tmp_path, {}, {"shop": "mall"}, size=10)
    assert (shop.lon, shop.lat) == pytest.approx(degrees(50, 5), abs=1e-6)
    assert shop.entrances == ()
    (park,) = places(tmp_path, {}, {"leisure": "park"})
    assert park.key == "way/8"
    assert park.entrances == (degrees(0, 0), degrees(100, 0))


def test_streets_whose_nodes_are_missing_lose_that_part_only(tmp_path: Path) -> None:
    path = extract(tmp_path / "m.osm", LINE, {7: ([1, 2, 99, 3], ROAD), 8: ([2, 3], ROAD)})
    graph, listing, _ = read_osm(path)
    assert len(graph.u) == 2
    assert [(one.where, one.found) for one in listing.doubts if one.code == "node_missing"] == [("way/7", "1 of 4")]


def test_no_street_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LinliError) as caught:
        read_osm(extract(tmp_path / "n.osm", LINE, {7: ([1, 2], {"building": "yes"})}))
    assert caught.value.code == "reach.no_links"


@pytest.mark.parametrize("content", [b"", b"nonsense", b"<osm", b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7c"])
@pytest.mark.parametrize("name", ["x.osm.pbf", "x.osm"])
def test_a_broken_file_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LinliError) as caught:
        read_osm(tmp_path / name)
    assert caught.value.code in ("reach.osm_broken", "reach.no_links")


helsinki = pytest.mark.skipif(not HELSINKI.exists(), reason="the shared data is not on this machine")


@helsinki
def test_a_real_city_keeps_its_streets() -> None:
    graph, listing, _ = read_osm(HELSINKI)
    assert listing.counts()["cut"] <= 5  # of 8,570 links
    _, size, _ = islands(graph, np.ones(len(graph.u), bool))
    assert size.max() > 0.97 * len(graph.key)
    assert digest(graph) == digest(read_osm(HELSINKI)[0])


@helsinki
@pytest.mark.parametrize("share", [0.001, 0.01, 0.3, 0.7, 0.99, 0.9999])
def test_a_real_file_cut_short_is_refused(tmp_path: Path, share: float) -> None:
    data = HELSINKI.read_bytes()
    (tmp_path / "cut.osm.pbf").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(LinliError):
        read_osm(tmp_path / "cut.osm.pbf")


@helsinki
def test_a_real_file_with_a_damaged_byte_is_refused_or_read_the_same(tmp_path: Path) -> None:
    data, graph = HELSINKI.read_bytes(), read_osm(HELSINKI)[0]
    for at in range(len(data) // 7, len(data), len(data) // 6):
        (tmp_path / "hurt.osm.pbf").write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        try:
            found = read_osm(tmp_path / "hurt.osm.pbf")[0]
        except LinliError:
            continue
        assert digest(found) == digest(graph)
