"""Networks out of tables: what is read, what is refused with file, row and column, what is kept and listed."""

from __future__ import annotations

import gzip
import json
import random
from math import cos, pi, sin
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kernel.errors import LinliError, Problems
from linli.kernel.positions import from_wgs84
from linli.reach.graph import Graph
from linli.reach.metric import straight
from linli.reach.profiles import Way
from linli.reach.snapshot import digest
from linli.reach.sources.listing import Listing
from linli.reach.sources.tables import read_network
from tests.unit.reach.drawn import degrees

NODES = {1: (0, 0), 2: (500, 0), 3: (1000, 0), 4: (1000, 500)}
EDGES = ["1,2,500", "2,3,500.04", "3,4,500.06"]


def written(folder: Path, name: str, *lines: str) -> Path:
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / name


def node_lines(nodes: dict[int, tuple[float, float]] = NODES) -> list[str]:
    return [f"{key},{lon},{lat}" for key, (lon, lat) in ((key, degrees(*at)) for key, at in nodes.items())]


def read(folder: Path, nodes: list[str] | None = None, edges: list[str] | None = None, **more: Any) -> tuple[Graph, Listing]:
    head = more.pop("head", "u,v,length_m")
    written(folder, "nodes.csv", "# system: WGS-84", more.pop("node_head", "node,lon,lat"), *(node_lines() if nodes is None else nodes))
    written(folder, "edges.csv", head, *(EDGES if edges is None else edges))
    return read_network([folder], **more)


def refusals(folder: Path, *args: Any, **more: Any) -> list[LinliError]:
    with pytest.raises((LinliError, Problems)) as caught:
        read(folder, *args, **more)
    return caught.value.problems if isinstance(caught.value, Problems) else [caught.value]


def listed(listing: Listing) -> dict[str, list[str]]:
    return {code: [one.where for one in listing.doubts if one.code == code] for code in listing.counts()}


def test_lengths_are_the_tables_rounded_to_the_nearest_decimetre(tmp_path: Path) -> None:
    graph, listing = read(tmp_path)
    assert graph.length.tolist() == [5000, 5000, 5001]
    assert listing.counts() == {}
    assert graph.origin.system == "WGS-84"


@pytest.mark.parametrize(
    ("edges", "code", "field", "line"),
    [
        (["1,2,500", "2,9,500"], "reach.cell", "v", 3),
        (["1,2,500", "2,3,nan"], "reach.cell", "length_m", 3),
        (["1,2,inf", "2,3,1"], "reach.cell", "length_m", 2),
        (["1,2,-3"], "reach.cell", "length_m", 2),
        (["1,2,"], "reach.cell", "length_m", 2),
        (["1,2,1e9"], "reach.cell", "length_m", 2),
        (["1,two,500"], "reach.cell", "v", 2),
        (["1,2,0.5", "2,3,0.5", "3,4,0.5"], "reach.lengths", "length_m", None),
        (["1,1,500"], "reach.no_links", None, None),
    ],
)
def test_wrong_edges_are_refused_with_their_place(tmp_path: Path, edges: list[str], code: str, field: str | None, line: int | None) -> None:
    (error,) = refusals(tmp_path, None, edges)
    assert error.code == code
    assert error.place is not None
    assert (error.place.file, error.place.field, error.place.line) == ("edges.csv", field, line)


@pytest.mark.parametrize(
    ("nodes", "code", "line"),
    [
        ([*node_lines(), "2,111,35"], "reach.double_key", 7),
        ([*node_lines(), "5,nan,35"], "reach.cell", 7),
        ([*node_lines(), "5,,35"], "reach.cell", 7),
        ([*node_lines(), "5,111"], "reach.cell", 7),
        ([*node_lines(), "five,111,35"], "reach.cell", 7),
        ([*node_lines(), "5,111,35,7"], "reach.torn", 7),
        ([*node_lines(), "5,911,35"], "reach.cell", 7),
        ([], "reach.empty", None),
    ],
)
def test_wrong_nodes_are_refused_with_their_place(tmp_path: Path, nodes: list[str], code: str, line: int | None) -> None:
    (error,) = refusals(tmp_path, nodes)
    assert error.code == code
    assert error.place is not None
    assert (error.place.file, error.place.line) == ("nodes.csv", line)


