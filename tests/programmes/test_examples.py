"""Every example that officials wrote under cities/*/programmes, as a test of its own, in both engines."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from linli.kernel.errors import LinliError
from linli.programmes import Programme, catalogue
from linli.programmes.cases import Answer, answer
from linli.programmes.examples import NOT_IN_FORCE, Example, case_of, compare, examples_of, load_examples, run_example
from linli.rules import evaluate_postgres, tree

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
    assert [str(error) for error in compare(example, _live_answer(programme, example), programme.rule)] == []


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


NEWEST = [
    pytest.param(city, programme, id=f"{city.name}/{programme.slug}")
    for city in sorted(one.parent for one in CITIES.glob("*/city.yaml"))
    for programme in catalogue(city)
]


@pytest.mark.parametrize(("city", "programme"), NEWEST)
def test_each_condition_is_shown_fulfilled_not_fulfilled_and_unknown(city: Path, programme: Programme) -> None:
    """In the newest version. What is held is always known; without its figures a draft decides nothing."""
    found: dict[str, set[bool | None]] = {condition.id: set() for condition in programme.rule.conditions}
    for example in examples_of(programme, city, programme.version):
        if example.entry.value["expect"].value["verdict"].value != NOT_IN_FORCE:
            for identity, truth in answer(programme.rule, case_of(example, programme), example.as_of).conditions.items():
                found[identity].add(truth)
    if not any(found.values()):
        assert programme.empty_parameters
        return
    for condition in programme.rule.conditions:
        facts = any(isinstance(node, tree.FactOf | tree.Aggregate) for node in tree.walk(condition.node))
        assert found[condition.id] >= ({True, False, None} if facts else {True, False}), condition.id
