"""The API application."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Declares its reactions to facts and its jobs when the site starts."""

    name = "linli.api"
    label = "api"

    def ready(self) -> None:
        from linli.api import jobs, reactions  # noqa: F401
