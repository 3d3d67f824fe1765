"""`linli reach import` and `linli reach nearest`: from tables to times, without Django or a database."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from linli.kernel.errors import LinliError, Problems
from linli.kernel.positions import from_wgs84
from linli.reach.metric import degree_metres
from linli.reach.snapshot import digest, load
from linli.reach.sources.mapping import read_tag_map
from linli.site.command.reach import command
from tests.unit.reach.drawn import extract

EAST, NORTH = (float(part) for part in degree_metres(35.0))
NODES = {1: (0, 0), 2: (500, 0), 3: (1000, 0), 4: (1000, 500)}
EDGES = [(1, 2, 500.0), (2, 3, 500.0), (3, 4, 500.0)]


def degrees(x: float, y: float) -> str:
    return f"{111 + x / EAST:.7f},{35 + y / NORTH:.7f}"


def written(path: Path, *lines: str) -> str:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A street of a kilometre with a corner, two shops and three homes; the far one is in the fields."""
    written(tmp_path / "nodes.csv", "# system: WGS-84", "node,lon,lat", *(f"{key},{degrees(*at)}" for key, at in NODES.items()))
    written(tmp_path / "edges.csv", "u,v,length_m", *(f"{u},{v},{length}" for u, v, length in EDGES))
    written(
        tmp_path / "places.csv",
        "# system: WGS-84",
        "id,lon,lat,category,hours",
        f"a,{degrees(1000, 0)},market;breakfast,周一至周日 06:00-09:00",
        f"b,{degrees(0, 10)},market,",
    )
    written(
        tmp_path / "homes.csv",
        "# system: WGS-84",
        "id,lon,lat,residents,elders",
        f"10,{degrees(1000, 480)},5,1",
        f"9,{degrees(250, 20)},3,2",
        f"2,{degrees(500, 5000)},7,7",
    )
    return tmp_path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=True)


def imported(town: Path) -> Path:
    result = run("import", town / "nodes.csv", town / "edges.csv", town / "g.reach")
    assert result.exit_code == 0, result.output + str(result.exception)
    return town / "g.reach"


def nearest(town: Path, *words: str, out: str = "t.csv") -> Result:
    files = ("--graph", imported(town), "--places", town / "places.csv", "--homes", town / "homes.csv", "--out", town / out)
    return run("nearest", *files, *words)


