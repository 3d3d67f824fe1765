"""Trace tests run in both suites of algorithms."""

from __future__ import annotations

import pytest
from trace_examples import forget_everything


@pytest.fixture(autouse=True, params=["aes", "sm"])
def suite(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name: str = request.param
    monkeypatch.setenv("LINLI_CRYPTO", name)
    return name


@pytest.fixture
def empty_trace(db: None) -> None:
    """A trace without facts, inside the test's own transaction."""
    forget_everything()
