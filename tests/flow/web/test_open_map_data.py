"""Open data of the map: files for everyone, without telephones and without small numbers of people."""

from __future__ import annotations

import csv
import io
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from map_examples import shops, stated, use_town
from place_examples import FIRST_DAY, SYSTEM

from linli.circles.declared import standard
from linli.circles.models import Circle, Coverage, Figure
from linli.insight.opencoverage import BLUR, share
from linli.insight.opendata import shift
from linli.kernel import clock
from linli.registers import acts

pytestmark = pytest.mark.django_db


def test_the_maps_places_and_circles_are_files_for_everyone(client: Client, small_city: Any) -> None:
    shops()
    acts.open_place(SYSTEM, place=stated("P-9", "=1+1", (3, 3), "repair"), on=FIRST_DAY)
    Circle.objects.create(
        code="C-1",
        name_zh="东城生活圈",
        name_en="East",
        kind="ordinary",
        area_code="140802002",
        polygon={"type": "Polygon", "coordinates": [[]]},
    )
    rows = list(csv.DictReader(io.StringIO(client.get("/open-data/map/places.csv").content.decode())))
    assert {row["code"] for row in rows} >= {"P-1", "P-9"}
    assert next(row for row in rows if row["code"] == "P-1")["categories"] == "convenience parcel"
    assert next(row for row in rows if row["code"] == "P-9")["name_zh"] == "'=1+1"
    assert "0359" not in str(rows)  # nobody's telephone
    shapes = client.get("/open-data/map/places.geojson").json()["features"]
    assert len(shapes) == len(rows)
    (circle,) = client.get("/open-data/map/circles.geojson").json()["features"]
    assert (circle["properties"]["code"], circle["geometry"]["type"]) == ("C-1", "Polygon")
    assert "东城生活圈" in client.get("/open-data/map/circles.csv").content.decode()
    assert client.get("/open-data/map/homes.csv").status_code == 404
    assert "places.geojson" in client.get("/open-data/").content.decode()


def figures(network: Any, people: dict[str, list[list[int]]], *, homes: int) -> list[dict[str, str]]:
    """What everyone may read of a computation. people: by circle or county, residents covered, uncovered, not located of each norm."""
    today = clock.today()
    run = Coverage.objects.create(
        network=network, day=today, homes_as_of=today, standard="s", moments={}, figures="f", homes=homes, unlocated_homes=0,
        unsnapped_homes=0, places=0, unsnapped_places=0, unknown_hours=0, made_at=clock.now(), made_by="test", milliseconds=1,
    )  # fmt: skip
    for code, counts in people.items():
        of: dict[str, Any] = {"area_code": code}
        if code.startswith("C-"):
            bounds: Any = {"kind": "ordinary", "area_code": "140802002", "polygon": {"type": "Polygon", "coordinates": [[]]}}
            of = {"circle": Circle.objects.create(code=code, name_zh="东城生活圈", name_en="East", **bounds)}
        for norm, count in zip(standard().asked(today), counts, strict=False):
            Figure.objects.create(
                run=run, **of, norm=norm.key, profile="adult", limit=10_000, looked=20_000, people={"residents": count}, found=1
            )
    return list(csv.DictReader(io.StringIO(Client().get("/open-data/map/coverage.csv").content.decode())))


def test_of_a_circle_everyone_reads_a_band_and_the_same_total_for_every_norm_but_no_count(small_city: Any, tmp_path: Path) -> None:
    people = {
        "C-1": [[1203, 3, 0], [700, 506, 0], [300, 906, 0], [20, 1186, 0], [300, 906, 500]],
        "C-2": [[180, 0, 0], [0, 180, 0]],
    }
    rows = figures(use_town(tmp_path), people, homes=500)
    by_norm = {row["norm"]: row for row in rows if row["circle"] == "C-1"}
    assert [by_norm[norm.key]["share"] for norm in standard().asked(clock.today())[:5]] == ["most", "more", "fewer", "few", "unknown"]
    assert {row["share"] for row in rows if row["circle"] == "C-2"} == {""}
    assert {row[key] for row in rows for key in ("covered", "uncovered", "unlocated")} == {""}
    for code, true in (("C-1", 1206), ("C-2", 180)):
        (total,) = {int(row["residents"]) for row in rows if row["circle"] == code}
        assert total % 5 == 0
        assert abs(total - true) < 5


