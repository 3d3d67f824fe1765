"""ledger-hot: transfers per second of 8 clients that all pay out of one fund, one a commit, beside a bare two-row write."""

from __future__ import annotations

from benchmarks.book import beside_ceiling, hot


def run() -> None:
    """The fund is split into 31 shards, and has its floor."""
    beside_ceiling("ledger-hot", hot, 0.5)
