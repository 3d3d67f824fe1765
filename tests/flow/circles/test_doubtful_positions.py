"""Circles whose position is most likely wrong are listed when they are imported; they are used as stated all the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from linli.circles.doubts import NOT_ASKED, doubts_of
from linli.circles.reading import NewCircle
from linli.kernel.positions import Position
from linli.reach.graph import Barrier
from tests.flow.circles.town_examples import VILLAGE, at, graph, use

pytestmark = pytest.mark.django_db


def grown(code: str, centre: Position) -> NewCircle:
    return NewCircle(code, code, code, "ordinary", "", VILLAGE[:9], None, centre, 15, "adult", (), False, ())


def drawn(code: str, *corners: Position) -> NewCircle:
    ring = [[one.lon, one.lat] for one in (*corners, corners[0])]
    return replace(grown(code, corners[0]), centre=None, minutes=None, polygon={"type": "Polygon", "coordinates": [ring]})


def test_a_centre_in_the_sea_or_in_a_lake_and_a_polygon_without_a_street_are_listed(tmp_path: Path) -> None:
    lake = tuple((one.lon, one.lat) for one in (at(400, 20), at(600, 20), at(600, 180), at(400, 180), at(400, 20)))
    town = graph()
    use(tmp_path, replace(town, barriers=(*town.barriers, Barrier("water", lake, ""))))
    sea = Position(125.0, 30.0)
    circles = [
        grown("sea", sea),
        grown("lake", at(500, 15)),
        grown("wet", at(500, 60)),
        drawn("empty", at(300, 300), at(400, 300), at(400, 400)),
        drawn("good", at(-50, -50), at(450, -50), at(450, 50)),
    ]
    listed = doubts_of(circles)
    assert [one.code for one in listed if one.code == "sea"][:2] == ["sea", "sea"], "off the network, and nothing can be walked to"
    assert {one.code for one in listed} == {"sea", "wet", "empty"}


def test_without_a_network_it_says_that_nothing_was_checked() -> None:
    assert [one.words for one in doubts_of([grown("A", at(0, 0))])] == [NOT_ASKED]
