"""Norms and groups as dated data: what contradicts itself is refused, with both places; moments are found in the calendar."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path

import pytest

from linli.circles.declared import standard
from linli.circles.declared.norms import moment
from linli.circles.reading import read_circles
from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError, Problems
from linli.kernel.positions import Position, gcj02
from linli.kernel.workdays import workdays

CITIES = Path(__file__).resolve().parents[3] / "cities"
YUNCHENG = CITIES / "yuncheng"
DAY = date(2026, 11, 23)


def a_city(tmp_path: Path, name: str, before: str, after: str) -> Path:
    """The city's circles with one text of a file replaced."""
    shutil.copytree(YUNCHENG / "circles", tmp_path / "circles")
    file = tmp_path / "circles" / name
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    return tmp_path


def test_the_four_trades_are_asked_of_every_circle_and_each_level_by_itself():
    told = standard(YUNCHENG)
    four = next(one for one in told.sets if one.key == "four-trades")
    trades = [told.norm(key, DAY) for key in four.norms]
    assert all(one is not None and one.mandatory and one.level == 15 and not one.types for one in trades)
    market = [one for one in told.asked(DAY) if "market" in one.categories]
    assert sorted((one.level, one.minutes) for one in market) == [(10, 8), (15, 15)]


def test_old_estates_and_business_districts_are_asked_for_different_things():
    told = standard(YUNCHENG)
    asked = {kind: {one.key for one in told.asked(DAY) if one.applies(kind, DAY) and one.mandatory} for kind in told.kinds.types}
    assert "supermarket-15" in asked["core-business"]
    assert "supermarket-15" not in asked["old-estate"]


def test_a_norm_holds_from_its_day_and_not_before():
    told = standard(YUNCHENG)
    assert told.norm("elder-care-15", date(2025, 9, 18)) is None
    assert told.norm("elder-care-15", date(2025, 9, 19)) is not None


def test_a_norm_says_by_whose_word_it_holds_and_what_nobody_has_checked(tmp_path):
    told = standard(YUNCHENG)
    assert told.norm("elder-care-5", DAY).source.zh.endswith("（未核原文）")
    assert told.norm("convenience-15", DAY).source.en.endswith("(by a public reprint or report, not checked against the original)")
    assert told.norm("green-15", DAY).source.zh == told.share_source.zh == "本市自定，没有上级文件；由市商务局确认后改为文号"
    assert told.groups_on(DAY)["wheelchair"].source.en.endswith("(not checked against the original)")
    seen = standard(a_city(tmp_path, "norms.yaml", "checked: unseen", "checked: original"))
    assert seen.norm("elder-care-5", DAY).source.zh.endswith("（已对照原文）")
    assert seen.digest != told.digest


def test_two_norms_of_one_trade_that_overlap_are_refused_with_both_places(tmp_path):
    second = (
        "  - {key: breakfast-again, zh: 早餐, en: breakfast, categories: [breakfast], level: 15, minutes: 10, mandatory: true,"
        " types: [ordinary], group: residents, from: 2026-06-01, until: null, source: own}\n  - {key: market-15,"
    )
    city = a_city(tmp_path, "norms.yaml", "  - {key: market-15,", second)
    with pytest.raises(Problems) as refused:
        standard(city)
    (problem,) = refused.value.problems
    lines = (city / "circles" / "norms.yaml").read_text().splitlines()
    first, again = (next(n for n, line in enumerate(lines, 1) if f"key: {key}," in line) for key in ("breakfast-15", "breakfast-again"))
    assert problem.code == "circles.overlap"
    assert problem.place.line == again
    assert f"norms.yaml:{first}:" in problem.text("zh")


def test_one_that_ends_before_the_other_begins_is_no_overlap(tmp_path):
    ended = "at: [workday 07:30, restday 08:00]}\n"
    text = (YUNCHENG / "circles" / "norms.yaml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines(keepends=True) if "key: breakfast-15" in line)
    assert line.endswith(ended)
    later = line.replace("until: null", "until: 2026-06-01") + line.replace("from: 2021-07-20", "from: 2026-06-01").replace(
        "minutes: 15", "minutes: 10"
    )
    told = standard(a_city(tmp_path, "norms.yaml", line, later))
    assert told.norm("breakfast-15", date(2026, 5, 31)).minutes == 15
    assert told.norm("breakfast-15", date(2026, 6, 1)).minutes == 10


def test_a_group_that_is_defined_twice_for_a_day_is_refused(tmp_path):
    again = (
        "groups:\n  - {key: elders, zh: 80 岁以上, en: 80 and more, profile: elder, least_age: 80,"
        " from: 2026-01-01, until: null, source: {zh: 甲, en: a, checked: own}}\n"
    )
    with pytest.raises(Problems, match="overlap"):
        standard(a_city(tmp_path, "groups.yaml", "groups:\n", again))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("minutes: 8, mandatory", "minutes: 8, metres: 500, mandatory"),
        ("level: 10, minutes: 8", "level: 8, minutes: 8"),
        ("types: [ordinary, core-business]", "types: [palace]"),
        ("types: [core-business]", "types: []"),
        ("level: 10, minutes: 8", "level: 5, minutes: 8"),
        ("key: green-15,", f"key: green-{'15' * 30},"),
        ("key: green-15,", "key: green 15,"),
        ("from: 2021-07-20", "from: soon"),
        ("at: [workday 07:30", "at: [sometimes"),
        ("group: elders", "group: giants"),
        ("norms: [convenience-15,", "norms: [convenience-99,"),
    ],
)
def test_what_a_norm_cant_mean_is_refused_with_its_line(tmp_path, before, after):
    with pytest.raises(Problems) as refused:
        standard(a_city(tmp_path, "norms.yaml", before, after))
    assert all(problem.place.line for problem in refused.value.problems)