def rows(town: Path, *words: str) -> list[dict[str, str]]:
    result = nearest(town, *words)
    assert result.exit_code == 0, result.output + str(result.exception)
    with (town / "t.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_home_and_category_has_its_row_with_both_legs_counted(town: Path) -> None:
    table = rows(town, "--categories", "market,breakfast", "--limit", "1000")
    assert [(one["home"], one["category"], one["state"], one["place"], one["decimetres"], one["minutes"]) for one in table] == [
        ("2", "market", "unlocated", "", "", ""),
        ("9", "market", "reached", "b", "2800", "5"),
        ("10", "market", "reached", "a", "4800", "8"),
        ("2", "breakfast", "unlocated", "", "", ""),
        ("9", "breakfast", "reached", "a", "7700", "12"),
        ("10", "breakfast", "reached", "a", "4800", "8"),
    ]


def test_a_distance_equal_to_the_limit_is_reached_and_one_decimetre_less_is_not(town: Path) -> None:
    def states(limit: str) -> list[str]:
        return [one["state"] for one in rows(town, "--categories", "breakfast", "--limit", limit)]

    assert states("480")[2] == "reached"
    assert states("479.9")[2] == "not_reached"
    assert states("479.99")[2] == "not_reached", "no limit is rounded up"


def test_what_could_not_be_put_on_the_network_is_listed_with_its_line(town: Path) -> None:
    result = nearest(town, "--limit", "1000")
    assert "elders 3 / 0 / 7" in result.output
    with (town / "t.csv.listed.csv").open(encoding="utf-8") as file:
        assert [(one["kind"], one["id"], one["line"], one["code"]) for one in csv.DictReader(file)] == [("home", "2", "5", "outside")]


def test_a_home_without_a_position_is_listed_with_its_own_line_and_no_numbers(town: Path) -> None:
    homes = f"id,lon,lat|1,{degrees(1000, 480)}|||7,,".split("|")
    written(town / "homes.csv", "# system: WGS-84", *homes)
    assert nearest(town).exit_code == 0
    with (town / "t.csv.listed.csv").open(encoding="utf-8") as file:
        (one,) = csv.DictReader(file)
    assert (one["id"], one["line"], one["lon"], one["lat"], one["code"]) == ("7", "6", "", "", "not_finite")


def test_a_column_of_people_that_is_misspelt_is_told_of(town: Path) -> None:
    text = (town / "homes.csv").read_text(encoding="utf-8")
    (town / "homes.csv").write_text(text.replace("residents", "resident"), encoding="utf-8")
    assert "column_unread" in nearest(town).output


def test_a_gate_that_there_isnt_is_refused_with_those_there_are(town: Path) -> None:
    assert "no gates" in str(nearest(town, "--shut", "west").exception)
    written(town / "gates.csv", "node,key", "2,east", "3,north")
    assert run("import", town / "nodes.csv", town / "edges.csv", town / "gates.csv", town / "gates.reach").exit_code == 0
    files = ("--graph", town / "gates.reach", "--places", town / "places.csv", "--homes", town / "homes.csv", "--out", town / "t.csv")
    error = run("nearest", *files, "--shut", "west").exception
    assert isinstance(error, LinliError)
    assert (error.expected, error.found) == ("east, north", "west")


def test_a_place_counts_only_in_its_hours(town: Path) -> None:
    table = rows(town, "--categories", "market,breakfast", "--limit", "1500", "--at", "2026-11-23T10:00")
    assert [one["place"] for one in table if one["home"] == "10"] == ["b", ""]


def test_a_citys_own_list_of_places_is_read_with_its_days(town: Path) -> None:
    head = "编号,名称,类别,经度,纬度,坐标系,营业时间,开业日期,停业日期"
    lines = [
        f"a,全日店,菜市场（20）、早餐店,{degrees(1000, 0)},WGS-84,,2020-01-01,",
        f"b,关了的,菜市场,{degrees(1000, 400)},WGS-84,,,2021-05-01",
        f"c,还没开,菜市场,{degrees(1000, 400)},WGS-84,,2199-01-01,",
    ]
    written(town / "places.csv", head, *lines)
    found = [one["place"] for one in rows(town, "--categories", "菜市场,早餐店") if one["home"] == "10"]
    assert found == ["a", "a"]
    written(town / "places.csv", head, lines[1].replace("2021-05-01", "May"))
    error = nearest(town).exception
    assert isinstance(error, Problems)
    assert error.problems[0].place is not None
    assert error.problems[0].place.field == "停业日期"


def test_each_role_of_a_place_has_the_hours_of_its_row(town: Path) -> None:
    lines = [f"a,{degrees(1000, 0)},market,Mon-Sun 06:00-09:00", f"a,{degrees(1000, 0)},breakfast,Mon-Sun 09:00-12:00"]
    for order in (lines, lines[::-1]):
        written(town / "places.csv", "# system: WGS-84", "id,lon,lat,category,hours", *order)
        found = {one["category"]: one["state"] for one in rows(town, "--at", "2026-11-23T07:00") if one["home"] == "10"}
        assert found == {"market": "reached", "breakfast": "not_reached"}


def test_the_two_nearest_and_how_many_there_are(town: Path) -> None:
    table = rows(town, "--categories", "market", "--limit", "1500", "--k", "2", "--counts")
    assert [(one["rank"], one["place"], one["count"]) for one in table if one["home"] == "10"] == [("1", "a", "2"), ("2", "b", "2")]


def test_the_order_of_the_files_changes_nothing(town: Path) -> None:
    assert nearest(town, out="one.parquet").exit_code == 0
    for name in ("nodes", "edges", "places", "homes"):
        lines = (town / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        start = next(at for at, line in enumerate(lines) if not line.startswith("#")) + 1
        written(town / f"{name}.csv", *lines[:start], *reversed(lines[start:]))
    first = digest(load(town / "g.reach"))
    assert nearest(town, out="two.parquet").exit_code == 0
    assert pl.read_parquet(town / "one.parquet").equals(pl.read_parquet(town / "two.parquet"))
    assert digest(load(town / "g.reach")) == first


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--categories", "cinema"), "reach.category"),
        (("--limit", "10", "--minutes", "3"), "reach.two_limits"),
        (("--shut", "west"), "reach.no_gate"),
    ],
)
def test_what_cannot_be_answered_is_refused(town: Path, words: tuple[str, ...], code: str) -> None:
    error = nearest(town, *words).exception
    assert isinstance(error, LinliError)
    assert error.code == code
    assert not (town / "t.csv").exists()


