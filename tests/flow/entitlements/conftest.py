"""Fresh keys for every test of entitlements, and the small city of the pages with its programmes published."""

from __future__ import annotations

from pathlib import Path

import pytest
from award_examples import City, build

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
def city(db: None) -> City:
    """See award_examples.build."""
    return build()
