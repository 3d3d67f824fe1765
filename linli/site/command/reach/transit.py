"""`linli reach feed` and `linli reach transit`: check a GTFS feed, and reckon how long it takes from villages to county seats by bus."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import click
import numpy as np
import polars as pl

from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import Problems
from linli.reach.graph import Ints
from linli.reach.network import Network
from linli.reach.profiles import PROFILES, Profile, profile
from linli.reach.snapping import Ground, Snapped, ground_of
from linli.reach.snapshot import load
from linli.reach.sources.listing import Listing, refused
from linli.reach.sources.points import Points, read_homes
from linli.reach.sources.sheet import read_sheet
from linli.reach.transit import (
    DETOUR,
    Feed,
    Journey,
    Reach,
    Rides,
    Window,
    journeys,
    network_walks,
    problems_of,
    read_feed,
    rides,
    straight_walks,
    within_days,
)
from linli.site.command import language
from linli.site.command.reach.importing import SYSTEM, require_folder, say_listing
from linli.site.command.reach.points import Amount, list_points, put_on, require_format, say_points, write_whole

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FEED = click.Path(exists=True, path_type=Path)
_COUNTRY = 500.0  # metres from a link: roads lie further from each other in the country
_BETWEEN = re.compile(r"(\d{1,2}):([0-5]\d)\s*[-–]\s*(\d{1,2}):([0-5]\d)")


@click.command("feed")
@click.argument("feed", type=FEED)
@SYSTEM
@click.option("--out", type=click.Path(path_type=Path), metavar="LISTED.csv", help="where to list what is doubtful, one by one")
def check(feed: Path, system: str | None, out: Path | None) -> None:
    """Check a GTFS FEED (zip or folder): everything that is wrong, with table and line, and what a person should look at."""
    listing = Listing()
    if problems := problems_of(feed, listing, system=system):
        raise Problems(problems)
    read = read_feed(feed, Listing(), system=system)
    zh, days = language() == "zh", within_days(read)
    span = f"{days[0]} … {days[1]}" if days else ("没有运行日" if zh else "no day of service")
    numbers = len(set(read.route)), len(read.trips), len(read.stops), len(read.headways)
    click.echo(
        "{}：{:,} 条线路，{:,} 个车次，{:,} 个站点，{:,} 个发车间隔时段，{}".format(read.file, *numbers, span)
        if zh
        else "{}: {:,} route(s), {:,} trip(s), {:,} stop(s), {:,} headway(s), {}".format(read.file, *numbers, span)
    )
    if out:
        require_folder(out)
        listing.write(out, zh)
    for code, number in listing.counts().items():
        click.echo(f"  {number:,} × {code}: {next(one for one in listing.doubts if one.code == code).words(zh)}", err=True)


@click.command()
@click.option("--feed", "feed_file", required=True, type=FEED, metavar="F.zip", help="a GTFS feed: zip or folder")
@click.option("--from", "villages_file", required=True, type=FILE, metavar="V.csv", help="id, lon, lat[, residents, …, seat]")
@click.option("--to", "seats_file", required=True, type=FILE, metavar="S.csv", help="id, lon, lat")
@click.option("--day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="the day of service")
@click.option("--between", default="07:00-09:00", show_default=True, metavar="HH:MM-HH:MM", help="when people set out")
@click.option("--graph", type=FILE, metavar="G", help="walk on this network; straight lines times --detour without it")
@click.option("--profile", "profile_name", type=click.Choice(list(PROFILES)), default="adult", show_default=True)
@click.option(
    "--walk", type=click.IntRange(0, 20_000), default=2000, show_default=True, metavar="METRES", help="to and from a stop at most"
)
@click.option("--change", type=click.IntRange(0, 5_000), default=500, show_default=True, metavar="METRES", help="between two stops at most")
@click.option("--detour", type=Amount(1, 5), default=DETOUR, show_default=True, help="a walk by its straight line")
@SYSTEM
@click.option("--feed-system", metavar="SYSTEM", help="the feed's coordinate system where it isn't WGS-84, as GTFS has it")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="TIMES.csv|parquet")
def transit(
    feed_file: Path,
    villages_file: Path,
    seats_file: Path,
    day: datetime,
    between: str,
    graph: Path | None,
    profile_name: str,
    walk: int,
    change: int,
    detour: float,
    system: str | None,
    feed_system: str | None,
    out: Path,
) -> None:
    """How long from each village to its county seat by bus: walk, wait, ride, change, walk.

    The wait is half the headway; of trips by timetable, half of the window by their number. A village's own seat stands in its column
    `seat`; without that column it is the one that is quickest to reach. What could not be used is listed in OUT.listed.csv.
    """
    require_folder(out)
    require_format(out, ".csv", ".parquet")
    listing, when = Listing(), _window(day.date(), between)
    feed = read_feed(feed_file, listing, system=feed_system)
    villages, seats = read_homes(villages_file, system=system), read_homes(seats_file, system=system)
    found = rides(feed, when)
    own = _own(villages_file, villages, seats)
    points: dict[str, tuple[Points, Snapped]] = {}
    way, reach, listed = profile(profile_name), Reach(walk, change), out.with_name(out.name + ".listed.csv")
    if graph:
        network = _network(graph, way, when)
        ground = ground_of(network)
        points = _on_ground(ground, feed, villages, seats, listing)
        walks = network_walks(network, points["village"][1], points["stop"][1], points["seat"][1], reach)
        list_points(listed, points, listing, ground)
    else:
        walks = straight_walks((villages.lon, villages.lat), (feed.lon, feed.lat), (seats.lon, seats.lat), way, reach, detour)
        listing.write(listed, language() == "zh")
    told = journeys(found, walks, stops=len(feed.stops), seats=len(seats), own=own)
    write_whole(_table(feed, found, villages, seats, told, _located(villages, points)), out)
    _say(way, reach, detour if not graph else None, when, villages, told, points)
    say_listing(listed, listing)


def _window(day: date, between: str) -> Window:
    match = _BETWEEN.fullmatch(between.strip())
    if match is None:
        said, remedy = ("时段看不懂", "The window can't be read."), ("如 07:00-09:00", "write it as 07:00-09:00")
        raise refused("window", said, remedy, field="--between", expected="07:00-09:00", found=between)
    hours = [int(match[at]) * 3600 + int(match[at + 1]) * 60 for at in (1, 3)]
    return Window(day, hours[0], hours[1])


def _own(path: Path, villages: Points, seats: Points) -> Ints | None:
    """Which seat each village names, None where the file has no such column."""
    sheet = read_sheet(path)
    named = sheet.texts("seat")
    if named is None:
        return None
    place = {one: at for at, one in enumerate(seats.ids)}
    sheet.refuse_rows(np.flatnonzero([one not in place for one in named]), "seat", ("县城表里的编号", "an id of the table of seats"))
    by_id = dict(zip(sheet.texts("id") or [], named, strict=True))
    return np.array([place[by_id[one]] for one in villages.ids], np.int32)


def _network(graph: Path, way: Profile, when: Window) -> Network:
    """The network with its gates as they are when the window begins."""
    from linli.reach.network import network_of

    hour, minute = divmod(when.begin // 60 % 1440, 60)
    at = datetime(when.day.year, when.day.month, when.day.day, hour, minute, tzinfo=SHANGHAI)
    return network_of(load(graph), way, at=at)


def _on_ground(ground: Ground, feed: Feed, villages: Points, seats: Points, listing: Listing) -> dict[str, tuple[Points, Snapped]]:
    stops = replace(
        villages, file="stops.txt", ids=feed.stops, lon=feed.lon, lat=feed.lat, rows=np.arange(2, len(feed.stops) + 2), weights={}
    )
    kinds = {"village": villages, "stop": stops, "seat": seats}
    return {kind: (read, put_on(ground, read, _COUNTRY, listing)) for kind, read in kinds.items()}


def _located(villages: Points, points: dict[str, tuple[Points, Snapped]]) -> np.ndarray:
    if points:
        return points["village"][1].link >= 0
    return np.isfinite(villages.lon) & np.isfinite(villages.lat)


def _table(feed: Feed, found: Rides, villages: Points, seats: Points, told: list[Journey], located: np.ndarray) -> pl.DataFrame:
    """A row for each village, in the order of their ids."""
    rows = []
    for at, one in enumerate(told):
        reached = one.seconds >= 0
        rows.append(
            {
                "village": villages.ids[at],
                "state": "reached" if reached else "not_reached" if located[at] else "unlocated",
                "seat": seats.ids[one.seat] if reached else None,
                "minutes": -(-one.seconds // 60) if reached else None,
                "seconds": one.seconds if reached else None,
                "walk_seconds": one.walked if reached else None,
                "wait_seconds": one.waited if reached else None,
                "ride_seconds": one.aboard if reached else None,
                "rides": len(one.legs) if reached else None,
                "way": " → ".join(_leg(feed, found, leg) for leg in one.legs) if reached else None,
            }
        )
    texts = dict.fromkeys(("village", "state", "seat", "way"), pl.String())
    numbers = dict.fromkeys(("minutes", "seconds", "walk_seconds", "wait_seconds", "ride_seconds", "rides"), pl.Int64())
    return pl.DataFrame(rows, schema_overrides={**texts, **numbers})


def _leg(feed: Feed, found: Rides, leg: object) -> str:
    line, board, alight = (getattr(leg, name) for name in ("line", "board", "alight"))
    names = [feed.names[stop] or feed.stops[stop] for stop in (board, alight)]
    return f"{feed.lines[found.lines[line]]} ({names[0]} – {names[1]})"


def _say(
    way: Profile,
    reach: Reach,
    detour: float | None,
    when: Window,
    villages: Points,
    told: list[Journey],
    points: dict[str, tuple[Points, Snapped]],
) -> None:
    zh = language() == "zh"
    words = {"village": ("村", "villages"), "stop": ("站点", "stops"), "seat": ("县城", "county seats")}
    for kind, (read, snapped) in points.items():
        click.echo(say_points(words[kind], read, snapped))
    ground = ("路网" if zh else "on the network") if detour is None else (f"直线 × {detour:g}" if zh else f"straight lines × {detour:g}")
    hours = "–".join(f"{second // 3600:02d}:{second // 60 % 60:02d}" for second in (when.begin, when.end))
    click.echo(f"{when.day} {hours}; {way.name}, {way.metres_per_hour / 1000:g} km/h, ≤ {reach.walk} m, {ground}")
    minutes = sorted(-(-one.seconds // 60) for one in told if one.seconds >= 0)
    middle, longest = (str(minutes[at]) if minutes else "—" for at in ((len(minutes) - 1) // 2, -1))
    click.echo(
        f"村 {len(villages):,} 个，可达 {len(minutes):,} 个，中位 {middle} 分钟，最长 {longest} 分钟"
        if zh
        else f"{len(villages):,} villages, {len(minutes):,} with a journey; half of them within {middle} min, the longest {longest} min"
    )