def test_every_wrong_row_is_told_at_once(tmp_path: Path) -> None:
    assert [error.place.line for error in refusals(tmp_path, None, ["1,2,x", "2,3,500", "3,4,y"]) if error.place] == [2, 4]
    many = refusals(tmp_path, None, ["1,2,x"] * 80)
    assert len(many) == 51
    assert many[-1].code == "reach.more_rows"


@pytest.mark.parametrize(
    "turn",
    [
        lambda lon, lat: (lat, lon),  # beyond 90 degrees of latitude: nowhere
        lambda lon, lat: (lat, lon - 80),  # somewhere, but the lengths fit the other way round
    ],
)
def test_swapped_coordinates_are_refused(tmp_path: Path, turn: Any) -> None:
    nodes = []
    for key, at in NODES.items():
        lon, lat = turn(*degrees(*at))
        nodes.append(f"{key},{lon},{lat}")
    # Lengths of the town as it lies at 31 or 111 degrees east.
    (error,) = refusals(tmp_path, nodes, ["1,2,500", "2,3,500", "3,4,500"])
    assert error.code == "reach.swapped"


def test_a_file_without_a_system_is_refused_and_so_is_an_unknown_one(tmp_path: Path) -> None:
    read(tmp_path)
    written(tmp_path, "nodes.csv", "node,lon,lat", *node_lines())
    with pytest.raises(LinliError) as caught:
        read_network([tmp_path])
    assert caught.value.code == "reach.system_undeclared"
    assert read_network([tmp_path], system="EPSG:4326")[0].origin.system == "WGS-84"
    with pytest.raises(LinliError) as caught:
        read_network([tmp_path], system="Beijing 54")
    assert caught.value.code == "reach.system_unknown"


@pytest.mark.parametrize("system", ["GCJ-02", "BD-09"])
@pytest.mark.parametrize("how", ["line", "column", "option"])
def test_a_declared_system_is_converted_once(tmp_path: Path, system: str, how: str) -> None:
    plain, _ = read(tmp_path)
    rows = []
    for key, at in NODES.items():
        lon, lat = from_wgs84(*degrees(*at), system)
        rows.append(f"{key},{lon},{lat}" + (f",{system}" if how == "column" else ""))
    head = ["node,lon,lat" + (",坐标系" if how == "column" else "")]
    written(tmp_path, "nodes.csv", *([f"# 坐标系：{system}"] if how == "line" else []), *head, *rows)
    found, _ = read_network([tmp_path], system=system if how == "option" else None)
    assert found.origin.system == system
    assert straight(found.lon, found.lat, plain.lon, plain.lat).max() < 0.1


def test_doubtful_links_are_kept_and_listed(tmp_path: Path) -> None:
    nodes = {**NODES, 5: (1000, 500), 6: (5000, 5000), 7: (0, 300), 8: (0, 600), 9: (0, 900), 10: (0, 1200), 11: (0, 1500)}
    edges = [
        *EDGES,
        "1,1,4",  # to itself
        "2,1,600",  # beside another
        "1,2,500",  # the same again
        "4,5,0",  # no length
        *("1,7,300", "7,8,300", "8,9,300", "9,10,300"),
        "10,11,100",  # shorter than the straight line
        "10,11,9000",  # far longer
    ]
    graph, listing = read(tmp_path, node_lines(nodes), edges)
    assert listed(listing) == {
        "self_loop": ["edges.csv:5"],
        "parallel": ["link 2-1", "link 10-11"],
        "double_link": ["link 1-2"],
        "zero_length": ["link 4-5"],
        "length_short": ["link 10-11"],
        "length_long": ["link 10-11"],
        "lonely_node": ["node 6"],
    }
    assert len(graph.u) == len(edges) - 2
    assert graph.origin.notes["parallel"] == 2


