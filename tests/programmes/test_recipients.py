"""A list that names a programme's recipients names a programme that there is."""

from __future__ import annotations

from pathlib import Path

from linli.programmes import catalogue
from linli.registers.lists import load_lists

CITIES = Path(__file__).resolve().parents[2] / "cities"


def test_lists_of_recipients_are_of_programmes_of_the_city():
    named = 0
    for city in sorted(one.parent for one in CITIES.glob("*/registers")):
        known = catalogue(city).versions
        for one in load_lists(city).values():
            if one.presence and one.presence.benefit:
                named += 1
                assert one.presence.benefit in known, f"{city.name}: {one.slug}"
    assert named
