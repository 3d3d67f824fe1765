"""The settlement application."""

from django.apps import AppConfig


class SettlementConfig(AppConfig):
    """Declares its facts, reactions and jobs when the site starts."""

    name = "linli.settlement"
    label = "settlement"

    def ready(self) -> None:
        from linli.settlement import facts, jobs, reactions  # noqa: F401
