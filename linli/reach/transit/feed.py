"""A GTFS feed, read and checked: stops, trips with their times, headways, and the days on which each service runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from linli.kernel.errors import LinliError, Problems
from linli.kernel.positions import WGS84
from linli.reach.graph import Floats, Ints, Longs
from linli.reach.metric import Bools, straight
from linli.reach.sources import checks
from linli.reach.sources.listing import Listing, refused
from linli.reach.sources.sheet import MOST_SAID, Sheet
from linli.reach.sources.systems import to_wgs84
from linli.reach.transit.archive import tables

NEEDED: Final = ("stops", "routes", "trips", "stop_times")
KNOWN: Final = ("calendar", "calendar_dates", "frequencies")
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FASTEST: Final = 60.0  # metres per second between stops: 216 km/h
_FAR: Final = 300_000.0  # metres from the middle of all stops
_MOST_HOURS: Final = 120


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """One row of calendar.txt: the weekdays, first and last day; and single days that differ."""

    weekdays: frozenset[int]
    first: date
    last: date
    added: frozenset[date]
    removed: frozenset[date]

    def runs(self, day: date) -> bool:
        """Whether it runs on a day."""
        return day in self.added or (day not in self.removed and self.first <= day <= self.last and day.weekday() in self.weekdays)

    def ever(self) -> bool:
        """Whether there is a day on which it runs."""
        days = (self.last - self.first).days + 1 if self.weekdays else 0
        return bool(self.added) or any(self.runs(self.first + timedelta(n)) for n in range(max(0, min(days, len(self.removed) * 7 + 7))))


@dataclass(frozen=True, slots=True, eq=False)
class Feed:
    """Stops in the order of their ids (lon, lat WGS-84). Trips in the order of theirs, each with its route and service.

    The calls of trip t are first[t]:first[t + 1], in order: stop, arrive and depart (seconds since the day began, may exceed 24 hours),
    board and alight (whether one may). headways: trip, begin, end, seconds between departures, exact (1: these departures and no others).
    """

    file: str
    stops: tuple[str, ...]
    names: tuple[str, ...]
    lon: Floats
    lat: Floats
    trips: tuple[str, ...]
    route: tuple[str, ...]
    service: tuple[str, ...]
    first: Longs
    stop: Ints
    arrive: Longs
    depart: Longs
    board: Bools
    alight: Bools
    headways: Longs
    services: Mapping[str, Service]
    lines: Mapping[str, str]


def read_feed(path: Path, listing: Listing, *, system: str | None = None) -> Feed:
    """The feed of a zip or a folder. GTFS positions are WGS-84 by its specification; system: what a feed has that isn't.

    Problems, each with table and line, for columns that are missing, ids that are there twice or name nothing, times that are none or go
    back, stops without a position; listed: services that never run, stops where nothing calls, and what else is doubtful.
    """
    sheets = {}
    for name, sheet in tables(path, NEEDED, KNOWN).items():
        sheets[name], again = sheet.once()
        listing.extend("row_twice", again, [""] * len(again))
    if "calendar" not in sheets and "calendar_dates" not in sheets:
        said = ("没有运行日历", "There is no calendar of services.")
        remedy = ("补上 calendar.txt 或 calendar_dates.txt", "add calendar.txt or calendar_dates.txt")
        raise refused("feed_tables", said, remedy, file=path.name, expected="calendar.txt, calendar_dates.txt", found="—")
    for name, fields in _COLUMNS.items():
        if name in sheets:
            sheets[name].require(*fields)
    for name in ("stops", "routes", "trips"):
        checks.refuse_doubles(sheets[name], f"{name[:-1]}_id", sheets[name].frame[f"{name[:-1]}_id"].to_numpy().astype(str))
    services = _services(sheets)
    trips = sheets["trips"]
    _refuse_unknown(trips, "route_id", set(sheets["routes"].frame["route_id"]))
    _refuse_unknown(trips, "service_id", set(services))
    order = sorted(range(len(trips)), key=lambda row: trips.frame["trip_id"][row])
    lon, lat = _positions(sheets["stops"], system)
    feed = _joined(path.name, sheets, order, services, (lon, lat), listing)
    _doubts(feed, listing)
    return feed


_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "stops": ("stop_id", "stop_lat", "stop_lon"),
    "routes": ("route_id",),
    "trips": ("route_id", "service_id", "trip_id"),
    "stop_times": ("trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"),
    "calendar": ("service_id", *DAYS, "start_date", "end_date"),
    "calendar_dates": ("service_id", "date", "exception_type"),
    "frequencies": ("trip_id", "start_time", "end_time", "headway_secs"),
}


def _joined(
    file: str, sheets: Mapping[str, Sheet], order: list[int], services: dict[str, Service], places: tuple[Floats, Floats], listing: Listing
) -> Feed:
    lon, lat = places
    trips, stops, calls = sheets["trips"].frame, sheets["stops"], sheets["stop_times"]
    ids = stops.frame["stop_id"].to_list()
    by_id = sorted(range(len(ids)), key=ids.__getitem__)
    place, number = {ids[row]: at for at, row in enumerate(by_id)}, {trips["trip_id"][row]: at for at, row in enumerate(order)}
    _refuse_unknown(calls, "trip_id", set(number))
    _refuse_unknown(calls, "stop_id", set(place))
    trip = np.array([number[one] for one in calls.frame["trip_id"]], np.int64)
    sequence = calls.whole("stop_sequence")
    rows = np.lexsort((sequence, trip))
    twice = (trip[rows][1:] == trip[rows][:-1]) & (sequence[rows][1:] == sequence[rows][:-1])
    calls.refuse_rows(rows[1:][twice], "stop_sequence", ("同一车次的站序不重复", "each number once within a trip"))
    first = np.searchsorted(trip[rows], np.arange(len(order) + 1))
    stop = np.array([place[one] for one in calls.frame["stop_id"]], np.int32)[rows]
    _refuse_nowhere(stops, np.array(by_id), stop, lon, lat)
    arrive, depart = _times(calls, rows, first, listing)
    names = stops.texts("stop_name") or [""] * len(stops)
    return Feed(
        file=file,
        stops=tuple(ids[row] for row in by_id),
        names=tuple(names[row] for row in by_id),
        lon=lon[by_id],
        lat=lat[by_id],
        trips=tuple(trips["trip_id"][row] for row in order),
        route=tuple(trips["route_id"][row] for row in order),
        service=tuple(trips["service_id"][row] for row in order),
        first=first,
        stop=stop,
        arrive=arrive,
        depart=depart,
        board=_allowed(calls, "pickup_type")[rows],
        alight=_allowed(calls, "drop_off_type")[rows],
        headways=_headways(sheets.get("frequencies"), number),
        services=services,
        lines=_lines(sheets["routes"].frame),
    )


def _lines(routes: pl.DataFrame) -> dict[str, str]:
    """What each route is called."""
    names = [
        routes[column].to_list() if column in routes.columns else [""] * len(routes) for column in ("route_short_name", "route_long_name")
    ]
    return {one: short or long or one for one, short, long in zip(routes["route_id"], *names, strict=True)}


def _positions(stops: Sheet, system: str | None) -> tuple[Floats, Floats]:
    """Positions as far as there are any; a platform without takes its station's."""
    lon, lat = to_wgs84(stops.floats("stop_lon"), stops.floats("stop_lat"), system or WGS84)
    parents = stops.texts("parent_station")
    lon, lat = lon.copy(), lat.copy()
    if parents:
        place = {one: row for row, one in enumerate(stops.frame["stop_id"])}
        for row in np.flatnonzero(np.isnan(lon)):
            parent = place.get(parents[row], row)
            lon[row], lat[row] = lon[parent], lat[parent]
    return lon, lat