def test_islands_are_listed(tmp_path: Path) -> None:
    nodes = {number: (number * 50.0, 0.0) for number in range(1, 50)} | {90: (0, 900), 91: (50, 900)}
    edges = [*(f"{one},{one + 1},50" for one in range(1, 49)), "90,91,50"]
    _, listing = read(tmp_path, node_lines(nodes), edges)
    assert [(one.code, one.where, one.found) for one in listing.doubts] == [("island", "node 90", "2 nodes")]


def test_what_a_row_says_of_its_link(tmp_path: Path) -> None:
    head = "u,v,length_m,highway,kind,bridge,wheelchair,incline,foot,access,oneway,foot_oneway"
    rows = [
        "1,2,500,\"['steps', 'footway']\",,no,,,,,yes,",
        "2,3,500,residential,bridge tunnel,,no,9%,,,,yes",
        "4,3,500,residential,,yes,,,,,,yes",
        "2,4,710,footway,,,,,no,,,",
        "1,3,1000,service,,,,,,private,,",
        "1,4,1120,service,,,,,yes,private,,-1",
    ]
    graph, listing = read(tmp_path, None, rows, head=head)
    assert {(int(graph.key[u]), int(graph.key[v])): Way(int(kind)) for u, v, kind in zip(graph.u, graph.v, graph.kind, strict=True)} == {
        (1, 2): Way.STEPS,
        (2, 3): Way.BRIDGE | Way.TUNNEL | Way.NO_WHEELCHAIR | Way.STEEP | Way.FORWARD,
        (3, 4): Way.BRIDGE | Way.BACKWARD,
        (1, 4): Way.BACKWARD,
    }
    assert listed(listing)["not_walkable"] == ["edges.csv:5", "edges.csv:6"]
    assert "vehicles_oneway" in listing.counts()
    assert refusals(tmp_path, None, ["1,2,500,swim"], head="u,v,length_m,kind")[0].code == "reach.cell"


def gates(tmp_path: Path, *rows: str) -> tuple[Graph, Listing]:
    written(tmp_path, "gates.csv", "node,key,name,hours,shut", *rows)
    return read(tmp_path)


def test_gates_have_their_node_and_hours(tmp_path: Path) -> None:
    graph, _ = gates(tmp_path, "3,east,东门,周一至周日 06:00-22:00,", "2,west,,,yes")
    assert [(graph.key[gate.node], gate.key, gate.hours, gate.shut) for gate in graph.gates] == [
        (2, "west", "", True),
        (3, "east", "周一至周日 06:00-22:00", False),
    ]


@pytest.mark.parametrize(
    ("text", "meant"),
    [("07:00-22:00", "Mon-Sun 07:00-22:00; Holidays 07:00-22:00; Working weekends 07:00-22:00"), ("24/7", ""), ("", "")],
)
def test_gates_hours_are_read_as_maps_write_them_too(tmp_path: Path, text: str, meant: str) -> None:
    assert gates(tmp_path, f"3,east,,{text},")[0].gates[0].hours == meant
    night = gates(tmp_path, "3,east,,Mon-Sun 22:00-06:00,")[0].gates[0].hours
    assert night.startswith("Mon-Sun 00:00-06:00 22:00-24:00")


@pytest.mark.parametrize("rows", [["9,east,,,"], ["2,east,,sometimes,"], ["2,east,,,", "3,east,,,"]])
def test_wrong_gates_are_refused(tmp_path: Path, rows: list[str]) -> None:
    with pytest.raises(Problems):
        gates(tmp_path, *rows)


def barrier(tmp_path: Path, **more: Any) -> tuple[Graph, Listing]:
    line = {"type": "LineString", "coordinates": [degrees(250, -100), degrees(250, 100)]}
    properties = more.pop("properties", {"kind": more.pop("kind", "river")})
    feature = {"type": "Feature", "properties": properties, "geometry": more.pop("geometry", line)}
    data = {"type": "FeatureCollection", "features": [feature], "system": "WGS-84", **more}
    written(tmp_path, "barriers.geojson", json.dumps(data))
    return read(tmp_path, None, ["1,2,500", "2,3,500", "3,4,500"])


