"""What the tags of OpenStreetMap mean to somebody on foot, tag by tag as docs/reach.md lists them."""

from __future__ import annotations

import re
from math import radians, tan
from typing import Final

STEEP_PERCENT: Final = 8.0
"""GB 50763 allows a ramp for wheelchairs 1:12 at most."""
_INCLINE = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)\s*(%|°)?")


def percent(text: str) -> float | None:
    """How steep an incline is, in percent whichever way it goes, from “8%”, “-12 %”, “5°” or “8”; None where it can't be read."""
    match = _INCLINE.fullmatch(text.strip())
    if match is None:
        return None
    number = abs(float(match[1]))
    return 100 * tan(radians(min(number, 89.0))) if match[2] == "°" else number
