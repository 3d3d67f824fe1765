"""The circles application."""

from django.apps import AppConfig


class CirclesConfig(AppConfig):
    """Declares its facts, jobs and reactions when the site starts."""

    name = "linli.circles"
    label = "circles"

    def ready(self) -> None:
        from linli.circles import facts, jobs, reactions, verifying  # noqa: F401
