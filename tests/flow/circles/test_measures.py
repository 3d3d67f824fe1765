"""Other questions of the same engine: nursery places, where a terminal should go, windows by minutes on foot, content people."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

import pytest
from place_examples import SYSTEM
from service_window_examples import window
from town_examples import DAY, YUNCHENG, at, building, circle, opened, people, shop, use

from linli.circles import queries
from linli.circles.acts.computing import compute
from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.kernel.workdays import workdays
from linli.registers import acts
from linli.registers.models import Place
from linli.registers.queries.windows import Start, nearest

pytestmark = pytest.mark.usefixtures("small_city")
HERE = Viewer("staff:1", (Grant("planner", "140802"),))
TEN = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)


def test_nursery_places_stand_beside_children_with_both_counts(tmp_path):
    use(tmp_path)
    people(building(11, 0), 10, infants=3)
    circle("A", -100, -300, 1100, 100)
    opened(shop("N", {"childcare": 20}, 100), shop("M", {"childcare": None}, 200))
    compute(SYSTEM, day=DAY)
    every = queries.nursery_places(SYSTEM, on=DAY)
    assert [(one.area, one.circle and one.circle.code) for one in every] == [("", None), ("140802", None), ("", "A")]
    for one in every:
        assert (one.nurseries, one.places, one.unknown, one.infants, one.residents) == (2, 20, 1, 3, 10)
        assert one.per_thousand(one.infants) == Fraction(20_000, 3)
        assert one.per_thousand(0) is None
    assert [one.area for one in queries.nursery_places(HERE, on=DAY)] == ["140802", ""]


def test_a_terminal_goes_where_it_reaches_most_people_whom_none_reaches(tmp_path):
    use(tmp_path)
    people(building(11, 0), 10)
    people(building(12, 1500), 4)
    people(building(13, 0, 1000), 6)
    people(building(14, None), 3)
    circle("A", -100, -300, 2100, 1100)
    opened(
        shop("T", "terminal", 1900),  # reaches the 4 in the east
        shop("H1", "idle-space", 400),
        shop("H2", "convenience", 300, 1000),
        shop("H3", "idle-space", 1800),  # adds nobody
    )
    compute(SYSTEM, day=DAY)
    found = queries.siting(SYSTEM, category="terminal", places=3)
    names = {str(row.uid): row.code for row in Place.objects.all()}
    assert [(names[one.place], one.adds, one.covered) for one in found.steps] == [("H1", 10, 14), ("H2", 6, 20)]
    assert (found.before, found.total, found.metres, found.certified) == (4, 23, 1000, 0.0)
    assert all(one.covered - found.before <= one.bound for one in found.steps)
    with pytest.raises(Refused):
        queries.siting(HERE, category="terminal", places=3)
    with pytest.raises(LinliError, match="sited"):
        queries.siting(SYSTEM, category="terminal", places=0)


def test_the_nearest_window_is_the_one_that_is_nearest_on_foot(tmp_path):
    calendar = workdays(YUNCHENG)
    across, along = at(0, 1000), at(1800, 0)
    acts.import_windows(
        SYSTEM,
        windows=[
            window("A-across-the-river", across.lon, lat=str(across.lat)),
            window("B-along-the-street", along.lon, lat=str(along.lat)),
            window("C-far-away", 111.5),
        ],
        source="test",
    )
    start = Start(at(0, 0))
    straight = nearest(start, "", TEN, calendar)
    assert [(one.window.code, one.minutes) for one in straight] == [
        ("A-across-the-river", None),
        ("B-along-the-street", None),
        ("C-far-away", None),
    ]
    use(tmp_path)
    on_foot = nearest(start, "", TEN, calendar)
    assert [(one.window.code, one.minutes) for one in on_foot] == [
        ("B-along-the-street", 27),
        ("A-across-the-river", None),
        ("C-far-away", None),
    ]


def test_too_few_answers_say_nothing_of_a_circle(tmp_path):
    use(tmp_path)
    found = circle("A", -100, -300, 1100, 100, communities=("140802002001",))
    assert queries.satisfaction(HERE, found, on=DAY) is None
