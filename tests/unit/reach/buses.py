"""A second opinion on bus times: exact fractions, plain dictionaries, a search from the village, straight from the tables."""

from __future__ import annotations

import heapq
from datetime import date
from fractions import Fraction
from typing import Any

from linli.reach.transit import Feed, Window


def second_opinion(costs: dict[int, dict[int, int]], stops: int, walks: Any, seat: int, village: int) -> int:
    """Seconds of the quickest journey, -1 for none."""
    change = {s: {t: w for t, w in _walked(walks.change, s) if t != s} | {s: 0} for s in range(stops)}
    queue = [(seconds, ("wait", stop)) for stop, seconds in _walked(walks.to_stop, village)]
    queue += [(seconds, ("there", -1)) for at, seconds in _walked(walks.direct, village) if at == seat]
    heapq.heapify(queue)
    done: set[tuple[str, int]] = set()
    while queue:
        seconds, (state, stop) = heapq.heappop(queue)
        if state == "there":
            return seconds
        if (state, stop) in done:
            continue
        done.add((state, stop))
        if state == "wait":
            for other, cost in costs.get(stop, {}).items():
                heapq.heappush(queue, (seconds + cost, ("off", other)))
        else:
            for other, cost in change[stop].items():
                heapq.heappush(queue, (seconds + cost, ("wait", other)))
            for at, cost in _walked(walks.to_seat, stop):
                if at == seat:
                    heapq.heappush(queue, (seconds + cost, ("there", -1)))
    return -1


def _walked(walk: Any, one: int) -> list[tuple[int, int]]:
    here = slice(walk.first[one], walk.first[one + 1])
    return list(zip(walk.to[here].tolist(), walk.seconds[here].tolist(), strict=True))


def ride_costs(feed: Feed, when: Window) -> dict[int, dict[int, int]]:
    """Of each two stops what the best line costs, reckoned departure by departure."""
    sums: dict[tuple[int, int, str], list[Fraction]] = {}
    for trip in range(len(feed.trips)):
        for back in (0, 1):
            if not feed.services[feed.service[trip]].runs(date.fromordinal(when.day.toordinal() - back)):
                continue
            calls = range(int(feed.first[trip]), int(feed.first[trip + 1]))
            for i in calls:
                for j in calls:
                    if j <= i or not feed.board[i] or not feed.alight[j] or feed.stop[i] == feed.stop[j]:
                        continue
                    if any(feed.stop[k] in (feed.stop[i], feed.stop[j]) for k in range(i + 1, j)):
                        continue
                    many = _departures(feed, trip, i, when, back * 86_400)
                    entry = sums.setdefault((int(feed.stop[i]), int(feed.stop[j]), feed.route[trip]), [Fraction(0), Fraction(0)])
                    entry[0] += many
                    entry[1] += many * int(feed.arrive[j] - feed.depart[i])
    found: dict[int, dict[int, int]] = {}
    for (one, other, _), (many, aboard) in sums.items():
        if many >= Fraction(1, 2):
            cost = int(Fraction(when.end - when.begin) / (2 * many) + Fraction(1, 2)) + int(aboard / many + Fraction(1, 2))
            found.setdefault(one, {})[other] = min(cost, found.get(one, {}).get(other, cost))
    return found


def _departures(feed: Feed, trip: int, call: int, when: Window, earlier: int) -> Fraction:
    after = int(feed.depart[call] - feed.depart[feed.first[trip]])
    rows = [row for row in feed.headways.tolist() if row[0] == trip]
    if not rows:
        return Fraction(when.begin <= int(feed.depart[call]) - earlier < when.end)
    total = Fraction(0)
    for _, begin, end, every, exact in rows:
        if exact:
            total += sum(when.begin <= start + after - earlier < when.end for start in range(begin, end, every))
        else:
            both = min(end + after - earlier, when.end) - max(begin + after - earlier, when.begin)
            total += Fraction(max(both, 0), every)
    return total
