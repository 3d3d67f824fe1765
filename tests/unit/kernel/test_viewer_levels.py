"""Residents as viewers: themselves, whom they act for, and how well they are known."""

from __future__ import annotations

from uuid import uuid4

import pytest

from linli.kernel.errors import Refused
from linli.kernel.viewer import Grant, Viewer

ME, OTHER = uuid4(), uuid4()


def resident(level: str, *acts_for: str) -> Viewer:
    return Viewer(f"resident:{ME}", subject=str(ME), acts_for=acts_for, level=level)


def test_a_resident_is_themselves_and_acts_for_whom_a_mandate_names():
    viewer = resident("card", str(OTHER))
    assert viewer.is_self(ME)
    assert not viewer.is_self(OTHER)
    assert viewer.acts_for_resident(ME)
    assert viewer.acts_for_resident(str(OTHER))
    assert not viewer.acts_for_resident(uuid4())


def test_staff_are_nobody_of_the_residents():
    assert not Viewer("staff:x", (Grant("clerk"),)).is_self("")


@pytest.mark.parametrize(("known", "needed", "enough"), [("phone", "phone", True), ("phone", "card", False), ("city", "card", True)])
def test_a_level_covers_those_below_it(known: str, needed: str, enough: bool):
    if enough:
        resident(known).require_level(needed)
    else:
        with pytest.raises(Refused, match="identity card"):
            resident(known).require_level(needed)


def test_a_resident_of_no_level_is_refused_and_staff_have_none_to_show():
    with pytest.raises(Refused):
        resident("").require_level("phone")
    Viewer("staff:x").require_level("city")
