"""Two versions side by side: nothing is lost, nothing is made up, and every value is in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from linli.programmes import Programme, catalogue, parse_programme
from linli.programmes.differing import compare
from linli.programmes.editing import append, put
from linli.programmes.files import city_vocabulary
from linli.programmes.naming import naming
from linli.programmes.telling import _papers as papers
from linli.programmes.telling import payment_months, told

CITY = Path("cities/yuncheng")
SHELF = catalogue(CITY)
EVERY = [programme for versions in SHELF.versions.values() for programme in versions]
NAMES, BODIES = naming(CITY), SHELF.city.bodies


def edited(programme: Programme, *changes: tuple[str, str, str]) -> Programme:
    text = programme.text
    for path, value, kind in changes:
        text = put(text, path, value, kind)
    return parse_programme(text.encode(), city_vocabulary(CITY))


def changed(before: Programme | None, after: Programme) -> list[tuple[str, str | None, str | None, str]]:
    rows = [row for part in compare(before, after, NAMES, BODIES) for row in part.changed]
    return [(row.label.en, row.before.en if row.before else None, row.after.en if row.after else None, row.state) for row in rows]


@pytest.mark.parametrize("one", EVERY, ids=lambda one: f"{one.slug}-{one.version}")
def test_a_version_does_not_differ_from_itself_and_every_field_is_there_once(one: Programme):
    parts = compare(one, one, NAMES, BODIES)
    assert [row for part in parts for row in part.changed] == []
    keys = [(line.section, line.key) for line in told(one, NAMES, BODIES)]
    assert len(keys) == len(set(keys)) == sum(len(part.unchanged) for part in parts)
    assert {state for *_words, state in changed(None, one)} == {"added"}


def test_backwards_is_the_mirror_of_forwards():
    old, new = SHELF.of("child-rehabilitation-aid")
    mirrored = {"added": "removed", "removed": "added", "changed": "changed"}
    forwards, backwards = changed(old, new), changed(new, old)
    assert {(after, before, mirrored[state]) for _label, before, after, state in forwards} == {row[1:] for row in backwards}


def test_one_changed_figure_is_one_row_with_its_unit():
    old = SHELF.newest("old-age-allowance")
    new = edited(old, ("rule.parameters.rate_from_80.values[0].value", "60 yuan", "value"))
    assert changed(old, new) == [("from 1 January 2026", "50.00 yuan a month", "60.00 yuan a month", "changed")]


def test_a_later_figure_ends_the_one_before():
    old = SHELF.newest("old-age-allowance")
    value = {"from": ("2027-01-01", "day"), "value": ("60 yuan", "value")}
    new = parse_programme(append(old.text, "rule.parameters.rate_from_80.values", value).encode(), city_vocabulary(CITY))
    assert changed(old, new) == [
        ("from 1 January 2026", "50.00 yuan a month", "50.00 yuan a month, until 31 December 2026", "changed"),
        ("from 1 January 2027", None, "60.00 yuan a month", "added"),
    ]


def test_a_changed_condition_is_said_in_words_not_in_code():
    old = SHELF.newest("hard-to-employ")
    place = [index for index, one in enumerate(old.entry.value["rule"].value["conditions"].value) if one.value["id"].value == "unemployed"]
    path = f"rule.conditions[{place[0] if place else 0}].when"
    rows = changed(old, edited(old, (path, "sex = 'female'", "expression")))
    assert ("rule", "“is registered as unemployed” is yes", "“sex” is female", "changed") in rows


def test_a_list_that_stands_for_a_paper_is_named():
    told = {str(line.value) for one in EVERY for line in papers(one, NAMES)}
    assert any("最低生活保障名单" in one for one in told)
    assert not any("zh='subsistence-allowance'" in one for one in told)


@pytest.mark.parametrize("one", EVERY, ids=lambda one: f"{one.slug}-{one.version}")
def test_a_rule_in_words_names_its_codes_and_its_days(one: Programme):
    said = one.words("zh", NAMES) + one.words("en", NAMES)
    assert not re.search(r"\b\d{4}-\d{2}-\d{2}\b", said)
    assert "1408" not in said
    assert not re.search(r"\b(female|male|college|undergraduate|postgraduate)\b", one.words("zh", NAMES))
    assert one.words_digest() == parse_programme(one.text.encode(), city_vocabulary(CITY)).words_digest()


def test_how_often_an_amount_is_paid_is_in_the_units_of_its_figures():
    paid = {one.slug: payment_months(one) for one in SHELF}
    assert (paid["old-age-allowance"], paid["disabled-student-aid"], paid["subsistence-allowance"]) == (12, 1, 12)
    assert paid["home-adaptation"] is None