@pytest.mark.parametrize(("before", "after"), [("checked: unseen", "checked: surely"), ("  source: own\n", "  source: nobody\n")])
def test_a_source_that_is_not_named_or_known_in_a_way_that_there_is_not_is_refused_with_its_line(tmp_path, before, after):
    with pytest.raises(LinliError) as refused:
        standard(a_city(tmp_path, "norms.yaml", before, after))
    assert refused.value.place.line


def test_a_norm_about_a_category_that_no_place_of_the_city_can_have_is_refused_not_silently_never_met(tmp_path):
    city = a_city(tmp_path, "norms.yaml", "categories: [pharmacy]", "categories: [pharmacie]")
    shutil.copy(YUNCHENG / "places.yaml", city / "places.yaml")
    with pytest.raises(Problems) as refused:
        standard(city)
    (problem,) = refused.value.problems
    assert (problem.found, problem.place.line is not None) == ("pharmacie", True)


def test_a_city_without_a_standard_says_so(tmp_path):
    with pytest.raises(LinliError) as refused:
        standard(tmp_path)
    assert refused.value.code == "circles.undeclared"


def test_a_moment_is_the_next_such_day_also_over_a_holiday():
    calendar = workdays(YUNCHENG)
    assert moment("workday 07:30", date(2026, 10, 1), calendar) == datetime(2026, 10, 8, 7, 30, tzinfo=SHANGHAI)
    assert moment("restday 08:00", DAY, calendar).date() == date(2026, 11, 28)


def circles_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "circles.yaml"
    path.write_text(text, encoding="utf-8")
    return path


ONE = 'circles:\n  - {code: A, zh: 甲, en: A, type: ordinary, area: "140802002", centre: [111.0, 35.0], minutes: 15}\n'


def test_a_file_of_circles_without_a_coordinate_system_is_refused(tmp_path):
    with pytest.raises(Problems, match="WGS-84, GCJ-02 or BD-09"):
        read_circles(circles_file(tmp_path, ONE), standard(YUNCHENG).kinds)


def test_other_coordinate_systems_are_converted_once(tmp_path):
    here = gcj02(Position(111.0, 35.0))
    text = f"system: GCJ-02\n{ONE.replace('[111.0, 35.0]', f'[{here[0]!r}, {here[1]!r}]')}"
    (circle,) = read_circles(circles_file(tmp_path, text), standard(YUNCHENG).kinds)
    assert circle.centre.lon == pytest.approx(111.0, abs=1e-7)
    assert circle.centre.lat == pytest.approx(35.0, abs=1e-7)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("centre: [111.0, 35.0], minutes: 15", "polygon: [[111.0, 35.0], [111.1, 35.1], [111.1, 35.0], [111.0, 35.1]]"),
        ("centre: [111.0, 35.0], minutes: 15", "polygon: [[111.0, 35.0], [111.1, 35.1]]"),
        ("centre: [111.0, 35.0], minutes: 15", "centre: [35.0, 111.0], minutes: 15"),
        (", minutes: 15", ""),
        ("type: ordinary", "type: palace"),
        ('"140802002"', '"1408"'),
    ],
)
def test_what_is_no_circle_is_refused_with_its_place(tmp_path, before, after):
    with pytest.raises(Problems) as refused:
        read_circles(circles_file(tmp_path, "system: WGS-84\n" + ONE.replace(before, after)), standard(YUNCHENG).kinds)
    assert refused.value.problems[0].place.line == 3


def test_one_number_for_two_circles_is_refused(tmp_path):
    text = "system: WGS-84\n" + ONE + ONE.splitlines()[1] + "\n"
    with pytest.raises(Problems, match="each number once"):
        read_circles(circles_file(tmp_path, text), standard(YUNCHENG).kinds)
