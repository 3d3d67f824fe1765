"""What the tags of OpenStreetMap mean to somebody on foot, tag by tag as docs/reach.md lists them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import floor, radians, tan
from typing import Final

from linli.reach.profiles import Way

OPENSTREETMAP: Final = "OpenStreetMap"
LICENCE: Final = "ODbL 1.0, © OpenStreetMap contributors"
STEEP_PERCENT: Final = 8.0
"""GB 50763 allows a ramp for wheelchairs 1:12 at most."""
_INCLINE = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)\s*(%|°)?")
WALKED: Final = {
    *("trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link", "unclassified", "road"),
    *("residential", "living_street", "service", "pedestrian", "track", "footway", "path", "steps", "cycleway", "bridleway", "corridor"),
    *("platform", "elevator", "crossing", "trail"),
}
NEVER: Final = {
    *("motorway", "motorway_link", "construction", "proposed", "planned", "abandoned", "razed", "disused", "raceway", "busway", "no"),
    *("bus_guideway", "escape", "via_ferrata", "rest_area", "services", "emergency_bay"),
}
"""Motorways count where foot says yes; nothing else here is walked."""
ALLOWED: Final = frozenset({"yes", "designated", "permissive", "official", "destination"})
FORBIDDEN: Final = frozenset({"no", "private", "use_sidepath"})
CLOSED: Final = frozenset({"no", "private", "agricultural", "forestry", "military", "permit"})
GATES: Final = {"gate", "swing_gate", "sliding_gate", "kissing_gate", "wicket_gate", "turnstile", "full-height_turnstile", "sally_port"}
NARROW: Final = frozenset({"stile", "turnstile", "full-height_turnstile", "kissing_gate", "cycle_barrier", "motorcycle_barrier"})
"""Barriers at a node that no wheelchair passes unless wheelchair=yes."""
RAIL: Final = frozenset({"rail", "light_rail", "narrow_gauge", "subway", "monorail"})
WALLS: Final = {"wall": "wall", "city_wall": "wall", "retaining_wall": "wall", "fence": "fence"}
WATERWAYS: Final = {"river": "river", "canal": "canal"}
Tags = Mapping[str, str]


def percent(text: str) -> float | None:
    """How steep an incline is, in percent whichever way it goes, from “8%”, “-12 %”, “5°” or “8”; None where it can't be read."""
    match = _INCLINE.fullmatch(text.strip())
    if match is None:
        return None
    number = abs(float(match[1]))
    return 100 * tan(radians(min(number, 89.0))) if match[2] == "°" else number


def walkable(tags: Tags) -> str:
    """ "" for a way that can be walked, else the code of why not; None of the codes but “not_walkable” and “unknown_highway” is listed."""
    highway = tags.get("highway", "")
    if not highway:
        # Platforms and piers are walked whether or not somebody drew a path on them.
        if tags.get("railway") != "platform" and tags.get("public_transport") != "platform" and tags.get("man_made") != "pier":
            return "other"
    elif highway in NEVER:
        return "" if highway.startswith("motorway") and tags.get("foot") in ALLOWED else "other"
    elif highway not in WALKED:
        return "unknown_highway"
    return "" if _admitted(tags) else "not_walkable"


def _admitted(tags: Tags) -> bool:
    """foot speaks before access, and both before motorroad."""
    foot = tags.get("foot", "")
    if foot:
        return foot not in FORBIDDEN
    return tags.get("access", "") not in CLOSED and tags.get("motorroad") != "yes"


def kind_of(tags: Tags) -> Way:
    """What a way is to somebody on foot."""
    kind = Way.PLAIN
    if tags.get("highway") == "steps" and tags.get("wheelchair") != "yes" and tags.get("ramp:wheelchair") != "yes":
        kind |= Way.STEPS
    steep = percent(tags.get("incline", ""))
    if steep is not None and steep > STEEP_PERCENT:
        kind |= Way.STEEP
    if tags.get("wheelchair") == "no":
        kind |= Way.NO_WHEELCHAIR
    if tags.get("bridge", "no") != "no" or tags.get("man_made") == "pier":
        kind |= Way.BRIDGE
    if tags.get("tunnel", "no") != "no":
        kind |= Way.TUNNEL
    return kind | _direction(tags)