def _refuse_nowhere(stops: Sheet, by_id: Longs, used: Ints, lon: Floats, lat: Floats) -> None:
    """Stops that trips call at have a position on earth, and not the one at which software puts what it knows no position of."""
    rows = by_id[np.unique(used)]
    with np.errstate(invalid="ignore"):
        wrong = ~((np.abs(lon[rows]) <= 180) & (np.abs(lat[rows]) <= 90)) | ((lon[rows] == 0) & (lat[rows] == 0))
    stops.refuse_rows(np.sort(rows[wrong]), "stop_lon", ("经度和纬度", "a longitude and a latitude"))


def _times(calls: Sheet, rows: Longs, first: Longs, listing: Listing) -> tuple[Longs, Longs]:
    """Arrival and departure of each call, in the order of `rows`; what is empty between two times is put in evenly."""
    arrive, depart = (seconds_of(calls, field)[rows] for field in ("arrival_time", "departure_time"))
    arrive = np.where(arrive < 0, depart, arrive)
    depart = np.where(depart < 0, arrive, depart)
    ends = np.unique(np.concatenate([first[:-1], first[1:] - 1])[np.tile(np.diff(first) > 0, 2)])
    calls.refuse_rows(np.sort(rows[ends[arrive[ends] < 0]]), "arrival_time", ("首末站的时刻", "a time at the first and the last stop"))
    known = np.flatnonzero(arrive >= 0)
    missing = np.flatnonzero(arrive < 0)
    if len(missing):
        before, after = known[np.searchsorted(known, missing) - 1], known[np.searchsorted(known, missing)]
        arrive[missing] = depart[before] + (arrive[after] - depart[before]) * (missing - before) // (after - before)
        depart[missing] = arrive[missing]
        listing.extend("time_between", (calls.where(row) for row in np.sort(rows[missing])), [""] * len(missing))
    back = depart < arrive
    inner = np.ones(len(rows), bool)
    inner[first[:-1][first[:-1] < len(rows)]] = False
    back[1:] |= inner[1:] & (arrive[1:] < depart[:-1])
    calls.refuse_rows(np.sort(rows[back]), "arrival_time", ("不早于上一站的发车时刻", "a time not before the departure at the stop before"))
    return arrive, depart


