"""Background work of the ledger: holds whose time is over are given back, new transfers are witnessed."""

from __future__ import annotations

from procrastinate.contrib.django import app

from linli.kernel.viewer import system
from linli.ledger.acts import holding
from linli.ledger.facts import TRANSFERS
from linli.trace import witness
from linli.trace.again import fresh


@app.periodic(cron="*/10 * * * *")
@app.task(name="ledger.release_expired", queueing_lock="ledger.release_expired")
def release_expired(timestamp: int) -> None:
    """Every ten minutes, a thousand holds to an act. A rerun finds nothing more."""
    while holding.release_expired(system("ledger")) == holding.AT_ONCE:
        pass


@app.periodic(cron="*/5 * * * *")
@app.task(name="ledger.witness", queueing_lock="ledger.witness")
def witness_transfers(timestamp: int) -> None:
    """Every five minutes a fact binds the transfers since the last one to the trace. Without any, it leaves none."""
    fresh()
    witness.take(system("ledger"), only=TRANSFERS)
