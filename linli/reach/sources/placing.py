"""Points of a file put on a network, and refused where they can't be meant for it."""

from __future__ import annotations

from linli.kernel.errors import LinliError, Place
from linli.reach.snapping import MOST_METRES, Ground, Snapped, Why
from linli.reach.sources.checks import swapped
from linli.reach.sources.listing import Listing
from linli.reach.sources.points import Points
from linli.reach.sources.systems import suspicion


def put_on(ground: Ground, points: Points, listing: Listing, *, most_metres: float = MOST_METRES) -> Snapped:
    """The points of a file on a network. LinliError where none is, or most are swapped; a system that is most likely another one than
    declared is listed.
    """
    found = ground.snap(points.lon, points.lat, most_metres=most_metres, ids=points.ids)
    if (found.why == Why.SWAPPED).mean() > 0.5:
        raise swapped(points.file, f"{points.lon[0]:g}, {points.lat[0]:g}")
    doubt = suspicion(ground, points.lon, points.lat)
    if doubt is not None:
        listing.add(doubt.code, points.file, doubt.found())
    if not (found.link >= 0).any():
        raise _nowhere(points, found)
    return found


def reasons(found: Snapped, *, joined: bool = False) -> str:
    """How many points of each reason: of those that are not on the network, or of those that are and are doubtful."""
    codes = [one.why.name.lower() for one in found.problems() if (found.link[one.index] >= 0) == joined]
    return ", ".join(f"{code} {codes.count(code):,}" for code in sorted(set(codes)))


def _nowhere(points: Points, found: Snapped) -> LinliError:
    return LinliError(
        "reach.nowhere",
        zh="没有一个点在路网上",
        en="Not one of the points is on the network.",
        place=Place(file=points.file),
        expected=("路网范围内的坐标", "positions within the network"),
        found=reasons(found),
        remedy_zh="核对坐标、坐标系，以及是否用对了路网",
        remedy_en="check the coordinates, their system, and that it is the right network",
    )
