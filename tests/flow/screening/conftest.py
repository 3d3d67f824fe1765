"""A small city with Yuncheng's programmes published, and a folder of its own for runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from screening_examples import build, prepare_keys
from standing import standing


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """See screening_examples.build: once per file, and no test can leave it otherwise."""
    with pytest.MonkeyPatch.context() as patch, standing(django_db_blocker):
        prepare_keys(tmp_path_factory.mktemp("keys"), patch)
        build()
        yield


@pytest.fixture
def city(published: None, db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Path:
    """The city for one test. Returns the state folder."""
    monkeypatch.setenv("LINLI_ERASURES", str(tmp_path / "erasures.jsonl"))
    settings.LINLI_STATE = tmp_path / "state"
    return Path(settings.LINLI_STATE)
