"""`linli reach feed` and `linli reach transit`: check a GTFS feed, and reckon how long it takes from villages to county seats by bus."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import click
import numpy as np
import polars as pl

from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import Problems
from linli.reach.network import Network
from linli.reach.profiles import PROFILES, Profile, profile
from linli.reach.snapshot import load
from linli.reach.sources.listing import Listing, refused
from linli.reach.sources.points import Points, read_homes
from linli.reach.sources.sheet import read_sheet
from linli.reach.transit import DETOUR, OnFoot, Reach, SeatTime, SeatTimes, Window, problems_of, read_feed, seat_times, within_days
from linli.site.command import language
from linli.site.command.reach.importing import SYSTEM, require_folder, say_listing
from linli.site.command.reach.points import Amount, list_points, require_format, say_points, write_whole

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FEED = click.Path(exists=True, path_type=Path)
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
    listing, when, way = Listing(), _window(day.date(), between), profile(profile_name)
    feed = read_feed(feed_file, listing, system=feed_system)
    villages, seats = read_homes(villages_file, listing, system=system), read_homes(seats_file, listing, system=system)
    foot = OnFoot(way, Reach(walk, change), detour, _network(graph, way, when) if graph else None)
    told = seat_times(feed, villages, seats, when, own=_own(villages_file, seats), on_foot=foot, listing=listing)
    write_whole(_table(told.rows), out)
    listed = out.with_name(out.name + ".listed.csv")
    if told.ground is not None:
        list_points(listed, told.points, listing, told.ground)
    else:
        listing.write(listed, language() == "zh")
    _say(foot, when, told)
    say_listing(listed, listing)


def _window(day: date, between: str) -> Window:
    match = _BETWEEN.fullmatch(between.strip())
    if match is None:
        said, remedy = ("时段看不懂", "The window can't be read."), ("如 07:00-09:00", "write it as 07:00-09:00")
        raise refused("window", said, remedy, field="--between", expected="07:00-09:00", found=between)
    hours = [int(match[at]) * 3600 + int(match[at + 1]) * 60 for at in (1, 3)]
    return Window(day, hours[0], hours[1])


def _own(path: Path, seats: Points) -> dict[str, str] | None:
    """Which seat each village names, None where the file has no such column."""
    sheet = read_sheet(path)
    named = sheet.texts("seat")
    if named is None:
        return None
    sheet.refuse_rows(np.flatnonzero([one not in seats.ids for one in named]), "seat", ("县城表里的编号", "an id of the table of seats"))
    return dict(zip(sheet.texts("id") or [], named, strict=True))


def _network(graph: Path, way: Profile, when: Window) -> Network:
    """The network with its gates as they are when the window begins."""
    from linli.reach.network import network_of

    hour, minute = divmod(when.begin // 60 % 1440, 60)
    at = datetime(when.day.year, when.day.month, when.day.day, hour, minute, tzinfo=SHANGHAI)
    return network_of(load(graph), way, at=at)


def _table(rows: Sequence[SeatTime]) -> pl.DataFrame:
    """A row for each village, in the order of their ids."""
    told = [
        {
            "village": one.village,
            "state": one.state,
            "seat": one.seat,
            "minutes": one.minutes,
            "seconds": one.seconds,
            "walk_seconds": one.walk_seconds,
            "wait_seconds": one.wait_seconds,
            "ride_seconds": one.ride_seconds,
            "rides": None if one.seconds is None else len(one.rides),
            "way": None if one.seconds is None else " → ".join(map(str, one.rides)),
        }
        for one in rows
    ]
    texts = dict.fromkeys(("village", "state", "seat", "way"), pl.String())
    numbers = dict.fromkeys(("minutes", "seconds", "walk_seconds", "wait_seconds", "ride_seconds", "rides"), pl.Int64())
    return pl.DataFrame(told, schema_overrides={**texts, **numbers})


def _say(foot: OnFoot, when: Window, told: SeatTimes) -> None:
    zh = language() == "zh"
    words = {"village": ("村", "villages"), "stop": ("站点", "stops"), "seat": ("县城", "county seats")}
    for kind, (read, snapped) in told.points.items():
        click.echo(say_points(words[kind], read, snapped))
    straight = f"直线 × {foot.detour:g}" if zh else f"straight lines × {foot.detour:g}"
    ground = straight if foot.network is None else "路网" if zh else "on the network"
    hours = "–".join(f"{second // 3600:02d}:{second // 60 % 60:02d}" for second in (when.begin, when.end))
    click.echo(f"{when.day} {hours}; {foot.way.name}, {foot.way.metres_per_hour / 1000:g} km/h, ≤ {foot.reach.walk} m, {ground}")
    minutes = sorted(one.minutes for one in told.rows if one.minutes is not None)
    said = f"村 {len(told.rows):,} 个，可达 {len(minutes):,} 个" if zh else f"{len(told.rows):,} villages, {len(minutes):,} with a journey"
    if minutes:
        middle, longest = minutes[(len(minutes) - 1) // 2], minutes[-1]
        said += f"，中位 {middle} 分钟，最长 {longest} 分钟" if zh else f"; half of these within {middle} min, the longest {longest} min"
    click.echo(said)
