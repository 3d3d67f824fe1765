"""The casework application."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CaseworkConfig(AppConfig):
    """Declares its facts, jobs, timers and reactions when the site starts, and loads every room's gates."""

    name = "linli.casework"
    label = "casework"

    def ready(self) -> None:
        from linli.casework import facts, jobs, reactions  # noqa: F401

        autodiscover_modules("gates")
