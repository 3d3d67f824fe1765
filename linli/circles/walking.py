"""Minutes on foot from a point to other positions over the network in use: what earlier stages ask through a port."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from linli.circles.standing import standing
from linli.kernel.positions import Position
from linli.reach.search import spread

PROFILE = "adult"
FAR_MINUTES = 60


class OnFoot:
    """registers.ports.WalkingTimes over the walking network in use."""

    def minutes(self, start: Position, places: Sequence[Position], at: datetime) -> list[int | None] | None:
        """One query, and one bounded search: O(what is within an hour)."""
        there = standing()
        if there is None or not places:
            return None
        network = there.network(PROFILE, at)
        begun = there.grounds.snap(PROFILE, np.array([start.lon]), np.array([start.lat]), ["start"])
        if begun.link[0] < 0:
            return None
        lon, lat = np.array([one.lon for one in places]), np.array([one.lat for one in places])
        joined = there.grounds.snap(PROFILE, lon, lat, [str(number) for number in range(len(places))])
        far = spread(network, begun, network.profile.limit(FAR_MINUTES)).at(joined)
        return [None if one < 0 else network.profile.minutes(int(one)) for one in far]
