"""The circles application."""

from django.apps import AppConfig


class CirclesConfig(AppConfig):
    """Declares its facts and jobs when the site starts."""

    name = "linli.circles"
    label = "circles"

    def ready(self) -> None:
        from linli.circles import facts  # noqa: F401
