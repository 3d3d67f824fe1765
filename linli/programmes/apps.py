"""The programmes stage."""

from __future__ import annotations

from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    """What the city promises."""

    name = "linli.programmes"
    label = "programmes"
    verbose_name = "Programmes"