@pytest.mark.parametrize("kind", ["river", "rail", "wall", "fence"])
def test_a_link_across_a_barrier_is_cut_and_listed(tmp_path: Path, kind: str) -> None:
    graph, listing = barrier(tmp_path, kind=kind)
    assert listed(listing)["cut"] == ["link 1-2"]
    assert len(graph.u) == 2


@pytest.mark.parametrize("tags", [{"waterway": "canal"}, {"railway": "rail"}, {"barrier": "city_wall"}])
def test_a_barrier_may_say_what_it_is_in_a_maps_own_tags(tmp_path: Path, tags: dict[str, str]) -> None:
    assert barrier(tmp_path, properties=tags)[1].counts()["cut"] == 1


@pytest.mark.parametrize("crs", ["WGS-84", {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}])
def test_barriers_may_say_their_system_as_geojson_once_did_or_in_a_word(tmp_path: Path, crs: object) -> None:
    assert barrier(tmp_path, system=None, crs=crs)[1].counts()["cut"] == 1


def test_a_node_right_on_a_barrier_is_listed_unless_it_is_a_gate(tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [degrees(500, -100), degrees(500, 100)]}
    _, listing = barrier(tmp_path, geometry=line)
    assert [(one.code, one.where, one.found) for one in listing.doubts] == [("on_barrier", "node 2", "river")]
    written(tmp_path, "gates.csv", "node,key", "2,bridge house")
    assert barrier(tmp_path, geometry=line)[1].counts() == {}


def test_an_area_is_its_outline(tmp_path: Path) -> None:
    ring = [degrees(x, y) for x, y in ((200, -50), (300, -50), (300, 50), (200, 50), (200, -50))]
    assert barrier(tmp_path, geometry={"type": "Polygon", "coordinates": [ring]})[1].counts()["cut"] == 1


def test_a_column_whose_name_is_nearly_right_is_listed_and_others_are_not(tmp_path: Path) -> None:
    written(tmp_path, "gates.csv", "node,key,hour,Shut,remark", "2,,07:00-22:00,yes,x", "3,b,,,")
    graph, listing = read(tmp_path, None, ["1,2,500,yes,3", "2,3,500,no,4", "3,4,500,no,5"], head="u,v,length_m,whelchair,width")
    assert sorted((one.where, one.found) for one in listing.doubts) == [
        ("edges.csv:1", "whelchair ≈ wheelchair"),
        ("gates.csv:1", "Shut ≈ shut"),
        ("gates.csv:1", "hour ≈ hours"),
    ]
    assert [gate.key for gate in graph.gates] == ["gate-2", "b"], "a gate without a key is called by its node"


def test_a_barrier_that_lies_wholly_elsewhere_is_listed(tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [degrees(5000, -100), degrees(5000, 100)]}
    graph, listing = barrier(tmp_path, geometry=line)
    assert listed(listing) == {"barrier_outside": ["barriers.geojson feature 1"]}
    assert len(graph.u) == 3
    beside = {"type": "LineString", "coordinates": [degrees(-150, -100), degrees(-150, 100)]}
    assert barrier(tmp_path, geometry=beside)[1].counts() == {}, "a leg to the first street may have to pass it"


def test_barriers_that_all_lie_inside_once_they_are_turned_are_refused(tmp_path: Path) -> None:
    nodes = [f"{key},{81 + key / 1000},43" for key in (1, 2, 3)]
    for turned, code in ((False, None), (True, "reach.swapped")):
        line = [[81.0015, 42.99], [81.0015, 43.01]]
        shape = {"type": "LineString", "coordinates": [[y, x] for x, y in line] if turned else line}
        feature = {"type": "Feature", "properties": {"kind": "river"}, "geometry": shape}
        written(tmp_path, "barriers.geojson", json.dumps({"type": "FeatureCollection", "features": [feature], "system": "WGS-84"}))
        if code is None:
            assert read(tmp_path, nodes, ["1,2,82", "2,3,82"])[1].counts()["cut"] == 1
        else:
            assert [one.code for one in refusals(tmp_path, nodes, ["1,2,82", "2,3,82"])] == [code]


