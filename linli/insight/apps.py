"""The insight application."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    """Declares its facts, jobs and reactions when the site starts."""

    name = "linli.insight"
    label = "insight"

    def ready(self) -> None:
        from linli.insight import facts, jobs, reactions  # noqa: F401
