"""The register of circles, and who lives where by the registers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from place_examples import BUILDING, FIRST_DAY, OTHER_BUILDING, SYSTEM, VILLAGE, person

from linli.circles import queries
from linli.circles.acts.counting import count_homes
from linli.circles.acts.recording import end_circle, import_circles
from linli.circles.declared import standard
from linli.circles.models import Circle, Home, HomeCount, Star
from linli.circles.reading import read_circles
from linli.kernel import clock
from linli.kernel.errors import Problems, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts
from linli.site.command.circles import command
from linli.trace.deep import verify_rows
from linli.trace.models import Fact

YUNCHENG = Path(__file__).resolve().parents[3] / "cities" / "yuncheng"
DAY = date(2026, 11, 23)
PLANNER = Viewer("staff:00000000-0000-7000-8000-000000000007", (Grant("planner", "140802"),))
FILE = """
system: WGS-84
circles:
  - {code: A, zh: 甲圈, en: A, type: ordinary, area: "140802002", centre: [111.0, 35.0], minutes: 15, communities: ["140802002001"],
     stars: [{level: province, given_on: 2025-12-01, source: 公布名单}]}
  - {code: B, zh: 乙圈, en: B, type: old-estate, area: "140802002", polygon: [[111.0, 35.0], [111.01, 35.0], [111.01, 35.01]]}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "circles.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def told(file: Path):
    return read_circles(file, standard(YUNCHENG).kinds)


@pytest.mark.usefixtures("small_city")
def test_the_same_list_twice_changes_nothing_and_what_it_doesnt_name_stays(file):
    done = import_circles(PLANNER, circles=told(file), source="test")
    assert (done.opened, done.changed, done.stars) == (2, 0, 1)
    facts = Fact.objects.count()
    done = import_circles(PLANNER, circles=told(file), source="test")
    assert (done.opened, done.changed, done.stars) == (0, 0, 0)
    assert Fact.objects.count() == facts
    file.write_text(FILE.replace("甲圈", "甲一圈").split("  - {code: B")[0], encoding="utf-8")
    done = import_circles(PLANNER, circles=told(file), source="test")
    assert (done.opened, done.changed) == (0, 1)
    assert {row.name_zh for row in Circle.objects.all()} == {"甲一圈", "乙圈"}
    end_circle(PLANNER, circle=Circle.objects.get(code="B").uid, on=DAY)
    assert not list(verify_rows())


@pytest.mark.usefixtures("small_city")
def test_another_rating_of_a_day_is_refused_unless_it_says_why_and_then_corrects_with_a_trace(file):
    import_circles(PLANNER, circles=told(file), source="test")
    other = FILE.replace("given_on: 2025-12-01", "stars: 3, given_on: 2025-12-01")
    file.write_text(other, encoding="utf-8")
    with pytest.raises(Problems, match="corrected: WHY") as refused:
        import_circles(PLANNER, circles=told(file), source="test")
    assert refused.value.problems[0].place.file == str(file)
    assert Star.objects.get().stars is None
    file.write_text(other.replace("source: 公布名单", "source: 公布名单, corrected: 原来没有抄星数"), encoding="utf-8")
    assert [import_circles(PLANNER, circles=told(file), source="test").stars for _ in range(2)] == [1, 0]
    fact = Fact.objects.get(type="circles.star_corrected")
    assert (fact.payload["before"], fact.payload["stars"], fact.payload["reason"]) == (None, 3, "原来没有抄星数")
    assert Star.objects.get().stars == 3
    assert not list(verify_rows())


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("given_on: 2025-12-01,", "given_on: 2099-12-01,", "a day that has come"),
        ("公布名单}]", "公布名单}, {level: province, stars: 5, given_on: 2025-12-01, source: 公布名单}]", "one rating of a day"),
        ("[[111.0, 35.0], [111.01, 35.0], [111.01, 35.01]]", "[[110.97, 35.00], [110.98, 35.01], [110.99, 35.02]]", "some ground within"),
    ],
)
def test_what_no_circle_or_star_can_be_is_refused(file, before, after, expected):
    assert before in FILE
    file.write_text(FILE.replace(before, after), encoding="utf-8")
    with pytest.raises(Problems, match=expected):
        told(file)


@pytest.mark.usefixtures("small_city")
def test_a_circle_that_is_none_any_more_is_named_no_longer_and_stays_on_record(file):
    import_circles(PLANNER, circles=told(file), source="test")
    ended = CliRunner().invoke(command, ["end", "B"])
    assert ended.exit_code == 0, ended.output
    assert "B" in ended.output
    assert [row.code for row in queries.circles(PLANNER)] == ["A"]
    assert Circle.objects.get(code="B").ended_on == clock.today()
    told_of = Fact.objects.filter(type="circles.circle_recorded", payload__code="B").order_by("id")
    assert [fact.payload["change"] for fact in told_of] == ["opened", "ended"]
    again = CliRunner().invoke(command, ["end", "B"])
    assert (again.exit_code, str(clock.today()) in again.output) == (0, True)
    assert CliRunner().invoke(command, ["end", "B", "--on", "2030-01-01"]).exit_code == 2
    assert CliRunner().invoke(command, ["end", "none"]).exit_code == 2
    assert Circle.objects.get(code="B").ended_on == clock.today()
    assert not list(verify_rows())


@pytest.mark.usefixtures("small_city")
def test_a_planner_of_another_county_records_none(file):
    with pytest.raises(Refused):
        import_circles(Viewer("staff:1", (Grant("planner", "140882"),)), circles=told(file), source="test")
    assert not Circle.objects.exists()


@pytest.mark.usefixtures("small_city")
def test_homes_are_counted_by_age_on_the_day_and_by_the_disability_list():
    def lives(*where):
        return [acts.Lives("lives", code, FIRST_DAY) for code in where]

    acts.add_places(SYSTEM, places=[], valid_from=FIRST_DAY, source="none")
    person("甲", birth_date=date(1951, 11, 23), situations=lives(BUILDING))  # 75 today
    person("乙", birth_date=date(1951, 11, 24), situations=lives(BUILDING))  # 75 tomorrow
    person("丙", birth_date=date(2008, 11, 23), situations=lives(OTHER_BUILDING))  # 18 today: no child any more
    person("丁", birth_date=date(2023, 11, 24), situations=lives(OTHER_BUILDING))  # not yet 3
    person("戊", birth_date=None, situations=lives(VILLAGE))  # no birthday, no building
    person("己", birth_date=date(1990, 1, 1), situations=[])
    gone = person("庚", birth_date=date(1940, 1, 1), situations=lives(BUILDING))
    acts.record_death(SYSTEM, resident=gone, deceased_on=DAY)
    count = count_homes(standard(YUNCHENG), as_of=DAY)
    rows = {row.code: row for row in Home.objects.all()}
    assert {code: (row.residents, row.elders, row.children, row.infants) for code, row in rows.items()} == {
        BUILDING: (2, 1, 0, 0),
        OTHER_BUILDING: (2, 0, 1, 1),
        VILLAGE: (1, 0, 0, 0),
    }
    assert (count.residents, count.nowhere, count.age_unknown) == (6, 1, 1)
    assert count.groups["elders"]["least_age"] == 75
    again = count_homes(standard(YUNCHENG), as_of=DAY)
    assert again.digest == count.digest
    assert HomeCount.objects.count() == 1
