"""The screening application."""

from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    """Declares its reactions to facts when the site starts."""

    name = "linli.screening"
    label = "screening"

    def ready(self) -> None:
        from linli.screening import jobs, reactions  # noqa: F401
