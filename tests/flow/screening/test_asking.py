"""A screening that somebody asks for: one at a time, done by a worker, on record; and the night on which the next comes by itself."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from screening_examples import AID, certify, student

from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.programmes.queries import published_programmes
from linli.screening import asking, evaluation
from linli.screening.models import Asked, Determination, Run
from linli.trace.models import Fact

OFFICER = Viewer("staff:00000000-0000-7000-8000-0000000000a1", (Grant("officer"),))
COUNTY = Viewer("staff:00000000-0000-7000-8000-0000000000a2", (Grant("officer", "140802"),))
AUDITOR = Viewer("staff:00000000-0000-7000-8000-0000000000a3", (Grant("auditor"),))
OWN_ASKING = "unemployment-registration"  # begins with the person alone


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name=asking.ANSWER).count()


@pytest.mark.django_db
def test_a_screening_asked_for_twice_runs_once_and_finds_people(city: Path):
    certify(student("测试甲"))
    (first,) = asking.ask(viewer=OFFICER, programmes=[AID])
    (again,) = asking.ask(viewer=OFFICER, programmes=[AID])
    assert (first.uid, first.state, jobs()) == (again.uid, "waiting", 1)
    fact = Fact.objects.get(type="screening.asked")
    assert (fact.actor, fact.subject) == (OFFICER.actor, f"programme:{AID}")
    asking.answer(uids=[first.uid])
    first.refresh_from_db()
    run = Run.objects.get()
    assert (first.state, first.run, run.eligible, run.merged) == ("finished", run, 1, True)
    assert Determination.objects.filter(programme=AID, verdict="eligible").count() == 1
    asking.answer(uids=[first.uid])
    assert Run.objects.count() == 1, "a second worker does nothing"
    assert [one.uid for one in asking.ask(viewer=OFFICER, programmes=[AID], seen="")] == [first.uid], "the form was sent twice"
    assert jobs() == 1
    (anew,) = asking.ask(viewer=OFFICER, programmes=[AID], seen=str(run.uid))
    assert (anew.state, jobs()) == ("waiting", 2)


@pytest.mark.django_db
def test_a_worker_that_dies_leaves_its_screening_to_the_next_and_a_broken_one_can_be_asked_for_again(city: Path, monkeypatch: Any):
    def broken(*_: Any) -> None:
        raise OSError("no room")

    (row,) = asking.ask(viewer=OFFICER, programmes=[AID])
    Asked.objects.filter(pk=row.pk).update(state="running", step="evaluate")
    with monkeypatch.context() as patch:
        patch.setattr(evaluation, "evaluate", broken)
        with pytest.raises(OSError, match="no room"):
            asking.answer(uids=[row.uid])
    row.refresh_from_db()
    assert (row.state, row.run) == ("failed", None)
    (anew,) = asking.ask(viewer=OFFICER, programmes=[AID])
    Asked.objects.filter(pk=anew.pk).update(state="running", step="evaluate")
    asking.answer(uids=[anew.uid])
    anew.refresh_from_db()
    assert anew.state == "finished"


@pytest.mark.django_db
def test_who_may_ask_and_what_nobody_is_looked_for(city: Path):
    for viewer in (COUNTY, AUDITOR):
        with pytest.raises(Refused):
            asking.ask(viewer=viewer, programmes=[AID])
    for slugs, code in ((["no-such"], "screening.not_live"), ([AID, OWN_ASKING], "screening.looks_for_nobody")):
        with pytest.raises(LinliError) as caught:
            asking.ask(viewer=OFFICER, programmes=slugs)
        assert caught.value.code == code
    assert (Asked.objects.count(), jobs()) == (0, 0)


@pytest.mark.django_db
def test_the_night_that_is_told_is_the_one_on_which_the_worker_is_woken(city: Path):
    versions = published_programmes(AID)
    (nightly,) = [one for one in app.periodic_registry.periodic_tasks.values() if one.task.name == "screening.nightly"]
    for hour in (0, 1, 2, 3, 23):
        moment = datetime(2026, 11, 23, hour, 15, tzinfo=clock.SHANGHAI)
        told = asking.next_by_itself(versions, moment)
        assert told is not None
        assert nightly.croniter.get_next(datetime, start_time=moment.astimezone(clock.UTC)) == told
    first = versions[0].effective_from
    before = datetime.combine(first - timedelta(days=400), time(12), clock.SHANGHAI)
    assert asking.next_by_itself(versions, before) == datetime.combine(first, time(2, 30), clock.SHANGHAI)
    assert asking.next_by_itself(published_programmes(OWN_ASKING)) is None
    assert asking.next_by_itself([]) is None