def test_counts_are_told_of_all_counties_together_alone_and_where_there_are_many_buildings(small_city: Any, tmp_path: Path) -> None:
    network = use_town(tmp_path)
    people = {"140802": [[26_013, 8_002, 1_501]], "140825": [[10_000, 0, 0]], "140802002001": [[500, 0, 0]]}
    rows = figures(network, people, homes=500)
    assert [(row["circle"], row["area_code"], row["share"]) for row in rows] == [
        ("", "140802", "more"),
        ("", "140825", "most"),
        ("", "", "more"),
    ]
    assert {row[key] for row in rows[:2] for key in ("covered", "uncovered", "unlocated")} == {""}
    told = {key: int(rows[2][key]) for key in ("covered", "uncovered", "unlocated", "residents")}
    assert {count % 50 for count in told.values()} == {0}
    for key, true in {"covered": 36_013, "uncovered": 6_501, "unlocated": 1_501, "residents": 44_015}.items():
        assert abs(told[key] - true) < 50


def test_where_few_buildings_are_on_the_network_nothing_is_counted_at_all(small_city: Any, tmp_path: Path) -> None:
    (_county, every) = figures(use_town(tmp_path), {"140802": [[30_013, 9_002, 0]]}, homes=99)
    assert (every["area_code"], every["covered"], every["uncovered"], every["share"]) == ("", "", "", "more")


@pytest.mark.parametrize(
    ("buildings", "small"),
    [
        pytest.param((8, 4, 80, 120), (0, 1), id="two small buildings beside two large ones"),
        pytest.param((4, 8, 8, 200), (0, 1, 2), id="three small buildings beside a large one"),
        pytest.param((60, 50, 4, 110), (2,), id="one small building among three"),
        pytest.param((8, 8, 4, 181), (0, 1, 2), id="just enough people"),
    ],
)
def test_solving_all_that_is_told_of_a_circle_leaves_both_few_and_many_in_each_small_building(
    buildings: tuple[int, ...], small: tuple[int, ...]
) -> None:
    """Whoever knows the streets knows which buildings each norm reaches. Suppose that norms reach every set of these four."""
    smallest, about = 5, "circle:C-1"
    unit = BLUR * smallest
    sets, total = [np.array(one) for one in itertools.product((0, 1), repeat=4)], sum(buildings)
    told = [share((int(one @ buildings), total - int(one @ buildings), 0), smallest, about) for one in sets]
    assert len(set(told)) > 1
    guesses = np.stack(np.meshgrid(*(np.arange(max(count - 12, 0), count + 13) for count in buildings), indexing="ij"), -1).reshape(-1, 4)
    guesses = guesses[np.abs(guesses.sum(1) - total) < smallest]  # as the total is told
    # Let them even know how the total is rounded inside.
    every = (guesses.sum(1) + shift(f"{about}:share", "residents", unit)) // unit * unit
    left = np.zeros(len(guesses), bool)
    for shifted in range(unit):
        fits = np.ones(len(guesses), bool)
        for one, band in zip(sets, told, strict=True):
            covered = (guesses @ one + shifted) // unit * unit
            tenths = (10 * covered >= 9 * every, 2 * covered >= every, 10 * covered >= every)
            fits &= np.select(tenths, ["most", "more", "fewer"], "few") == band
        left |= fits
    assert (guesses[left] == buildings).all(1).any()
    for at in small:
        assert {4, 8} <= set(guesses[left][:, at].tolist())


def test_a_file_is_the_places_as_they_are_and_says_whose_map_one_comes_from(client: Client, small_city: Any, tmp_path: Path) -> None:
    use_town(tmp_path)
    shops()
    assert client.get("/open-data/map/places.csv").content == client.get("/open-data/map/places.csv").content
    acts.open_place(SYSTEM, place=stated("osm-node/7", "地图上的药店", (3, 3), "pharmacy"), on=FIRST_DAY)
    shapes = {one["properties"]["code"]: one["properties"] for one in client.get("/open-data/map/places.geojson").json()["features"]}
    of_map = ("OpenStreetMap", "ODbL 1.0, © OpenStreetMap contributors")  # whichever network is in use
    assert (shapes["osm-node/7"]["source"], shapes["osm-node/7"]["licence"]) == of_map
    assert shapes["P-1"]["licence"] == ""
    rows = list(csv.DictReader(io.StringIO(client.get("/open-data/map/places.csv").content.decode())))
    assert {row["code"]: row["licence"] for row in rows}["osm-node/7"] == of_map[1]
    acts.close_place(SYSTEM, code="P-1", on=clock.today())
    assert "P-1" not in client.get("/open-data/map/places.geojson").content.decode()
