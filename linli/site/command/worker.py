"""`linli worker`: runs background jobs until it is told to stop."""

from __future__ import annotations

import click

from linli.site.logs import log_what_nobody_caught


@click.command()
@click.option("--concurrency", default=1, show_default=True, help="Jobs at once in this process.")
@click.option("--once", is_flag=True, help="Run what is waiting, then end.")
def command(concurrency: int, once: bool) -> None:
    """Run background jobs: reactions to facts, nightly screening, pruning of finished rows."""
    from linli.site.jobs import run_worker
    from linli.vault.purpose import require_whole

    require_whole()
    log_what_nobody_caught()
    run_worker(concurrency=concurrency, wait=not once)
