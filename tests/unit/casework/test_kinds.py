"""Kinds of cases: their desks, and the city's promises."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from linli.casework.kinds import FACT_DISPUTE, HOME_VISIT, KINDS, desk_level, promise, unstated
from linli.kernel.errors import LinliError


def ladder(kind, area: str) -> list[str]:
    desks = [kind.first_desk(area)]
    while above := kind.desk_above(desks[-1]):
        desks.append(above)
    return desks


def test_a_case_climbs_one_level_at_a_time_to_the_city():
    assert ladder(HOME_VISIT, "140802002001B0001") == ["140802002001", "140802002", "140802", "1408"]
    assert ladder(FACT_DISPUTE, "140802002001B0001") == ["140802002", "140802", "1408"]
    assert [desk_level(desk) for desk in ladder(HOME_VISIT, "140802002001")] == ["village", "township", "county", "prefecture"]


def test_whoever_is_known_by_the_county_only_is_the_countys_and_nobodys_area_is_the_citys():
    assert ladder(HOME_VISIT, "140802") == ["140802", "1408"]
    assert desk_level("") == "prefecture"
    assert FACT_DISPUTE.desk_above("") is None


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_its_promise(kind: str):
    assert promise(kind).answer > promise(kind).warning


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "home_visit: {}",
        "home_visit: {answer: 0, warning: 0, next_level: 1}",
        "home_visit: {answer: 3, warning: 3, next_level: 1}",
        "home_visit: {answer: 3, warning: 1}",
        "home_visit: {answer: three, warning: 1, next_level: 1}",
        "other: {answer: 3, warning: 1}",
        "{",
    ],
)
def test_a_malformed_promise_is_refused_with_its_file(tmp_path: Path, settings, text: str):
    settings.LINLI_CITY = tmp_path
    (tmp_path / "casework.yaml").write_text(text)
    with pytest.raises(LinliError, match=r"casework\.yaml"):
        promise("home_visit")


def test_a_kind_of_a_later_release_than_the_citys_file_has_the_releases_own_time(tmp_path: Path, settings):
    settings.LINLI_CITY = tmp_path
    (tmp_path / "casework.yaml").write_text("home_visit: {answer: 3, warning: 1, next_level: 1}")
    assert (promise("award_look").answer, promise("home_visit").answer) == (20, 3)
    assert "award_look" in unstated()
    assert "home_visit" not in unstated()
    (tmp_path / "casework.yaml").write_text("award_look: {answer: 9, warning: 1, next_level: 1}")
    os.utime(tmp_path / "casework.yaml", ns=(1, 1))
    assert promise("award_look").answer == 9
    with pytest.raises(LinliError, match="home_visit"):
        promise("home_visit")


def test_a_city_without_promises_is_told_so(tmp_path: Path, settings):
    settings.LINLI_CITY = tmp_path
    with pytest.raises(LinliError, match="no file"):
        promise("home_visit")
