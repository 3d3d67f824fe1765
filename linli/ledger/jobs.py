"""Background work of the ledger: holds whose time is over are given back."""

from __future__ import annotations

from procrastinate.contrib.django import app

from linli.kernel.viewer import system
from linli.ledger.acts import holding


@app.periodic(cron="*/10 * * * *")
@app.task(name="ledger.release_expired", queueing_lock="ledger.release_expired")
def release_expired(timestamp: int) -> None:
    """Every ten minutes, a thousand holds to an act. A rerun finds nothing more."""
    while holding.release_expired(system("ledger")) == holding.AT_ONCE:
        pass
