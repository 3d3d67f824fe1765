"""Circles under the database roles of the processes that do the work: the worker computes at night, the officers' site plans and issues."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

import pytest
from as_role import drop_roles, make_roles
from django.db import DatabaseError, connection, transaction
from place_examples import SYSTEM
from town_examples import at, building, circle, opened, people, shop, use

from linli.circles import jobs, queries
from linli.circles.acts import plans
from linli.circles.acts.computing import compute
from linli.circles.acts.issuing import issue_plan
from linli.circles.models import Action, Coverage
from linli.circles.standing import forget
from linli.kernel import clock
from linli.kernel.clock import SHANGHAI
from linli.kernel.workdays import workdays
from linli.registers.queries.windows import Start, nearest
from linli.site import roles
from linli.trace.deep import verify_rows

NOW = datetime(2026, 11, 23, 9, tzinfo=SHANGHAI)


@pytest.fixture
def prefix(small_city: None) -> Iterator[str]:
    """Roles of the test database's own name, inside the test's transaction."""
    name = str(connection.settings_dict["NAME"])
    try:
        make_roles(name)
        yield name
    finally:
        drop_roles(name)


@contextmanager
def role(name: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{name}"')
        yield
        cursor.execute("RESET ROLE")


def test_the_worker_computes_and_the_officers_site_plans_and_issues(tmp_path, prefix):
    assert "worker" in roles.ROLES
    use(tmp_path)
    people(building(11, 0), 4)
    found = circle("A", -100, -300, 1100, 100)
    opened(shop("S", ("convenience", "market"), 100))
    with clock.frozen(NOW):
        with role(f"{prefix}_worker"):
            jobs.nightly(0)
            jobs.update()
        assert Coverage.objects.count() == 2
        with role(f"{prefix}_office"):
            plan = plans.draft_plan(SYSTEM, circle=found.uid)
            for row in Action.objects.filter(plan=plan):
                values = {"title_zh": row.title_zh, "title_en": row.title_en, "due_on": date(2026, 11, 30)}
                plans.edit_action(SYSTEM, action=row.uid, owner="街道办", budget_fen=0, **values)
            plans.adopt_plan(SYSTEM, circle=found.uid, unstaffed=True)
            made = issue_plan(SYSTEM, circle=found.uid)
            forget()
            queries.what_if(SYSTEM, [queries.OpenPlace("new", at(0, 0), frozenset({"repair"}))])
            assert queries.ranking(SYSTEM)[0].actions
            assert queries.nursery_places(SYSTEM)
            queries.without_circle(SYSTEM)
            queries.satisfaction(SYSTEM, found)
        with role(f"{prefix}_public"):
            nearest(Start(at(0, 0)), "", NOW, workdays(tmp_path))
            assert queries.stars().circles == 1
            assert queries.verified(str(made.code))
    with clock.frozen(NOW.replace(month=12, day=20)), role(f"{prefix}_worker"):
        jobs.nightly(0)
    assert Action.objects.filter(rung=2).exists()


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE circles_figure SET people = jsonb_set(people, '{residents,0}', '4') WHERE circle_id IS NOT NULL", "circles.coverage"),
        ("DELETE FROM circles_figure WHERE circle_id IS NULL", "circles.coverage"),
        ("UPDATE circles_home SET residents = residents + 1", "circles.homecount"),
        ("UPDATE circles_gap SET covered = covered + uncovered, uncovered = 0", "circles.gap"),
    ],
)
def test_what_was_computed_is_named_once_it_was_altered_and_the_officers_site_may_not(tmp_path, prefix, statement, named):
    use(tmp_path)
    people(building(11, 0), 4)
    circle("A", -100, -300, 1100, 100)
    opened(shop("S", ("convenience", "market"), 100))
    with clock.frozen(NOW):
        compute(SYSTEM)
    assert list(verify_rows()) == []
    with role(f"{prefix}_office"), connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute(statement)
    found = [one for one in verify_rows() if one.code == "sum_differs"]
    assert named in {one.row.partition(":")[0] for one in found}
    assert all(one.text("zh") and one.text("en") for one in found)


@pytest.mark.parametrize("process", ["office", "worker", "public"])
def test_no_process_closes_an_action_by_hand(tmp_path, prefix, process):
    use(tmp_path)
    people(building(11, 0), 4)
    found = circle("A", -100, -300, 1100, 100)
    opened(shop("S", ("convenience", "market"), 100))
    with clock.frozen(NOW):
        run = compute(SYSTEM)
        plan = plans.draft_plan(SYSTEM, circle=found.uid)
    row = Action.objects.filter(plan=plan, gap__norm="repair-15").get()
    by_hand = "UPDATE circles_action SET state = 'closed', closed_at = now(), closed_by_id = %s WHERE id = %s"
    with role(f"{prefix}_{process}"), connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute(by_hand, [run.pk, row.pk])
    row.refresh_from_db()
    assert row.state == "proposed"
