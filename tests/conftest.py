"""What tests that really commit start from, without a superuser and without touching the guards of append-only tables; work done once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import TransactionTestCase
from fresh_database import Copies
from hypothesis import Phase, settings
from pytest_django.plugin import DjangoDbBlocker

from linli.kernel import clock, compiled
from linli.kernel.errors import LinliError
from linli.programmes.acts import publishing
from linli.programmes.catalogue import Catalogue
from linli.programmes.declaration import Programme
from linli.programmes.publishing import Gate

settings.register_profile("quick", derandomize=True)
settings.register_profile("whether", phases=(Phase.explicit, Phase.reuse, Phase.generate))
settings.load_profile(os.environ.get("LINLI_LOOK") or "default")
"""`make test` tries the same examples every time, so that a change is judged by what it changed; everyone else draws new ones.

scripts/mutants asks only whether a law is broken: no time goes into a smaller example that breaks it.
"""

compiled.checking = True
"""A read that was put together before is compared with what Django asks, each time."""

CITIES = Path(__file__).resolve().parents[1] / "cities"


@pytest.fixture(scope="session")
def untouched_copy(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Tests that commit are followed by a new copy of the database as migrated. Tests that roll back leave nothing in it."""
    with django_db_blocker.unblock():
        copies = Copies()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: copies.renewed())
        yield
    with django_db_blocker.unblock():
        copies.gone()


@pytest.fixture(scope="session", autouse=True)
def _shipped_programmes_are_judged_once() -> Iterator[None]:
    """Nearly every city of the tests publishes the files of cities/: what stands against that is worked out once in a process, not in each.

    The same text beside the same files and published versions on the same day has the same answer; other cities' files are judged anew.
    """
    judge, kept = publishing.obstacles, dict[tuple[Any, ...], list[LinliError]]()

    def once(
        programme: Programme, catalogue: Catalogue, gate: Gate, published: Iterable[Programme] = (), examples: str | None = None
    ) -> list[LinliError]:
        published = tuple(published)
        if examples is not None or CITIES not in catalogue.path.resolve().parents:
            return judge(programme, catalogue, gate, published, examples)
        shelf = tuple(one.text for versions in catalogue.versions.values() for one in versions)
        others = tuple(other.digest for other in published)
        key = (programme.text, catalogue.path, shelf, frozenset(gate.confirmed), gate.demonstration, others, clock.today())
        if key not in kept:
            kept[key] = judge(programme, catalogue, gate, published)
        return list(kept[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "obstacles", once)
        yield


@pytest.fixture(autouse=True)
def _committed_rows_go(request: pytest.FixtureRequest) -> None:
    """Make that copy before the first test that commits."""
    marker = request.node.get_closest_marker("django_db")
    if (marker and marker.kwargs.get("transaction")) or {"transactional_db", "live_server"} & set(request.fixturenames):
        request.getfixturevalue("untouched_copy")
