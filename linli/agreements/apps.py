"""The agreements application."""

from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    """Declares its facts when the site starts."""

    name = "linli.agreements"
    label = "agreements"

    def ready(self) -> None:
        from linli.agreements import facts  # noqa: F401
