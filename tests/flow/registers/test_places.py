"""Places: read from a list, opened, changed, moved and closed from a day on, and what was open on a day and at a moment."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from listed_place_examples import CITY, KNOWN, ROW, place
from place_examples import SYSTEM, VILLAGE
from service_window_examples import window

from linli.kernel import clock
from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.positions import GCJ02, Position, gcj02, metres
from linli.kernel.viewer import Grant, Viewer
from linli.kernel.workdays import workdays
from linli.registers import acts
from linli.registers.models import Place, PlaceRole
from linli.registers.places import read_places
from linli.registers.queries.places import open_places
from linli.trace.deep import verify_rows
from linli.trace.models import Fact

CALENDAR = workdays(CITY)
DAY, NEXT, LATER = date(2026, 11, 1), date(2026, 11, 10), date(2026, 11, 20)
OFFICER = Viewer("staff:00000000-0000-7000-8000-000000000009", (Grant("officer", "140802"),))
STEWARD = Viewer("staff:00000000-0000-7000-8000-000000000008", (Grant("steward", VILLAGE),))
HEJIN = Viewer("staff:00000000-0000-7000-8000-000000000007", (Grant("officer", "140882"),))

pytestmark = pytest.mark.usefixtures("small_city")


def written(path, *rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, ROW)
        out.writeheader()
        out.writerows(ROW | row for row in rows)
    return path


def there(on, *categories):
    return {row.code: sorted(row.roles) for row in open_places(on, categories or None).rows}


def bring(*places, on=DAY, source="list", whole=False):
    done = acts.import_places(SYSTEM, places=places, on=on, file_digest="test", source=source, whole=whole)
    return done.opened, done.changed, done.closed, done.kept


def test_a_list_is_read_in_its_own_system_and_nothing_changes_the_second_time(tmp_path):
    home = Position(111.0, 35.0)
    lon, lat = gcj02(home)
    row = {
        "经度": f"{lon:.7f}",
        "纬度": f"{lat:.7f}",
        "坐标系": GCJ02,
        "类别": "托育机构（40）、便利店",
        "营业时间": "",
        "开业日期": "2026-03-01",
    }
    read = read_places(written(tmp_path / "places.csv", row), KNOWN)
    assert bring(*read) == (1, 0, 0, 0)
    found = open_places(DAY).rows
    assert [(one.code, one.roles) for one in found] == [("P1", {"childcare": 40, "convenience": None})]
    assert metres(Position(found[0].lon, found[0].lat), home) == 0
    facts = Fact.objects.count()
    assert bring(*read) == (0, 0, 0, 0)
    assert Fact.objects.filter(type="registers.place_recorded").count() == 1
    assert Fact.objects.count() == facts + 1  # that a list was brought again is on record, and nothing else
    assert list(verify_rows()) == []


def test_every_wrong_cell_is_named_by_row_and_column(tmp_path):
    rows = (
        {"坐标系": ""},
        {"编号": "P2", "经度": "35.0", "纬度": "111.0", "类别": "没有的类别"},
        {"编号": "P3", "营业时间": "全天", "开业日期": "2026/1/1", "形式": "楼"},
        {"编号": "P3", "开业日期": "2026-02-01", "停业日期": "2026-01-01"},
        {"编号": "P4", "类别": "便民服务窗口"},
    )
    with pytest.raises(Problems) as caught:
        read_places(written(tmp_path / "places.csv", *rows), KNOWN)
    assert [(one.place.line, one.place.field) for one in caught.value.problems] == [
        (2, "坐标系"), (3, "经度"), (3, "类别"), (4, "营业时间"), (4, "形式"), (4, "开业日期"), (5, "编号"), (5, "停业日期"), (6, "类别"),
    ]  # fmt: skip
    with pytest.raises(Problems) as caught:
        read_places(tmp_path / "none.csv", KNOWN) if (tmp_path / "none.csv").write_text("编号,名称\n1,店\n", "utf-8") else None
    assert "坐标系" in str(caught.value.problems[0].expected)


def test_what_was_open_on_a_day_stays_answerable_after_it_moved_changed_and_closed():
    acts.open_place(OFFICER, place=place(hours="周一至周日 06:00-09:30"), on=DAY)
    acts.move_place(OFFICER, code="P1", to=Position(111.05, 35.0), on=NEXT)
    acts.change_place(OFFICER, place=place(lon=111.05, categories="早餐店、便利店", hours="周一至周日 06:00-20:00"), on=LATER)
    acts.close_place(STEWARD, code="P1", on=date(2026, 12, 1))
    assert there(date(2026, 10, 31)) == {}
    assert there(DAY) == there(NEXT) == {"P1": ["breakfast"]}
    assert there(LATER) == there(date(2026, 11, 30)) == {"P1": ["breakfast", "convenience"]}
    assert there(date(2026, 12, 1)) == {}
    assert [open_places(day).rows[0].lon for day in (DAY, date(2026, 11, 9), NEXT, LATER)] == [111.01, 111.01, 111.05, 111.05]
    assert "09:30" in open_places(NEXT).rows[0].hours
    assert "20:00" in open_places(LATER).rows[0].hours
    acts.change_place(OFFICER, place=place(lon=111.05), on=date(2026, 12, 10))
    assert there(date(2026, 12, 5)) == {}
    assert there(date(2026, 12, 10)) == {"P1": ["breakfast"]}
    changes = Fact.objects.filter(type="registers.place_recorded").order_by("id")
    assert [fact.payload["change"] for fact in changes] == ["opened", "moved", "changed", "closed", "reopened"]
    assert list(verify_rows()) == []
    PlaceRole.objects.update(capacity=7)
    assert [finding.code for finding in verify_rows()]


def test_every_act_said_again_changes_nothing():
    for _ in range(2):
        acts.open_place(STEWARD, place=place(), on=DAY)
    for _ in range(2):
        acts.move_place(OFFICER, code="P1", to=Position(111.02, 35.0), on=NEXT)
    for _ in range(2):
        acts.close_place(OFFICER, code="P1", on=LATER)
    assert Fact.objects.filter(type="registers.place_recorded").count() == 3
    assert Place.objects.get().closed == LATER


def test_a_place_closes_neither_before_it_opened_nor_twice_on_different_days():
    acts.open_place(OFFICER, place=place(), on=DAY)
    with clock.frozen(datetime(2026, 11, 25, 9, tzinfo=SHANGHAI)):
        with pytest.raises(LinliError) as caught:
            acts.close_place(OFFICER, code="P1", on=date(1990, 1, 1))
        assert (caught.value.code, caught.value.expected_zh) == ("places.closed_before_opening", "2026-11-01 或之后的日期")
        assert Place.objects.get().closed is None
        acts.close_place(OFFICER, code="P1", on=LATER)
        for other in (NEXT, date(2026, 12, 1)):
            with pytest.raises(LinliError, match="closed since 2026-11-20"):
                acts.close_place(OFFICER, code="P1", on=other)
        assert acts.close_place(OFFICER, code="P1", on=LATER).closed == LATER


def test_a_closing_that_is_taken_back_before_its_day_never_was():
    acts.open_place(OFFICER, place=place(), on=DAY)
    acts.close_place(OFFICER, code="P1", on=LATER)
    acts.change_place(OFFICER, place=place(), on=NEXT)
    assert there(LATER) == {"P1": ["breakfast"]}
    assert PlaceRole.objects.count() == 1
    with clock.frozen(datetime(2026, 11, 5, 9, tzinfo=SHANGHAI)):
        acts.close_place(OFFICER, code="P1", on=LATER)
        acts.close_place(OFFICER, code="P1", on=NEXT)  # it is to close earlier than first said
    assert there(NEXT) == {}


def test_a_place_that_closes_and_opens_within_a_day_does_what_it_did_once():
    acts.open_place(OFFICER, place=place(), on=DAY)
    for _ in range(2):
        acts.close_place(OFFICER, code="P1", on=NEXT)
        acts.change_place(OFFICER, place=replace(place(), opened=DAY), on=NEXT)
    assert PlaceRole.objects.get().until is None
    assert there(LATER) == {"P1": ["breakfast"]}
    acts.close_place(OFFICER, code="P1", on=NEXT)
    assert (PlaceRole.objects.get().until, there(DAY), there(NEXT)) == (NEXT, {"P1": ["breakfast"]}, {})


def test_a_place_that_was_still_to_open_and_is_closed_never_opens():
    acts.open_place(OFFICER, place=place(opened="2026-12-01"), on=DAY)
    with clock.frozen(datetime(2026, 11, 5, 9, tzinfo=SHANGHAI)):
        acts.close_place(OFFICER, code="P1", on=LATER)
    assert there(date(2026, 12, 1)) == there(date(2027, 1, 1)) == {}
    with pytest.raises(LinliError) as caught:
        acts.change_place(OFFICER, place=place(closed="2026-11-25"), on=LATER)
    assert caught.value.code == "places.closed_before_opening"


def test_another_place_under_the_same_number_is_refused_and_a_change_before_an_earlier_one_too():
    acts.open_place(OFFICER, place=place(), on=DAY)
    with pytest.raises(Refused):
        acts.open_place(OFFICER, place=place(lon=111.09, name_zh="另一家"), on=DAY)
    acts.move_place(OFFICER, code="P1", to=Position(111.02, 35.0), on=LATER)
    with pytest.raises(LinliError) as caught:
        acts.move_place(OFFICER, code="P1", to=Position(111.03, 35.0), on=NEXT)
    assert caught.value.code == "places.earlier_change"
    with pytest.raises(LinliError) as caught:
        acts.close_place(OFFICER, code="P9", on=DAY)
    assert caught.value.code == "places.unknown"


def test_nobody_records_a_place_outside_their_own_area():
    for act in (acts.open_place, acts.change_place):
        with pytest.raises(Refused):
            act(HEJIN, place=place(), on=DAY)
    acts.open_place(OFFICER, place=place(), on=DAY)
    with pytest.raises(Refused):
        acts.change_place(HEJIN, place=place(area_code="140882100201"), on=DAY)  # it would be taken from another county
    with pytest.raises(Refused):
        acts.move_place(STEWARD, code="P1", to=Position(111.02, 35.0), on=NEXT)  # a steward says open or closed only
    with pytest.raises(Refused):
        acts.close_place(HEJIN, code="P1", on=NEXT)
    with pytest.raises(Refused):
        acts.import_places(HEJIN, places=[place()], on=DAY, file_digest="test")
    assert Place.objects.get().area_code == VILLAGE


def test_a_newer_file_of_the_map_updates_closes_what_is_gone_and_leaves_what_people_have_said():
    one, two, three = (replace(place(f"osm-n{number}"), osm=f"node/{number}") for number in (1, 2, 3))
    acts.open_place(OFFICER, place=place("P1"), on=DAY)
    assert bring(one, two, three, source="osm", whole=True) == (3, 0, 0, 0)
    acts.change_place(OFFICER, place=replace(two, hours="", name_zh="二号店"), on=NEXT)
    acts.close_place(STEWARD, code="osm-n3", on=NEXT, source="report")
    moved = replace(one, place=Position(111.5, 35.0))
    assert bring(moved, two, three, on=LATER, source="osm", whole=True) == (0, 1, 0, 2)
    assert Place.objects.get(code="osm-n2").name_zh == "二号店"
    assert sorted(there(LATER)) == ["P1", "osm-n1", "osm-n2"]
    assert bring(two, on=date(2026, 12, 1), source="osm", whole=True) == (0, 0, 1, 1)
    assert sorted(there(date(2026, 12, 1))) == ["P1", "osm-n2"]


def test_an_older_list_neither_names_anew_nor_opens_what_people_have_said_and_tells_which():
    one, two, three = place("P1"), place("P2"), place("P3")
    bring(one, two, three)
    acts.change_place(OFFICER, place=replace(one, name_zh="益民药店"), on=NEXT)
    acts.close_place(STEWARD, code="P2", on=NEXT, source="report")
    assert bring(one, two, three, on=LATER) == (0, 0, 0, 2)
    assert [Place.objects.get(code=code).closed for code in ("P1", "P2")] == [None, NEXT]
    assert Place.objects.get(code="P1").name_zh == "益民药店"
    table = acts.import_places(SYSTEM, places=[two, replace(three, name_zh="三店")], on=LATER, file_digest="test", source="officer")
    assert [(word, code) for word, code, _name in table.changes] == [("kept", "P2"), ("changed", "P3")]
    assert bring(replace(two, opened=LATER), on=LATER, source="officer") == (1, 0, 0, 0)


def test_made_up_places_go_when_the_citys_own_come_and_not_the_citys_with_them():
    bring(replace(place("D1"), generated=True), place("P1"))
    assert acts.close_generated(SYSTEM, on=NEXT) == 1
    assert sorted(there(NEXT)) == ["P1"]
    assert acts.close_generated(SYSTEM, on=NEXT) == 0


def test_a_stall_counts_in_its_hours_and_unknown_hours_are_not_closed():
    bring(
        place("A"), place("B", categories="维修点", hours="", dates=""), place("C", hours="周一至周日 06:00-22:00", dates="2026-11-23 休息")
    )
    acts.import_windows(SYSTEM, windows=[window("W1")], source="test")
    places = open_places(date(2026, 11, 23))
    assert [row.code for row in places.rows] == ["A", "B", "C", "W1"]
    assert places.open_at(datetime(2026, 11, 23, 8, tzinfo=SHANGHAI), CALENDAR).tolist() == [1, -1, 0, 0]
    assert places.open_at(datetime(2026, 11, 24, 10, tzinfo=SHANGHAI), CALENDAR).tolist() == [0, -1, 1, 1]
    assert {slug: numbers.tolist() for slug, numbers in places.of.items()} == {"breakfast": [0, 2], "repair": [1], "service-window": [3]}
    assert places.lon.tolist() == [111.01] * 4
    assert there(date(2026, 11, 23), "repair") == {"B": ["repair"]}
    assert [row.code for row in open_places(date(2026, 11, 23), area="140802002001").rows] == ["A", "B", "C"]


def test_five_hundred_places_are_four_queries():
    bring(*(place(f"P{number:03d}", 111 + number / 1000, categories="托育机构(30)") for number in range(500)))
    with CaptureQueriesContext(connection) as queries:
        found = open_places(DAY)
        assert found.capacity("childcare").tolist() == [30] * 500
    assert len(queries) == 4


def located(**spots):
    """Addresses have positions: code -> (lon, lat)."""
    acts.position_areas(SYSTEM, positions={code.removeprefix("c"): Position(*spot) for code, spot in spots.items()}, source="test")


def test_a_place_lies_in_the_area_that_it_is_said_to_be_in():
    located(c140802002001B0001=(111.0, 35.0), c140882100201Z01=(110.7, 35.6))
    acts.open_place(OFFICER, place=place("A", lon=111.004), on=DAY)
    acts.open_place(OFFICER, place=place("B", lon=111.09), on=DAY)  # eight kilometres from every known address: nobody can tell
    with pytest.raises(LinliError, match=r"140802002001 .*槐东"):
        acts.open_place(HEJIN, place=place("C", lon=111.001, area_code="140882100201"), on=DAY)
    with pytest.raises(LinliError, match="not in the area given"):
        acts.move_place(OFFICER, code="A", to=Position(110.7, 35.601), on=NEXT)
    for lon in ("100.0", "125.0"):
        with pytest.raises(LinliError, match="far from the area"):
            acts.open_place(OFFICER, place=place("D", lon=lon), on=DAY)
    with pytest.raises(Problems, match="C"):
        acts.import_places(HEJIN, places=[place("C", lon=111.001, area_code="140882100201")], on=DAY, file_digest="test")
    assert sorted(there(DAY)) == ["A", "B"]


def test_what_stands_where_it_cannot_be_may_still_change_its_hours_and_close():
    acts.open_place(HEJIN, place=place("A", area_code="140882100201"), on=DAY)
    located(c140802002001B0001=(111.01, 35.0))
    acts.change_place(HEJIN, place=place("A", area_code="140882100201", hours=""), on=NEXT)
    acts.close_place(HEJIN, code="A", on=LATER)
    assert there(LATER) == {}


def test_across_the_border_of_two_villages_either_may_be_said():
    located(c140882100201=(110.7, 35.6), c140882101201=(110.72, 35.6))
    acts.open_place(HEJIN, place=replace(place("A", area_code="140882100201"), place=Position(110.711, 35.6)), on=DAY)
    with pytest.raises(LinliError, match="140882101201"):
        acts.open_place(HEJIN, place=replace(place("B", area_code="140882100201"), place=Position(110.7195, 35.6)), on=DAY)
