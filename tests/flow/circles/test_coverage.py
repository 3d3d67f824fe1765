"""Coverage of a town that can be reckoned by hand: by people, over the network, at the moments that the norms ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from place_examples import SYSTEM
from town_examples import DAY, building, circle, graph, opened, people, shop, use

from linli.circles.acts.computing import compute
from linli.circles.models import Coverage, Figure, Gap, Unplaced
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.reach.snapshot import save
from linli.registers import acts
from linli.registers.models import Resident
from linli.site.command.circles import command
from linli.trace.deep import verify_rows
from linli.trace.models import Fact

pytestmark = pytest.mark.usefixtures("small_city")


def figure(norm: str, group: str = "residents", *, code: str | None = "A", area: str = "", profile: str = "adult") -> tuple[int, int, int]:
    """Covered, uncovered, and of those not located."""
    row = (
        Figure.objects.get(norm=norm, circle__code=code, profile=profile)
        if code
        else Figure.objects.get(norm=norm, circle=None, area_code=area, profile=profile)
    )
    return tuple(row.people[group])


def gap(norm: str, code: str = "A") -> Gap:
    return Gap.objects.get(circle__code=code, norm=norm)


def computed(day: date = DAY) -> Coverage:
    return compute(SYSTEM, day=day, recount=True)


def test_a_distance_equal_to_the_limit_is_reached_and_one_step_more_is_not(tmp_path):
    use(tmp_path)
    people(building(11, 0), 3)  # 1,000 m to the repairer: just 15 minutes at 4 km/h
    people(building(12, 0, -50), 2)  # 1,050 m
    circle("A", -100, -300, 1100, 100)
    opened(shop("R", "repair", 1000))
    computed()
    assert figure("repair-15") == (3, 2, 0)
    assert gap("repair-15").minutes == 15
    assert gap("repair-15").most_minutes == 16
    assert gap("repair-15").state == "open"


def test_the_other_bank_of_the_river_is_far_though_it_lies_in_the_circle(tmp_path):
    use(tmp_path)
    people(building(11, 0, 0), 4)
    people(building(12, 0, 1000), 5)
    circle("A", -100, -300, 1100, 1100)
    opened(shop("M", "market", 0, 1000))
    computed()
    assert figure("market-15") == (5, 4, 0)  # 5 km by the bridge, a kilometre as the crow flies
    assert gap("market-15").found == 1


def test_a_place_outside_the_circle_counts_where_people_walk_to_it_in_time(tmp_path):
    use(tmp_path)
    people(building(11, 600), 4)
    people(building(12, 400), 6)
    circle("A", -100, -300, 1100, 100)
    opened(shop("S", "supermarket", 1500))  # 900 m and 1,100 m away, outside
    computed()
    assert figure("supermarket-15") == (4, 6, 0)
    assert gap("supermarket-15").found == 1


def test_a_shut_gate_leaves_those_behind_it_without(tmp_path):
    use(tmp_path, graph(gate="周一至周日 09:00-17:00"))
    people(building(11, 0, -200), 4)
    circle("A", -100, -300, 1100, 100)
    opened(shop("B", "breakfast", 100), shop("R", "repair", 100))
    computed()
    assert figure("breakfast-15") == (0, 4, 0)  # at half past seven the gate is shut
    assert figure("repair-15") == (4, 0, 0)  # at ten it is open


def test_a_stall_counts_in_its_hours_alone_and_at_every_moment_that_is_asked(tmp_path):
    use(tmp_path)
    people(building(11, 0), 4)
    circle("A", -100, -300, 1100, 100)
    stall = {"kind": "stall", "hours": "周一至周五 06:00-09:30"}
    opened(shop("B", "breakfast", 100, **stall), shop("C", "convenience", 100, hours=""), shop("D", "repair", 100, kind="stall", hours=""))
    run = computed()
    assert figure("breakfast-15") == (0, 4, 0)  # nothing at weekends
    assert figure("convenience-15") == (4, 0, 0)  # a shop whose hours nobody has said
    assert figure("repair-15") == (0, 4, 0)  # a stall whose hours nobody has said
    assert run.moments["workday 07:30"].startswith("2026-11-23T07:30")
    assert run.moments["restday 08:00"].startswith("2026-11-28T08:00")
    assert run.unknown_hours == 2
    acts.change_place(SYSTEM, place=shop("B", "breakfast", 100, kind="stall", hours="周一至周日 06:00-09:30"), on=DAY)
    computed()
    assert figure("breakfast-15") == (4, 0, 0)


def test_those_who_cant_be_located_are_uncovered_and_shown_apart(tmp_path):
    use(tmp_path)
    people(building(11, 0), 10)
    people(building(12, None), 3)
    circle("A", -100, -300, 1100, 100, communities=("140802002001",))
    opened(shop("R", "repair", 100))
    computed()
    assert figure("repair-15") == (10, 3, 3)
    assert gap("repair-15").state == "unknown"  # with them it would be 13 of 13, without them too few
    assert Unplaced.objects.get(what="home").why == "no_position"
    people("140802002001B0011", 20)
    computed()
    assert gap("repair-15").state == "met"  # 30 of 33


def test_covered_and_uncovered_are_the_registers_total_everywhere(tmp_path):
    use(tmp_path)
    for number, (x, y) in enumerate([(0, 0), (500, 0), (0, 1000), (1900, 1000), (0, -200)], 1):
        people(building(20 + number, x, y), 2 + number, elders=1, infants=1)
    people(building(30, None), 4, elders=2)
    circle("A", -100, -300, 1100, 1100)
    opened(shop("E", "elder-care", 300), shop("M", "market", 1800, 1000))
    computed()
    rows = list(Figure.objects.filter(circle=None))
    assert {row.area_code for row in rows} == {"", "140802", "140802002001"}
    for row in rows:
        assert all(
            covered + uncovered == {"residents": 29, "elders": 7, "infants": 5}.get(group, covered + uncovered)
            for group, (covered, uncovered, _) in row.people.items()
        )
        assert row.people["residents"][0] + row.people["residents"][1] == 29


def test_elders_walk_more_slowly_and_wheelchairs_take_no_steps(tmp_path):
    use(tmp_path, graph(steps=True))
    people(building(11, 0), 3, elders=3)
    people(building(12, 2000, 1000), 2, elders=2)
    circle("A", -100, -300, 2100, 1100)
    opened(shop("E", "elder-care", 900), shop("R", "repair", 2000, 0))
    computed()
    assert figure("elder-care-15", "elders", profile="adult") == (3, 2, 0)
    assert figure("elder-care-15", "elders", profile="elder") == (0, 5, 0)  # 900 m are 18 minutes at 3 km/h
    assert gap("elder-care-15").profile == "elder"
    assert figure("repair-15", profile="adult") == (2, 3, 0)  # over the bridge, just 1,000 m
    assert figure("repair-15", profile="wheelchair") == (0, 5, 0)  # the bridge has steps


def test_levels_are_checked_each_by_itself(tmp_path):
    use(tmp_path)
    people(building(11, 0), 4)
    circle("A", -100, -300, 1100, 100)
    opened(shop("M", "market", 800))
    computed()
    assert gap("market-15").state == "met"
    assert gap("market-10").state == "open"  # 8 minutes are 533 m


def test_what_isnt_asked_of_a_type_is_no_gap_of_it(tmp_path):
    use(tmp_path)
    people(building(11, 0), 4)
    circle("A", -100, -300, 1100, 100, kind="old-estate")
    computed()
    assert not Gap.objects.filter(norm="supermarket-15").exists()
    assert not gap("supermarket-15-old").mandatory
    circle("A", -100, -300, 1100, 100, kind="ordinary")
    computed()
    assert gap("supermarket-15").mandatory
    assert gap("supermarket-15-old").state == "ended"


def test_a_circle_is_grown_from_its_centre_on_foot_and_not_across_the_river(tmp_path):
    use(tmp_path)
    people(building(11, 900, 0), 4)
    people(building(12, 1100, 0), 5)
    people(building(13, 0, 1000), 6)
    centre = {"polygon": None, "minutes": 15, "profile": "adult"}
    from town_examples import at

    circle("A", 0, 0, 1, 1, centre=at(0, 0), **centre)
    computed()
    assert sum(figure("repair-15")[:2]) == 4


def test_the_same_input_gives_the_same_figures_and_nothing_new_to_record(tmp_path):
    use(tmp_path)
    people(building(11, 0), 4)
    circle("A", -100, -300, 1100, 100)
    opened(shop("M", "market", 800))
    first = computed()
    changes = Fact.objects.filter(type="circles.gap_changed").count()
    second = computed()
    assert first.figures == second.figures
    assert first.uid != second.uid
    assert Fact.objects.filter(type="circles.gap_changed").count() == changes
    assert not list(verify_rows())
    acts.close_place(SYSTEM, code="M", on=DAY)
    assert computed().figures != first.figures
    assert computed(DAY - timedelta(days=1)).figures != computed().figures  # yesterday it was there


def test_without_a_network_or_a_grant_nothing_is_computed(tmp_path):
    with pytest.raises(LinliError, match="No walking network"):
        computed()
    use(tmp_path)
    with pytest.raises(Refused):
        compute(Viewer("staff:1", (Grant("planner", "140802"),)))
    assert not Coverage.objects.exists()


def test_a_community_in_two_circles_counts_in_both_and_once_in_its_county_and_the_city(tmp_path):
    use(tmp_path)
    people(building(11, 0), 4)
    people(building(12, 300), 3)
    people(building(13, None), 2)
    for code in ("A", "B"):
        circle(code, -100, -300, 1100, 100, communities=("140802002001",))
    opened(shop("R", "repair", 100))
    computed()
    assert figure("repair-15", code="A") == figure("repair-15", code="B") == (7, 2, 2)
    for area in ("140802002001", "140802", ""):
        assert figure("repair-15", code=None, area=area) == (7, 2, 2)


def test_a_circle_in_which_nobody_lives_has_no_gap_and_breaks_nothing(tmp_path):
    use(tmp_path)
    people(building(11, 0), 4)
    circle("A", -100, -300, 1100, 100)
    circle("B", 1500, -100, 1900, 100)
    opened(shop("R", "repair", 100))
    run = computed()
    assert figure("repair-15", code="B") == (0, 0, 0)
    assert not Gap.objects.filter(circle__code="B", state="open").exists()
    assert (run.homes, run.unlocated_homes) == (1, 0)


def test_a_computation_warns_of_homes_off_the_network_and_a_network_of_elsewhere_is_refused(tmp_path):
    people(building(11, 0), 4)
    circle("A", -100, -300, 1100, 100)
    far = replace(graph(), lon=graph().lon - 80)
    file = tmp_path / "far.reach"
    save(far, file)
    refused = CliRunner().invoke(command, ["network", str(file)], standalone_mode=False)
    assert "circles.network_elsewhere" in getattr(refused.exception, "code", "")
    use(tmp_path)
    runner = CliRunner()
    assert "off the network in use" not in runner.invoke(command, ["compute"]).output
    assert runner.invoke(command, ["network", str(file), "--anyway"]).exit_code == 0
    said = runner.invoke(command, ["compute"]).output
    assert "警告" in said or "WARNING: of 1 homes that have a position 1 are off" in said


def test_the_registers_total_holds_on_the_day_of_a_death_and_of_a_move(tmp_path):
    use(tmp_path)
    people(building(11, 0), 4)
    people(building(12, 0, 1000), 3)
    circle("A", -100, -300, 1100, 100, communities=("140802002001",))
    opened(shop("R", "repair", 100))
    computed(DAY - timedelta(days=1))
    assert figure("repair-15", code=None) == (4, 3, 0)
    first, second, *_ = Resident.objects.filter(name__startswith="居民0011").order_by("pk")
    acts.record_death(SYSTEM, resident=first, deceased_on=DAY)
    acts.record_situation(SYSTEM, resident=second, kind="lives", area_code="140802002001B0012", valid_from=DAY)
    computed()
    assert figure("repair-15", code=None) == (2, 4, 0)


def test_a_category_whose_last_place_closes_is_missed_from_that_day_and_not_before(tmp_path):
    use(tmp_path)
    people(building(11, 0), 4)
    circle("A", -100, -300, 1100, 100)
    opened(shop("R", "repair", 100))
    before = computed().figures
    acts.close_place(SYSTEM, code="R", on=DAY + timedelta(days=1))
    assert compute(SYSTEM, day=DAY).figures == before
    compute(SYSTEM, day=DAY + timedelta(days=1))
    assert figure("repair-15") == (0, 4, 0)  # the last place of its category is gone
