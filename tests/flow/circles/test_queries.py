"""What planners and officers read of circles: their own areas' alone, ratios with both counts, what lacks, what lies outside."""

from __future__ import annotations

from datetime import date

import pytest
from place_examples import SYSTEM
from town_examples import DAY, at, building, circle, opened, people, shop, use

from linli.circles import queries
from linli.circles.acts.computing import compute
from linli.circles.declared import standard
from linli.circles.reading import NewStar
from linli.kernel.errors import Refused
from linli.kernel.viewer import PUBLIC, Grant, Viewer

pytestmark = pytest.mark.usefixtures("small_city")
HERE = Viewer("staff:1", (Grant("officer", "140802"),))
ELSEWHERE = Viewer("staff:2", (Grant("planner", "140882"),))


def two_circles(tmp_path) -> None:
    use(tmp_path)
    people(building(11, 0), 4)
    people(building(12, 1000), 4)
    people(building(13, 0, 1000), 6)
    star = (NewStar("province", None, date(2025, 12, 1), "名单"),)
    circle("A", -100, -300, 1100, 100, stars=star)
    circle("B", -100, 900, 1100, 1100)
    opened(shop("S", ("convenience", "breakfast", "market"), 500), shop("R", "repair", 1100))
    compute(SYSTEM, day=DAY)


def test_the_ranking_puts_first_who_misses_most_and_counts_what_is_met(tmp_path):
    two_circles(tmp_path)
    first, second = queries.ranking(HERE, on=DAY)
    assert [first.circle.code, second.circle.code] == ["B", "A"]
    assert first.open == first.asked - first.met > second.open
    assert first.lacks == ("breakfast-15", "convenience-15", "market-15", "repair-15")
    assert (first.uncovered, first.people) == (6, 6)
    assert second.lacks == ("repair-15",)  # the western half has 1,100 m to go
    assert second.star is not None
    assert first.star is None


def test_what_is_unknown_or_about_nobody_is_no_good_end_of_the_ranking(tmp_path):
    use(tmp_path)
    people(building(11, 0), 4)
    circle("A", -100, -300, 300, 100)
    circle("B", 0, 0, 1, 1, polygon=None, centre=at(0, 9000), minutes=15, profile="adult")  # its centre is on no street
    circle("C", 6000, -300, 6400, 100)  # nobody lives there
    wanted = {role for norm in standard().asked(DAY) for role in norm.categories}
    opened(shop("S", dict.fromkeys(wanted, 50), 100))
    compute(SYSTEM, day=DAY, recount=True)
    found = {one.circle.code: one for one in queries.ranking(HERE, on=DAY)}
    assert list(found) == ["B", "C", "A"]
    assert (len(found["B"].doubtful), found["B"].has, len(found["A"].has)) == (4, (), 4)
    assert (found["C"].asked, found["C"].has, found["C"].doubtful) == (0, (), ())
    ((_trades, rows, doubtful),) = queries.lacking(HERE, on=DAY)
    assert (rows, doubtful) == ([], 1)


def test_a_circle_that_lacks_any_of_the_four_trades_is_listed(tmp_path):
    two_circles(tmp_path)
    ((trades, rows, doubtful),) = queries.lacking(HERE, on=DAY)
    assert (trades.key, doubtful) == ("four-trades", 0)
    told = {one.circle.code: ([line.norm.key for line in one.none], [line.norm.key for line in one.partly]) for one in rows}
    assert told == {
        "A": ([], ["repair-15"]),
        "B": (["breakfast-15", "convenience-15", "market-15", "repair-15"], []),
    }


def test_a_share_of_stars_stands_with_both_its_counts_and_the_other_denominator_as_the_source_has_it(tmp_path):
    two_circles(tmp_path)
    told = queries.stars(on=DAY)
    assert (told.starred, told.circles) == (1, 2)
    assert told.elsewhere.denominator is None
    assert told.elsewhere.at_most == 27
    assert queries.stars(on=date(2025, 11, 30)).starred == 0


def test_communities_that_lie_in_no_circle_are_listed(tmp_path):
    two_circles(tmp_path)
    assert [one.area.code for one in queries.without_circle(HERE, on=DAY)] == ["140802002002"]
    assert queries.without_circle(ELSEWHERE, on=DAY) == []


def test_the_gap_table_says_what_is_required_found_and_missed(tmp_path):
    two_circles(tmp_path)
    row = queries.circles(HERE).get(code="A")
    line = next(one for one in queries.gaps(HERE, row) if one.norm.key == "repair-15")
    assert (line.required.zh, line.metres, line.group.zh) == ("15 分钟", 1000, "居民")
    assert (line.gap.found, line.gap.minutes, line.gap.most_minutes) == (1, 2, 17)
    assert (line.gap.uncovered, line.people) == (4, 8)
    states = [one.gap.state for one in queries.gaps(HERE, row)]
    assert states == sorted(states, key=["open", "unknown", "met"].index)


def test_figures_are_for_those_who_may_see_the_area(tmp_path):
    two_circles(tmp_path)
    row = queries.circles(HERE).get(code="A")
    assert not queries.circles(ELSEWHERE).exists()
    assert not queries.circles(PUBLIC).exists()
    for read in (
        lambda who: queries.gaps(who, row),
        lambda who: queries.coverage(who, circle=row),
        lambda who: queries.circle_of(who, row.uid),
    ):
        read(HERE)
        with pytest.raises(Refused):
            read(ELSEWHERE)
    with pytest.raises(Refused):
        queries.coverage(HERE, area="")
    assert {one.norm.key for one in queries.coverage(HERE, area="140802002001", profile="adult")} >= {"repair-15", "supermarket-15-old"}