def test_a_file_that_does_not_say_its_system_is_refused_and_an_option_says_it(town: Path) -> None:
    text = (town / "homes.csv").read_text(encoding="utf-8")
    written(town / "homes.csv", *text.splitlines()[1:])
    error = nearest(town).exception
    assert isinstance(error, LinliError)
    assert (error.code, error.place and error.place.file) == ("reach.system_undeclared", "homes.csv")
    assert nearest(town, "--system", "wgs84").exit_code == 0


def sited(town: Path, *words: str, out: str = "plan.json", cost: str = "cost") -> Result:
    written(
        town / "candidates.csv",
        "# system: WGS-84",
        f"id,lon,lat,name,{cost},decided",
        f"k1,{degrees(1000, 450)},街角,300000,",
        f"k2,{degrees(250, 0)},路口,200000.50,",
        f"k3,{degrees(0, 0)},西头,1,",
        f"k4,{degrees(1000, 9000)},田里,1,",
    )
    files = ("--graph", imported(town), "--homes", town / "homes.csv", "--candidates", town / "candidates.csv", "--out", town / out)
    return run("site", *files, *words)


def plan(town: Path, *words: str) -> Any:
    result = sited(town, *words)
    assert result.exit_code == 0, result.output + str(result.exception)
    return json.loads((town / "plan.json").read_text(encoding="utf-8"))


def test_a_plan_opens_what_covers_most_people_and_says_what_none_can_exceed(town: Path) -> None:
    one = plan(town, "--limit", "300", "--p", "1")
    assert ([row["candidate"] for row in one["chosen"]], one["covered"], one["bound"], one["total"]) == (["k1"], 5, 5, 15)
    assert (one["optimal"], one["gap"], one["spent_yuan"], one["cut_short_by_time"]) == (True, 0.0, "300000.00", False)
    two = plan(town, "--limit", "300", "--p", "3")
    assert [(row["candidate"], row["adds"], row["covered"]) for row in two["chosen"]] == [("k1", 5, 5), ("k2", 3, 8)]


def test_whom_a_plan_counts_and_what_is_already_there_changes_it(town: Path) -> None:
    assert [row["candidate"] for row in plan(town, "--limit", "300", "--p", "1", "--weights", "elders")["chosen"]] == ["k2"]
    existing = ("--existing", str(town / "places.csv"), "--limit", "500")
    one = plan(town, *existing, "--p", "1")
    assert (one["chosen"], one["covered"], one["covered_before"]) == ([], 0, 8)
    one = plan(town, *existing, "--category", "breakfast", "--p", "1")
    assert ([row["candidate"] for row in one["chosen"]], one["covered_before"]) == (["k2"], 5)
    one = plan(town, *existing, "--category", "breakfast", "--p", "1", "--at", "2026-11-02 10:00")
    assert ([row["candidate"] for row in one["chosen"]], one["covered_before"]) == (["k1"], 0), "nobody serves breakfast at ten"


