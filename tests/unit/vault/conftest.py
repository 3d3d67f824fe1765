"""Fresh keys for every test, in both suites."""

from __future__ import annotations

import pytest

from linli.vault.keyring import new_keyring


@pytest.fixture(autouse=True, params=["aes", "sm"])
def suite(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name: str = request.param
    monkeypatch.setenv("LINLI_CRYPTO", name)
    monkeypatch.setenv("LINLI_KEYS", new_keyring().document())
    return name
