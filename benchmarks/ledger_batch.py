"""ledger-batch: transfers per second of 8 clients that post 100 a commit, beside a bare two-row write."""

from __future__ import annotations

from benchmarks.book import batch, beside_ceiling


def run() -> None:
    """Transfers between a thousand accounts."""
    beside_ceiling("ledger-batch", batch, 2.0)
