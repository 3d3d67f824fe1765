"""A small city with Yuncheng's programmes published, and a folder of its own for runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings as django_settings
from place_examples import SYSTEM, load_small_city

from linli.programmes.acts import publish_ready
from linli.programmes.catalogue import catalogue
from linli.vault import keyring


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings) -> Path:
    """Keys and state outside the database, the division table, every publishable programme. Returns the state folder."""
    keys = tmp_path / "keys.json"
    monkeypatch.delenv("LINLI_KEYS", raising=False)
    monkeypatch.setenv("LINLI_KEY_FILE", str(keys))
    monkeypatch.setenv("LINLI_ERASURES", str(tmp_path / "erasures.jsonl"))
    keyring.write(keyring.new_keyring(), keys)
    settings.LINLI_STATE = tmp_path / "state"
    load_small_city()
    publish_ready(viewer=SYSTEM, catalogue=catalogue(django_settings.LINLI_CITY), demonstration=True)
    return settings.LINLI_STATE
