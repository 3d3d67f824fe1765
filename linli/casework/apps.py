"""The casework application."""

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """Declares its facts, jobs, timers and reactions when the site starts."""

    name = "linli.casework"
    label = "casework"

    def ready(self) -> None:
        from linli.casework import facts, jobs, reactions  # noqa: F401
