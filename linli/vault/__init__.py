"""Keys and algorithms, the blind index, purposes and the access log. Names are loaded on use: Django apps import this package first."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from linli.vault.acts import erase, protect, protect_many, reveal, reveal_many
    from linli.vault.blinding import blind, blind_many, blinds
    from linli.vault.purpose import Purpose, purposes
    from linli.vault.queries import accesses_of, is_erased

_HOME = {
    "accesses_of": "queries",
    "blind": "blinding",
    "blind_many": "blinding",
    "blinds": "blinding",
    "erase": "acts",
    "is_erased": "queries",
    "note_readings": "acts",
    "protect": "acts",
    "protect_many": "acts",
    "purposes": "purpose",
    "Purpose": "purpose",
    "reveal": "acts",
    "reveal_many": "acts",
}

__all__ = [
    "Purpose",
    "accesses_of",
    "blind",
    "blind_many",
    "blinds",
    "erase",
    "is_erased",
    "note_readings",
    "protect",
    "protect_many",
    "purposes",
    "reveal",
    "reveal_many",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"linli.vault has no {name!r}")
    return getattr(import_module(f"linli.vault.{_HOME[name]}"), name)
