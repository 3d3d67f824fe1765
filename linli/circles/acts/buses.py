"""Buses: a timetable (GTFS) is taken into use, and how long every village has to its county seat is computed by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from django.conf import settings

from linli.circles import facts
from linli.circles.acts.networks import FOLDER
from linli.circles.models import BusFeed, BusRun, BusTime
from linli.circles.reckoning.people import COUNTY
from linli.circles.standing import calendar, standing
from linli.kernel import clock
from linli.kernel.digests import digest
from linli.kernel.errors import LinliError, Place, Problems
from linli.kernel.positions import Position
from linli.kernel.viewer import Viewer
from linli.programmes.catalogue import load_city
from linli.reach.metric import Bools, straight
from linli.reach.network import Network
from linli.reach.snapping import Ground, ground_of
from linli.reach.sources.listing import Listing
from linli.reach.sources.points import Points, points_of
from linli.reach.transit import FROM_A_ROAD, Feed, OnFoot, SeatTime, Window, problems_of, read_feed, seat_times, within_days
from linli.registers.bitemporal import true_on
from linli.registers.cityareas import read_positions
from linli.registers.models import Area
from linli.trace import act
from linli.trace.turns import one_at_a_time

BEGIN, END = 7 * 60, 9 * 60
"""When people set out for the county seat: minutes of the day, the morning's journeys to offices, hospitals and markets."""
_FORTNIGHT = 14
SUBJECT = "register:buses"
UNLOCATED, NO_SEAT = "unlocated", "no_seat"


def take_feed(
    viewer: Viewer,
    *,
    file: Path,
    source: str,
    generated: bool = False,
    listing: Listing | None = None,
    day: date | None = None,
    anyway: bool = False,
) -> BusFeed:
    """Take a GTFS zip into use. The one in use already changes nothing. Needs administrator over the whole city; one at a time.

    Problems, each with table and line, for a feed that can't be used or in which nothing ever runs; what is doubtful goes into `listing`.
    LinliError for one by which nothing runs any more from `day` (today) on, and, unless `anyway`, for one that has no stop near any
    village or county seat of the city that has a position.
    """
    viewer.require("administrator")
    if problems := problems_of(file, listing if listing is not None else Listing()):
        raise Problems(problems)
    feed, content = read_feed(file, Listing()), file.read_bytes()
    days = within_days(feed)
    if days is None:
        raise _never(file)
    if days[1] < (day or clock.today()):
        raise _ended(file, days, day or clock.today())
    if not anyway:
        _require_near(file, feed)
    known = digest(content)
    kept = feed_file(known)
    if not kept.exists() or digest(kept.read_bytes()) != known:
        kept.parent.mkdir(parents=True, exist_ok=True)
        new = kept.with_suffix(".new")
        new.write_bytes(content)
        new.replace(kept)
    with act(viewer) as a:
        one_at_a_time("circles.buses")
        newest = feed_in_use()
        if newest is not None and newest.digest == known:
            return newest
        numbers = {"lines": len(set(feed.route)), "trips": len(feed.trips), "stops": len(feed.stops)}
        row, _ = BusFeed.objects.update_or_create(
            digest=known,
            defaults={
                "name": file.name[:200],
                "source": source[:300],
                **numbers,
                "first_day": days[0],
                "last_day": days[1],
                "generated": generated,
                "since": clock.now(),
                "taken_by": viewer.actor,
            },
        )
        a.record(facts.FEED_TAKEN, subject=SUBJECT, payload={"digest": known, "source": row.source[:200], **numbers}, rows=[row])
    return row


def _require_near(file: Path, feed: Feed) -> None:
    """LinliError where nobody could walk to a stop: none is near a village, or none near a seat. Those without a position aren't asked."""
    today, foot, served = clock.today(), OnFoot(), np.unique(feed.stop)
    lon, lat, most = feed.lon[served], feed.lat[served], foot.reach.walk / foot.detour
    villages = [
        Position(float(row.lon), float(row.lat)) for row in _villages(today).values() if row.lon is not None and row.lat is not None
    ]
    for named, points in ((("村、社区", "village"), villages), (("县城", "county seat"), list(_seats(today).values()))):
        near = (straight(np.full(len(lon), one.lon), np.full(len(lat), one.lat), lon, lat).min() <= most for one in points)
        if points and not any(near):
            raise _elsewhere(file, named, len(points), f"{np.median(lon):.2f}, {np.median(lat):.2f}")


