"""Positions: the three systems, their known pairs and the way back, and distances with the laws that they keep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kernel.errors import LinliError
from linli.kernel.positions import BD09, GCJ02, SYSTEMS, WGS84, Position, bd09, from_wgs84, gcj02, metres, position, to_wgs84

PLACES = st.builds(Position, st.floats(105, 120), st.floats(30, 42))


def test_the_published_pair_of_gcj_02_is_reproduced():
    # (116.404, 39.915) is the pair that the open implementations of the formula test themselves with.
    lon, lat = gcj02(Position(116.404, 39.915))
    assert (round(lon, 9), round(lat, 9)) == (116.410244499, 39.916404282)


def test_forgetting_the_system_at_taiyuan_is_wrong_by_half_a_kilometre():
    place = Position(112.55, 37.87)
    lon, lat = gcj02(place)
    assert 500 < metres(place, Position(lon, lat)) < 620


@settings(max_examples=40)
@given(PLACES)
def test_every_system_leads_back_to_the_same_place(place: Position):
    assert metres(place, position(*gcj02(place), GCJ02)) == 0
    assert metres(place, position(*bd09(place), BD09)) == 0
    assert position(place.lon, place.lat, WGS84) == place


@settings(max_examples=40)
@given(st.lists(PLACES, min_size=1, max_size=5), st.sampled_from(SYSTEMS))
def test_many_at_once_are_what_each_is_by_itself(places: list[Position], system: str):
    lon, lat = np.array([place.lon for place in places]), np.array([place.lat for place in places])
    there = from_wgs84(lon, lat, system, np)
    back = to_wgs84(*there, system, np)
    for index, place in enumerate(places):
        assert (there[0][index], there[1][index]) == pytest.approx(from_wgs84(place.lon, place.lat, system), abs=1e-12)
        assert (back[0][index], back[1][index]) == pytest.approx((place.lon, place.lat), abs=1e-9)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # A degree of a meridian and of the equator on the mean sphere, and half of it round the earth.
        (Position(111.0, 35.0), Position(111.0, 36.0), 111_195),
        (Position(100.0, 0.0), Position(101.0, 0.0), 111_195),
        (Position(0.0, 0.0), Position(180.0, 0.0), 20_015_114),
    ],
)
def test_known_distances(one: Position, other: Position, expected: int):
    assert metres(one, other) == expected


def test_beijing_to_shanghai_is_as_far_as_gazetteers_say():
    assert round(metres(Position(116.4075, 39.9042), Position(121.4737, 31.2304)), -3) == 1_067_000


@settings(max_examples=40)
@given(PLACES, PLACES, PLACES)
def test_a_distance_is_the_same_both_ways_and_no_detour_is_shorter(one: Position, two: Position, three: Position):
    assert metres(one, two) == metres(two, one)
    assert metres(one, one) == 0
    assert metres(one, three) <= metres(one, two) + metres(two, three) + 2  # each is rounded to a metre


@pytest.mark.parametrize(
    ("lon", "lat", "system", "code"),
    [
        (111.0, 35.0, "", "positions.system"),
        (111.0, 35.0, "CGCS2000?", "positions.system"),
        (35.0, 111.0, WGS84, "positions.outside"),
        (float("nan"), 35.0, GCJ02, "positions.outside"),
    ],
)
def test_coordinates_without_a_system_or_outside_the_country_are_refused(lon: float, lat: float, system: str, code: str):
    with pytest.raises(LinliError) as caught:
        position(lon, lat, system)
    assert caught.value.code == code
