"""Fresh keys for every test of circles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from place_examples import load_small_city

from linli.circles import standing
from linli.vault import keyring


@pytest.fixture(autouse=True)
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key document outside the database."""
    path = tmp_path / "keys.json"
    monkeypatch.delenv("LINLI_KEYS", raising=False)
    monkeypatch.setenv("LINLI_KEY_FILE", str(path))
    monkeypatch.setenv("LINLI_ERASURES", str(tmp_path / "erasures.jsonl"))
    keyring.write(keyring.new_keyring(), path)
    return path


@pytest.fixture
def small_city(db: None) -> None:
    """Two counties, three townships, grids, buildings and groups: place_examples.DIVISIONS and PLACES."""
    load_small_city()


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, settings: Any) -> None:
    """A state folder of its own, and nothing kept in this process from the test before."""
    settings.LINLI_STATE = tmp_path / "state"
    standing.forget()