def feed_in_use() -> BusFeed | None:
    """The timetable in use, None where none was taken. One query."""
    return BusFeed.objects.order_by("-since", "-id").first()


def feed_file(known: str) -> Path:
    """Where the timetable of that digest lies."""
    return Path(settings.LINLI_STATE) / FOLDER / f"{known.replace(':', '-')}.gtfs.zip"


def compute_buses(viewer: Viewer, *, day: date | None = None) -> BusRun:
    """How long every village of the register has to its county's seat by the timetable in use, on a working day next to `day` (today).

    Needs planner over the whole city; one at a time. Who is off the walking network walks in straight lines made longer; LinliError where
    no timetable is in use. Cost: a search over the stops for every seat.
    """
    viewer.require("planner")
    feed_row = feed_in_use()
    if feed_row is None:
        raise _none_in_use()
    feed = read_feed(feed_file(feed_row.digest), Listing())
    on, there = service_day(feed, day or clock.today()), standing()
    villages, seats = _villages(on), _seats(on)
    network = there.network("adult") if there else None
    told = _told(feed, villages, seats, Window(on, BEGIN * 60, END * 60), network)
    with act(viewer) as a:
        one_at_a_time("circles.buses")
        states = [one.time.state for one in told]
        run = BusRun.objects.create(
            feed=feed_row,
            network=there.version if there else None,
            day=on,
            begin=BEGIN,
            end=END,
            reached=states.count("reached"),
            not_reached=states.count("not_reached"),
            unlocated=states.count(UNLOCATED) + states.count(NO_SEAT),
            made_at=clock.now(),
            made_by=viewer.actor,
        )
        BusTime.objects.all().delete()
        BusTime.objects.bulk_create([_row(run, one, villages) for one in told], batch_size=2000)
        numbers = {"reached": run.reached, "not_reached": run.not_reached, "unlocated": run.unlocated}
        payload = {"run": str(run.uid), "feed": feed_row.digest, "day": str(on), **numbers}
        a.record(facts.BUSES_COMPUTED, subject=SUBJECT, payload=payload, rows=[run])
    return run


def service_day(feed: Feed, day: date) -> date:
    """The first working day from a day on, at most a fortnight, on which something runs; of a timetable that has ended or not begun, one
    next to its end or beginning. Another day on which something runs, where no workday has a bus.
    """
    days = within_days(feed)
    if days is None:
        raise _never(Path(feed.file))
    start = min(max(day, days[0]), days[1])
    near = [start + timedelta(number) for number in range(_FORTNIGHT)] + [start - timedelta(number) for number in range(1, _FORTNIGHT)]
    running = [one for one in near if any(service.runs(one) for service in feed.services.values())]
    known = calendar()
    return next((one for one in running if known.knows(one) and known.is_workday(one)), running[0] if running else start)


@dataclass(frozen=True, slots=True)
class _Told:
    """A village's time. straight: walked in straight lines."""

    time: SeatTime
    straight: bool


def _villages(on: date) -> dict[str, Area]:
    """Communities and villages of the city itself; a table may hold those of others, where people come from."""
    city = load_city(Path(settings.LINLI_CITY)).area
    return {row.code: row for row in Area.objects.filter(true_on(on), level="village", code__startswith=city).order_by("code")}


def _seats(on: date) -> dict[str, Position]:
    """Where the county seats are: as the register says, else the city's own table."""
    table = Path(settings.LINLI_CITY) / "areas" / "positions.csv"
    found = {code: at for code, at in (read_positions(table) if table.exists() else {}).items() if len(code) == COUNTY}
    rows = Area.objects.filter(true_on(on), level="county", lon__isnull=False, lat__isnull=False)
    return found | {row.code: Position(float(row.lon or 0), float(row.lat or 0)) for row in rows}


