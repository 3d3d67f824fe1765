"""One plan per circle: drafted from its gaps, adopted whole, closed by computation alone, open again with its gap, overdue told upwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from place_examples import SYSTEM, VILLAGE
from town_examples import DAY, building, circle, graph, opened, people, shop, use

from linli.circles import queries
from linli.circles.acts import plans
from linli.circles.acts.computing import compute
from linli.circles.models import Action, Circle, Coverage, Gap
from linli.circles.standing import forget
from linli.kernel import clock
from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts
from linli.registers.models import Staff
from linli.registers.queries import viewer_of
from linli.trace.deep import verify_rows
from linli.trace.models import Fact

PLANNER = Viewer("staff:00000000-0000-7000-8000-000000000007", (Grant("planner", "140802"),))
OFFICER = Viewer("staff:00000000-0000-7000-8000-000000000008", (Grant("officer", "140802"),))
NOW = datetime(2026, 11, 23, 9, tzinfo=SHANGHAI)
TRADES = ("convenience", "market", "supermarket", "parcel", "recycling", "laundry", "elder-care", "pharmacy")


@pytest.fixture
def town(tmp_path, small_city) -> Circle:
    use(tmp_path)
    people(building(11, 0), 4)
    found = circle("A", -100, -300, 1100, 100)
    opened(shop("S", TRADES, 100), shop("B", "breakfast", 200))  # all but the repairer
    with clock.frozen(NOW):
        compute(SYSTEM)
    return found


def drafted(circle: Circle) -> Action:
    plan = plans.draft_plan(PLANNER, circle=circle.uid)
    return Action.objects.get(plan=plan, gap__norm="repair-15")


def completed(circle: Circle, **changed) -> Action:
    row = drafted(circle)
    values = {
        "owner": "东城街道办",
        "due_on": date(2026, 12, 31),
        "budget_fen": 500_000,
        "title_zh": row.title_zh,
        "title_en": row.title_en,
        "on": DAY,
    }
    return plans.edit_action(PLANNER, action=row.uid, **values | changed)


def adopted(circle: Circle) -> Action:
    row = completed(circle)
    plans.adopt_plan(PLANNER, circle=circle.uid, on=DAY, unstaffed=True)
    row.refresh_from_db()
    return row


def test_a_draft_has_an_action_for_each_mandatory_gap_with_the_measure_that_triggered_it(town):
    row = drafted(town)
    assert [one.action.gap.norm for one in queries.steps(row.plan)] == ["repair-15"]
    assert (row.trigger["uncovered"], row.trigger["found"], row.trigger["norm"]) == (4, 0, "repair-15")
    assert "小修小补" in row.title_zh
    assert drafted(town).pk == row.pk  # again: nothing new
    assert Action.objects.count() == 1


def test_a_plan_is_adopted_whole_or_not(town):
    drafted(town)
    with pytest.raises(Problems) as refused:
        plans.adopt_plan(PLANNER, circle=town.uid)
    assert {one.place.field for one in refused.value.problems} == {"owner", "due_on", "budget_fen"}
    row = adopted(town)
    assert row.state == "open"
    with pytest.raises(Problems, match="an amount of 0 or more"):
        completed_again(row, budget_fen=-1)
    with pytest.raises(Problems, match="who does it"):
        completed_again(row, owner=" ")
    with pytest.raises(LinliError, match="closes once its gap"):
        plans.drop_action(PLANNER, action=row.uid)


def completed_again(row: Action, **changed) -> Action:
    values = {name: getattr(row, name) for name in ("owner", "due_on", "budget_fen", "title_zh", "title_en")}
    return plans.edit_action(PLANNER, action=row.uid, **values | changed)


def test_an_owner_where_nobody_works_is_meant_or_not_taken(town):
    row = completed(town, owner="没有这个局")
    with pytest.raises(LinliError, match="Nobody works in 没有这个局"):
        plans.adopt_plan(PLANNER, circle=town.uid, on=DAY)
    completed(town, owner="街道办")
    staff("hejin", "officer", "140882", "街道办", at="140882")
    with pytest.raises(LinliError, match="Nobody works in 街道办"):
        plans.adopt_plan(PLANNER, circle=town.uid, on=DAY)  # somebody does, in another county
    staff("street", "officer", VILLAGE[:9], "东城街道办")
    plans.adopt_plan(PLANNER, circle=town.uid, on=DAY)
    row.refresh_from_db()
    assert (row.state, row.owner) == ("open", "街道办")
    with pytest.raises(Problems, match="Nobody works in 商务局"):
        completed_again(row, owner="商务局")
    assert completed_again(row, owner="商务局", unstaffed=True).owner == "商务局"
    Staff.objects.filter(login="street").update(is_active=False)
    assert plans.unheard(["街道办", "街道办", ""], "140802") == ["街道办"]


def test_nothing_is_due_before_it_is_said(town):
    with pytest.raises(Problems, match="until when is missing or wrong"):
        completed(town, due_on=DAY - timedelta(days=1))
    completed(town, due_on=DAY)
    with pytest.raises(Problems, match="until when is missing or wrong"):
        plans.adopt_plan(PLANNER, circle=town.uid, on=DAY + timedelta(days=1), unstaffed=True)
    row = adopted(town)
    with pytest.raises(Problems, match="today or a later day"):
        completed_again(row, due_on=DAY, on=DAY + timedelta(days=1))
    late = completed(town, due_on=DAY)
    assert completed_again(late, budget_fen=7, on=DAY + timedelta(days=9)).budget_fen == 7  # its day has gone by and stays


@pytest.mark.usefixtures("db")
def test_whoever_has_no_grant_here_plans_nothing(town):
    elsewhere = Viewer("staff:1", (Grant("planner", "140882"),))
    for what in (plans.draft_plan, plans.adopt_plan):
        if what is plans.adopt_plan:
            drafted(town)
        with pytest.raises(Refused):
            what(elsewhere, circle=town.uid)
    with pytest.raises(Refused):
        plans.draft_plan(OFFICER, circle=town.uid)


def test_an_action_closes_when_its_gap_is_computed_closed_and_by_nobodys_word(town):
    row = adopted(town)
    with clock.frozen(NOW):
        plans.carried_out(OFFICER, action=row.uid, on=DAY)
        compute(SYSTEM)
    row.refresh_from_db()
    assert (row.state, row.done_on) == ("open", DAY)  # said to be done, and still missing
    with pytest.raises(IntegrityError, match="only when its gap"), transaction.atomic():
        Action.objects.filter(pk=row.pk).update(state="closed", closed_by=Coverage.objects.latest("id"), closed_at=NOW)
    acts.open_place(SYSTEM, place=shop("R", "repair", 800, opened=None), on=DAY)
    with clock.frozen(NOW):
        run = compute(SYSTEM)
    row.refresh_from_db()
    assert (row.state, row.closed_by) == ("closed", run)
    assert Fact.objects.filter(type="circles.action_closed").count() == 1
    acts.close_place(SYSTEM, code="R", on=DAY + timedelta(days=1))
    with clock.frozen(NOW + timedelta(days=1)):
        compute(SYSTEM)
    row.refresh_from_db()
    assert (row.state, row.reopened, row.closed_by) == ("open", 1, None)
    assert not list(verify_rows())


def test_a_network_that_does_not_reach_the_circle_closes_nothing_and_says_of_nobody_that_all_is_met(tmp_path, town):
    grown = {"polygon": None, "lon": Decimal("111.0"), "lat": Decimal("35.0"), "minutes": 15, "profile": "adult"}
    Circle.objects.update(**grown, communities=["140802002001"])
    with clock.frozen(NOW):
        compute(SYSTEM)
        row = adopted(town)
    use(tmp_path, replace(graph(), lon=graph().lon - 80))  # another country's
    with clock.frozen(NOW):
        compute(SYSTEM)
    row.refresh_from_db()
    gaps = Gap.objects.exclude(state="ended")
    assert (row.state, {gap.state for gap in gaps}) == ("open", {"unknown"})
    assert {(gap.covered, gap.uncovered, gap.unlocated) for gap in gaps.filter(group="residents")} == {(0, 4, 4)}
    Circle.objects.update(communities=[])  # nobody knows of anybody there, nor where it ends
    with clock.frozen(NOW):
        compute(SYSTEM)
    row.refresh_from_db()
    assert (row.state, {gap.state for gap in gaps.all()}) == ("open", {"unknown"})


def test_an_action_stays_open_where_nobody_lives_any_more(town):
    row = adopted(town)
    Circle.objects.update(polygon={"type": "Polygon", "coordinates": [[[112.0, 36.0], [112.1, 36.0], [112.1, 36.1], [112.0, 36.0]]]})
    with clock.frozen(NOW):
        compute(SYSTEM)
    row.refresh_from_db()
    assert (row.state, queries.ranking(PLANNER)[0].idle > 0) == ("open", True)


def test_a_gap_that_depends_on_people_nobody_can_locate_closes_nothing(town):
    row = adopted(town)
    acts.open_place(SYSTEM, place=shop("R", "repair", 800, opened=None), on=DAY)
    people(building(12, None), 4)
    Circle.objects.update(communities=["140802002001"])
    with clock.frozen(NOW):
        compute(SYSTEM, recount=True)
    row.refresh_from_db()
    assert Gap.objects.get(norm="repair-15").state == "unknown"
    assert row.state == "open"


def test_overdue_actions_go_up_once_a_level_and_are_listed(town):
    row = adopted(town)
    for day, levels in ((0, 0), (1, 1), (2, 0), (8, 1), (40, 1), (41, 0)):
        assert plans.escalate(SYSTEM, day=date(2026, 12, 31) + timedelta(days=day)) == levels
    told = [fact.payload["to"] for fact in Fact.objects.filter(type="circles.action_overdue").order_by("id")]
    assert told == ["owner", "county", "city"]
    (step,) = queries.overdue(PLANNER, on=date(2027, 1, 8))
    assert (step.days, step.action.pk) == (8, row.pk)
    assert queries.ranking(PLANNER, on=date(2027, 1, 8))[0].overdue == 1


def staff(login: str, role: str, area: str, department: str = "", at: str = "140802") -> Viewer:
    works = acts.register_organisation(SYSTEM, name=department, area_code=at, kind="department") if department else None
    person = acts.add_staff(SYSTEM, login=login, name=login, password="a long pass phrase", organisation=works)
    acts.place_grant(SYSTEM, staff=person, role=role, area_code=area, valid_from=date(2026, 1, 1))
    return viewer_of(person)


def heard(viewer: Viewer, on: date) -> list[tuple[str, int]]:
    return [(one.why, one.step.days) for one in queries.words_for(viewer, on=on)]


def test_an_overdue_action_is_told_to_its_owner_then_to_the_county_then_to_the_city(town):
    row = adopted(town)
    owner = staff("street", "officer", VILLAGE[:9], "东城街道办")
    county, federation = staff("county", "officer", "140802"), staff("federation", "officer", "140802", "盐湖区残疾人联合会")
    commerce, elsewhere = staff("commerce", "officer", "", "运城市商务局"), staff("hejin", "planner", "140882")
    everybody = (owner, PLANNER, county, commerce, federation, elsewhere)
    due = date(2026, 12, 31)
    assert row.due_on == due
    for days, hear in ((0, ()), (1, (owner, PLANNER)), (8, (owner, PLANNER, county)), (31, (owner, PLANNER, county, commerce))):
        day = due + timedelta(days=days)
        plans.escalate(SYSTEM, day=day)
        assert [viewer for viewer in everybody if heard(viewer, day)] == list(hear)
    assert heard(owner, due + timedelta(days=31)) == [("overdue", 31)]


def test_the_owner_hears_that_an_action_closed_and_that_its_gap_opened_again(town):
    adopted(town)
    owner, county = staff("street", "officer", VILLAGE[:9], "东城街道办"), staff("county", "officer", "140802")
    assert heard(owner, DAY) == []
    acts.open_place(SYSTEM, place=shop("R", "repair", 800, opened=None), on=DAY)
    with clock.frozen(NOW):
        compute(SYSTEM)
    assert (heard(owner, DAY), heard(PLANNER, DAY), heard(county, DAY)) == ([("closed", 0)], [("closed", 0)], [])
    acts.close_place(SYSTEM, code="R", on=DAY + timedelta(days=1))
    with clock.frozen(NOW + timedelta(days=1)):
        compute(SYSTEM)
    assert heard(owner, DAY + timedelta(days=1)) == [("reopened", 0)]
    assert heard(owner, DAY + timedelta(days=30)) == []  # told for two weeks; its day has not come yet


def test_what_is_brought_up_to_date_after_a_place_changed_is_what_a_whole_computation_gives(town):
    acts.open_place(SYSTEM, place=shop("R", "repair", 800, opened=None), on=DAY)
    acts.move_place(SYSTEM, code="B", to=shop("x", "breakfast", 1900).place, on=DAY)
    with clock.frozen(NOW):
        quick = compute(SYSTEM)
        forget()
        whole = compute(SYSTEM)
    assert (quick.incremental, whole.incremental) == (True, False)
    assert quick.figures == whole.figures
    people(building(12, 300), 2)
    with clock.frozen(NOW):
        assert not compute(SYSTEM, recount=True).incremental