def _direction(tags: Tags) -> Way:
    """oneway binds vehicles; on foot only what says so itself does, and a moving staircase or walkway."""
    said = {tags.get("oneway:foot"), tags.get("foot:oneway"), tags.get("conveying", "").replace("yes", "")}
    if said & {"yes", "forward"}:
        return Way.FORWARD
    if said & {"-1", "backward"}:
        return Way.BACKWARD
    if tags.get("foot:backward") == "no":
        return Way.FORWARD
    return Way.BACKWARD if tags.get("foot:forward") == "no" else Way.PLAIN


def level_of(tags: Tags) -> int:
    """On which level a way or a barrier is, 0 the ground: by layer, else bridges above and tunnels below, else by a storey."""
    for word in ("layer", "level"):
        text = tags.get(word, "").split(";")[0]
        try:
            if text and (word == "layer" or "highway" in tags):
                return floor(float(text))
        except (ValueError, OverflowError):
            continue
    if tags.get("bridge", "no") != "no":
        return 1
    if tags.get("tunnel", "no") not in ("no", "building_passage") or tags.get("location") == "underground":
        return -1
    return 0


def barrier_of(tags: Tags) -> str:
    """The kind of barrier that a way or the edge of an area is, "" for none. What runs in a tunnel, or over a bridge, bars nobody."""
    if tags.get("tunnel", "no") != "no" or tags.get("bridge", "no") != "no" or tags.get("location") in ("underground", "overground"):
        return ""
    if tags.get("railway") in RAIL:
        return "rail" if tags.get("covered", "no") == "no" else ""
    if tags.get("natural") == "coastline":
        return "coast"
    if is_water(tags):
        return "water"
    return WATERWAYS.get(tags.get("waterway", ""), "") or WALLS.get(tags.get("barrier", ""), "")


def is_water(tags: Tags) -> bool:
    """Whether an area is water."""
    return (
        tags.get("natural") == "water"
        or tags.get("waterway") in ("riverbank", "dock")
        or (tags.get("landuse") in ("reservoir", "basin") and tags.get("basin") not in ("detention", "infiltration"))
    )


def is_shut(tags: Tags) -> bool:
    """Whether a gate is never open to anybody: locked, or nobody may pass. One for residents only is not: those behind it pass."""
    return tags.get("locked") == "yes" or tags.get("foot") == "no" or (tags.get("access") == "no" and tags.get("foot") not in ALLOWED)


def bars_wheelchairs(tags: Tags) -> bool:
    """Whether what stands at a node stops a wheelchair."""
    if tags.get("wheelchair") == "yes":
        return False
    return tags.get("barrier") in NARROW or tags.get("wheelchair") == "no" or tags.get("kerb") == "raised"


class TagMap:
    """Categories by their tags: “key=value”, “key=*”, several joined by & that must all hold."""

    def __init__(self, categories: Mapping[str, Iterable[str]]) -> None:
        self._by_key: dict[str, list[tuple[str, tuple[tuple[str, str], ...]]]] = {}
        for category, rules in categories.items():
            for rule in rules:
                pairs = [part.partition("=") for part in rule.split("&")]
                self._by_key.setdefault(pairs[0][0], []).append((category, tuple((key, value) for key, _, value in pairs)))

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that a rule begins with."""
        return tuple(self._by_key)

    def of(self, tags: Tags) -> tuple[str, ...]:
        """The categories of something with these tags, in the order of the map."""
        found = [
            category
            for key, rules in self._by_key.items()
            if key in tags
            for category, pairs in rules
            if all(tags.get(key) == value or (value == "*" and key in tags) for key, value in pairs)
        ]
        return tuple(dict.fromkeys(found))
