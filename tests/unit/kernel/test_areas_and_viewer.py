"""Division codes and what a viewer may see of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.areas import contains, level, next_prefix, parent, trimmed
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import PUBLIC, Grant, Viewer, system

BELOW = st.sampled_from(["", "G001", "Z09", "B0123"])
VILLAGES = st.from_regex(r"[1-9][0-9]{11}", fullmatch=True)
UPPER = st.builds(lambda code, length: code[:length], VILLAGES, st.sampled_from([2, 4, 6, 9]))
CODES = st.one_of(UPPER, st.builds(lambda code, tail: code + tail, VILLAGES, BELOW))


@given(CODES)
def test_every_code_climbs_to_its_province(code: str) -> None:
    steps, at = 0, code
    while (above := parent(at)) is not None:
        assert contains(above, at)
        assert len(above) < len(at)
        at, steps = above, steps + 1
    assert (level(at), at) == ("province", code[:2])
    assert steps <= 5


@given(CODES, CODES)
def test_a_subtree_is_a_range(area: str, code: str) -> None:
    assert contains(area, code) == (area <= code < next_prefix(area))


@pytest.mark.parametrize(
    "code", ["", "1", "140", "14080", "1408020", "14080210010", "140802001003X01", "140802001003G01", "１４", "14080a", "14 "]
)
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(LinliError):
        level(code)


@pytest.mark.parametrize(
    ("code", "stored"),
    [
        ("140000000000", "14"),
        ("140800000000", "1408"),
        ("140802000000", "140802"),
        ("140802001000", "140802001"),
        ("140802001003", "140802001003"),
        ("140800", "1408"),
        ("140000", "14"),
        ("140802", "140802"),
        ("140802001003G001", "140802001003G001"),
    ],
)
def test_padding_is_dropped_level_by_level(code: str, stored: str) -> None:
    assert trimmed(code) == stored


AREAS = st.sampled_from(["", "14", "1408", "140802", "140803", "140802001"])
GRANTS = st.lists(st.builds(Grant, st.sampled_from(["officer", "clerk"]), AREAS, st.sampled_from(["", "aid"])), max_size=5).map(tuple)


@given(GRANTS, AREAS, AREAS, st.sampled_from(["", "aid", "loan"]))
def test_the_listed_areas_are_exactly_those_that_may_be_seen(grants: tuple[Grant, ...], area: str, inside: str, programme: str) -> None:
    viewer = Viewer("staff:x", grants)
    listed = any(contains(prefix, inside) for prefix in viewer.areas("officer", programme))
    assert listed == viewer.may("officer", area=inside, programme=programme)


@given(GRANTS, AREAS, AREAS)
def test_who_may_see_an_area_may_see_what_lies_in_it(grants: tuple[Grant, ...], area: str, inside: str) -> None:
    viewer = Viewer("staff:x", grants)
    if viewer.may("officer", area=area) and contains(area, inside):
        assert viewer.may("officer", area=inside)


def test_a_grant_for_one_programme_is_not_a_grant_for_all() -> None:
    viewer = Viewer("staff:x", (Grant("officer", "1408", "aid"),))
    assert viewer.may("officer", area="140802", programme="aid")
    assert not viewer.may("officer", area="140802")
    assert not viewer.may("officer", area="14", programme="aid")
    with pytest.raises(Refused):
        viewer.require("officer", area="140802", programme="loan")


def test_the_public_may_nothing_and_the_system_everything() -> None:
    assert not PUBLIC.may("officer", area="1408")
    assert PUBLIC.areas("officer") == ()
    assert system("test").areas("officer") == ("",)
    system("test").require("administrator")


def test_a_refusal_names_what_was_asked_and_what_is_granted_in_both_languages():
    asked = Viewer("staff:x", (Grant("officer", "140802"),))
    with pytest.raises(Refused) as caught:
        asked.require("officer")
    assert caught.value.text("en").count("officer for") == 2
    assert "officer，范围：全市，全部政策" in caught.value.text("zh")
    assert "officer，范围：140802，全部政策" in caught.value.text("zh")