def _told(feed: Feed, villages: Mapping[str, Area], seats: Mapping[str, Position], when: Window, network: Network | None) -> list[_Told]:
    """Every village: by the network where it is on it, else in straight lines; none where it or its seat has no position."""
    found = {}
    for code, row in villages.items():
        if row.lon is None or row.lat is None:
            found[code] = _Told(SeatTime(code, UNLOCATED), False)
        elif code[:COUNTY] not in seats:
            found[code] = _Told(SeatTime(code, NO_SEAT), False)
    asked = [code for code in villages if code not in found]
    towards = points_of(tuple(seats), *_degrees([(one.lon, one.lat) for one in seats.values()]), file="positions.csv")
    where = points_of(asked, *_degrees([(float(villages[code].lon or 0), float(villages[code].lat or 0)) for code in asked]))
    along = _on(network, feed, where, towards) if network is not None and asked else np.zeros(len(asked), bool)
    for kept, foot in ((along, OnFoot(network=network)), (~along, OnFoot())):
        if kept.any():
            part = replace(
                where, ids=tuple(np.array(asked)[kept].tolist()), lon=where.lon[kept], lat=where.lat[kept], rows=where.rows[kept]
            )
            rows = seat_times(feed, part, towards, when, own={code: code[:COUNTY] for code in part.ids}, on_foot=foot).rows
            found |= {row.village: _Told(row, foot.network is None) for row in rows}
    return [found[code] for code in villages]


def _on(network: Network, feed: Feed, villages: Points, seats: Points) -> Bools:
    """Which villages are on the network: none where no stop or no seat is."""
    ground = ground_of(network)
    stops = points_of(feed.stops, feed.lon, feed.lat)
    if not (_joined(ground, stops).any() and _joined(ground, seats).any()):
        return np.zeros(len(villages.ids), bool)
    return _joined(ground, villages)


def _joined(ground: Ground, points: Points) -> Bools:
    found: Bools = ground.snap(points.lon, points.lat, most_metres=FROM_A_ROAD).link >= 0
    return found


def _degrees(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [lon for lon, _lat in points], [lat for _lon, lat in points]


def _row(run: BusRun, one: _Told, villages: Mapping[str, Area]) -> BusTime:
    time = one.time
    way = " → ".join(str(ride) for ride in time.rides)
    parts = {"seconds": time.seconds, "walk": time.walk_seconds, "wait": time.wait_seconds, "ride": time.ride_seconds}
    name = villages[time.village].name
    return BusTime(run=run, area_code=time.village, name=name, state=time.state, way=way, straight=one.straight, **parts)


def _none_in_use() -> LinliError:
    return LinliError(
        "circles.no_feed",
        zh="还没有启用公交时刻",
        en="No bus timetable is in use.",
        remedy_zh="执行 linli city buses 文件.zip",
        remedy_en="run linli city buses FEED.zip",
    )


def _never(file: Path) -> LinliError:
    return LinliError(
        "circles.feed_never",
        zh="公交数据里没有任何一天有车",
        en="Nothing ever runs by this timetable.",
        place=Place(file=file.name),
        expected=("至少一天有班次", "a day on which something runs"),
        found="0",
        remedy_zh="要一份新的公交数据",
        remedy_en="ask for a newer feed",
    )


def _ended(file: Path, days: tuple[date, date], day: date) -> LinliError:
    return LinliError(
        "circles.feed_ended",
        zh="这份公交时刻已经过期，没有启用；原来的照旧",
        en="This timetable has ended. It was not taken into use; what was in use stays.",
        place=Place(file=file.name),
        expected=(f"{day} 或之后还有班次", f"something that runs on {day} or later"),
        found=f"{days[0]} … {days[1]}",
        remedy_zh="要一份新的公交数据；要按以前的某一天算，写明 --on",
        remedy_en="ask for a newer feed; to compute by a day of the past, name it with --on",
    )


def _elsewhere(file: Path, named: tuple[str, str], many: int, stops: str) -> LinliError:
    return LinliError(
        "circles.feed_elsewhere",
        zh=f"本市没有一个{named[0]}走得到这份公交时刻的站点，没有启用；原来的照旧",
        en=f"Not one {named[1]} of the city has a stop of this timetable within a walk. It was not taken into use; what was in use stays.",
        place=Place(file=file.name),
        expected=(f"{many} 个{named[0]}中至少一个附近有站", f"a stop near one of {many} at least"),
        found=stops,
        remedy_zh="核对是不是本市的公交数据、站点的坐标系是不是 WGS-84；确实要用，加 --anyway",
        remedy_en="is it this city's timetable, are its stops in WGS-84? To take it all the same, add --anyway",
    )
