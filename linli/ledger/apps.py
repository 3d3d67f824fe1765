"""The ledger application."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Its facts are declared by the trace, which loads every stage's."""

    name = "linli.ledger"
    label = "ledger"
    verbose_name = "Ledger"
