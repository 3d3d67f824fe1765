"""The batches application."""

from django.apps import AppConfig


class BatchesConfig(AppConfig):
    """Declares its facts and jobs when the site starts."""

    name = "linli.batches"
    label = "batches"

    def ready(self) -> None:
        from linli.batches import facts, jobs  # noqa: F401
