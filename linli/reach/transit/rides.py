"""What riding costs: between two stops of a line, the expected wait and the mean time aboard, over one window of one day.

Somebody who comes at any moment of the window waits half the headway, and the headway is the window divided by the departures in it:
for a line run by headway this is half of that headway. Trips of one line that go from a stop to another count together, whichever
way they take in between. Fewer than half a departure in the window is no service.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from linli.kernel.errors import LinliError
from linli.reach.graph import Floats, Ints, Longs
from linli.reach.sources.listing import refused
from linli.reach.transit.feed import Feed, within_days

DAY = 86_400
_LEAST = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Rides:
    """The best line from one stop to another, for every pair that one line joins: stops (places in feed.stops), seconds of waiting and
    aboard, and the line (a place in lines). In the order of the pairs."""

    board: Ints
    alight: Ints
    wait: Longs
    aboard: Longs
    line: Ints
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """A day and the seconds of it, the first included and the last not."""

    day: date
    begin: int
    end: int


def rides(feed: Feed, window: Window) -> Rides:
    """All rides of a window, of that day's services and of the day before's that run past midnight. LinliError for a window that is
    none, or a day on which nothing runs. Cost: for each different trip the square of its stops."""
    _require(feed, window)
    lines = tuple(sorted(set(feed.route)))
    number = {line: at for at, line in enumerate(lines)}
    parts = []
    for trip, begun in _departures(feed, window).items():
        calls = slice(int(feed.first[trip]), int(feed.first[trip + 1]))
        found = _pairs(feed, calls, begun, window)
        if len(found[0]):
            parts.append((np.full(len(found[0]), number[feed.route[trip]]), *found))
    if not parts:
        empty = np.zeros(0, np.int32)
        return Rides(empty, empty, empty.astype(np.int64), empty.astype(np.int64), empty, lines)
    line, board, alight, many, aboard = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _best(line, board, alight, many, aboard, window.end - window.begin, lines)


def _require(feed: Feed, window: Window) -> None:
    if not 0 <= window.begin < window.end <= 2 * DAY:
        said, remedy = ("时段不对", "The window is none."), ("如 07:00-09:00", "such as 07:00-09:00")
        raise refused("window", said, remedy, field="--between", found=f"{window.begin}–{window.end} s")
    if not any(service.runs(window.day - timedelta(back)) for service in feed.services.values() for back in (0, 1)):
        days = within_days(feed)
        raise _nothing(feed, window.day, f"{days[0]} … {days[1]}" if days else "—")


def _nothing(feed: Feed, day: date, expected: str) -> LinliError:
    said = ("这一天没有任何班次运行", "Nothing runs on that day.")
    remedy = ("换一个运行日，或要一份新的公交数据", "choose a day on which it runs, or ask for a newer feed")
    return refused("feed_day", said, remedy, file=feed.file, field="--day", expected=expected, found=day.isoformat())


def _departures(feed: Feed, window: Window) -> dict[int, list[tuple[int, int, int, bool]]]:
    """Of every trip that may run in the window: (first departure, last or end, seconds between, exactly these) from its first stop, in
    seconds of the window's day. A trip with its own times is one departure at them."""
    by_trip: dict[int, list[Longs]] = {}
    for row in feed.headways:
        by_trip.setdefault(int(row[0]), []).append(row)
    found: dict[int, list[tuple[int, int, int, bool]]] = {}
    for trip in range(len(feed.trips)):
        if feed.first[trip + 1] - feed.first[trip] < 2:
            continue
        service, start = feed.services[feed.service[trip]], int(feed.depart[feed.first[trip]])
        for back in (0, 1):
            if service.runs(window.day - timedelta(back)):
                rows = by_trip.get(trip)
                runs = [(start, start + 1, 1, True)] if rows is None else [(int(r[1]), int(r[2]), int(r[3]), bool(r[4])) for r in rows]
                found.setdefault(trip, []).extend((begin - back * DAY, end - back * DAY, every, exact) for begin, end, every, exact in runs)
    return found


def _pairs(feed: Feed, calls: slice, runs: list[tuple[int, int, int, bool]], window: Window) -> tuple[Ints, Ints, Floats, Longs]:
    """Of a trip's pairs of stops that it serves in the window: the two, how many departures, seconds aboard. Where it calls twice at one of
    them, the call next to the other counts."""
    stop, depart, arrive = feed.stop[calls], feed.depart[calls], feed.arrive[calls]
    many = np.array([sum(_within(run, int(after), window) for run in runs) for after in depart - depart[0]])
    one, other = np.triu_indices(len(stop), 1)
    following, last = np.full(len(stop), len(stop)), np.full(len(stop), -1)
    seen: dict[int, int] = {}
    for at, here in enumerate(stop.tolist()):
        if here in seen:
            following[seen[here]], last[at] = at, seen[here]
        seen[here] = at
    kept = (many[one] > 0) & feed.board[calls][one] & feed.alight[calls][other] & (stop[one] != stop[other])
    kept &= (following[one] > other) & (last[other] < one)
    one, other = one[kept], other[kept]
    return stop[one], stop[other], many[one], arrive[other] - depart[one]


def _within(run: tuple[int, int, int, bool], after: int, window: Window) -> float:
    """Departures within the window from a stop that is reached so many seconds after the first."""
    begin, end, every, exact = run
    low, high = max(begin, window.begin - after), min(end, window.end - after)
    if high <= low:
        return 0.0
    if exact:
        return float(-((begin - high) // every) - -((begin - low) // every))
    return (high - low) / every


def _best(line: Longs, board: Ints, alight: Ints, many: Floats, aboard: Longs, length: int, lines: tuple[str, ...]) -> Rides:
    """Departures of one line between two stops added up, then the quickest line of each two; of equals the first by id."""
    order = np.lexsort((many, aboard, line, alight, board))
    pairs = np.column_stack([board, alight, line])[order]
    starts = _starts(pairs)
    total, weighed = np.add.reduceat(many[order], starts), np.add.reduceat((many * aboard)[order], starts)
    wait = np.floor(length / (2 * total) + 0.5).astype(np.int64)
    ride = np.floor(weighed / total + 0.5).astype(np.int64)
    kept = total >= _LEAST
    pairs, wait, ride = pairs[starts][kept], wait[kept], ride[kept]
    order = np.lexsort((pairs[:, 2], wait, wait + ride, pairs[:, 1], pairs[:, 0]))
    order = order[_starts(pairs[order, :2])]
    told = pairs[order].astype(np.int32)
    return Rides(told[:, 0], told[:, 1], wait[order], ride[order], told[:, 2], lines)


def _starts(rows: Any) -> Longs:
    """Where, among sorted rows, another begins."""
    return np.flatnonzero(np.append(True, (rows[1:] != rows[:-1]).any(axis=1))[: len(rows)])
