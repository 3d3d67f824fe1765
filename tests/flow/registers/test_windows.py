"""Service windows: read from a list, changed and closed, and found from where somebody is, the nearest open one first."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from place_examples import BUILDING, GROUP, SYSTEM, VILLAGE, person
from service_window_examples import ITEMS, ROW, window

from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.positions import GCJ02, WGS84, Position, gcj02, metres
from linli.kernel.viewer import Grant, Viewer
from linli.kernel.workdays import workdays
from linli.registers import acts
from linli.registers.generated.windows import made_up
from linli.registers.models import ServiceWindow
from linli.registers.queries.windows import Start, home_of, nearest, start_at
from linli.registers.windows import read_windows
from linli.trace.deep import verify_rows
from linli.trace.models import Fact

CITY = Path(__file__).resolve().parents[3] / "cities" / "yuncheng"
CALENDAR = workdays(CITY)
HOME = Position(111.0, 35.0)
MONDAY = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)
COUNTY = Viewer("staff:00000000-0000-7000-8000-000000000009", (Grant("administrator", "140802"),))


def found(item="", at=MONDAY, start=None):
    return [near.window.code for near in nearest(start or Start(HOME, VILLAGE), item, at, CALENDAR)]


def written(path, *rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, ROW)
        out.writeheader()
        out.writerows(ROW | row for row in rows)
    return path


@pytest.mark.usefixtures("small_city")
def test_the_nearest_open_window_that_does_the_item_comes_first():
    own = {"reach": "本辖区", "area_code": "140882"}
    given = [
        window("A-far-open", 111.30),
        window("B-near-closed", 111.001, hours="周六 09:00-12:00；调休上班日 休息"),
        window("C-near-open", 111.02),
        window("D-other-item", 111.005, items="disabled-student-aid"),
        window("E-other-county", 111.004, **own),
        window("F-afternoon", 111.5, hours="周一至周五 14:00-18:00"),
        window("G-never", 111.0, hours="周一 休息"),
    ]
    acts.import_windows(SYSTEM, windows=given, source="test")
    assert found("home-adaptation") == ["C-near-open", "A-far-open", "F-afternoon", "B-near-closed", "G-never"]
    assert found("disabled-student-aid")[0] == "D-other-item"
    assert "E-other-county" in found(start=Start(HOME, "140882100201"))
    unsure = {near.window.code: near.serves for near in nearest(Start(HOME), "", MONDAY, CALENDAR)}
    assert unsure["E-other-county"] is None
    assert unsure["C-near-open"] is True


@pytest.mark.usefixtures("small_city")
def test_windows_equally_far_stand_by_number_and_the_answer_says_how_far_and_until_when():
    acts.import_windows(SYSTEM, windows=[window("W2"), window("W10"), window("W1")], source="test")
    assert found() == ["W1", "W10", "W2"]
    near = nearest(Start(HOME, VILLAGE), "", MONDAY, CALENDAR)[0]
    assert near.metres == metres(HOME, Position(111.01, 35.0)) == 911
    assert near.standing.until == datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)
    evening = nearest(Start(HOME, VILLAGE), "", MONDAY.replace(hour=18), CALENDAR)[0]
    assert evening.standing.opens == datetime(2026, 11, 24, 9, tzinfo=SHANGHAI)


@pytest.mark.usefixtures("small_city")
def test_somebodys_place_is_their_building_or_else_the_centre_of_what_lies_round_it():
    who, day = person(), date(2026, 11, 23)
    assert home_of(who, day) is None
    acts.position_areas(SYSTEM, positions={"1408": HOME, "140802": Position(111.1, 35.0)}, source="test")
    assert home_of(who, day) == Start(Position(111.1, 35.0), BUILDING, "county")
    acts.position_areas(SYSTEM, positions={VILLAGE: Position(111.2, 35.0)}, source="test")
    assert home_of(who, day) == Start(Position(111.2, 35.0), BUILDING, "village")
    acts.position_areas(SYSTEM, positions={BUILDING: Position(111.3, 35.0)}, source="test")
    assert home_of(who, day) == Start(Position(111.3, 35.0), BUILDING, "building")
    assert start_at(GROUP, day) is None  # the middle of a prefecture says nothing of where somebody is


@pytest.mark.usefixtures("small_city")
def test_positions_are_traced_and_the_same_ones_again_change_nothing():
    assert acts.position_areas(SYSTEM, positions={VILLAGE: HOME}, source="test") == 1
    facts = Fact.objects.count()
    assert acts.position_areas(SYSTEM, positions={VILLAGE: HOME}, source="test") == 0
    assert Fact.objects.count() == facts
    with pytest.raises(LinliError) as caught:
        acts.position_areas(SYSTEM, positions={"140802099": HOME}, source="test")
    assert caught.value.code == "registers.unknown_area"
    with pytest.raises(Refused):
        acts.position_areas(COUNTY, positions={VILLAGE: HOME}, source="test")


@pytest.mark.usefixtures("small_city")
def test_a_list_is_read_in_its_own_system_once_and_nothing_changes_the_second_time(tmp_path):
    lon, lat = gcj02(HOME)
    path = written(tmp_path / "windows.csv", {"经度": f"{lon:.7f}", "纬度": f"{lat:.7f}", "坐标系": GCJ02, "办理事项": "home-adaptation"})
    read = read_windows(path, ITEMS)
    done = acts.import_windows(SYSTEM, windows=read, source="test")
    assert (done.opened, done.changed) == (1, 0)
    row = ServiceWindow.objects.get()
    assert metres(Position(float(row.lon), float(row.lat)), HOME) == 0
    assert (row.system, row.given, row.area_code, row.items) == (GCJ02, f"{lon:.7f}, {lat:.7f}", "140802002", ["home-adaptation"])
    again = acts.import_windows(SYSTEM, windows=read, source="test")
    assert (again.opened, again.changed) == (0, 0)
    assert Fact.objects.filter(type="registers.window_recorded").count() == 1


def test_every_wrong_cell_is_named_by_row_and_column(tmp_path):
    rows = (
        {"坐标系": ""},
        {"编号": "W2", "经度": "35.0", "纬度": "111.0"},
        {"编号": "W3", "办公时间": "全天", "办理事项": "没有的"},
        {"编号": "W3"},
    )
    with pytest.raises(Problems) as caught:
        read_windows(written(tmp_path / "windows.csv", *rows), ITEMS)
    named = [(one.place.line, one.place.field, one.code) for one in caught.value.problems]
    assert named == [
        (2, "坐标系", "positions.system"),
        (3, "经度", "positions.outside"),
        (4, "办公时间", "hours.malformed"),
        (4, "办理事项", "windows.malformed"),
        (5, "编号", "windows.malformed"),
    ]


@pytest.mark.usefixtures("small_city")
def test_a_window_is_changed_closed_and_opened_again_and_each_is_traced():
    acts.record_window(COUNTY, window=window("W1"))
    acts.record_window(COUNTY, window=window("W1"))
    acts.record_window(COUNTY, window=window("W1", phone="12345"))
    acts.close_window(COUNTY, code="W1")
    assert found() == []
    acts.record_window(COUNTY, window=window("W1", phone="12345"))
    assert found() == ["W1"]
    changes = Fact.objects.filter(type="registers.window_recorded").order_by("id")
    assert [fact.payload["change"] for fact in changes] == ["opened", "changed", "closed", "opened"]
    assert list(verify_rows()) == []
    ServiceWindow.objects.update(phone="110")
    assert [finding.code for finding in verify_rows()]


@pytest.mark.usefixtures("small_city")
def test_nobody_records_a_window_outside_their_own_area():
    for elsewhere in (window("W1", area_code="140882"), window("W1", area_code="1408")):
        with pytest.raises(Refused):
            acts.record_window(COUNTY, window=elsewhere)
    acts.record_window(SYSTEM, window=window("W1", area_code="140882"))
    with pytest.raises(Refused):
        acts.record_window(COUNTY, window=window("W1"))  # it would be taken from another county
    with pytest.raises(Refused):
        acts.close_window(COUNTY, code="W1")
    assert ServiceWindow.objects.get().area_code == "140882"


@pytest.mark.usefixtures("small_city")
def test_five_hundred_windows_are_two_queries():
    many = [window(f"W{number:03d}", 111 + number / 1000) for number in range(500)]
    acts.import_windows(SYSTEM, windows=many, source="test")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(found()) == 20
    assert len(queries) == 2  # the windows, and which walking network is in use


@pytest.mark.django_db
def test_the_demos_windows_lie_in_their_county_and_all_say_that_they_are_made_up():
    made = made_up(CITY, "12345", sorted(ITEMS))
    assert made == made_up(CITY, "12345", sorted(ITEMS))
    assert len(made.windows) == 13 + 147
    assert all(one.generated and "演示" in one.name_zh and "demo" in one.name_en and one.system == WGS84 for one in made.windows)
    seats = {one.area_code: one.place for one in made.windows if len(one.area_code) == 6}
    assert all(metres(place, seats[code[:6]]) <= 12_100 for code, place in made.townships.items())
