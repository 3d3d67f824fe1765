"""A late step of an application goes one level up by itself, on time; one application's trouble delays no other's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from award_examples import City
from case_examples import on
from late_examples import checked, climbed, night_after

from linli.casework import acts as casework
from linli.casework import timers
from linli.casework.models import Task, Timer


@pytest.mark.django_db
def test_a_late_step_climbs_once_and_one_that_fails_delays_no_other(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = checked(city)
    moment, real = night_after(first), casework.escalate
    with on(moment - timedelta(seconds=1)):
        assert timers.fire_due() == 0

    def failing(viewer: Any, uid: UUID) -> bool:
        if uid == first.uid:
            raise RuntimeError("this one only")
        return real(viewer, uid)

    monkeypatch.setattr(casework, "escalate", failing)
    with on(moment):
        assert timers.fire_due() == 2
    assert (climbed(first), climbed(second)) == ([], ["prefecture"])
    monkeypatch.undo()
    with on(moment + timers.FIRST_PAUSE):
        assert timers.fire_due() == 1
        assert timers.fire_due() == 0
    assert (climbed(first), climbed(second)) == (["prefecture"], ["prefecture"])
    assert Task.objects.get(case=first).desk_code == "1408"
    assert not Timer.objects.filter(case=first, done_at=None, next_at__lte=moment).exists()
