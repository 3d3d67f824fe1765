"""Sensitive facts that an explanation or a cause shows are read for a purpose; the reading is recorded for the person it is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings

from linli import vault
from linli.kernel.viewer import Viewer
from linli.registers.lists import FactSource, load_lists, sources

FIELD = "list_fact"
PURPOSES = ("screening.explain", "audit.review", "screening.operate")


def origins() -> dict[str, FactSource]:
    """Where each fact comes from; read again only when a list comes or changes."""
    city = Path(settings.LINLI_CITY)
    return _origins(city, tuple(declaration.digest for declaration in load_lists(city).values()))


@lru_cache(maxsize=4)
def _origins(city: Path, _digests: tuple[str, ...]) -> dict[str, FactSource]:
    return sources(city)


def note(viewer: Viewer, shown: Iterable[tuple[UUID, str]], purposes: Sequence[str] = PURPOSES) -> None:
    """Record who was shown with a sensitive fact: (person, name of the fact). Residents who look at themselves leave no entry.

    At most one statement. Raises Refused where no declared purpose lets the viewer read such facts.
    """
    declared = origins()
    people = sorted({person for person, fact in shown if fact in declared and declared[fact].sensitivity == "sensitive"})
    if people and not viewer.subject:
        vault.note_readings(viewer, purposes=purposes, people=dict.fromkeys(people, frozenset({FIELD})))
