"""What is told of few people: no count of 1 to 4 can be found out from what stands beside it."""

from __future__ import annotations

from collections import defaultdict

import pytest

from linli.circles.few import FEW, Split, band, exact_for, number
from linli.kernel.viewer import Grant, Viewer

MOST = 40


def test_of_what_is_told_together_four_numbers_remain_possible_wherever_a_part_is_few():
    alike: dict[tuple[str, ...], set[tuple[int, int]]] = defaultdict(set)
    for people in range(MOST):
        for covered in range(people + 1):
            uncovered = people - covered
            one = Split(covered, uncovered)
            alike[one.left.zh, one.reached.zh, one.every.zh, str(one.rank), *(str(cell) for cell in one.cells())].add((covered, uncovered))
    hidden = 0
    for pairs in alike.values():
        for part in (0, 1):
            if any(0 < pair[part] < FEW for pair in pairs):
                assert len({pair[part] for pair in pairs}) >= FEW - 1, pairs
                hidden += 1
        if len(pairs) == 1:
            ((covered, uncovered),) = pairs
            assert 0 in (covered, uncovered) or min(covered, uncovered) >= FEW
    assert hidden > MOST


def test_those_whom_nobody_can_locate_give_away_none_of_the_others():
    for uncovered in range(1, MOST):
        for lost in range(uncovered + 1):
            told = Split(20, uncovered, lost).cells()[2]
            if isinstance(told, int):
                assert told == lost
                assert not 0 < lost < FEW
                assert not lost or not 0 < uncovered - lost < FEW


def test_sums_of_five_and_more_are_exact_and_nobody_is_told_as_nobody():
    assert (Split(30, 12, 12).left.zh, Split(30, 12, 12).lost.zh) == ("12/42", "其中 12 人查不到位置或不在路网上")  # type: ignore[union-attr]
    assert Split(30, 0).left.zh == "0/30"
    assert Split(0, 0).left.zh == "0/0"
    assert Split(196, 4).left.en == "fewer than 5/200"
    assert Split(4, 196).left.zh == "多于 195/200"
    assert Split(3, 4).left.zh == "部分/7"
    assert Split(1, 2, 1).left.zh == "少于 5"
    assert Split(1, 2, 1).lost is None
    assert Split(1, 2, 1, exact=True).left.zh == "2/3"


@pytest.mark.parametrize(
    ("people", "said"), [(0, "0"), (1, "少于 5"), (4, "少于 5"), (5, "5–19"), (19, "5–19"), (20, "20–99"), (100, "100 以上")]
)
def test_a_building_is_told_within_bounds(people: int, said: str):
    assert band(people).zh == said
    assert band(people, exact=True).zh == f"{people}"
    assert number(people).zh == (said if people < FEW else f"{people}")


def test_officers_of_the_area_alone_read_exact_counts():
    assert exact_for(Viewer("staff:1", (Grant("officer", "140802"),)), "140802002")
    assert not exact_for(Viewer("staff:1", (Grant("officer", "140882"),)), "140802002")
    for role in ("planner", "auditor"):
        assert not exact_for(Viewer("staff:1", (Grant(role, ""),)), "140802002")
