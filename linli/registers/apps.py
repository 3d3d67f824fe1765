"""The registers stage."""

from __future__ import annotations

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """Who and where."""

    name = "linli.registers"
    label = "registers"
    verbose_name = "Registers"

    def ready(self) -> None:
        """Declare the background jobs."""
        from linli.registers import jobs  # noqa: F401