def test_money_forced_and_excluded_candidates_bind_a_plan(town: Path) -> None:
    assert [row["candidate"] for row in plan(town, "--limit", "300", "--budget", "299999.99")["chosen"]] == ["k2"]
    assert [row["candidate"] for row in plan(town, "--limit", "300", "--p", "2", "--exclude", "k1,k2")["chosen"]] == ["k3"]
    assert [row["candidate"] for row in plan(town, "--limit", "300", "--p", "1", "--force", "k4")["chosen"]] == ["k4"]
    assert sited(town, "--limit", "300", "--p", "0", "--force", "k4").exception is not None
    assert "k9" in str(sited(town, "--limit", "300", "--p", "1", "--exclude", "k9").exception)


def test_limits_that_force_forbids_are_told_in_yuan_and_by_the_candidates_ids(town: Path) -> None:
    def said(*words: str) -> str:
        error = sited(town, "--limit", "300", *words).exception
        return str(error.problems[0] if isinstance(error, Problems) else error)

    assert "≥ ¥200,000.50" in (text := said("--budget", "5", "--force", "k2"))
    assert "¥5.00" in text
    assert "¥-5.00" in said("--budget", "-5")
    assert "k2" in said("--p", "2", "--force", "k2", "--exclude", "k1,k2")
    assert "raise --p" in said("--p", "1", "--force", "k1,k2")


def test_a_budget_over_candidates_without_costs_is_refused(town: Path) -> None:
    assert getattr(sited(town, "--limit", "300", "--budget", "50", cost="price").exception, "code", "") == "reach.no_cost"


def test_a_curve_has_a_plan_for_every_number_of_places(town: Path) -> None:
    plans = plan(town, "--limit", "300", "--p", "4", "--curve")
    assert [(one["places"], one["covered"], one["bound"]) for one in plans] == [(0, 0, 0), (1, 5, 5), (2, 8, 8)]
    told = sited(town, "--limit", "300", "--p", "4", "--curve", "--gains", str(town / "g.csv"), out="plan.csv")
    assert told.exit_code == 0
    assert told.stdout.count("s from the beginning of the curve") == len(plans)
    assert told.stderr.count("place(s) done") >= len(plans) - 1  # that of none is there at once
    with (town / "plan.csv").open(encoding="utf-8") as file:
        assert [(row["places"], row["candidate"], row["plan_covers"]) for row in csv.DictReader(file)] == [
            ("1", "k1", "5"),
            ("2", "k1", "8"),
            ("2", "k2", "8"),
        ]
    with (town / "g.csv").open(encoding="utf-8") as file:
        assert [(row["candidate"], row["adds"]) for row in csv.DictReader(file)] == [("k1", "5"), ("k2", "3"), ("k3", "3"), ("k4", "0")]


def test_numbers_of_people_with_decimals_keep_them(town: Path) -> None:
    written(town / "homes.csv", "# system: WGS-84", "id,lon,lat,residents", f"10,{degrees(1000, 480)},0.25", f"9,{degrees(250, 20)},3.5")
    one = plan(town, "--limit", "300", "--p", "2")
    assert ([row["adds"] for row in one["chosen"]], one["covered"], one["total"]) == ([3.5, 0.25], 3.75, 3.75)


def test_a_column_of_people_that_isnt_there_is_refused(town: Path) -> None:
    assert "children" in str(sited(town, "--limit", "300", "--p", "1", "--weights", "children").exception)


def homes_file(town: Path, *points: str, system: str = "WGS-84") -> None:
    written(town / "homes.csv", f"# system: {system}", "id,lon,lat", *(f"{number},{point}" for number, point in enumerate(points)))


def test_homes_with_longitude_and_latitude_swapped_are_refused(town: Path) -> None:
    homes_file(town, *(",".join(reversed(degrees(x, 10).split(","))) for x in (100, 300, 500)))
    error = nearest(town).exception
    assert isinstance(error, LinliError)
    assert (error.code, error.place and error.place.file) == ("reach.swapped", "homes.csv")


def test_one_swapped_home_among_others_is_listed(town: Path) -> None:
    homes_file(town, degrees(100, 10), degrees(200, 10), ",".join(reversed(degrees(300, 10).split(","))), "nan,35", "x,35", ",")
    assert nearest(town).exit_code == 0
    with (town / "t.csv.listed.csv").open(encoding="utf-8") as file:
        assert [(one["id"], one["code"]) for one in csv.DictReader(file)] == [
            ("2", "swapped"),
            ("3", "not_finite"),
            ("4", "not_finite"),
            ("5", "not_finite"),
        ]