def seconds_of(sheet: Sheet, field: str) -> Longs:
    """H:MM:SS as seconds since the day began, -1 where empty. Problems for what is no time."""
    texts = sheet.frame[field]
    parts = texts.str.extract_groups(r"^([0-9]{1,3}):([0-5][0-9]):([0-5][0-9])$").struct.unnest().cast(pl.Int64)
    found = (parts["1"] * 3600 + parts["2"] * 60 + parts["3"]).fill_null(-1).to_numpy().copy()
    wrong = ((found < 0) & (texts != "").to_numpy()) | (found > _MOST_HOURS * 3600)
    sheet.refuse_rows(np.flatnonzero(wrong), field, ("时刻，如 07:05:00", "a time such as 07:05:00"))
    return np.asarray(found, np.int64)


def _allowed(calls: Sheet, field: str) -> Bools:
    """Whether one may: 1 means not available, everything else that one can, if need be by a call."""
    texts = calls.texts(field)
    return np.ones(len(calls), bool) if texts is None else np.array([one != "1" for one in texts], bool)


def _headways(sheet: Sheet | None, number: dict[str, int]) -> Longs:
    if sheet is None:
        return np.zeros((0, 5), np.int64)
    _refuse_unknown(sheet, "trip_id", set(number))
    begin, end, headway = seconds_of(sheet, "start_time"), seconds_of(sheet, "end_time"), sheet.whole("headway_secs")
    sheet.refuse_rows(np.flatnonzero(headway <= 0), "headway_secs", ("正整数（秒）", "seconds above zero"))
    sheet.refuse_rows(np.flatnonzero((begin < 0) | (end < 0)), "start_time", ("时刻", "a time"))
    sheet.refuse_rows(np.flatnonzero(end <= begin), "end_time", ("晚于开始时刻", "a time after the start"))
    exact = np.array([one == "1" for one in sheet.texts("exact_times") or [""] * len(sheet)], np.int64)
    trip = np.array([number[one] for one in sheet.frame["trip_id"]], np.int64)
    found = np.column_stack([trip, begin, end, headway, exact])
    return found[np.lexsort(found.T[::-1])]


def _services(sheets: Mapping[str, Sheet]) -> dict[str, Service]:
    """Services by id, out of both tables."""
    added: dict[str, set[date]] = {}
    removed: dict[str, set[date]] = {}
    if single := sheets.get("calendar_dates"):
        kinds = single.texts("exception_type") or []
        single.refuse_rows(np.flatnonzero([one not in ("1", "2") for one in kinds]), "exception_type", ("1 或 2", "1 or 2"))
        for one, day, kind in zip(single.frame["service_id"], _days(single, "date"), kinds, strict=True):
            (added if kind == "1" else removed).setdefault(one, set()).add(day)
    found: dict[str, Service] = {}
    never = (frozenset[int](), date.max, date.min)
    if calendar := sheets.get("calendar"):
        checks.refuse_doubles(calendar, "service_id", calendar.frame["service_id"].to_numpy().astype(str))
        first, last = _days(calendar, "start_date"), _days(calendar, "end_date")
        for weekday in DAYS:
            wrong = np.flatnonzero(~calendar.frame[weekday].is_in(["0", "1"]).to_numpy())
            calendar.refuse_rows(wrong, weekday, ("0 或 1", "0 or 1"))
        for row, one in enumerate(calendar.frame["service_id"]):
            weekdays = frozenset(at for at, day in enumerate(DAYS) if calendar.frame[day][row] == "1")
            found[one] = Service(weekdays, first[row], last[row], frozenset(added.get(one, ())), frozenset(removed.get(one, ())))
    for one in sorted({*added, *removed} - set(found)):
        found[one] = Service(*never, frozenset(added.get(one, ())), frozenset(removed.get(one, ())))
    return found


