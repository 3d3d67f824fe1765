"""Casework in the background: calls that nobody made, every night."""

from __future__ import annotations

from procrastinate.contrib.django import app

from linli.casework.visits import acts


@app.periodic(cron="10 20 * * *")
@app.task(name="casework.report_missed", queueing_lock="casework.report_missed")
def report_missed(timestamp: int) -> None:
    """At 04:10 in Shanghai: the township gets a case for every regular call that is long overdue."""
    acts.report_missed()
