"""The entitlements application."""

from django.apps import AppConfig


class EntitlementsConfig(AppConfig):
    """Declares its facts and reactions when the site starts."""

    name = "linli.entitlements"
    label = "entitlements"

    def ready(self) -> None:
        from linli.entitlements import facts, reactions  # noqa: F401