def _days(sheet: Sheet, field: str) -> list[date]:
    days = sheet.frame[field].str.to_date("%Y%m%d", strict=False)
    sheet.refuse_rows(np.flatnonzero(days.is_null().to_numpy()), field, ("日期，如 20261101", "a day such as 20261101"))
    return list(days.to_list())


def _refuse_unknown(sheet: Sheet, field: str, known: set[str]) -> None:
    wrong = np.flatnonzero([one not in known for one in sheet.frame[field]])
    sheet.refuse_rows(wrong, field, ("别的表里有的编号", "an id that another table has"))


def _doubts(feed: Feed, listing: Listing) -> None:
    """What is no reason to refuse the feed, but a person should look at."""
    never = {one for one, service in feed.services.items() if not service.ever()}
    for one in sorted(never):
        listing.add("service_never", f"calendar.txt {one}")
    calls = np.diff(feed.first)
    for at, trip in enumerate(feed.trips):
        if calls[at] < 2:
            listing.add("trip_short", f"trips.txt {trip}", int(calls[at]))
        elif feed.service[at] in never:
            listing.add("trip_never", f"trips.txt {trip}", feed.service[at])
    used = np.zeros(len(feed.stops), bool)
    used[feed.stop] = True
    for at in np.flatnonzero(~used).tolist():
        listing.add("stop_unused", f"stops.txt {feed.stops[at]}", feed.names[at])
    if used.any():
        middle = np.median(feed.lon[used]), np.median(feed.lat[used])
        away = straight(feed.lon, feed.lat, np.full(len(used), middle[0]), np.full(len(used), middle[1]))
        for at in np.flatnonzero(used & (away > _FAR)).tolist():
            listing.add("stop_far", f"stops.txt {feed.stops[at]}", f"{away[at] / 1000:.0f} km")
    _fast(feed, listing)
    same = np.flatnonzero((feed.headways[1:, 0] == feed.headways[:-1, 0]) & (feed.headways[1:, 1] < feed.headways[:-1, 2]))
    for at in same.tolist():
        listing.add("headway_overlap", f"frequencies.txt {feed.trips[feed.headways[at, 0]]}", f"{feed.headways[at + 1, 1]} s")


def _fast(feed: Feed, listing: Listing) -> None:
    inner = np.ones(max(len(feed.stop) - 1, 0), bool)
    inner[feed.first[1:-1][(feed.first[1:-1] > 0) & (feed.first[1:-1] < len(feed.stop))] - 1] = False
    one, other = feed.stop[:-1][inner], feed.stop[1:][inner]
    seconds = (feed.arrive[1:] - feed.depart[:-1])[inner]
    metres = straight(feed.lon[one], feed.lat[one], feed.lon[other], feed.lat[other])
    # Times are often given to the minute: one of them is the slack.
    fast = np.flatnonzero(metres > _FASTEST * (seconds + 60))
    trip = np.searchsorted(feed.first, np.flatnonzero(inner)[fast], side="right") - 1
    for at, which in zip(fast.tolist(), trip.tolist(), strict=True):
        said = f"{feed.stops[one[at]]} → {feed.stops[other[at]]}: {metres[at]:.0f} m, {seconds[at]} s"
        listing.add("too_fast", f"stop_times.txt {feed.trips[which]}", said)


def problems_of(path: Path, listing: Listing, *, system: str | None = None) -> list[LinliError]:
    """Every problem that read_feed() would raise for, none for a feed that can be used."""
    try:
        read_feed(path, listing, system=system)
    except Problems as problems:
        return problems.problems[:MOST_SAID]
    except LinliError as error:
        return [error]
    return []


def within_days(feed: Feed) -> tuple[date, date] | None:
    """First and last day on which anything may run, None if nothing ever does."""
    running = [one for one in feed.services.values() if one.ever()]
    days: list[Any] = [day for one in running for day in (*one.added, *((one.first, one.last) if one.weekdays else ()))]
    return (min(days), max(days)) if days else None