def test_homes_of_which_none_is_on_the_network_are_refused(town: Path) -> None:
    homes_file(town, "120.1,30.2", "120.2,30.3")
    error = nearest(town).exception
    assert isinstance(error, LinliError)
    assert error.code == "reach.nowhere"


def test_homes_in_gcj_02_without_saying_so_are_told_of(town: Path) -> None:
    lon, lat = from_wgs84(
        *(np.array([float(degrees(x, 3).split(",")[part]) for x in range(0, 1000, 20)]) for part in range(2)), "GCJ-02", np
    )
    homes_file(town, *(f"{x:.7f},{y:.7f}" for x, y in zip(lon, lat, strict=True)))
    written(town / "places.csv", "# system: WGS-84", "id,lon,lat,category", f"a,{degrees(1000, 0)},market")
    result = nearest(town, "--most-metres", "2000")
    assert result.exit_code == 0
    assert "gcj02" in result.output
    homes_file(town, *(f"{x:.7f},{y:.7f}" for x, y in zip(lon, lat, strict=True)), system="GCJ-02")
    assert "gcj02" not in nearest(town).output


@pytest.mark.parametrize(
    ("name", "lines", "code"),
    [
        ("homes", ["id,lon,lat", "1,111,35", "1,111.001,35"], "reach.double_key"),
        ("homes", ["id,lon,lat,residents", "1,111,35,many"], "reach.cell"),
        ("homes", ["id,lon,lat,residents", "1,111,35,-2"], "reach.cell"),
        ("homes", ["id,lon,lat,residents", "1,111,35,5e30"], "reach.cell"),
        ("homes", ["id,x,y", "1,111,35"], "reach.columns"),
        ("homes", ["id,lon,lat"], "reach.empty"),
        ("places", ["id,lon,lat,category", "1,111,35,"], "reach.cell"),
        ("places", ["id,lon,lat,category", "1,111,35,market", "1,111,35,market"], "reach.cell"),
        ("places", ["id,lon,lat,category", "1,111,35,market", "1,111.001,35,breakfast"], "reach.cell"),
        ("places", ["id,lon,lat", "1,111,35"], "reach.columns"),
    ],
)
def test_wrong_homes_and_places_are_refused(town: Path, name: str, lines: list[str], code: str) -> None:
    written(town / f"{name}.csv", "# system: WGS-84", *lines)
    error = nearest(town).exception
    assert isinstance(error, LinliError | Problems)
    first = error.problems[0] if isinstance(error, Problems) else error
    assert first.code == code
    assert first.place is not None
    assert first.place.file == f"{name}.csv"


def test_a_file_that_is_no_network_is_refused_before_anything_is_said_of_the_others(town: Path) -> None:
    homes = written(town / "own.csv", "id,lon,lat", "1,111,35")  # doesn't say its system
    for words in (("nearest", "--places", homes), ("site", "--candidates", homes, "--p", "1")):
        error = run(*words, "--graph", homes, "--homes", homes, "--out", town / "t.csv").exception
        assert isinstance(error, LinliError)
        assert error.code.endswith("not_a_network")


def test_a_damaged_network_is_refused(town: Path) -> None:
    graph = imported(town)
    graph.write_bytes(graph.read_bytes()[:-9])
    files = ("--graph", graph, "--places", town / "places.csv", "--homes", town / "homes.csv", "--out", town / "t.csv")
    error = run("nearest", *files).exception
    assert isinstance(error, LinliError)
    assert error.code == "reach.snapshot_damaged"


