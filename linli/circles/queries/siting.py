"""Where something should go: of places that there are, those from which it would reach the most people whom nothing of it reaches yet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from linli.circles.models import Coverage
from linli.circles.queries.circles import latest, may_read
from linli.circles.queries.whatif import standing_figures
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.reach.profiles import profile

HOSTS = ("idle-space", "activity", "convenience", "parcel", "pharmacy", "service-window", "supermarket")
"""Categories of places that can take something in unless others are named: a terminal in a shop, a station in idle space."""
MOST = 50


@dataclass(frozen=True, slots=True)
class Sited:
    """One more place: where, and how many of the group it reaches whom those before it don't. covered: with it, of the total.

    bound: what no choice of so many places can add to what exists.
    """

    place: str
    adds: int
    covered: int
    bound: int


@dataclass(frozen=True, slots=True)
class Siting:
    """run: whose people and places; metres: what the minutes are for how the group walks; before: covered by what exists, of total.

    The curve: a place after the other, each with the people whom it adds; certified: how far from the best choice of all of them, at most.
    """

    run: Coverage
    category: str
    group: str
    minutes: int
    metres: int
    candidates: int
    before: int
    total: int
    steps: tuple[Sited, ...]
    certified: float


def siting(
    viewer: Viewer,
    *,
    category: str,
    places: int,
    minutes: int = 15,
    group: str = "residents",
    hosts: Collection[str] = HOSTS,
    area: str = "",
) -> Siting:
    """The best places for so many more of a category, for readers of the area whose people count ("": the whole city). Nothing is written.

    People who can't be located are in the total and covered by nothing. Cost: one search for each candidate within the walk, and siting's.
    """
    from linli.reach.siting import cover_within, curve, question  # compiled code is loaded when it is first needed

    if not may_read(viewer, area):
        viewer.require("planner", area=area)
    run = latest()
    if run is None or not 1 <= places <= MOST:
        raise LinliError(
            "circles.siting",
            zh="还不能选址",
            en="Nothing can be sited yet.",
            place=Place(field="places"),
            expected=(f"已计算覆盖，1 至 {MOST} 处", f"coverage computed, 1 to {MOST} places"),
            found=str(places),
            remedy_zh="先计算覆盖，再选址",
            remedy_en="compute coverage first",
        )
    scene, done, _ = standing_figures(run)
    how = profile(scene.groups[group].profile)
    when = max(scene.moments, key=lambda name: sum(name in norm.at for norm in scene.norms))
    walk = done[how.name, when]
    limit = how.limit(minutes)
    hosting = [at for at, roles in enumerate(scene.places.roles) if roles & set(hosts) and category not in roles]
    candidates = np.array([at for at in hosting if walk.places.link[at] >= 0], np.int64)
    common = (run, category, group, minutes, limit // 10, len(candidates))
    far = walk.to([category])
    weight = scene.people.group(group)
    if area:
        weight = np.where([code.startswith(area) for code in scene.people.code], weight, 0)
    served = (far >= 0) & (far <= limit)
    if not len(candidates):
        return Siting(*common, int(weight[served].sum()), int(weight.sum()), (), 0.0)
    asked = question(cover_within(walk.network, walk.homes, walk.places.part(candidates), limit), weight, served=served)
    plans = curve(asked, most=min(places, len(candidates)))
    last = plans[-1]
    before, covered = last.before, last.before
    steps = []
    for number, (candidate, adds) in enumerate(zip(last.chosen, last.adds, strict=True), 1):
        covered += int(adds)
        bound = plans[min(number, len(plans) - 1)].bound
        steps.append(Sited(scene.places.code[candidates[candidate]], int(adds), covered, bound))
    return Siting(*common, before, int(weight.sum()), tuple(steps), last.gap)
