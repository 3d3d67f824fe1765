"""Every example that officials wrote under cities/*/programmes, as a test of its own, in both engines."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from linli.kernel.errors import LinliError
from linli.programmes import Programme, catalogue
from linli.programmes.cases import Answer
from linli.programmes.examples import NOT_IN_FORCE, Example, case_of, compare, load_examples, run_example
from linli.rules import evaluate_postgres

CITIES = Path(__file__).resolve().parents[2] / "cities"


def _examples() -> list[object]:
    found: list[object] = []
    for file in sorted(CITIES.glob("*/programmes/*/examples.yaml")):
        city, slug = file.parents[2], file.parent.name
        for example in load_examples(file):
            found.append(pytest.param(city, slug, example, id=f"{city.name}/{slug}: {example.label.en}"))
    return found


def _programme(city: Path, slug: str, example: Example) -> Programme:
    shelf = catalogue(city)
    return shelf.version(slug, example.version) if example.version else shelf.newest(slug)


@pytest.mark.parametrize(("city", "slug", "example"), _examples())
def test_the_rule_says_what_the_official_says(city: Path, slug: str, example: Example) -> None:
    assert [str(error) for error in run_example(example, _programme(city, slug, example))] == []


@pytest.mark.django_db
@pytest.mark.parametrize(("city", "slug", "example"), _examples())
def test_the_live_engine_agrees(city: Path, slug: str, example: Example) -> None:
    programme = _programme(city, slug, example)
    assert [str(error) for error in compare(example, _live_answer(programme, example))] == []


def _live_answer(programme: Programme, example: Example) -> Answer:
    rule, case = programme.rule, case_of(example, programme)
    try:
        rule.check_in_force(example.as_of)
    except LinliError:
        return Answer(NOT_IN_FORCE, {}, (), None)
    connection.ensure_connection()
    found = evaluate_postgres(
        rule, case.own(rule), case.household(rule), case.relatives, as_of=example.as_of, connection=connection.connection
    )
    return Answer(found.verdict, dict(found.conditions), found.missing, found.amount_fen)


def test_every_programme_has_examples() -> None:
    for folder in sorted(CITIES.glob("*/programmes/*")):
        assert (folder / "examples.yaml").is_file(), f"{folder} has no examples.yaml"
