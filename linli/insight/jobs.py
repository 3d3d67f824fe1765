"""Figures in the background: after every screening, delivery and mailing, every hour for what changes one by one; open data at night."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from linli.insight import counting, opendata
from linli.insight.models import Count
from linli.trace.again import AGAIN, fresh

SOON = 60  # seconds for which letters that go out one by one are gathered into one count


@app.task(name="insight.count", retry=AGAIN)
def count(since: str) -> None:
    """Count, unless that was done after the moment: of many jobs that one night asks for, the first does the work.

    The very first time the open data are published too; later that is done at night.
    """
    fresh()
    if not Count.objects.filter(made_at__gt=datetime.fromisoformat(since)).exists():
        counting.count()
    if not opendata.publications().exists():
        opendata.publish()


def ask_soon(since: datetime) -> None:
    """Have the figures counted within a minute; while that is asked for already, nothing more is asked. One statement."""
    try:
        with transaction.atomic():
            count.configure(queueing_lock="insight.count_soon", schedule_in={"seconds": SOON}).defer(since=since.isoformat())
    except AlreadyEnqueued:
        return


@app.periodic(cron="50 * * * *")
@app.task(name="insight.count_hourly", queueing_lock="insight.count_hourly")
def count_hourly(timestamp: int) -> None:
    """Ten minutes before every hour."""
    fresh()
    counting.count()


@app.periodic(cron="10 22 * * *")
@app.task(name="insight.publish", queueing_lock="insight.publish")
def publish(timestamp: int) -> None:
    """Ten past six in the morning: the first time in a month, what anybody may read is counted anew, and published where it differs."""
    fresh()
    opendata.publish()
