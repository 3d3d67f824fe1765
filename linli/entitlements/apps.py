"""The entitlements application."""

from django.apps import AppConfig


class EntitlementsConfig(AppConfig):
    """Declares its facts, jobs and reactions when the site starts."""

    name = "linli.entitlements"
    label = "entitlements"

    def ready(self) -> None:
        from linli.entitlements import facts, jobs, reactions  # noqa: F401
        from linli.entitlements.escrow import facts as escrow  # noqa: F401
        from linli.entitlements.reviewing import facts as reviewing  # noqa: F401
