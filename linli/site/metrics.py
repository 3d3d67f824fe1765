"""What Prometheus is told: requests by pattern, and on the officers' site how much work waits.

Several server processes share their counters (linli/site/counters.py) in a folder that `linli serve` makes.
No figure names a person: a pattern is `my/found/<slug:slug>/<uuid:subject>/`, never the address itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from linli.casework.models import Case
from linli.kernel import clock
from linli.notices.models import Delivery
from linli.site import counters
from linli.site.health import worker_silence
from linli.trace.models import Parked

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_QUEUE = """
    SELECT count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'failed'),
           coalesce(extract(epoch FROM clock_timestamp() - min(asked.at) FILTER (WHERE status = 'todo')), 0)::float
    FROM procrastinate_jobs AS job
    CROSS JOIN LATERAL (SELECT coalesce(job.scheduled_at, (SELECT min(at) FROM procrastinate_events WHERE job_id = job.id)) AS at) AS asked
    WHERE status IN ('todo', 'failed') AND (job.scheduled_at IS NULL OR job.scheduled_at <= now())
"""


class Work(Collector):
    """How much waits, asked of the database at each reading. Six queries."""

    def collect(self) -> Iterator[Metric]:
        """The gauges."""
        waiting, failed, oldest = queue()
        yield GaugeMetricFamily("linli_jobs_waiting", "Background jobs that could run now.", value=waiting)
        yield GaugeMetricFamily("linli_jobs_failed", "Background jobs that failed for good.", value=failed)
        yield GaugeMetricFamily("linli_jobs_oldest_seconds", "How long the oldest waiting job has waited.", value=oldest)
        silence = worker_silence()
        yield GaugeMetricFamily(
            "linli_workers_silent_seconds", "Since a worker's last heartbeat.", value=float("inf") if silence is None else silence
        )
        yield GaugeMetricFamily("linli_parked_facts", "Facts that a reaction could not handle.", value=Parked.objects.count())
        overdue = Case.objects.filter(closed_at=None, due_at__lt=clock.now()).count()
        yield GaugeMetricFamily("linli_cases_overdue", "Open cases past their promised time.", value=overdue)
        lost = Delivery.objects.filter(status="failed").count()
        yield GaugeMetricFamily("linli_notices_failed", "Notices that could not be delivered.", value=lost)


def queue() -> tuple[int, int, float]:
    """Jobs that could run now, jobs that failed, and the age in seconds of the oldest that could run. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE)
        waiting, failed, oldest = cursor.fetchone()
    return int(waiting), int(failed), float(oldest)


def text() -> bytes:
    """Everything, as Prometheus reads it. The public site's database role may not count cases: its processes tell of requests only."""
    registry = CollectorRegistry()
    if os.environ.get(counters.FOLDER):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        told = generate_latest(registry)
    else:
        told = generate_latest(counters.REGISTRY)
    if settings.LINLI_SITE == "public":
        return told
    city = CollectorRegistry()
    city.register(Work())
    return told + generate_latest(city)
