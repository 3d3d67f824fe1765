"""Background work of the pages: lists written to files, and files that have aged."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from linli.registers.acts.attempts import forget_old_refusals
from linli.trace.again import AGAIN, fresh
from linli.web.tables import downloads


@app.task(name=downloads.MAKE, retry=AGAIN)
def make_download(uid: str) -> None:
    """Write one list. A rerun is a no-op once it is finished."""
    fresh()
    downloads.make(UUID(uid))


@app.periodic(cron="10 * * * *")
@app.task(name="web.prune_downloads", queueing_lock="web.prune_downloads")
def prune_downloads(timestamp: int) -> None:
    """Every hour: a list is kept for a day."""
    downloads.prune()


@app.periodic(cron="50 19 * * *")
@app.task(name="web.forget_refusals", queueing_lock="web.forget_refusals")
def forget_refusals(timestamp: int) -> None:
    """At 03:50 Shanghai time: what was refused half a year ago and more is forgotten."""
    forget_old_refusals()
