"""Notices in the background: write a mailing a chunk at a time, hand over what is due."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from linli.kernel.viewer import system
from linli.notices import acts, delivering
from linli.notices.models import Mailing
from linli.trace.again import AGAIN, fresh

AT_ONCE = 200


@app.task(name="notices.mail", retry=AGAIN)
def mail(mailing: str) -> None:
    """The next chunk of a released mailing; the rest is a job of its own, committed with the chunk. A rerun goes on where it stopped."""
    fresh()
    acts.mail_chunk(viewer=system("notices.write"), mailing=UUID(mailing), then=lambda: mail.defer(mailing=mailing))


@app.task(name="notices.deliver", retry=AGAIN)
def deliver() -> None:
    """Hand over what is due."""
    fresh()
    if delivering.deliver_due(AT_ONCE) == AT_ONCE:
        deliver.defer()


@app.periodic(cron="* * * * *")
@app.task(name="notices.deliver_due", queueing_lock="notices.deliver_due")
def deliver_due(timestamp: int) -> None:
    """Every minute: what waited for the morning or for another attempt, and what a worker left behind when it died."""
    fresh()
    delivering.settle_abandoned()
    if delivering.deliver_due(AT_ONCE) == AT_ONCE:
        deliver.defer()


@app.periodic(cron="10 18 * * *")
@app.task(name="notices.finish_mailings", queueing_lock="notices.finish_mailings")
def finish_mailings(timestamp: int) -> None:
    """At 02:10 in Shanghai: a released mailing whose job was lost goes on."""
    fresh()
    for uid in Mailing.objects.filter(state="released").values_list("uid", flat=True):
        mail.defer(mailing=str(uid))
