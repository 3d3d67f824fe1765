"""Searching residents: whatever is typed, what is found is what a look at every row finds, in the same order, page by page."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from place_examples import BUILDING, CLERK, FIRST_DAY, GROUP, person

from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.registers import names, queries
from linli.registers.models import Resident, Situation

pytestmark = pytest.mark.usefixtures("small_city")
COUNTY = Viewer("staff:test", (Grant("clerk", "140802", ""),))
PLACES = {"140802": BUILDING, "140882": GROUP}
SURNAMES = ("王", "李", "吕", "单", "欧阳", "陈", "张")
GIVEN = "建国丽莉王女䶮𠮷〇安"
FIXED = [
    "王建国",
    "国建王",
    "阿依古丽·买买提",
    "丽莉·买·买提",
    "莉莉莉",
    "王莉莉莉",
    "欧阳建国",
    "吕女",
    "𠮷王建",
    "王",
    "李王李王李",
    "安女安女",
]
YEARS = (1949, 1950)

NAME = st.builds(lambda surname, given: surname + given, st.sampled_from(SURNAMES), st.text(GIVEN, min_size=1, max_size=3))
PEOPLE = st.lists(st.tuples(NAME, st.sampled_from(sorted(PLACES)), st.sampled_from(YEARS)), min_size=5, max_size=25)
Row = tuple[Resident, str]


def settle(people: list[tuple[str, str, int]]) -> list[Row]:
    """Residents with their county, written as plain rows: thirty acts an example would take a minute."""
    rows = []
    for name, _, year in people:
        keys = names.keys(name)
        spelled = {"name_pinyin": keys.pinyin, "name_initials": keys.initials, "name_bigrams": list(keys.bigrams)}
        rows.append(Resident(name=name, birth_date=date(year, 3, 8), known_from=clock.now(), **spelled))
    Resident.objects.bulk_create(rows)
    places = [PLACES[county] for _, county, _ in people]
    Situation.objects.bulk_create(
        Situation(resident=row, kind="lives", area_code=place, valid_from=FIRST_DAY, known_from=clock.now())
        for row, place in zip(rows, places, strict=True)
    )
    return [(row, county) for row, (_, county, _) in zip(rows, people, strict=True)]


def found(viewer: Viewer, typed: str, limit: int) -> list[str]:
    """Every page of a search, one after the other."""
    shown: list[Resident] = []
    after = ""
    for _ in range(100):
        page = queries.search_residents(viewer, typed, after=after, limit=limit)
        shown += page.residents
        after = page.after
        if not after:
            return [f"{row.name} {row.pk}" for row in shown]
    raise AssertionError("a search that never ends")


def scanned(rows: list[Row], fragment: str, year: int | None, county: str) -> list[str]:
    """The same by looking at every row: whole names, then beginnings, then anywhere."""
    wanted = names.bare(fragment)
    hits = []
    for row, home in rows:
        name = names.bare(row.name)
        if wanted in name and home.startswith(county) and (year is None or (row.birth_date and row.birth_date.year == year)):
            hits.append(((name != wanted, not name.startswith(wanted)), row.name_pinyin, row.pk, row.name))
    return [f"{name} {pk}" for *_, pk, name in sorted(hits)]


def spelled(rows: list[Row], letters: str, county: str) -> list[str]:
    """By pinyin from the beginning, then by initials."""
    hits = []
    for row, home in rows:
        spelling = row.name_pinyin.replace(" ", "")
        if not home.startswith(county):
            continue
        if spelling.startswith(letters):
            hits.append((0, spelling, row.pk, row.name))
        elif row.name_initials.startswith(letters):
            hits.append((1, row.name_initials, row.pk, row.name))
    return [f"{name} {pk}" for *_, pk, name in sorted(hits)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PEOPLE, st.data())
def test_a_search_by_name_is_a_look_at_every_row(people: list[tuple[str, str, int]], data: st.DataObject) -> None:
    Situation.objects.all().delete()
    Resident.objects.all().delete()
    rows = settle([*people, *((name, "140802", 1950) for name in FIXED)])
    whole = names.bare(data.draw(st.sampled_from(rows))[0].name)
    long_enough = [whole[begin:end] for begin, end in itertools.combinations(range(len(whole) + 1), 2) if end - begin > 1]
    for fragment in [one for one in long_enough if any(names.is_han(letter) for letter in one)] or ["王建"]:
        year = data.draw(st.sampled_from((None, *YEARS)))
        typed = fragment if year is None else f"{fragment} {year}"
        for viewer, county in ((CLERK, ""), (COUNTY, "140802")):
            assert found(viewer, typed, data.draw(st.integers(1, 6))) == scanned(rows, fragment, year, county)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PEOPLE, st.data())
def test_a_search_by_letters_is_a_look_at_every_row(people: list[tuple[str, str, int]], data: st.DataObject) -> None:
    Situation.objects.all().delete()
    Resident.objects.all().delete()
    rows = settle([*people, *((name, "140802", 1950) for name in FIXED)])
    someone = data.draw(st.sampled_from(rows))[0]
    letters = data.draw(st.sampled_from([one for one in (someone.name_pinyin.replace(" ", ""), someone.name_initials) if len(one) > 1]))
    letters = letters[: data.draw(st.integers(2, len(letters)))]
    if not (letters.isascii() and letters.isalpha()):
        return
    typed = "".join(data.draw(st.sampled_from((letter, letter.upper(), {"v": "ü"}.get(letter, letter)))) for letter in letters)
    for viewer, county in ((CLERK, ""), (COUNTY, "140802")):
        assert found(viewer, typed, data.draw(st.integers(1, 6))) == spelled(rows, letters, county)


@pytest.mark.parametrize("typed", ["lvnv", "lǚ nǚ", "LÜNÜ", "Lü'nü", "ln"])
def test_a_spelling_is_found_however_it_is_typed(typed: str) -> None:
    wanted = person("吕女")
    person("陆努")
    assert wanted in queries.search_residents(CLERK, typed).residents
    assert typed == "ln" or queries.search_residents(CLERK, typed).residents == (wanted,)


@pytest.mark.parametrize("typed", ["古丽买买", "丽·买", "买买提", "阿依"])
def test_dots_in_a_name_need_not_be_typed(typed: str) -> None:
    wanted = person("阿依古丽·买买提")
    person("买提阿依")
    assert wanted in queries.search_residents(CLERK, typed).residents


def test_statements_do_not_grow_with_what_is_found() -> None:
    counts = []
    for letters in ("国", "军华民伟安"):
        for letter in letters:
            person(f"王建{letter}")
        with CaptureQueriesContext(connection) as taken:
            queries.search_residents(CLERK, "王建")
        counts.append(len(taken))
    assert counts == [5, 5]