def test_an_extract_brings_its_places_in_a_file_of_their_own(tmp_path: Path) -> None:
    nodes = {1: (0.0, 0.0), 2: (400.0, 0.0), 3: (20.0, 10.0)}
    tagged = {3: {"shop": "supermarket", "name": "万家", "opening_hours": "24/7"}}
    path = extract(tmp_path / "x.osm", nodes, {7: ([1, 2], {"highway": "residential"})}, tagged)
    assert run("import", path, tmp_path / "g.reach").exit_code == 0
    written(tmp_path / "homes.csv", "# system: WGS-84", "id,lon,lat", f"1,{degrees(300, 10)}")
    places = tmp_path / "g.reach.places.csv"
    files = ("--graph", tmp_path / "g.reach", "--places", places, "--homes", tmp_path / "homes.csv", "--out", tmp_path / "t.csv")
    assert run("nearest", *files).exit_code == 0
    with (tmp_path / "t.csv").open(encoding="utf-8") as file:
        assert [(one["category"], one["place"], one["decimetres"]) for one in csv.DictReader(file)] == [("supermarket", "node/3", "3000")]
    error = run("import", path, tmp_path / "g.reach", "--system", "GCJ-02").exception
    assert isinstance(error, LinliError)
    assert error.code == "reach.osm_alone"


@pytest.mark.parametrize("text", ["a: b", "[1]", "a: [shop]", "{", "a: [shop=x&]"])
def test_a_wrong_tag_map_is_refused(tmp_path: Path, text: str) -> None:
    written(tmp_path / "map.yaml", text)
    with pytest.raises(LinliError):
        read_tag_map(tmp_path / "map.yaml")


def test_the_own_tag_map_and_a_citys_are_read() -> None:
    assert read_tag_map()["market"] == ("amenity=marketplace",)
    assert read_tag_map(Path("cities/yuncheng/places.yaml"))["market"] == ("amenity=marketplace",)


def test_from_every_node_and_every_cell(town: Path) -> None:
    files = ("--graph", imported(town), "--places", town / "places.csv", "--categories", "breakfast")
    assert run("nearest", *files, "--nodes", "--out", town / "n.csv").exit_code == 0
    with (town / "n.csv").open(encoding="utf-8") as file:
        assert [(one["node"], one["decimetres"]) for one in csv.DictReader(file)] == [
            ("1", "10000"),
            ("2", "5000"),
            ("3", "0"),
            ("4", "5000"),
        ]
    assert run("nearest", *files, "--cells", "9", "--out", town / "c.csv").exit_code == 0
    with (town / "c.csv").open(encoding="utf-8") as file:
        cells = list(csv.DictReader(file))
    assert all(len(one["cell"]) == 15 and one["cell"].startswith("89") for one in cells)
    assert "reached" in {one["state"] for one in cells}
    error = run("nearest", *files, "--nodes", "--cells", "9", "--out", town / "c.csv").exception
    assert isinstance(error, LinliError)
    assert error.code == "reach.from"


def test_how_far_the_nearest_street_is_from_a_home_too_far_away_is_told(town: Path) -> None:
    homes_file(town, degrees(100, 10), degrees(200, 210))
    assert nearest(town).exit_code == 0
    with (town / "t.csv.listed.csv").open(encoding="utf-8") as file:
        assert [(one["id"], one["code"], one["metres"]) for one in csv.DictReader(file)] == [("1", "too_far", "210.0")]


@pytest.mark.parametrize("words", [("--limit", "nan"), ("--most-metres", "nan"), ("--limit", "-1")])
def test_what_is_no_number_is_refused(town: Path, words: tuple[str, ...]) -> None:
    assert nearest(town, *words).exit_code == 2


def test_islands_are_left_out_where_that_is_asked(tmp_path: Path) -> None:
    nodes = {number: (number * 50.0, 0.0) for number in range(1, 50)} | {90: (0.0, 900.0), 91: (50.0, 900.0)}
    ways = {1: (list(range(1, 50)), {"highway": "footway"}), 2: ([90, 91], {"highway": "footway"})}
    path = extract(tmp_path / "x.osm", nodes, ways)
    assert run("import", path, tmp_path / "all.reach").exit_code == 0
    assert run("import", path, tmp_path / "main.reach", "--without-islands").exit_code == 0
    assert [len(load(tmp_path / f"{name}.reach").key) for name in ("all", "main")] == [51, 49]
