"""Villages asked about one by one: a row for each, with its time to the county seat by bus and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from linli.kernel.errors import LinliError, Place
from linli.reach.graph import Floats, Ints
from linli.reach.metric import Bools
from linli.reach.network import Network
from linli.reach.profiles import PROFILES, Profile
from linli.reach.snapping import Ground, Snapped, ground_of
from linli.reach.sources.checks import swapped
from linli.reach.sources.listing import Listing
from linli.reach.sources.placing import put_on
from linli.reach.sources.points import Points, points_of
from linli.reach.transit.feed import Feed, read_feed
from linli.reach.transit.journeys import Journey, Leg, journeys
from linli.reach.transit.rides import Rides, Window, rides
from linli.reach.transit.walks import DETOUR, Reach, Walks, network_walks, straight_walks

_NEAR: Final = 1.0  # degrees: what lies farther from all stops walks to none of them
FROM_A_ROAD: Final = 500.0
"""Metres from a link: roads lie further from each other in the country."""


@dataclass(frozen=True, slots=True)
class OnFoot:
    """How people walk to, between and from stops: on the network, which has its own profile, else in straight lines times `detour`."""

    way: Profile = PROFILES["adult"]
    reach: Reach = field(default_factory=Reach)
    detour: float = DETOUR
    network: Network | None = None


@dataclass(frozen=True, slots=True)
class Ridden:
    """One ride as people say it: the line's name, where one boards and alights, seconds of waiting and aboard."""

    line: str
    board: str
    alight: str
    wait: int
    aboard: int

    def __str__(self) -> str:
        return f"{self.line} ({self.board} – {self.alight})"


