"""Who walks: how fast, and over what. Distances are integer decimetres; a limit in minutes becomes decimetres by the profile's speed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import Final

from linli.kernel.errors import LinliError, Place


class Way(IntFlag):
    """What a link of the network is, as far as it matters to somebody on foot."""

    PLAIN = 0
    STEPS = 1
    STEEP = 2  # steeper than 8 %, the most that GB 50763 allows a ramp for wheelchairs
    NO_WHEELCHAIR = 4  # says so itself: wheelchair=no
    BRIDGE = 8
    TUNNEL = 16
    FORWARD = 32  # on foot from u to v only
    BACKWARD = 64  # on foot from v to u only


@dataclass(frozen=True, slots=True)
class Profile:
    """A way of walking. metres_per_hour: its speed; without: links of these kinds can't be used."""

    name: str
    metres_per_hour: int
    without: Way = Way.PLAIN

    def limit(self, minutes: int) -> int:
        """The most decimetres within that many minutes: whoever needs exactly the time has reached it."""
        return minutes * self.metres_per_hour * 10 // 60

    def minutes(self, decimetres: int) -> int:
        """Whole minutes that a distance takes, a begun one counted: minutes(d) <= m just where d <= limit(m)."""
        return -(-decimetres * 60 // (self.metres_per_hour * 10))


# Speeds: the ministry's guide of 2021 reckons 15 minutes as a kilometre for adults; elders' speed from the literature on ageing walkers.
PROFILES: Final = {
    one.name: one
    for one in (
        Profile("adult", 4000),
        Profile("elder", 3000),
        Profile("wheelchair", 3000, Way.STEPS | Way.STEEP | Way.NO_WHEELCHAIR),
    )
}


def profile(name: str) -> Profile:
    """The profile of that name. LinliError for another."""
    found = PROFILES.get(name)
    if found is None:
        raise LinliError(
            "reach.profile",
            zh="没有这种步行方式",
            en="There is no such way of walking.",
            place=Place(field="profile"),
            expected=", ".join(PROFILES),
            found=name or "—",
            remedy_zh="从所列的方式中选一种",
            remedy_en="choose one of those listed",
        )
    return found
