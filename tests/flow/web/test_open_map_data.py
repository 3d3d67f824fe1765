"""Open data of the map: files for everyone, without telephones and without small numbers of people."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from map_examples import shops, stated, use_town
from place_examples import FIRST_DAY, SYSTEM

from linli.circles.declared import standard
from linli.circles.models import Circle, Coverage, Figure
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


def test_small_numbers_of_a_circle_are_left_out_and_the_same_number_is_told_the_same(
    client: Client, small_city: Any, tmp_path: Path
) -> None:
    network = use_town(tmp_path)
    circle = Circle.objects.create(
        code="C-1",
        name_zh="东城生活圈",
        name_en="East",
        kind="ordinary",
        area_code="140802002",
        polygon={"type": "Polygon", "coordinates": [[]]},
    )
    today = clock.today()
    run = Coverage.objects.create(
        network=network, day=today, homes_as_of=today, standard="s", moments={}, figures="f", homes=1, unlocated_homes=0, unsnapped_homes=0,
        places=0, unsnapped_places=0, unknown_hours=0, made_at=clock.now(), made_by="test", milliseconds=1,
    )  # fmt: skip
    norms = [one.key for one in standard().asked(today)][:2]
    for norm in norms:
        Figure.objects.create(
            run=run, circle=circle, norm=norm, profile="adult", limit=10_000, looked=20_000, people={"residents": [1203, 3, 0]}, found=1
        )
    rows = list(csv.DictReader(io.StringIO(client.get("/open-data/map/coverage.csv").content.decode())))
    assert len(rows) == 2
    assert {row["uncovered"] for row in rows} == {""}
    assert len({row["covered"] for row in rows}) == 1
    assert int(rows[0]["covered"]) % 5 == 0
    assert abs(int(rows[0]["covered"]) - 1203) < 5


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
