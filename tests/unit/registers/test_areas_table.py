"""Division tables are checked code by code before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.errors import LinliError, Place, Problems
from linli.registers.cityareas import read_city
from linli.registers.divisions import Kind, Row, check, default_kind, read_kinds, read_rows, undeclared
from linli.registers.queries.areas import edit_distance

CITIES = Path(__file__).resolve().parents[3] / "cities"


def row(code: str, name: str, line: int = 2, parents: dict[int, str] | None = None, urban_rural: str = "") -> Row:
    return Row(Place(file="table.csv", line=line), code, name, parents or {}, urban_rural)


GOOD = [row("14", "山西省"), row("1408", "运城市"), row("140882", "河津市"), row("140882100", "樊村镇")]


def codes_of(problems: Problems) -> list[str]:
    return [problem.code for problem in problems.problems]


def test_yuncheng_has_161_township_rows_of_which_147_are_statutory() -> None:
    city = read_city(CITIES / "yuncheng" / "areas")
    townships = [division for division in city.divisions.values() if division.level == "township"]
    assert (len(townships), sum(division.kind == "statutory" for division in townships)) == (161, 147)
    assert sum(division.level == "county" for division in city.divisions.values()) == 13
    assert sum(division.level == "village" for division in city.divisions.values()) == 2395
    assert city.guessed == []


def test_taiyuan_has_eleven_county_rows_one_of_them_statistical() -> None:
    divisions = read_city(CITIES / "taiyuan" / "areas").divisions.values()
    counties = [division for division in divisions if division.level == "county"]
    assert (len(counties), [division.code for division in counties if division.kind != "statutory"]) == (11, ["140171"])
    assert sum(division.level == "township" for division in divisions) == 108
    assert sum(division.level == "village" for division in divisions) == 1401


@pytest.mark.parametrize("city", ["yuncheng", "taiyuan"])
def test_every_special_code_is_administered_by_a_statutory_area(city: str) -> None:
    divisions = read_city(CITIES / city / "areas").divisions
    for division in divisions.values():
        if division.kind != "statutory":
            assert divisions[division.administering].kind == "statutory"


def test_statistics_bureau_table_reads_like_a_short_one(tmp_path: Path) -> None:
    table = tmp_path / "tjyqhdm.csv"
    table.write_text(
        "统计用区划代码,城乡分类代码,名称\n140000000000,,山西省\n140800000000,,运城市\n140882000000,,河津市\n"
        "140882100000,,樊村镇\n140882100201,220,樊村村委会\n",
        encoding="gb18030",
    )
    assert list(check(read_rows(table))) == ["14", "1408", "140882", "140882100", "140882100201"]


def test_columns_that_name_parents_must_fit(tmp_path: Path) -> None:
    table = tmp_path / "villages.csv"
    table.write_text("code,name,streetCode\n140882100201,樊村村委会,140882100\n140882100202,贺家庄村委会,140882101\n", encoding="utf-8")
    with pytest.raises(Problems) as caught:
        check(read_rows(table))
    (problem,) = caught.value.problems
    assert problem.code == "areas.wrong_parent"
    assert problem.place is not None
    assert problem.place.line == 3


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (row("14088", "河津市"), "areas.bad_code"),
        (row("140882100201G001", "网格"), "areas.bad_code"),
        (row("1408821002O1", "樊村村委会"), "areas.bad_code"),
        (row("140882", "另一名称"), "areas.duplicate_code"),
        (row("140882101", "樊村镇"), "areas.duplicate_name"),
        (row("140899100", "某某镇"), "areas.no_parent"),
        (row("140882102", ""), "areas.bad_name"),
        (row("140882102", "柴家镇\u200b"), "areas.bad_name"),
        (row("140882102", "12345"), "areas.bad_name"),
        (row("140882102", "柴家镇", urban_rural="999"), "areas.bad_class"),
    ],
)
def test_a_wrong_line_is_named(wrong: Row, code: str) -> None:
    with pytest.raises(Problems) as caught:
        check([*GOOD, wrong])
    assert codes_of(caught.value) == [code]


def test_all_wrong_lines_are_named_at_once() -> None:
    with pytest.raises(Problems) as caught:
        check([*GOOD, row("x", "甲乙"), row("140882103", " "), row("140882", "河津市")])
    assert len(caught.value.problems) == 3


def test_a_kind_for_a_code_that_is_not_there_is_refused() -> None:
    with pytest.raises(Problems) as caught:
        check(GOOD, {"140882400": Kind("special", "140882")})
    assert codes_of(caught.value) == ["areas.kind_of_nothing"]


def test_guessed_kinds_are_listed() -> None:
    divisions = check([*GOOD, row("140882400", "山西铝厂"), row("140882401", "河津经济开发区")])
    assert divisions["140882400"].kind == "special"
    assert divisions["140882401"].kind == "functional_zone"
    assert undeclared(divisions, {"140882400": Kind("special", "140882")}) == ["140882401"]


def test_pseudo_counties_and_municipal_districts_are_statistical() -> None:
    assert default_kind("140171", "山西转型综合改革示范区") == "statistical"
    assert default_kind("140801", "市辖区") == "statistical"
    assert default_kind("140802", "盐湖区") == "statutory"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "valid_from: someday\nsource: {}\n",
        "kinds: [1]\n",
        "valid_from: 2023-06-30\nsource: {}\nkinds: [{code: '1', kind: odd, administering: '1'}]",
    ],
)
def test_broken_kinds_file_is_an_error_that_names_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "kinds.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(LinliError) as caught:
        read_kinds(tmp_path / "kinds.yaml")
    assert caught.value.code == "areas.bad_kinds"
    assert "kinds.yaml" in str(caught.value.place)


texts = st.text(alphabet="天河津永济运城市县", max_size=6)


@given(texts, texts, texts)
def test_edit_distance_is_a_metric(one: str, other: str, third: str) -> None:
    assert (edit_distance(one, other) == 0) == (one == other)
    assert edit_distance(one, other) == edit_distance(other, one)
    assert edit_distance(one, third) <= edit_distance(one, other) + edit_distance(other, third)
    assert edit_distance(one, other) <= max(len(one), len(other))
