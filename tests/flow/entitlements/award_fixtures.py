"""A city with its programmes published: built once per file inside a transaction that every test begins from and none can leave."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from award_examples import City, build
from django.test import override_settings
from standing import standing
from web_examples import prepare_state


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keys and a state folder of this file's own."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch, override_settings(**prepare_state(folder, patch)):
        yield folder


@pytest.fixture(scope="module")
def built(state: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[City]:
    """See award_examples.build."""
    with standing(django_db_blocker):
        yield build()


@pytest.fixture
def city(built: City, db: None) -> City:
    """The same, each test in a savepoint of its own."""
    return built