def test_a_node_that_is_on_the_other_side_of_the_world_is_refused(tmp_path: Path) -> None:
    (error,) = refusals(tmp_path, [*node_lines(), "5,0,0"], [*EDGES, "4,5,10"])
    assert error.code == "reach.ends_apart"
    assert "4–5" in str(error.found)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"kind": "hill"}, "reach.geojson"),
        ({"geometry": None}, "reach.geojson"),
        ({"geometry": {"type": "Point", "coordinates": [111, 35]}}, "reach.geojson"),
        ({"geometry": {"type": "LineString", "coordinates": [[111, 35], [111, None]]}}, "reach.geojson"),
        ({"geometry": {"type": "LineString", "coordinates": [[111, 35], [35, 111]]}}, "reach.geojson"),
        ({"features": 7}, "reach.geojson"),
        ({"system": ""}, "reach.system_undeclared"),
    ],
)
def test_wrong_barriers_are_refused(tmp_path: Path, more: dict[str, Any], code: str) -> None:
    with pytest.raises(LinliError) as caught:
        barrier(tmp_path, **more)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\x00\x01\x02", b"\xff\xfe\xff\x80\x80", gzip.compress(b"u,v,length_m\n1,2,500\n" * 99, mtime=0)[:-20]]
)
def test_files_that_are_no_tables_are_refused(tmp_path: Path, content: bytes) -> None:
    read(tmp_path)
    (tmp_path / "edges.csv").write_bytes(content)
    with pytest.raises(LinliError) as caught:
        read_network([tmp_path / "nodes.csv", tmp_path / "edges.csv"])
    assert caught.value.code in ("reach.empty", "reach.torn", "reach.encoding", "reach.columns")


def test_a_file_that_grows_beyond_measure_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    read(tmp_path)
    (tmp_path / "edges.csv").unlink()
    (tmp_path / "edges.csv.gz").write_bytes(gzip.compress(b"u,v,length_m\n" + b"\n" * 2**25, mtime=0))
    with pytest.raises(LinliError) as caught:
        read_network([tmp_path])
    assert caught.value.code == "reach.too_large"


@pytest.mark.parametrize(("row", "line"), [("3,4,500,7,8", 5), ('3,4,"500', 5)])
def test_a_torn_row_is_told_with_its_line(tmp_path: Path, row: str, line: int) -> None:
    (error,) = refusals(tmp_path, None, [*EDGES, row, "1,2,3"])
    assert error.code == "reach.torn"
    assert error.place is not None
    assert error.place.line == line


def test_blank_rows_are_passed_over_and_lines_stay_right(tmp_path: Path) -> None:
    graph, _ = read(tmp_path, [*node_lines(), "", ",,"], [EDGES[0], "", ",,", *EDGES[1:], ""])
    assert len(graph.u) == 3
    (error,) = refusals(tmp_path, None, [EDGES[0], "", ",,", "2,9,500"])
    assert error.place is not None
    assert error.place.line == 5


@pytest.mark.parametrize("separator", [";", "\t"])
def test_tabs_and_semicolons_separate_too(tmp_path: Path, separator: str) -> None:
    plain, _ = read(tmp_path)
    for name in ("nodes.csv", "edges.csv"):
        (tmp_path / name).write_text((tmp_path / name).read_text(encoding="utf-8").replace(",", separator), encoding="utf-8")
    assert digest(read_network([tmp_path])[0]) == digest(plain)


def test_a_table_of_something_else_is_told_what_tables_there_are(tmp_path: Path) -> None:
    read(tmp_path)
    written(tmp_path, "nodes.csv", "# system: WGS-84", "id,x,y", "1,111,35")
    with pytest.raises(LinliError) as caught:
        read_network([tmp_path / "nodes.csv", tmp_path / "edges.csv"])
    assert caught.value.code == "reach.columns"
    assert "node, lon, lat" in str(caught.value)


@pytest.mark.parametrize("head", ["u,v,metres", "from,to,length_m", "u,u,length_m", "u,v,"])
def test_wrong_columns_are_refused(tmp_path: Path, head: str) -> None:
    assert refusals(tmp_path, head=head)[0].code in ("reach.columns", "reach.header", "reach.files")


