"""The pages' small city: built once per file inside a transaction that every test begins from and none can leave."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings
from standing import standing
from web_examples import PASSWORD, SmallCity, build, prepare_state, publish_programmes


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keys and a state folder of this file's own, and a quick password hash."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch, override_settings(**prepare_state(folder, patch)):
        yield folder


@pytest.fixture(scope="module")
def programmes(state: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Every publishable programme, published."""
    with standing(django_db_blocker):
        publish_programmes()
        yield


@pytest.fixture(scope="module")
def small_city(state: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[SmallCity]:
    """See web_examples.build."""
    with standing(django_db_blocker):
        yield build()


@pytest.fixture
def office(small_city: SmallCity, db: None, client: Client) -> Client:
    """A browser in which the officer for the whole city has signed in."""
    client.post("/office/sign-in/", {"login": "officer", "password": PASSWORD})
    return client


@pytest.fixture
def local_office(small_city: SmallCity, db: None) -> Client:
    """The same for the officer for the student aid in one county."""
    client = Client()
    client.post("/office/sign-in/", {"login": "local", "password": PASSWORD})
    return client
