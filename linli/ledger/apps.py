"""The ledger application."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Declares its jobs when the site starts; its facts are loaded by the trace, with every stage's."""

    name = "linli.ledger"
    label = "ledger"
    verbose_name = "Ledger"

    def ready(self) -> None:
        from linli.ledger import jobs  # noqa: F401
