"""No job is lost with its database: what isn't done anew by the clock is tried again."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from procrastinate.contrib.django import app
from procrastinate.jobs import Job
from procrastinate.tasks import Task

from linli.trace.again import AGAIN


def tasks() -> list[Task]:
    app.perform_import_paths()
    periodic = {name for name, _ in app.periodic_registry.periodic_tasks}
    return [one for one in app.tasks.values() if one.name not in periodic and "builtin" not in one.name]


@pytest.mark.parametrize("name", sorted(one.name for one in tasks()))
def test_a_task_is_tried_again_when_the_database_goes_away(name: str) -> None:
    job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name=name, attempts=1)
    found = {one.name: one for one in tasks()}[name]
    assert found.get_retry_exception(OperationalError("gone"), job) is not None


def test_a_fault_of_ours_is_not() -> None:
    job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="x", attempts=1)
    assert AGAIN.get_retry_decision(exception=ValueError("wrong"), job=job) is None
