"""A screening that several ask for in the same moment is one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.conf import settings
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob
from screening_examples import AID

from linli.kernel.viewer import Grant, Viewer, system
from linli.programmes.acts import publish_version
from linli.programmes.catalogue import catalogue
from linli.screening import asking
from linli.screening.models import Asked
from linli.trace.models import Fact

OFFICER = Viewer("staff:00000000-0000-7000-8000-0000000000a1", (Grant("officer"),))


def test_two_officers_who_ask_at_once_have_one_screening(transactional_db: None):
    shelf = catalogue(settings.LINLI_CITY)
    publish_version(viewer=system("test"), catalogue=shelf, programme=shelf.newest(AID))
    start = Barrier(4)

    def one(_: int) -> Any:
        try:
            start.wait(timeout=30)
            return asking.ask(viewer=OFFICER, programmes=[AID])[0].uid
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(one, range(4)))) == 1
    jobs = ProcrastinateJob.objects.filter(task_name=asking.ANSWER).count()
    assert (Asked.objects.count(), jobs, Fact.objects.filter(type="screening.asked").count()) == (1, 1, 1)