@dataclass(frozen=True, slots=True)
class SeatTime:
    """One village's row. state: reached; not_reached; unlocated, which has no position or is not on the network. seconds and its
    parts: None where no seat is reached, never 0. rides: none where walking all the way is quickest.
    """

    village: str
    state: str
    seat: str | None = None
    seconds: int | None = None
    walk_seconds: int | None = None
    wait_seconds: int | None = None
    ride_seconds: int | None = None
    rides: tuple[Ridden, ...] = ()

    @property
    def minutes(self) -> int | None:
        """Whole minutes, a begun one counted."""
        return None if self.seconds is None else -(-self.seconds // 60)


@dataclass(frozen=True, slots=True, eq=False)
class SeatTimes:
    """Rows in the order of the villages, and what they were reckoned from. points, ground: on the network, none without one."""

    rows: tuple[SeatTime, ...]
    feed: Feed
    listing: Listing
    points: Mapping[str, tuple[Points, Snapped]] = field(default_factory=dict)
    ground: Ground | None = None


def seat_times(
    feed: Feed | Path,
    villages: Points,
    seats: Points,
    when: Window,
    *,
    own: Mapping[str, str] | None = None,
    on_foot: OnFoot | None = None,
    listing: Listing | None = None,
) -> SeatTimes:
    """How long from each village to its county seat in a window of a day: to the seat that `own` names for it, else to the one that is
    quickest to reach. Points: read_homes() of a file, or points_of() of what one has.

    Problems for a feed that can't be used, LinliError for a day on which nothing runs, for a seat that there isn't, and with a network for
    points of which none is on it. What is doubtful is added to `listing`. Cost: a search over the stops for every seat.
    """
    foot, listed = on_foot or OnFoot(), listing if listing is not None else Listing()
    read = read_feed(feed, listed) if isinstance(feed, Path) else feed
    for asked in (villages, seats):
        _refuse_swapped(asked, read)
    mine = _own(villages, seats, own)
    found = rides(read, when)
    points: dict[str, tuple[Points, Snapped]] = {}
    ground = None
    if foot.network is None:
        walks = straight_walks(
            (villages.lon, villages.lat), (read.lon, read.lat), (seats.lon, seats.lat), foot.way, foot.reach, foot.detour
        )
    else:
        ground = ground_of(foot.network)
        points = _on_ground(ground, read, villages, seats, listed)
        walks = network_walks(foot.network, points["village"][1], points["stop"][1], points["seat"][1], foot.reach)
    _list_without_stop(villages, seats, walks, np.unique(read.stop), listed)
    told = journeys(found, walks, stops=len(read.stops), seats=len(seats), own=mine)
    located = _located(villages, points)
    rows = tuple(_row(read, found, village, seats, one, here) for village, one, here in zip(villages.ids, told, located, strict=True))
    return SeatTimes(rows, read, listed, points, ground)


def _list_without_stop(villages: Points, seats: Points, walks: Walks, served: Ints, listed: Listing) -> None:
    """List who can't set out and where nobody can arrive, whatever runs: most likely the files are of different places."""
    begins = [*walks.to_stop.starts[np.isin(walks.to_stop.to, served)], *walks.direct.starts]
    ends = [*walks.to_seat.to[np.isin(walks.to_seat.starts, served)], *walks.direct.to]
    for what, points, near in (("village", villages, begins), ("seat", seats, ends)):
        for one in np.setdiff1d(np.flatnonzero(np.isfinite(points.lon + points.lat)), near):
            listed.add(f"{what}_without_stop", f"{what} {points.ids[one]}", f"{points.lon[one]:g}, {points.lat[one]:g}")


def _refuse_swapped(points: Points, feed: Feed) -> None:
    """LinliError where most points lie far from every stop that is served, and near them with longitude and latitude exchanged."""
    served = np.unique(feed.stop)
    if not len(served) or not len(points):
        return

    def near(lon: Floats, lat: Floats) -> Bools:
        sides: list[Bools] = [
            (one >= stops.min() - _NEAR) & (one <= stops.max() + _NEAR) for one, stops in ((lon, feed.lon[served]), (lat, feed.lat[served]))
        ]
        return sides[0] & sides[1]

    if (near(points.lat, points.lon) & ~near(points.lon, points.lat)).mean() > 0.5:
        raise swapped(points.file, f"{points.lon[0]:g}, {points.lat[0]:g}")


def _own(villages: Points, seats: Points, own: Mapping[str, str] | None) -> Ints | None:
    """Which seat each village goes to, -1 for any; None where none is named."""
    if not own:
        return None
    place = {one: at for at, one in enumerate(seats.ids)}
    if unknown := sorted({own[one] for one in villages.ids if one in own} - set(place)):
        raise LinliError(
            "reach.seat",
            zh="没有这个县城",
            en="There is no such county seat.",
            place=Place(file=villages.file, field="seat"),
            expected=", ".join(seats.ids)[:200],
            found=", ".join(unknown)[:200],
            remedy_zh="核对县城的编号",
            remedy_en="check the seat's id",
        )
    return np.array([place[own[one]] if one in own else -1 for one in villages.ids], np.int32)


def _on_ground(ground: Ground, feed: Feed, villages: Points, seats: Points, listing: Listing) -> dict[str, tuple[Points, Snapped]]:
    stops = points_of(feed.stops, feed.lon, feed.lat, file="stops.txt")
    kinds: Sequence[tuple[str, Points]] = (("village", villages), ("stop", stops), ("seat", seats))
    return {kind: (read, put_on(ground, read, listing, most_metres=FROM_A_ROAD)) for kind, read in kinds}


def _located(villages: Points, points: Mapping[str, tuple[Points, Snapped]]) -> Bools:
    if points:
        on: Bools = points["village"][1].link >= 0
        return on
    return np.isfinite(villages.lon) & np.isfinite(villages.lat)


def _row(feed: Feed, found: Rides, village: str, seats: Points, one: Journey, located: bool) -> SeatTime:
    if one.seconds < 0:
        return SeatTime(village, "not_reached" if located else "unlocated")
    legs = tuple(_ridden(feed, found, leg) for leg in one.legs)
    return SeatTime(village, "reached", seats.ids[one.seat], one.seconds, one.walked, one.waited, one.aboard, legs)


def _ridden(feed: Feed, found: Rides, leg: Leg) -> Ridden:
    board, alight = (feed.names[stop] or feed.stops[stop] for stop in (leg.board, leg.alight))
    return Ridden(feed.lines[found.lines[leg.line]], board, alight, leg.wait, leg.aboard)
