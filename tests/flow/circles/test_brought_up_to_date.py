"""A place that changes asks for one computation within a minute, however many change."""

from __future__ import annotations

import pytest
from place_examples import SYSTEM
from procrastinate.contrib.django.models import ProcrastinateJob
from town_examples import DAY, building, circle, opened, people, shop, use

from linli.circles import jobs, reactions
from linli.circles.acts.computing import compute
from linli.circles.models import Coverage, Gap
from linli.registers import acts
from linli.trace.models import Fact
from linli.trace.reactions import wanted


@pytest.mark.usefixtures("small_city")
def test_one_computation_for_all_places_that_changed(tmp_path):
    use(tmp_path)
    people(building(11, 0), 4)
    circle("A", -100, -300, 1100, 100)
    compute(SYSTEM, day=DAY)
    opened(shop("R", "repair", 300))
    acts.open_place(SYSTEM, place=shop("S", "market", 300, opened=None), on=DAY)
    told = list(Fact.objects.filter(type__in=["registers.place_recorded", "registers.places_imported"]).order_by("id"))
    assert "circles.update" in wanted((fact.type, fact.pk) for fact in told)
    for fact in told:
        reactions.update([fact])
    assert ProcrastinateJob.objects.filter(task_name="circles.update", status="todo").count() == 1
    jobs.update()
    assert Coverage.objects.count() == 2
    assert Gap.objects.get(norm="repair-15").state == "met"


@pytest.mark.usefixtures("small_city")
def test_without_a_network_nothing_is_computed_and_nothing_fails():
    jobs.update()
    jobs.nightly(0)
    assert not Coverage.objects.exists()
