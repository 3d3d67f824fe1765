"""ledger-single: transfers per second of 8 clients, one a commit, beside a bare two-row write."""

from __future__ import annotations

from benchmarks.book import beside_ceiling, single


def run() -> None:
    """Transfers between a thousand accounts."""
    beside_ceiling("ledger-single", single, 0.6)
