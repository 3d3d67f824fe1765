"""The background worker and the housekeeping jobs of the installation itself."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext

from procrastinate.contrib.django import app

from linli.casework import clockwork, timers
from linli.vault import erasures
from linli.vault.files import acts as files
from linli.web.entrance import sessions

KEEP_FINISHED_HOURS = 48


def run_worker(*, concurrency: int = 1, wait: bool = True) -> None:
    """Run jobs in this process until a signal ends it (wait=True) or until none is due (wait=False).

    Jobs of workers that died are taken up first; those of one that died less than half a minute ago follow within a minute and a half.
    Timers of cases fire beside the jobs; with wait=False those that are due fire first.
    """

    async def run() -> None:
        async with app.open_async():
            await _take_up_stalled()
            await app.run_worker_async(concurrency=concurrency, wait=wait, delete_jobs="never", shutdown_graceful_timeout=20)

    with app.replace_connector(app.connector.get_worker_connector()):
        if not wait:
            timers.fire_due()
        with clockwork.running() if wait else nullcontext():
            asyncio.run(run())


async def _take_up_stalled() -> None:
    """A worker whose heartbeat is older than 30 s is dead: its jobs go back into the queue. kill -9 must not lose one."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(job)


@app.periodic(cron="40 19 * * *")
@app.task(name="site.prune_jobs", queueing_lock="site.prune_jobs", pass_context=True)
async def prune_jobs(context: object, timestamp: int) -> None:
    """Delete finished jobs at 03:40 Shanghai time: a long table of finished rows slows the queue."""
    await app.job_manager.delete_old_jobs(nb_hours=KEEP_FINISHED_HOURS, include_failed=False)


@app.periodic(cron="50 19 * * *")
@app.task(name="site.clear_sessions", queueing_lock="site.clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """Forget sessions that have ended at 03:50 Shanghai time."""
    sessions.clear_expired()


@app.periodic(cron="* * * * *")
@app.task(name="site.retry_stalled", queueing_lock="site.retry_stalled", pass_context=True)
async def retry_stalled(context: object, timestamp: int) -> None:
    """Every minute, so that a worker that goes on takes over from one that died."""
    await _take_up_stalled()


@app.periodic(cron="20 19 * * *")
@app.task(name="site.export_erasures", queueing_lock="site.export_erasures")
def export_erasures(timestamp: int) -> None:
    """Write the erasure list outside the database at 03:20 Shanghai time, before the night's backup."""
    erasures.complete()


@app.periodic(cron="55 19 * * *")
@app.task(name="site.sweep_files", queueing_lock="site.sweep_files")
def sweep_files(timestamp: int) -> None:
    """At 03:55 Shanghai time: encrypted files that no row names any more, of acts that failed half-way, go."""
    files.sweep()
