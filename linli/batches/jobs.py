"""Background work of batches: public notices come down by themselves."""

from __future__ import annotations

from procrastinate.contrib.django import app

from linli.batches.acts import noticing


@app.periodic(cron="*/10 * * * *")
@app.task(name="batches.take_down", queueing_lock="batches.take_down")
def take_down(timestamp: int) -> None:
    """Every ten minutes: what a notice that is over showed is deleted. No page shows it from midnight on, whether this runs or not."""
    noticing.take_down_due()
