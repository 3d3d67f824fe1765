"""The notices stage."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Reads every template when the site starts: one for an unknown fact, or with a link in it, keeps the site from starting."""

    name = "linli.notices"
    label = "notices"

    def ready(self) -> None:
        from linli.notices import jobs, reactions  # noqa: F401
