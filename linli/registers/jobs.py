"""Background work of the registers: large files of lists, and files that have aged."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from linli.registers.imports import noted, uploads
from linli.trace.again import AGAIN, fresh


@app.task(name=uploads.JOBS["checking"], retry=AGAIN)
def check_upload(uid: str) -> None:
    """Try one large file. A rerun begins anew; done already, it is a no-op."""
    fresh()
    uploads.run_job(UUID(uid), "checking")
    noted.prepare(UUID(uid))


@app.task(name=uploads.JOBS["applying"], retry=AGAIN)
def apply_upload(uid: str) -> None:
    """Apply one large file that was tried. A rerun changes nothing more."""
    fresh()
    uploads.run_job(UUID(uid), "applying")


@app.periodic(cron="20 * * * *")
@app.task(name="registers.prune_uploads", queueing_lock="registers.prune_uploads")
def prune_uploads(timestamp: int) -> None:
    """Every hour: a file that was sent is kept for a week."""
    uploads.prune()
