"""Reconciliation: a list whose sums agree is let through, every other is stopped; the source's own figures are cases."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.batches.declared import Declared, Level, gaps, read
from linli.batches.reconciling import ITEM_BLOCKS, Figures, Fund, reconcile
from linli.kernel.errors import Problems

YUAN = 100
COLLEGE, UNDERGRADUATE, POSTGRADUATE = 4_000 * YUAN, 5_000 * YUAN, 6_000 * YUAN
LEVELS = st.dictionaries(st.integers(1, 10**7), st.integers(1, 10**5), min_size=1, max_size=8)


def listed(*levels: tuple[int, int], **more: object) -> Figures:
    """A batch with so many items at so much each, and nothing wrong with any."""
    return Figures({fen: (count, fen * count) for count, fen in levels}, {}, **more)  # type: ignore[arg-type]


def codes(figures: Figures, declared: Declared | None = None) -> list[str]:
    return [block.code for block in reconcile(figures, declared).blocks]


def test_the_provinces_figures_of_2023_agree_to_the_yuan():
    counts = ((1_680, COLLEGE), (3_567, UNDERGRADUATE), (559, POSTGRADUATE))
    handed_in = Declared(tuple(Level(fen, count) for count, fen in counts), 27_909_000 * YUAN, 5_806)
    found = reconcile(listed(*counts), handed_in)
    assert found.holds
    assert (found.total_fen, found.count, found.declared_count, found.difference_fen) == (27_909_000 * YUAN, 5_806, 5_806, 0)


def test_169_postgraduates_for_800_000_yuan_are_blocked_with_the_difference_told():
    found = reconcile(listed((169, POSTGRADUATE)), Declared((Level(POSTGRADUATE, 169),), 800_000 * YUAN, 169))
    assert not found.holds
    assert found.difference_fen == 214_000 * YUAN
    (said,) = [block.what for block in found.blocks if block.code == "total"]
    assert "214,000.00" in said[0]
    assert "214,000.00" in said[1]
    assert "postgraduate" not in said[1]  # what does not add up, not what is true


def test_800_000_and_more_does_not_fit_1_014_000_either():
    assert "declared_levels_total" in codes(
        listed((169, POSTGRADUATE)), Declared((Level(POSTGRADUATE, 169),), 800_000 * YUAN, over_fen=10_000 * YUAN)
    )


def test_674_are_505_and_169():
    assert gaps(Declared(count=674, parts=(505, 169))) == ()
    (gap,) = gaps(Declared(count=674, parts=(505, 168)))
    assert (gap.code, gap.difference) == ("parts", -1)


@pytest.mark.parametrize("split", [((381, UNDERGRADUATE), (124, COLLEGE)), ((384, UNDERGRADUATE), (121, COLLEGE))])
def test_505_students_with_2_400_000_and_more_fit_several_splits_and_none_is_invented(split: tuple[tuple[int, int], ...]):
    vague = Declared(total_fen=2_400_000 * YUAN, count=505, over_fen=10_000 * YUAN)
    assert gaps(vague) == ()
    split_given = Declared(tuple(Level(fen, count) for count, fen in split), vague.total_fen, 505, over_fen=vague.over_fen)
    assert gaps(split_given) == ()
    assert codes(listed(*split), split_given) == ["not_exact"]  # it may be true, but nobody pays “and more”


@given(LEVELS)
def test_whatever_adds_up_is_let_through(levels: dict[int, int]):
    counts = tuple((count, fen) for fen, count in levels.items())
    total = sum(fen * count for count, fen in counts)
    handed_in = Declared(tuple(Level(fen, count, fen * count) for count, fen in counts), total, sum(levels.values()))
    assert reconcile(listed(*counts), handed_in).holds


@given(LEVELS, st.integers(-(10**9), 10**9).filter(bool))
def test_a_total_that_is_off_by_anything_is_stopped_by_exactly_that(levels: dict[int, int], off: int):
    counts = tuple((count, fen) for fen, count in levels.items())
    total = sum(fen * count for count, fen in counts)
    found = reconcile(listed(*counts), Declared(total_fen=total + off))
    assert [block.code for block in found.blocks] == ["total"]
    assert found.difference_fen == -off


@given(LEVELS, st.integers(1, 10**6))
def test_an_amount_that_is_not_its_level_is_stopped(levels: dict[int, int], off: int):
    sums = {fen: (count, fen * count) for fen, count in levels.items()}
    fen, (count, total) = next(iter(sums.items()))
    assert codes(Figures({**sums, fen: (count, total + off)}, {})) == ["level_sum"]


def test_people_moved_between_levels_are_seen_although_the_total_agrees():
    handed_in = Declared((Level(POSTGRADUATE, 1), Level(COLLEGE, 1)), 10_000 * YUAN, 2)
    assert codes(listed((2, UNDERGRADUATE)), handed_in) == ["level_declared"] * 3


def test_a_fund_that_would_be_overdrawn_stops_it_unless_the_money_is_held_already():
    short, held = Fund("aid", 100, 101), Fund("aid", 0, 101, held=True)
    assert codes(listed((1, 101), funds=(short,))) == ["overdrawn"]
    assert codes(listed((1, 101), funds=(held,))) == []


def test_a_list_that_changed_after_it_was_closed_is_stopped():
    assert codes(listed((2, 100), frozen=(3, 300))) == ["changed"]


def test_an_empty_list_is_stopped():
    assert codes(listed()) == ["empty"]


@pytest.mark.parametrize("code", ITEM_BLOCKS)
def test_every_fault_of_an_item_stops_the_batch_and_says_what_to_do(code: str):
    (block,) = reconcile(Figures({100: (5, 500)}, {code: 2})).blocks
    assert (block.code, block.items) == (code, 2)
    assert all(block.what)
    assert all(block.remedy)


def test_a_countys_list_of_levels_is_read(tmp_path: Path):
    path = tmp_path / "盐湖区.csv"
    path.write_text(
        "档次,人数,金额（元）\n4000,1680,6720000\n5000,3567,17835000.00\n6000,559,3354000\n合计,5806,27909000\n", encoding="utf-8"
    )
    found = read(path)
    assert found.levels[0] == Level(POSTGRADUATE, 559, 3_354_000 * YUAN)
    assert (found.count, found.total_fen) == (5_806, 27_909_000 * YUAN)
    assert gaps(found) == ()


@pytest.mark.parametrize(
    ("text", "line"),
    [("档次,人数\n6000,一百六十九\n", 2), ("档次,人数\n五千,3\n", 2), ("档次,人数\n-1,3\n", 2), ("档次,人数\n6000,2\n6000,3\n", None),
     ("标准,名称\n6000,甲\n", None), ("档次,人数\n合计,3\n合计,4\n", None), ("档次,人数\n", None)],
)  # fmt: skip
def test_a_list_that_can_not_be_read_is_refused_with_its_row(tmp_path: Path, text: str, line: int | None):
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Exception) as refused:  # noqa: PT011 - an empty table is refused by the reader of tables
        read(path)
    problem = refused.value.problems[0] if isinstance(refused.value, Problems) else refused.value
    assert problem.place is not None
    assert line is None or problem.place.line == line
