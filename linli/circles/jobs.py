"""Circles in the background: everything anew at night, what a place changes within a minute, overdue actions every morning."""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from linli.circles.acts.buses import compute_buses, feed_in_use
from linli.circles.acts.computing import compute
from linli.circles.acts.plans import escalate
from linli.circles.declared.standard import declares
from linli.circles.standing import version
from linli.kernel.viewer import system
from linli.trace.again import AGAIN, fresh

SOON = 60  # seconds for which changes of places that come one by one are gathered into one computation


@app.task(name="circles.update", retry=AGAIN)
def update() -> None:
    """Bring figures, gaps and plans in line with the places as they are now."""
    fresh()
    if declares() and version() is not None:
        compute(system("circles-update"))


def ask_soon() -> None:
    """Have that done within a minute; while it is asked for already, nothing more is asked. One statement."""
    try:
        with transaction.atomic():
            update.configure(queueing_lock="circles.update_soon", schedule_in={"seconds": SOON}).defer()
    except AlreadyEnqueued:
        return


@app.periodic(cron="20 19 * * *")
@app.task(name="circles.nightly", queueing_lock="circles.nightly", retry=AGAIN)
def nightly(timestamp: int) -> None:
    """Twenty past three in the morning: who lives where is read anew, everything is computed for the new day, overdue actions go up."""
    fresh()
    if not declares():
        return
    if version() is not None:
        compute(system("circles-nightly"), recount=True)
    if feed_in_use() is not None:
        compute_buses(system("circles-nightly"))
    escalate(system("circles-nightly"))
