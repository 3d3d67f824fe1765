"""Figures in the background: after every screening and delivery, and every hour for what changes one by one."""

from __future__ import annotations

from datetime import datetime

from django.db import close_old_connections, connection
from procrastinate.contrib.django import app

from linli.insight import counting
from linli.insight.models import Count


@app.task(name="insight.count")
def count(since: str) -> None:
    """Count, unless that was done after the moment: of many jobs that one night asks for, the first does the work."""
    if not Count.objects.filter(made_at__gt=datetime.fromisoformat(since)).exists():
        counting.count()


@app.periodic(cron="50 * * * *")
@app.task(name="insight.count_hourly", queueing_lock="insight.count_hourly")
def count_hourly(timestamp: int) -> None:
    """Ten minutes before every hour."""
    if not connection.in_atomic_block:
        close_old_connections()
    counting.count()
