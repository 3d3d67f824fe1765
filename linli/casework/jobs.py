"""Casework in the background, every night: calls that nobody made, due days that a new calendar settles."""

from __future__ import annotations

from procrastinate.contrib.django import app

from linli.casework import deadlines, unmanned
from linli.casework.visits import acts


@app.periodic(cron="10 20 * * *")
@app.task(name="casework.report_missed", queueing_lock="casework.report_missed")
def report_missed(timestamp: int) -> None:
    """At 04:10 in Shanghai: the township gets a case for every regular call that is long overdue."""
    acts.report_missed()


@app.periodic(cron="15 20 * * *")
@app.task(name="casework.hand_up", queueing_lock="casework.hand_up")
def hand_up(timestamp: int) -> None:
    """At 04:15 in Shanghai: what lies on a desk where nobody can do it any more moves up to one that has somebody."""
    unmanned.hand_up_all()


@app.periodic(cron="20 20 * * *")
@app.task(name="casework.settle_deadlines", queueing_lock="casework.settle_deadlines")
def settle_deadlines(timestamp: int) -> None:
    """At 04:20 in Shanghai: due days that were counted with a provisional year, once its notice is there."""
    deadlines.settle()
