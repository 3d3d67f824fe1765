"""Village to county seat by bus: a timetable taken into use, times with their parts, who isn't reached and who can't be located."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import date

import pytest
from bus_examples import VILLAGE_STOP, feed
from place_examples import SYSTEM, VILLAGE
from town_examples import DAY, at, use

from linli.circles import queries
from linli.circles.acts import buses
from linli.circles.acts.buses import compute_buses, feed_file, feed_in_use, take_feed
from linli.circles.models import BusFeed, BusRun
from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.registers.models import Area
from linli.site.doctor import grounds
from linli.site.doctor.findings import FAIL, OK

pytestmark = pytest.mark.usefixtures("small_city")
HERE = Viewer("staff:1", (Grant("planner", "140802"),))
OTHER = "140802002002"


def placed(code: str, lon: float, lat: float) -> None:
    Area.objects.filter(code=code, valid_to=None).update(lon=lon, lat=lat)


def times(viewer: Viewer = SYSTEM) -> dict[str, tuple[str, int | None, int | None, int | None, int | None, str]]:
    return {one.area_code: (one.state, one.seconds, one.walk, one.wait, one.ride, one.way) for one in queries.bus_times(viewer)}


def test_a_timetable_that_was_damaged_is_named_and_mended_by_taking_it_again(tmp_path):
    taken = take_feed(SYSTEM, file=feed(tmp_path / "bus.zip"), source="测试")
    assert grounds.timetable().state == OK
    feed_file(taken.digest).write_bytes(b"PK")
    assert (grounds.timetable().state, "linli city buses" in grounds.timetable().remedy_zh) == (FAIL, True)
    take_feed(SYSTEM, file=tmp_path / "bus.zip", source="测试")
    assert grounds.timetable().state == OK


def test_a_journey_of_many_rides_is_kept_whole(tmp_path, monkeypatch):
    placed(VILLAGE, *VILLAGE_STOP)
    take_feed(SYSTEM, file=feed(tmp_path / "bus.zip"), source="测试")
    reckoned = buses.seat_times

    def by_many(*told, **named):
        found = reckoned(*told, **named)
        return replace(found, rows=[replace(row, rides=row.rides * 60) for row in found.rows])

    monkeypatch.setattr(buses, "seat_times", by_many)
    compute_buses(SYSTEM, day=DAY)
    way = times()[VILLAGE][-1]
    assert way == " → ".join(["8路 (村口 – 县城)"] * 60)


def test_a_village_at_the_stop_waits_half_the_headway_and_rides(tmp_path):
    placed(VILLAGE, *VILLAGE_STOP)
    placed(OTHER, 111.2, 35.02)  # thirteen kilometres from the nearest stop
    take_feed(SYSTEM, file=feed(tmp_path / "bus.zip"), source="测试")
    run = compute_buses(SYSTEM, day=DAY)
    found = times()
    assert found[VILLAGE] == ("reached", 1200, 0, 600, 600, "8路 (村口 – 县城)")
    assert found[OTHER][:2] == ("not_reached", None)
    assert (run.reached, run.not_reached, run.day) == (1, 1, DAY)
    assert run.unlocated == sum(state == "unlocated" for state, *_ in found.values()) > 0
    assert set(found) == set(Area.objects.filter(level="village", valid_to=None).values_list("code", flat=True))


def test_a_better_headway_is_a_shorter_way_and_the_newest_timetable_counts(tmp_path):
    placed(VILLAGE, *VILLAGE_STOP)
    first = take_feed(SYSTEM, file=feed(tmp_path / "bus.zip"), source="测试")
    assert take_feed(SYSTEM, file=feed(tmp_path / "again.zip"), source="测试") == first  # the same once more changes nothing
    compute_buses(SYSTEM, day=DAY)
    take_feed(SYSTEM, file=feed(tmp_path / "new.zip", headway=600), source="测试")
    compute_buses(SYSTEM, day=DAY)
    assert times()[VILLAGE][1] == 900
    assert BusFeed.objects.count() == BusRun.objects.count() == 2
    assert feed_file(first.digest).is_file()


def test_a_village_off_the_network_walks_in_straight_lines_and_says_so(tmp_path):
    use(tmp_path)
    inside = at(500, 0)
    placed(VILLAGE, inside.lon, inside.lat)
    placed(OTHER, *VILLAGE_STOP)
    take_feed(SYSTEM, file=feed(tmp_path / "bus.zip"), source="测试")
    compute_buses(SYSTEM, day=DAY)
    told = {one.area_code: one.straight for one in queries.bus_times(SYSTEM) if one.area_code in (VILLAGE, OTHER)}
    assert told == {VILLAGE: True, OTHER: True}  # no stop is on this network


def test_a_timetable_that_has_ended_is_not_taken_into_use_and_one_that_ends_in_use_is_read_next_to_its_end(tmp_path):
    placed(VILLAGE, *VILLAGE_STOP)
    file = feed(tmp_path / "bus.zip", first="20260105", last="20260130")
    with pytest.raises(LinliError) as caught:
        take_feed(SYSTEM, file=file, source="测试", day=DAY)
    assert ("2026-01-30" in str(caught.value.found), feed_in_use()) == (True, None)
    take_feed(SYSTEM, file=file, source="测试", day=date(2026, 1, 30))
    run = compute_buses(SYSTEM, day=DAY)
    assert run.day == date(2026, 1, 30)
    assert run.reached == 1


def test_a_timetable_of_another_city_is_refused_unless_meant(tmp_path):
    take_feed(SYSTEM, file=feed(tmp_path / "bus.zip"), source="测试")
    file = tmp_path / "elsewhere.zip"
    with zipfile.ZipFile(tmp_path / "bus.zip") as here, zipfile.ZipFile(file, "w") as there:
        for name in here.namelist():
            there.writestr(name, here.read(name).replace(b",35.02,111.", b",-23.55,-46."))
    with pytest.raises(LinliError) as caught:
        take_feed(SYSTEM, file=file, source="测试")
    assert ("--anyway" in caught.value.remedy_en, feed_in_use().name) == (True, "bus.zip")
    placed(VILLAGE, 112.5, 36.5)  # its seat has a stop, no village has
    with pytest.raises(LinliError):
        take_feed(SYSTEM, file=feed(tmp_path / "new.zip", headway=600), source="测试")
    assert take_feed(SYSTEM, file=file, source="测试", anyway=True) == feed_in_use()


def test_a_broken_timetable_is_refused_and_the_old_one_stays(tmp_path):
    take_feed(SYSTEM, file=feed(tmp_path / "bus.zip"), source="测试")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 not a zip")
    with pytest.raises(Problems):
        take_feed(SYSTEM, file=tmp_path / "broken.zip", source="测试")
    assert feed_in_use() == BusFeed.objects.get()
    with pytest.raises(Refused):
        take_feed(HERE, file=tmp_path / "bus.zip", source="测试")
    with pytest.raises(Refused):
        compute_buses(HERE)


def test_without_a_timetable_there_is_nothing_to_compute():
    with pytest.raises(LinliError, match="timetable"):
        compute_buses(SYSTEM)


def test_each_countys_planner_sees_its_own_villages(tmp_path):
    placed(VILLAGE, *VILLAGE_STOP)
    take_feed(SYSTEM, file=feed(tmp_path / "bus.zip"), source="测试")
    compute_buses(SYSTEM, day=DAY)
    assert {code[:6] for code in times(HERE)} == {"140802"}
    assert times(Viewer("staff:2", ())) == {}
