"""Positions that are most likely wrong: in water, away from every street of the network in use, or not in the area that is said of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry import shape

from linli.circles.reading import PROFILE, NewCircle
from linli.circles.standing import Standing, standing, version
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.positions import Position
from linli.reach.snapping import WORDS, Why
from linli.registers.acts.whereabouts import elsewhere
from linli.registers.bitemporal import true_on
from linli.registers.models import Area
from linli.registers.places import StatedPlace

Words = tuple[str, str]
"""Chinese, English."""
NOT_ASKED: Words = ("没有使用中的路网，位置没有核对", "no network is in use, so its position was not checked")
_NO_STREET: Words = ("范围里没有一个路口，也没有登记了位置的住处", "there is no street corner in it and no address with a position")
_NOTHING: Words = ("从中心什么地方都走不到", "nothing can be walked to from its centre")


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is doubtful of a circle of a list."""

    code: str
    words: Words


@dataclass(frozen=True, slots=True)
class _Placed:
    code: str
    area_code: str
    place: Position


def doubted(where: Position, there: Standing, profile: str = PROFILE) -> Words | None:
    """Why a position is doubtful on the network in use, None where it isn't. No query; a fraction of a millisecond."""
    return WORDS.get(_whys([where], there, profile)[0])


def doubted_places(places: Sequence[StatedPlace]) -> list[tuple[int, LinliError]]:
    """What is doubtful of the positions of a list of places, by their number in the list; they are used as they are stated. Without a
    network in use the first says that nothing was checked. Two queries; a second for 100,000."""
    if places and version() is None:
        return [(0, _doubtful(places[0], NOT_ASKED))]
    return [(number, _doubtful(places[number], WORDS[why])) for number, why in off_the_network([one.place for one in places])]


def off_the_network(where: Sequence[Position]) -> list[tuple[int, Why]]:
    """Which of these positions are doubtful on the network in use, by their number, and why; none where none is in use. One query."""
    there = standing() if where else None
    return [] if there is None else [(number, why) for number, why in enumerate(_whys(where, there, PROFILE)) if why is not Why.FINE]


def _whys(where: Sequence[Position], there: Standing, profile: str) -> list[Why]:
    snapped = there.grounds.by_profile[profile].snap([one.lon for one in where], [one.lat for one in where])
    return [Why(why) for why in snapped.why.tolist()]


def _doubtful(one: StatedPlace, words: Words) -> LinliError:
    return LinliError(
        "places.doubtful",
        zh=words[0],
        en=words[1],
        place=Place(field="lon"),
        found=f"{one.code} {one.name_zh}: {one.given}",
        remedy_zh="核对坐标；确实在那里的，不用改",
        remedy_en="check the coordinates; where they are right, leave them",
    )


def doubts_of(circles: Sequence[NewCircle]) -> list[Doubt]:
    """What is doubtful of the positions of a list of circles, in its order; they are used as they are stated. Four queries, one more for
    each that seems to lie elsewhere and each without a corner. O(circles · corners)."""
    there = standing()
    placed = [(number, middle) for number, one in enumerate(circles) if (middle := _middle(one)) is not None]
    away = elsewhere([_Placed(circles[number].code, circles[number].area_code, middle) for number, middle in placed])
    areas = {placed[at][0]: (error.zh, error.en) for at, error in away}
    found = []
    for number, one in enumerate(circles):
        said = [] if there is None else list(_on_the_network(one, there))
        said += [areas[number]] if number in areas else []
        said += [NOT_ASKED] if there is None else []
        found += [Doubt(one.code, words) for words in said]
    return found


def _middle(one: NewCircle) -> Position | None:
    if one.polygon is None:
        return one.centre
    inner = shape(one.polygon).representative_point()
    return None if inner.is_empty else Position(inner.x, inner.y)


def _on_the_network(one: NewCircle, there: Standing) -> Iterator[Words]:
    if one.polygon is None and one.centre is not None:
        profile = one.profile or PROFILE
        words = doubted(one.centre, there, profile)
        if words is not None:
            yield words
        if there.grounds.by_profile[profile].snap([one.centre.lon], [one.centre.lat]).link[0] < 0:
            yield _NOTHING
    elif one.polygon is not None and not _inhabited(one.polygon, there):
        yield _NO_STREET


def _inhabited(polygon: dict[str, object], there: Standing) -> bool:
    drawn, graph = shape(polygon), there.grounds.graph
    shapely.prepare(drawn)
    if shapely.intersects_xy(drawn, graph.lon, graph.lat).any():
        return True
    west, south, east, north = drawn.bounds
    rows = Area.objects.filter(true_on(clock.today()), lon__range=(west, east), lat__range=(south, north)).values_list("lon", "lat")
    return any(shapely.intersects_xy(drawn, float(lon or 0), float(lat or 0)) for lon, lat in rows)
