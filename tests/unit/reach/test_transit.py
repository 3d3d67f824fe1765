"""Bus times from small feeds, whose answers are reckoned by hand or by a search that shares nothing with the engine's."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kernel.errors import LinliError, Problems
from linli.reach.metric import degree_metres
from linli.reach.profiles import PROFILES
from linli.reach.sources.listing import Listing
from linli.reach.sources.points import points_of
from linli.reach.transit import Feed, Journey, OnFoot, Reach, Window, journeys, problems_of, read_feed, rides, seat_times, straight_walks
from linli.site.command.reach import command
from tests.unit.reach.buses import ride_costs, second_opinion

EAST, NORTH = (float(part) for part in degree_metres(35.0))
MONDAY, SUNDAY = date(2026, 11, 2), date(2026, 11, 1)
SAO_PAULO = Path("/work/shared/data/sao_paulo_gtfs_frequencies.zip")
STOPS = {"A": (0, 0), "B": (5000, 0), "C": (10_000, 0), "D": (10_300, 0), "E": (20_000, 0)}
CALENDAR = "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
TABLES: dict[str, str] = {
    "routes": "route_id,route_short_name\nr1,1路\nr2,2路\n",
    "calendar": CALENDAR + "all,1,1,1,1,1,1,1,20260101,20261231\nweek,1,1,1,1,1,0,0,20260101,20261231\n",
    "trips": "route_id,service_id,trip_id\nr1,all,t1\nr2,week,t2\n",
    "stop_times": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "t1,06:00:00,06:00:00,A,1\nt1,06:10:00,06:11:00,B,2\nt1,06:20:00,06:20:00,C,3\n"
    "t2,06:00:00,06:00:00,D,1\nt2,06:15:00,06:15:00,E,2\n",
    "frequencies": "trip_id,start_time,end_time,headway_secs\nt1,06:00:00,22:00:00,1200\nt2,06:00:00,22:00:00,600\n",
}


def degrees(x: float, y: float) -> tuple[float, float]:
    return 111 + x / EAST, 35 + y / NORTH


def stops_table(stops: Mapping[str, tuple[float, float]]) -> str:
    rows = [f"{one},{one}站,{degrees(*at)[1]:.7f},{degrees(*at)[0]:.7f}" for one, at in stops.items()]
    return "\n".join(["stop_id,stop_name,stop_lat,stop_lon", *rows]) + "\n"


def written(folder: Path, **tables: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in {"stops": stops_table(STOPS), **TABLES, **tables}.items():
        if text:
            (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def feed_of(folder: Path, **tables: str) -> Feed:
    return read_feed(written(folder, **tables), Listing())


def window(day: date = MONDAY, begin: str = "07:00", end: str = "09:00") -> Window:
    hours = [int(one[:2]) * 3600 + int(one[3:]) * 60 for one in (begin, end)]
    return Window(day, hours[0], hours[1])


def asked(
    feed: Feed, village: tuple[float, float], seat: tuple[float, float], when: Window, *, walk: int = 1000, change: int = 400
) -> Journey:
    points = [(np.array([lon]), np.array([lat])) for lon, lat in (degrees(*village), degrees(*seat))]
    walks = straight_walks(points[0], (feed.lon, feed.lat), points[1], PROFILES["adult"], Reach(walk, change), 1.3)
    return journeys(rides(feed, when), walks, stops=len(feed.stops), seats=1)[0]


def foot(metres: float) -> int:
    """Seconds of a straight line at 4 km/h with a detour of 1.3, a begun one counted."""
    decimetres = round(metres * 1.3 * 10)
    return -(-decimetres * 360 // 4000)


def test_walk_wait_ride_change_and_walk_add_up(tmp_path: Path) -> None:
    one = asked(feed_of(tmp_path), (0, 100), (20_000, 200), window())
    assert [(leg.wait, leg.aboard) for leg in one.legs] == [(600, 1200), (300, 900)], "half the headway, then the time aboard"
    assert one.walked == foot(100) + foot(300) + foot(200)
    assert (one.waited, one.aboard) == (900, 2100)
    assert one.seconds == one.walked + 900 + 2100


def test_a_service_that_doesnt_run_that_day_carries_nobody(tmp_path: Path) -> None:
    feed = feed_of(tmp_path)
    assert asked(feed, (0, 100), (20_000, 200), window(SUNDAY)).seconds == -1
    assert asked(feed, (0, 100), (10_000, 0), window(SUNDAY)).seconds == foot(100) + 600 + 1200
    added = feed_of(tmp_path, calendar_dates="service_id,date,exception_type\nweek,20261101,1\nall,20261102,2\n")
    assert asked(added, (10_300, 0), (20_000, 0), window(SUNDAY)).seconds == 300 + 900
    assert asked(added, (0, 0), (10_000, 0), window(MONDAY)).seconds == -1


def test_trips_by_timetable_wait_half_of_the_window_by_their_number(tmp_path: Path) -> None:
    trips = "route_id,service_id,trip_id\n" + "".join(f"r1,all,t{at}\n" for at in range(5))
    times = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n" + "".join(
        f"t{at},{hour}:00,{hour}:00,A,1\nt{at},{later}:00,{later}:00,B,2\n"
        for at, (hour, later) in enumerate(
            [("06:59", "07:09"), ("07:00", "07:10"), ("07:40", "07:51"), ("08:20", "08:32"), ("09:00", "09:10")]
        )
    )
    feed = feed_of(tmp_path, trips=trips, stop_times=times, frequencies="")
    one = asked(feed, (0, 0), (5000, 0), window())
    assert (one.waited, one.aboard) == (7200 // 6, 660), "three departures in two hours; 07:00 counts and 09:00 doesn't"
    assert asked(feed, (0, 0), (5000, 0), window(begin="10:00", end="11:00")).seconds == -1


def test_buses_after_midnight_belong_to_the_day_before(tmp_path: Path) -> None:
    times = (
        TABLES["stop_times"]
        .replace("t1,06:00:00,06:00:00,A", "t1,24:10:00,24:10:00,A")
        .replace("t1,06:1", "t1,24:2")
        .replace(",06:11", ",24:21")
    )
    times = times.replace("t1,24:20:00,24:21:00,B", "t1,24:20:00,24:21:00,B").replace("t1,06:20:00,06:20:00,C", "t1,24:30:00,24:30:00,C")
    feed = feed_of(tmp_path, stop_times=times, frequencies="")
    night = window(MONDAY, "00:00", "01:00")
    one = asked(feed, (0, 0), (10_000, 0), night)
    assert (one.waited, one.aboard) == (1800, 1200)


def test_a_short_way_is_walked_and_a_far_village_has_no_time(tmp_path: Path) -> None:
    feed = feed_of(tmp_path)
    near = asked(feed, (0, 0), (300, 0), window())
    assert (near.seconds, near.legs) == (foot(300), ())
    assert asked(feed, (0, 5000), (20_000, 0), window()).seconds == -1


def test_nobody_boards_where_one_may_not(tmp_path: Path) -> None:
    times = "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type\n"
    times += "t1,06:00:00,06:00:00,A,1,1,0\nt1,06:10:00,06:11:00,B,2,0,1\nt1,06:20:00,06:20:00,C,3,0,0\n"
    feed = feed_of(
        tmp_path, stop_times=times, trips="route_id,service_id,trip_id\nr1,all,t1\n", frequencies=TABLES["frequencies"].split("t2")[0]
    )
    assert asked(feed, (0, 0), (10_000, 0), window()).seconds == -1
    assert asked(feed, (5000, 0), (10_000, 0), window()).seconds == 600 + 540
    assert asked(feed, (0, 0), (5000, 0), window()).seconds == -1


def test_stops_without_a_time_between_two_that_have_one_are_passed_evenly(tmp_path: Path) -> None:
    times = TABLES["stop_times"].replace("t1,06:10:00,06:11:00,B", "t1,,,B")
    listing = Listing()
    one = asked(read_feed(written(tmp_path, stop_times=times), listing), (0, 0), (5000, 0), window())
    assert one.aboard == 600
    assert [(doubt.code, doubt.where) for doubt in listing.doubts] == [("time_between", "stop_times.txt:3")]


def test_the_day_after_a_feed_ends_is_refused_and_says_when_it_runs(tmp_path: Path) -> None:
    feed = feed_of(tmp_path)
    with pytest.raises(LinliError, match="2026-01-01 … 2026-12-31"):
        rides(feed, window(date(2027, 1, 2)))


@pytest.mark.parametrize(
    ("table", "old", "new", "line", "field"),
    [
        ("stop_times", "t1,06:20:00,06:20:00", "t1,06:05:00,06:05:00", 4, "arrival_time"),
        ("stop_times", "06:10:00,06:11:00", "06:12:00,06:11:00", 3, "arrival_time"),
        ("stop_times", "06:10:00", "6h10", 3, "arrival_time"),
        ("stop_times", "06:10:00", "06:10:0\N{FULLWIDTH DIGIT ZERO}", 3, "arrival_time"),
        ("stop_times", ",B,2", ",X,2", 3, "stop_id"),
        ("stop_times", "t2,06:00:00,06:00:00,D", "t9,06:00:00,06:00:00,D", 5, "trip_id"),
        ("stop_times", ",B,2", ",B,1", 3, "stop_sequence"),
        ("stop_times", "t1,06:00:00,06:00:00,A", "t1,,,A", 2, "arrival_time"),
        ("trips", "r2,", "r9,", 3, "route_id"),
        ("trips", ",week,", ",none,", 3, "service_id"),
        ("trips", ",t2", ",t1", 3, "trip_id"),
        ("frequencies", "1200", "0", 2, "headway_secs"),
        ("frequencies", "t1,06:00:00,22:00:00", "t1,22:00:00,06:00:00", 2, "end_time"),
        ("calendar", "20261231\nweek", "2026-12-31\nweek", 2, "end_date"),
        ("calendar", "week,1", "week,x", 3, "monday"),
    ],
)
def test_what_is_wrong_in_a_feed_is_told_with_its_table_and_line(
    tmp_path: Path, table: str, old: str, new: str, line: int, field: str
) -> None:
    assert old in TABLES[table]
    folder = written(tmp_path, **{table: TABLES[table].replace(old, new, 1)})
    places = [one.place for one in problems_of(folder, Listing()) if one.place]
    assert (f"{table}.txt", line, field) in [(one.file, one.line, one.field) for one in places]


@pytest.mark.parametrize("nowhere", ["0,0", ",", "91,12", "x,y"])
def test_a_stop_nowhere_is_refused_where_a_bus_calls(tmp_path: Path, nowhere: str) -> None:
    rows = stops_table(STOPS).splitlines()
    rows[1] = f"A,A站,{nowhere}"
    places = [one.place for one in problems_of(written(tmp_path, stops="\n".join(rows) + "\n"), Listing()) if one.place]
    assert [(one.file, one.line) for one in places] == [("stops.txt", 2)]


@pytest.mark.parametrize("missing", ["stops", "routes", "trips", "stop_times", "calendar"])
def test_a_table_that_is_missing_is_named(tmp_path: Path, missing: str) -> None:
    problems = problems_of(written(tmp_path, **{missing: ""}), Listing())
    assert missing in str(problems[0])


def test_a_column_that_is_missing_is_named(tmp_path: Path) -> None:
    assert "stop_lon" in str(problems_of(written(tmp_path, stops="stop_id,stop_lat,lon\nA,35,111\n"), Listing())[0])


def test_what_is_doubtful_is_listed_and_the_feed_still_used(tmp_path: Path) -> None:
    listing = Listing()
    calendar = TABLES["calendar"] + "never,0,0,0,0,0,0,0,20260101,20261231\nover,1,1,1,1,1,1,1,20261231,20260101\n"
    trips = TABLES["trips"] + "r1,never,t3\nr1,all,t4\n"
    times = TABLES["stop_times"] + "t3,06:00:00,06:00:00,A,1\nt3,06:00:10,06:00:10,C,2\nt4,07:00:00,07:00:00,A,1\n"
    stops = stops_table({**STOPS, "F": (1, 1), "G": (400_000, 0)})
    times += "t2,08:15:00,08:15:00,G,3\n"
    read_feed(written(tmp_path, calendar=calendar, trips=trips, stop_times=times, stops=stops), listing)
    assert listing.counts() == {"service_never": 2, "stop_far": 1, "stop_unused": 1, "too_fast": 1, "trip_never": 1, "trip_short": 1}


def test_a_row_that_is_there_twice_counts_once_and_later_lines_keep_their_numbers(tmp_path: Path) -> None:
    listing, rows = Listing(), TABLES["stop_times"].splitlines(keepends=True)
    feed = read_feed(written(tmp_path, stop_times="".join([*rows[:3], rows[1], *rows[3:]])), listing)
    assert feed.depart.tolist() == feed_of(tmp_path / "once").depart.tolist()
    assert [(one.code, one.where) for one in listing.doubts] == [("row_twice", "stop_times.txt:4")]
    wrong = "".join([*rows[:3], rows[1], *rows[3:]]).replace("t2,06:15:00,06:15:00", "t2,05:15:00,05:15:00")
    assert problems_of(written(tmp_path / "wrong", stop_times=wrong), Listing())[0].place.line == 7  # type: ignore[union-attr]


def zipped(path: Path, parts: Mapping[str, bytes], **options: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def parts_of(folder: Path, top: str = "") -> dict[str, bytes]:
    return {f"{top}{one.name}": one.read_bytes() for one in sorted(written(folder).iterdir())}


@pytest.mark.parametrize("top", ["", "feed/"])
def test_a_zip_says_the_same_as_its_folder(tmp_path: Path, top: str) -> None:
    path = zipped(tmp_path / "f.zip", parts_of(tmp_path / "f", top))
    one, other = read_feed(path, Listing()), read_feed(tmp_path / "f", Listing())
    assert np.array_equal(one.depart, other.depart)
    assert (one.stops, one.trips) == (other.stops, other.trips)


def test_hostile_zips_are_refused(tmp_path: Path) -> None:
    parts = parts_of(tmp_path / "f")
    bomb = zipped(tmp_path / "bomb.zip", {**parts, "stop_times.txt": b"trip_id\n" + b"0" * 30_000_000})
    torn = tmp_path / "torn.zip"
    torn.write_bytes(bomb.read_bytes()[:2000])
    many = zipped(tmp_path / "many.zip", {**parts, **{f"{at}.txt": b"" for at in range(300)}})
    two = zipped(tmp_path / "two.zip", {**parts, "b/stops.txt": parts["stops.txt"]})
    text = tmp_path / "text.zip"
    text.write_text("no zip at all")
    flipped = bytearray(zipped(tmp_path / "flip.zip", parts).read_bytes())
    flipped[flipped.index(b"stop_times.txt") + 40] ^= 0xFF
    (tmp_path / "flip.zip").write_bytes(bytes(flipped))
    locked = bytearray(zipped(tmp_path / "locked.zip", parts).read_bytes())
    at = -1
    while (at := locked.find(b"PK\x01\x02", at + 1)) >= 0:
        locked[at + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(bytes(locked))
    for path in (bomb, torn, many, two, text, tmp_path / "flip.zip", tmp_path / "locked.zip"):
        problems = problems_of(path, Listing())
        assert [one.code for one in problems] == ["reach.feed_zip"], path.name


def test_names_in_a_zip_reach_no_other_folder(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in parts_of(tmp_path / "f").items():
            archive.writestr(f"../../{name}", data)
    (tmp_path / "up.zip").write_bytes(buffer.getvalue())
    before = sorted(tmp_path.rglob("*"))
    read_feed(tmp_path / "up.zip", Listing())
    assert sorted(tmp_path.rglob("*")) == before


@st.composite
def feeds(draw: st.DrawFn) -> dict[str, str]:
    stops = {f"s{at}": (draw(st.integers(0, 60)) * 100, draw(st.integers(0, 20)) * 100) for at in range(draw(st.integers(2, 7)))}
    trips, times, frequencies = [], [], []
    for at in range(draw(st.integers(1, 6))):
        trips.append(f"r{draw(st.integers(1, 3))},{draw(st.sampled_from(['all', 'week']))},t{at}")
        clock = draw(st.integers(5 * 60, 9 * 60)) * 60 + draw(st.sampled_from([0, 86_400]))
        for order, stop in enumerate(draw(st.lists(st.sampled_from(sorted(stops)), min_size=2, max_size=6))):
            clock += draw(st.integers(1, 900))
            wait = draw(st.integers(0, 60))
            times.append(f"t{at},{told(clock)},{told(clock + wait)},{stop},{order},{draw(st.integers(0, 1))},{draw(st.integers(0, 1))}")
            clock += wait
        for _ in range(draw(st.integers(0, 2))):
            begin = draw(st.integers(5 * 60, 9 * 60)) * 60
            frequencies.append(
                f"t{at},{told(begin)},{told(begin + draw(st.integers(1, 7200)))},{draw(st.integers(60, 3600))},{draw(st.integers(0, 1))}"
            )
    return {
        "stops": stops_table(stops),
        "routes": "route_id\nr1\nr2\nr3\n",
        "trips": "\n".join(["route_id,service_id,trip_id", *trips]) + "\n",
        "stop_times": "\n".join(["trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type", *times]) + "\n",
        "frequencies": "\n".join(["trip_id,start_time,end_time,headway_secs,exact_times", *frequencies]) + "\n" if frequencies else "",
    }


def told(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


@settings(deadline=None)
@given(
    tables=feeds(),
    village=st.tuples(st.integers(0, 6000), st.integers(0, 2000)),
    seats=st.lists(st.tuples(st.integers(0, 6000), st.integers(0, 2000)), min_size=1, max_size=3),
    data=st.data(),
)
def test_every_journey_is_as_quick_as_a_second_opinion_and_adds_up(
    tmp_path_factory: pytest.TempPathFactory,
    tables: dict[str, str],
    village: tuple[int, int],
    seats: list[tuple[int, int]],
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("feed")
    feed = feed_of(folder, **tables)
    when = window(
        data.draw(st.sampled_from([MONDAY, SUNDAY])),
        *data.draw(st.sampled_from([("07:00", "09:00"), ("05:30", "06:10"), ("00:00", "24:00")])),
    )
    points = [tuple(np.array(part) for part in zip(*(degrees(*one) for one in some), strict=True)) for some in ([village], seats)]
    walks = straight_walks(points[0], (feed.lon, feed.lat), points[1], PROFILES["elder"], Reach(800, 300), 1.3)  # type: ignore[arg-type]
    found = journeys(rides(feed, when), walks, stops=len(feed.stops), seats=len(seats))[0]
    costs = ride_costs(feed, when)
    expected = [second_opinion(costs, len(feed.stops), walks, seat, 0) for seat in range(len(seats))]
    reached = [one for one in expected if one >= 0]
    assert found.seconds == (min(reached) if reached else -1)
    if reached:
        assert found.seat == expected.index(min(reached))
        assert found.seconds == found.walked + found.waited + found.aboard
        assert (found.waited, found.aboard) == (sum(leg.wait for leg in found.legs), sum(leg.aboard for leg in found.legs))
        assert found.walked >= 0
    own = journeys(rides(feed, when), walks, stops=len(feed.stops), seats=len(seats), own=np.array([len(seats) - 1], np.int32))[0]
    assert own.seconds == expected[-1]


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    def turned(text: str) -> str:
        head, *rows = text.splitlines()
        return "\n".join([head, *reversed(rows)]) + "\n"

    one = feed_of(tmp_path / "one")
    other = feed_of(tmp_path / "other", stops=turned(stops_table(STOPS)), **{name: turned(text) for name, text in TABLES.items()})
    assert asked(one, (0, 100), (20_000, 200), window()) == asked(other, (0, 100), (20_000, 200), window())


@pytest.mark.skipif(not SAO_PAULO.exists(), reason=f"{SAO_PAULO} is not here")
def test_a_real_network_run_by_headway_agrees_with_the_second_opinion() -> None:
    listing = Listing()
    feed = read_feed(SAO_PAULO, listing)
    when = window(date(2019, 5, 13))
    numbers = np.random.default_rng(4)
    at = numbers.integers(0, len(feed.stops), 60)
    villages = feed.lon[at] + numbers.normal(0, 0.004, 60), feed.lat[at] + numbers.normal(0, 0.004, 60)
    seats = feed.lon[at[:3]], feed.lat[at[:3]]
    walks = straight_walks(villages, (feed.lon, feed.lat), seats, PROFILES["adult"], Reach(), 1.3)
    found = journeys(rides(feed, when), walks, stops=len(feed.stops), seats=3)
    assert sum(one.seconds >= 0 for one in found) > 20
    costs = ride_costs(feed, when)
    for village in range(0, 60, 4):
        expected = [second_opinion(costs, len(feed.stops), walks, seat, village) for seat in range(3)]
        reached = [one for one in expected if one >= 0]
        assert found[village].seconds == (min(reached) if reached else -1)


def commanded(folder: Path, *words: str) -> Result:
    points = {"villages": ["v1", (0, 100)], "seats": ["s1", (20_000, 200)]}
    for name, (one, at) in points.items():
        rows = [f"{one},{degrees(*at)[0]:.7f},{degrees(*at)[1]:.7f}", f"{one}b,{degrees(0, 9000)[0]:.7f},{degrees(0, 9000)[1]:.7f}"]  # type: ignore[misc]
        (folder / f"{name}.csv").write_text("\n".join(["# system: WGS-84", "id,lon,lat", *rows]) + "\n", encoding="utf-8")
    files = (
        "--from",
        folder / "villages.csv",
        "--to",
        folder / "seats.csv",
        "--out",
        folder / "t.csv",
        "--walk",
        "1000",
        "--change",
        "400",
    )
    asked_for = ["transit", "--feed", str(written(folder / "f")), *(str(word) for word in files), "--day", "2026-11-02", *words]
    return CliRunner().invoke(command, asked_for)


def test_the_command_writes_a_row_for_every_village(tmp_path: Path) -> None:
    result = commanded(tmp_path)
    assert result.exit_code == 0, result.output + str(result.exception)
    with (tmp_path / "t.csv").open(encoding="utf-8") as file:
        one, other = csv.DictReader(file)
    whole = foot(100) + foot(300) + foot(200) + 3000
    assert (one["village"], one["state"], one["seat"], one["seconds"], one["rides"]) == ("v1", "reached", "s1", str(whole), "2")
    assert one["minutes"] == str(-(-whole // 60))
    assert one["way"] == "1路 (A站 – C站) → 2路 (D站 – E站)"
    assert (other["state"], other["seat"]) == ("reached", "s1b"), "a village beside a seat walks"


def test_villages_and_seats_that_no_bus_comes_near_are_listed_and_no_minutes_are_made_up(tmp_path: Path) -> None:
    commanded(tmp_path)
    (tmp_path / "far.csv").write_text("system,id,lon,lat\nWGS-84,brazil,-46.6,-23.5\n", encoding="utf-8")
    result = commanded(tmp_path, "--to", str(tmp_path / "far.csv"))
    assert result.exit_code == 0, result.output
    assert "— " not in result.output
    listed = (tmp_path / "t.csv.listed.csv").read_text(encoding="utf-8")
    assert "seat_without_stop,seat brazil" in listed
    result = commanded(tmp_path, "--from", str(tmp_path / "far.csv"))
    assert "village_without_stop" in result.output
    assert "— " not in result.output


def test_a_village_whose_own_seat_is_named_goes_there_and_nowhere_else(tmp_path: Path) -> None:
    commanded(tmp_path)
    villages = (tmp_path / "villages.csv").read_text(encoding="utf-8").splitlines()
    named = [villages[0], villages[1] + ",seat", villages[2] + ",s1b", villages[3] + ",s1b"]
    (tmp_path / "named.csv").write_text("\n".join(named) + "\n", encoding="utf-8")
    result = commanded(tmp_path, "--from", str(tmp_path / "named.csv"))
    assert result.exit_code == 0, result.output + str(result.exception)
    with (tmp_path / "t.csv").open(encoding="utf-8") as file:
        assert [(row["state"], row["seat"]) for row in csv.DictReader(file)] == [("not_reached", ""), ("reached", "s1b")]


@pytest.mark.parametrize("which", ["villages", "seats"])
def test_villages_or_seats_with_longitude_and_latitude_swapped_are_refused(tmp_path: Path, which: str) -> None:
    """Without a network nothing else would tell: every village would just have no journey."""
    lon, lat = zip(degrees(0, 100), degrees(20_000, 100), strict=True)
    points = {"villages": points_of(["v", "w"], lon, lat, file="villages"), "seats": points_of(["a", "b"], lon, lat, file="seats")}
    points[which] = points_of(["x", "y"], lat, lon, file=which)
    with pytest.raises(LinliError) as said:
        seat_times(written(tmp_path), points["villages"], points["seats"], window())
    assert (said.value.code, said.value.place and said.value.place.file) == ("reach.swapped", which)


@pytest.mark.parametrize("between", ["7-9", "09:00-07:00", "07:00-07:00"])
def test_a_window_that_is_none_is_refused(tmp_path: Path, between: str) -> None:
    assert isinstance(commanded(tmp_path, "--between", between).exception, LinliError)


def test_checking_a_feed_says_what_is_in_it_or_everything_that_is_wrong(tmp_path: Path) -> None:
    fine = CliRunner().invoke(command, ["feed", str(written(tmp_path / "f"))])
    assert (fine.exit_code, "2026-01-01 … 2026-12-31" in fine.output) == (0, True)
    torn = CliRunner().invoke(
        command, ["feed", str(written(tmp_path / "g", trips=TABLES["trips"].replace("r1,", "x,").replace("r2,", "y,")))]
    )
    assert isinstance(torn.exception, Problems)
    assert len(torn.exception.problems) == 2


def test_walks_follow_the_network_where_there_is_one(tmp_path: Path) -> None:
    """A street along y = 0 with every stop on it: the walk goes along the street, not straight over the fields."""
    nodes = {1: (-500, 0), 2: (0, 0), 3: (5000, 0), 4: (10_000, 0), 5: (10_300, 0), 6: (20_500, 0)}
    rows = [f"{key},{degrees(*at)[0]:.7f},{degrees(*at)[1]:.7f}" for key, at in nodes.items()]
    (tmp_path / "nodes.csv").write_text("\n".join(["# system: WGS-84", "node,lon,lat", *rows]) + "\n", encoding="utf-8")
    edges = [f"{one},{one + 1},{nodes[one + 1][0] - nodes[one][0]}" for one in range(1, 6)]
    (tmp_path / "edges.csv").write_text("\n".join(["u,v,length_m", *edges]) + "\n", encoding="utf-8")
    imported = CliRunner().invoke(command, ["import", str(tmp_path / "nodes.csv"), str(tmp_path / "edges.csv"), str(tmp_path / "g.reach")])
    assert imported.exit_code == 0, imported.output + str(imported.exception)
    result = commanded(tmp_path, "--graph", str(tmp_path / "g.reach"))
    assert result.exit_code == 0, result.output + str(result.exception)
    with (tmp_path / "t.csv").open(encoding="utf-8") as file:
        one, other = csv.DictReader(file)
    seconds = [-(-metres * 3600 // 4000) for metres in (100, 300, 200)]
    assert (one["seconds"], one["walk_seconds"]) == (str(sum(seconds) + 3000), str(sum(seconds))), "no detour: the network says it"
    assert other["state"] == "unlocated"


def test_villages_are_asked_about_from_python_without_any_file_but_the_feed(tmp_path: Path) -> None:
    lon, lat = zip(degrees(0, 100), degrees(20_000, 100), degrees(0, 60_000), (np.nan, np.nan), strict=True)
    villages = points_of(["far", "beside", "alone", "nowhere"], lon, lat)
    at_b, at_e = degrees(5000, 0), degrees(20_000, 200)
    seats = points_of(["b", "e"], [at_b[0], at_e[0]], [at_b[1], at_e[1]])
    foot_ways = OnFoot(reach=Reach(1000, 400))
    told = seat_times(written(tmp_path), villages, seats, window(), own={"far": "e"}, on_foot=foot_ways)
    far, beside, alone, nowhere = told.rows
    assert (far.village, far.seat, far.wait_seconds, far.ride_seconds) == ("far", "e", 900, 2100)
    assert far.seconds == foot(100) + foot(300) + foot(200) + 3000
    assert [str(one) for one in far.rides] == ["1路 (A站 – C站)", "2路 (D站 – E站)"]
    assert (beside.seat, beside.seconds, beside.rides) == ("e", foot(100), ())
    assert [(one.state, one.seconds, one.minutes) for one in (alone, nowhere)] == [("not_reached", None, None), ("unlocated", None, None)]
    assert seat_times(told.feed, villages, seats, window(), own={"far": "e"}, on_foot=foot_ways).rows == told.rows, "a feed read once"
    with pytest.raises(LinliError) as said:
        seat_times(told.feed, villages, seats, window(), own={"far": "x"})
    assert said.value.found == "x"
