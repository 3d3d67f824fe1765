"""The trace stage."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class TraceConfig(AppConfig):
    """Loads every stage's fact types and reactions, so that a worker knows them whatever page or command started it."""

    name = "linli.trace"
    label = "trace"
    verbose_name = "Trace"

    def ready(self) -> None:
        import_module("linli.trace.jobs")
        autodiscover_modules("facts", "reactions")
