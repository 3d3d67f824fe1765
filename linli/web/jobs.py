"""Background work of the pages: lists written to files, and files that have aged."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from linli.web import downloads


@app.task(name="web.make_download")
def make_download(uid: str) -> None:
    """Write one list. A rerun is a no-op once it is finished."""
    downloads.make(UUID(uid))


@app.periodic(cron="10 * * * *")
@app.task(name="web.prune_downloads", queueing_lock="web.prune_downloads")
def prune_downloads(timestamp: int) -> None:
    """Every hour: a list is kept for a day."""
    downloads.prune()
