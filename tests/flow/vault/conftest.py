"""Every vault test runs in both suites, with fresh keys in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from linli.vault import keyring


@pytest.fixture(autouse=True, params=["aes", "sm"])
def suite(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name: str = request.param
    monkeypatch.setenv("LINLI_CRYPTO", name)
    return name


@pytest.fixture(autouse=True)
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key document outside the database; returns its path."""
    path = tmp_path / "keys.json"
    monkeypatch.delenv("LINLI_KEYS", raising=False)
    monkeypatch.setenv("LINLI_KEY_FILE", str(path))
    monkeypatch.setenv("LINLI_ERASURES", str(tmp_path / "erasures.jsonl"))
    keyring.write(keyring.new_keyring(), path)
    return path
