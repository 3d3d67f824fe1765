"""A review's ranks: exact, reproducible, and the same whoever hands in their sheet first."""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kernel.errors import LinliError
from linli.programmes import Programme, catalogue, parse_programme
from linli.programmes.files import city_vocabulary
from linli.programmes.scoring import Sheet, ranking

CITY = Path(__file__).resolve().parents[3] / "cities" / "yuncheng"
BEFORE, AFTER = date(2026, 5, 31), date(2026, 6, 1)
YEARS = "rural_teaching_years"


@pytest.fixture(scope="module")
def review() -> Programme:
    """The city's review with weights; that of the countryside rises on 1 June."""
    text = catalogue(CITY).newest("rural-title-review").text
    for name, values in (
        ("weight_teaching", "[{from: 2026-01-01, value: 0.5}]"),
        ("weight_research", "[{from: 2026-01-01, value: 0.3}]"),
        ("weight_rural", "[{from: 2026-01-01, to: 2026-05-31, value: 0.2}, {from: 2026-06-01, value: 0.7}]"),
    ):
        at = text.index(f"{name}: {{type: decimal")
        text = text[:at] + text[at:].replace("values: []", f"values: {values}", 1)
    return parse_programme(text.encode(), city_vocabulary(CITY))


SHEETS = [
    Sheet("a", "one", {"teaching": 90, "research": 80}),
    Sheet("a", "two", {"teaching": 91, "research": 80}),
    Sheet("b", "one", {"teaching": 80, "research": 80}),
    Sheet("b", "two", {"teaching": 80, "research": 80}),
]
FACTS = {"a": {YEARS: 2}, "b": {YEARS: 20}}


def test_the_weights_are_those_of_the_reviews_day(review: Programme):
    before, after = (ranking(review, day, SHEETS, FACTS) for day in (BEFORE, AFTER))
    assert [(one.candidate, one.rank, one.total) for one in before.places] == [("a", 1, Fraction("69.65")), ("b", 2, Fraction(68))]
    assert [(one.candidate, one.rank, one.total) for one in after.places] == [("b", 1, Fraction(78)), ("a", 2, Fraction("70.65"))]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100), st.integers(0, 60)), min_size=1, max_size=12), st.randoms())
def test_scoring_again_in_any_order_gives_the_same_ranks(review: Programme, points: list[tuple[int, int, int]], chance: random.Random):
    sheets = [Sheet(f"c{n}", "r", {"teaching": one[0], "research": one[1]}) for n, one in enumerate(points)]
    facts = {f"c{n}": {YEARS: one[2]} for n, one in enumerate(points)}
    first = ranking(review, BEFORE, sheets, facts)
    chance.shuffle(sheets)
    again = ranking(review, BEFORE, sheets, dict(sorted(facts.items(), reverse=True)))
    assert again == first
    totals = [place.total for place in first.places]
    assert totals == sorted(totals, reverse=True)  # type: ignore[type-var]  # everybody has a total
    for one in first.places:
        better = sum(place.rank < one.rank for place in first.places)  # type: ignore[operator]
        assert one.rank == better + 1


def test_equal_totals_are_told_apart_by_years_and_then_share_a_rank(review: Programme):
    sheets = [Sheet(one, "r", {"teaching": 80 if one != "c" else 76, "research": 80}) for one in ("a", "b", "c")]
    found = ranking(review, BEFORE, sheets, {"a": {YEARS: 10}, "b": {YEARS: 10}, "c": {YEARS: 20}})
    assert [(one.candidate, one.rank) for one in found.places] == [("c", 1), ("a", 2), ("b", 2)]


def test_years_count_up_to_the_most_and_who_lacks_points_has_no_rank(review: Programme):
    found = ranking(review, BEFORE, [*SHEETS, Sheet("c", "one", {"teaching": 100})], {"a": {YEARS: 55}, "b": {YEARS: None}})
    assert found.places[0].points["rural"] == 40
    assert [(one.candidate, one.rank, one.missing) for one in found.places[1:]] == [
        ("b", None, ("rural",)),
        ("c", None, ("research", "rural")),
    ]


@pytest.mark.parametrize(
    "sheets",
    [
        [*SHEETS, SHEETS[0]],
        [Sheet("a", "one", {"teaching": 101})],
        [Sheet("a", "one", {"teaching": -1})],
        [Sheet("a", "one", {"rural": 5})],
        [Sheet("a", "one", {"singing": 5})],
    ],
)
def test_a_wrong_sheet_is_refused(review: Programme, sheets: list[Sheet]):
    with pytest.raises(LinliError) as caught:
        ranking(review, BEFORE, sheets, {})
    assert caught.value.code == "programmes.wrong_sheet"


def test_without_a_published_weight_nothing_is_scored(review: Programme):
    with pytest.raises(LinliError) as caught:
        ranking(review, date(2025, 12, 31), SHEETS, FACTS)
    assert caught.value.code == "programmes.no_weight"
    with pytest.raises(LinliError, match="has no value"):
        ranking(catalogue(CITY).newest("rural-title-review"), BEFORE, SHEETS, FACTS)