def test_two_networks_in_a_folder_are_refused(tmp_path: Path) -> None:
    read(tmp_path)
    written(tmp_path, "other_edges.csv", "u,v,length_m", *EDGES)
    with pytest.raises(LinliError) as caught:
        read_network([tmp_path])
    assert (caught.value.code, caught.value.found) == ("reach.files", "edges.csv, other_edges.csv")


def test_gb18030_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    plain, _ = read(tmp_path)
    (tmp_path / "edges.csv").write_bytes("\r\n".join(["u,v,length_m,name,way_id", *(f"{one},北街,3" for one in EDGES)]).encode("gb18030"))
    found, _ = read_network([tmp_path])
    assert found.names == {3: "北街"}
    assert found.length.tolist() == plain.length.tolist()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    links=st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 200), st.sampled_from(["", "forward", "backward", "steps"])),
        min_size=1,
    ),
    seed=st.integers(0, 1000),
)
def test_the_order_of_rows_and_of_ends_changes_nothing(tmp_path: Path, links: list[tuple[int, int, int, str]], seed: int) -> None:
    nodes = node_lines({number + 1: (100 * cos(number * pi / 5), 100 * sin(number * pi / 5)) for number in range(10)})
    turned = {"forward": "backward", "backward": "forward"}
    rows = [(u + 1, v + 1, 200 + extra, kind) for u, v, extra, kind in links] + [(1, 2, 100, "")]
    draw = random.Random(seed)
    mixed = [(v, u, length, turned.get(kind, kind)) if draw.random() < 0.5 else (u, v, length, kind) for u, v, length, kind in rows]
    draw.shuffle(mixed)
    found = []
    for some, order in ((rows, nodes), (mixed, draw.sample(nodes, len(nodes)))):
        graph, listing = read(tmp_path, order, [",".join(map(str, row)) for row in some], head="u,v,length_m,kind")
        found.append((digest(graph), listing.counts()))
    assert found[0] == found[1]


def test_what_is_no_yes_and_no_no_is_refused_in_columns_of_our_own_and_listed_in_the_maps(tmp_path: Path) -> None:
    edges = ["1,2,500,viaduct,否,yes", "2,3,500,x,nein,nein", "3,4,500,no,yes,否"]
    graph, listing = read(tmp_path, edges=edges, head="u,v,length_m,bridge,foot,wheelchair")
    assert graph.u.tolist() == [1, 2]
    assert graph.kind.tolist() == [int(Way.BRIDGE), int(Way.NO_WHEELCHAIR)]
    assert [one.found for one in listing.doubts if one.code == "unknown_word"] == ["bridge=x", "wheelchair=nein", "foot=nein"]
    (problem,) = refusals(tmp_path, edges=["1,2,500,maybe"], head="u,v,length_m,steps")
    assert problem.place is not None
    assert (problem.place.line, problem.place.field, problem.found) == (2, "steps", "maybe")


@pytest.mark.parametrize(("word", "shut"), [("是", True), ("关", True), ("closed", True), ("开放", False), ("", False), ("0", False)])
def test_a_gate_is_shut_where_its_table_says_so(tmp_path: Path, word: str, shut: bool) -> None:
    written(tmp_path, "gates.csv", "node,key,shut", f"2,g,{word}")
    graph, _ = read(tmp_path)
    assert [gate.shut for gate in graph.gates] == [shut]
    written(tmp_path, "gates.csv", "node,key,shut", "2,g,perhaps")
    assert [one.place.field for one in refusals(tmp_path) if one.place] == ["shut"]


def test_a_workbook_is_told_for_what_it_is(tmp_path: Path) -> None:
    read(tmp_path)
    (tmp_path / "nodes.csv").write_bytes(b"PK\x03\x04\x14\x00\x00\x00" + bytes(100))
    with pytest.raises(LinliError) as caught:
        read_network([tmp_path])
    assert caught.value.code == "reach.encoding"
    assert "workbook" in str(caught.value)
