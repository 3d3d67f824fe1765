"""kill -9 of the worker between the moment at which a step is late and its escalation: the next one does it, once."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from award_examples import build
from django.db import connection, transaction
from late_examples import checked, climbed, night_after
from together import database_url, environment

from linli.casework.models import Case, Timer

WORKER = """
import sys, django
django.setup()
from datetime import datetime
from linli.casework import timers
from linli.kernel import clock
with clock.frozen(datetime.fromisoformat(sys.argv[1])):
    timers.fire_due()
"""
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_due_and_escalation_leaves_it_to_the_next(state: Path) -> None:
    first, second = checked(build())
    moment = night_after(first)
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=first.pk)  # so that the worker stands in the middle of it
        worker = started(moment)
        eventually_waits(worker)
        worker.kill()
        worker.wait()
    assert (climbed(first), Timer.objects.filter(case=first, done_at=None).count()) == ([], 1)
    assert climbed(second) in ([], ["prefecture"])
    for _ in range(2):
        assert started(moment + timedelta(minutes=1)).wait(60) == 0
    assert (climbed(first), climbed(second)) == (["prefecture"], ["prefecture"])
    assert Timer.objects.filter(attempts__gt=0).count() == 0


def started(moment: datetime) -> subprocess.Popen[bytes]:
    env = environment(database_url()) | {"DJANGO_SETTINGS_MODULE": "linli.site.settings"}
    return subprocess.Popen([sys.executable, "-c", WORKER, moment.isoformat()], env=env)


def eventually_waits(worker: subprocess.Popen[bytes]) -> None:
    """Until the worker waits for the lock that the test holds; it gives up after five seconds."""
    while worker.poll() is None:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.02), pg_stat_clear_snapshot()")
    pytest.fail("the worker never came to the case")
