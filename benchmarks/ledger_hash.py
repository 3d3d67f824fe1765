"""ledger-hash: what the hash chain of each account costs a transfer, in percent of the rate with only the hashing removed."""

from __future__ import annotations

import statistics
from pathlib import Path

from benchmarks.book import DATABASE, ROUNDS, accounts, single
from benchmarks.clients import make_database, rates
from benchmarks.harness import load, record

_CHAINS = Path(__file__).parent.parent / "linli" / "ledger" / "sql" / "chains.sql"
_WITHOUT = """
CREATE OR REPLACE FUNCTION ledger_link(previous text, account_id bigint, version bigint, amount bigint, balance_after bigint, transfer text)
RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'sha256:'::text $$"""


def run() -> None:
    """Single transfers in both arms; the function that makes a hash is replaced between them. Without hashes there is nothing to verify."""
    make_database(DATABASE, accounts)
    chained, without = rates(DATABASE, [single, single], ROUNDS, before=[with_hash, without_hash])
    losses = [100 * (1 - one / other) for one, other in zip(chained, without, strict=True)]
    value = 100 * (1 - statistics.median(chained) / statistics.median(without))
    note = f"8 clients, {statistics.median(chained):.0f} transfers/s beside {statistics.median(without):.0f}; {load()}"
    record("ledger-hash", value, "% of the rate", 10.0, "lower", spread=(min(losses), max(losses)), note=note)


def with_hash() -> None:
    """The product's function."""
    _replace(
        "CREATE OR REPLACE FUNCTION ledger_link(" + _CHAINS.read_text("utf-8").split("CREATE FUNCTION ledger_link(")[1].split(";\n\n")[0]
    )


def without_hash() -> None:
    """The same function with only the hashing removed."""
    _replace(_WITHOUT)


def _replace(function: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(function)
