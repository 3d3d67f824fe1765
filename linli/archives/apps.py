"""The archives application."""

from django.apps import AppConfig


class ArchivesConfig(AppConfig):
    """Declares its facts when the site starts."""

    name = "linli.archives"
    label = "archives"

    def ready(self) -> None:
        from linli.archives import facts  # noqa: F401
