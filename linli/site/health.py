"""How the installation is: does the database answer, is its schema this release's, does a worker breathe."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

WORKER_SECONDS = 120  # a worker that lives writes its heartbeat every ten seconds


@dataclass(frozen=True, slots=True)
class Health:
    """Each part in one word: "ok", or what is wrong with it."""

    database: str
    migrations: str
    worker: str

    @property
    def ready(self) -> bool:
        """Whether nothing is wrong."""
        return self.database == self.migrations == self.worker == "ok"


def health() -> Health:
    """Four queries; none without a database."""
    try:
        behind, silent = unapplied(), worker_silence()
    except DatabaseError as problem:
        return Health(type(problem).__name__, "unknown", "unknown")
    worker = "none" if silent is None else "ok" if silent < WORKER_SECONDS else "silent"
    return Health("ok", "behind" if behind else "ok", worker)


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """By the names of their files: loading some hundred migrations takes a process that serves pages a second."""
    found = set()
    for app in apps.get_app_configs():
        module, _explicit = MigrationLoader.migrations_module(app.label)
        if module and importlib.util.find_spec(module):
            folder = importlib.import_module(module).__path__
            found |= {(app.label, one.name) for one in pkgutil.iter_modules(folder) if not one.ispkg and one.name[0] not in "_~"}
    return frozenset(found)


def unapplied() -> list[tuple[str, str]]:
    """(app, migration) of this release that the database does not have yet. Two queries."""
    return sorted(_known_migrations() - set(MigrationRecorder(connection).applied_migrations()))


def worker_silence() -> float | None:
    """Seconds since a worker last wrote its heartbeat; None where no worker is registered. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp() - max(last_heartbeat))::float FROM procrastinate_workers")
        silence: float | None = cursor.fetchone()[0]
    return silence
