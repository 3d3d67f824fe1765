"""Cycles of 3 to 40, and rates that findings only ever raise."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kernel.errors import LinliError
from linli.sampling import Findings, Step, cycle, next_rate, reviewers, size
from tests.unit.sampling.made import SHARES

SEED = "sha256:{:064x}"


@pytest.mark.parametrize("count", range(3, 41))
def test_nobody_reviews_itself_and_no_two_review_each_other(count):
    counties = [f"1408{index:02d}" for index in range(count)]
    for number in range(3):
        order = cycle(SEED.format(number), counties)
        assert order == cycle(SEED.format(number), reversed(counties))
        reviewed_by = reviewers(order)
        assert sorted(reviewed_by) == sorted(reviewed_by.values()) == counties
        at, met = counties[0], []
        for _ in counties:
            assert reviewed_by[at] != at
            assert reviewed_by[reviewed_by[at]] != at
            met.append(at)
            at = reviewed_by[at]
        assert at == counties[0]
        assert sorted(met) == counties


def test_every_reviewer_is_as_likely():
    """600 cycles of 5: who reviews the first county is one of the other four, about 150 times each (99.9% of chi-square with 3 degrees)."""
    times = dict.fromkeys("bcde", 0)
    for number in range(600):
        times[reviewers(cycle(SEED.format(number), "abcde"))["a"]] += 1
    assert sum((count - 150) ** 2 for count in times.values()) / 150 < 16.27


@pytest.mark.parametrize("counties", [[], ["a"], ["a", "b"], ["a", "b", "b"]])
def test_fewer_than_three_reviewers_are_refused_with_a_remedy(counties):
    with pytest.raises(LinliError) as refused:
        cycle(SEED.format(1), counties)
    assert refused.value.code == "sampling.cycle"
    assert "another county" in refused.value.text("en")


@st.composite
def schedules(draw):
    shares = sorted(draw(st.sets(SHARES, max_size=4)))
    rates = sorted(draw(st.sets(SHARES, min_size=len(shares), max_size=len(shares))))
    return tuple(map(Step, shares, rates))


FOUND = st.builds(lambda checked, faulty: Findings(checked, min(checked, faulty)), st.integers(0, 60), st.integers(0, 60))


@settings(max_examples=60, deadline=None)
@given(SHARES, SHARES, FOUND, st.integers(0, 60), schedules())
def test_more_findings_or_a_higher_rate_never_mean_fewer_checks(rate, other, findings, more, schedule):
    after = next_rate(rate, findings, schedule)
    assert rate <= after <= 1
    assert next_rate(max(rate, other), findings, schedule) >= after
    worse = Findings(findings.checked, min(findings.checked, findings.faulty + more))
    assert next_rate(rate, worse, schedule) >= after
    assert next_rate(rate, Findings(findings.checked, 0), schedule) == rate
    assert next_rate(after, findings, schedule) == after


def test_a_schedule_is_read_step_by_step():
    schedule = (Step(Fraction(1, 50), Fraction(1, 10)), Step(Fraction(1, 20), Fraction(1, 4)), Step(Fraction(1, 10), Fraction(1)))
    rates = [next_rate(Fraction(1, 20), Findings(100, faulty), schedule) for faulty in (0, 1, 2, 4, 5, 9, 10, 100)]
    assert rates == [Fraction(*one) for one in ((1, 20), (1, 20), (1, 10), (1, 10), (1, 4), (1, 4), (1, 1), (1, 1))]
    assert next_rate(Fraction(1, 20), Findings(0, 0), schedule) == Fraction(1, 20)
    assert next_rate(Fraction(1, 20), Findings(1000, 1), (Step(Fraction(0), Fraction(1, 2)),)) == Fraction(1, 2)


@pytest.mark.parametrize(
    ("rate", "findings", "schedule"),
    [
        (Fraction(2), Findings(1, 1), ()),
        (Fraction(-1, 2), Findings(1, 1), ()),
        (Fraction(1, 2), Findings(1, 2), ()),
        (Fraction(1, 2), Findings(1, -1), ()),
        (Fraction(1, 2), Findings(1, 1), (Step(Fraction(1, 5), Fraction(1, 2)), Step(Fraction(1, 5), Fraction(1)))),
        (Fraction(1, 2), Findings(1, 1), (Step(Fraction(1, 5), Fraction(1, 2)), Step(Fraction(1, 4), Fraction(1, 3)))),
        (Fraction(1, 2), Findings(1, 1), (Step(Fraction(1, 5), Fraction(3, 2)),)),
        (Fraction(1, 2), Findings(1, 1), tuple(Step(Fraction(n, 50), Fraction(n, 50)) for n in range(21))),
    ],
)
def test_what_would_let_findings_lower_a_rate_is_refused(rate, findings, schedule):
    with pytest.raises(LinliError, match="Remedy"):
        next_rate(rate, findings, schedule)


@given(st.integers(0, 10**6), SHARES)
@settings(max_examples=60, deadline=None)
def test_a_rate_rounds_up_exactly(of, rate):
    taken = size(of, rate=rate)
    assert of * rate <= taken < of * rate + 1
    assert taken <= of


def test_sizes_that_make_no_sense_are_refused():
    assert [size(of, count=5) for of in (0, 3, 9)] == [0, 3, 5]
    assert size(1, rate=Fraction(1, 10**12)) == 1
    assert size(10**15 + 1, rate=Fraction(1, 10**15)) == 2
    for wrong in ({}, {"rate": Fraction(1, 2), "count": 1}, {"count": -1}, {"rate": Fraction(3, 2)}, {"rate": Fraction(-1, 2)}):
        with pytest.raises(LinliError):
            size(9, **wrong)
