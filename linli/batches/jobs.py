"""Background work of batches: public notices come down by themselves; frozen lists are looked at anew; what changes noted is forgotten."""

from __future__ import annotations

from procrastinate.contrib.django import app

from linli.batches import kept
from linli.batches.acts import excluding, noticing


@app.periodic(cron="*/10 * * * *")
@app.task(name="batches.take_down", queueing_lock="batches.take_down")
def take_down(timestamp: int) -> None:
    """Every ten minutes: what a notice that is over showed is deleted. No page shows it from midnight on, whether this runs or not."""
    noticing.take_down_due()


@app.periodic(cron="25 * * * *")
@app.task(name="batches.forget", queueing_lock="batches.forget")
def forget(timestamp: int) -> None:
    """Every hour: what transactions noted of their changes more than a day ago is deleted."""
    kept.forget()


@app.periodic(cron="20 22 * * *")
@app.task(name="batches.exclusions", queueing_lock="batches.exclusions")
def look_for_exclusions(timestamp: int) -> None:
    """At 06:20 in Shanghai, once awards were brought in line: who on a frozen list is no longer owed it is on its page in the morning."""
    excluding.look_at_all()
