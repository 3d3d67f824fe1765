"""Any address resolves to exactly one grid on any date, or says why not."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from place_examples import BUILDING, FIRST_DAY, GROUP, OTHER_BUILDING, SYSTEM, VILLAGE

from linli.kernel.errors import LinliError
from linli.registers import acts, queries
from linli.registers.acts.areas import NewPlace
from linli.registers.models import Address, BuildingGrid, Staff

pytestmark = pytest.mark.usefixtures("small_city")
GRIDS = (f"{VILLAGE}G001", f"{VILLAGE}G002")


def staff(login: str) -> Staff:
    return acts.add_staff(SYSTEM, login=login, name=f"{login}一号", password="correct-horse-battery")


@pytest.mark.parametrize(
    ("text", "place", "unit", "grid"),
    [
        ("山西省运城市盐湖区东城街道槐东社区幸福小区1号楼2单元301室", BUILDING, "2-301", GRIDS[0]),
        ("盐湖区槐东社区幸福小区2号楼301", OTHER_BUILDING, "301", GRIDS[1]),
        ("盐湖区东城街道 河东东街88号 幸福小区１号楼", BUILDING, "", GRIDS[0]),
        ("河津市樊村镇樊村村委会第一组", GROUP, "", "140882100201G001"),
        ("河津市樊村镇樊村2组王某家", "140882100201Z02", "", "140882100201G001"),
        ("河津市樊村镇樊村村委会", "140882100201", "", "140882100201G001"),
    ],
)
def test_an_address_has_one_grid(text: str, place: str, unit: str, grid: str) -> None:
    found = queries.resolve_address(text, FIRST_DAY)
    assert (found.place_code, found.unit, found.grid_code) == (place, unit, grid)


@pytest.mark.parametrize(
    ("text", "code", "names"),
    [
        ("天津市河西区某路1号", "address.unknown", "河津市"),
        ("幸福小区1号楼", "address.unknown", ""),
        ("盐湖区槐东社区", "address.no_building", "幸福小区1号楼"),
        ("盐湖区槐东社区和谐家园9号楼", "address.no_building", "幸福小区2号楼"),
        ("樊村", "address.ambiguous", "140882100201"),
    ],
)
def test_what_cannot_be_placed_says_why_and_what_it_may_be(text: str, code: str, names: str) -> None:
    with pytest.raises(LinliError) as caught:
        queries.resolve_address(text, FIRST_DAY)
    assert caught.value.code == code
    assert names in str(caught.value)


def test_two_buildings_of_one_name_are_ambiguous() -> None:
    twin = NewPlace(f"{VILLAGE}B0009", "幸福小区1号楼", GRIDS[1])
    acts.add_places(SYSTEM, places=[twin], valid_from=FIRST_DAY, source="test")
    with pytest.raises(LinliError) as caught:
        queries.resolve_address("盐湖区槐东社区幸福小区1号楼", FIRST_DAY)
    assert caught.value.code == "address.ambiguous"
    assert BUILDING in str(caught.value)
    assert twin.code in str(caught.value)


def test_a_building_in_no_grid_says_so() -> None:
    acts.add_places(SYSTEM, places=[NewPlace(f"{VILLAGE}B0010", "新楼")], valid_from=FIRST_DAY, source="test")
    with pytest.raises(LinliError) as caught:
        queries.resolve_address("盐湖区槐东社区新楼", FIRST_DAY)
    assert caught.value.code == "address.no_grid"


def test_a_moved_building_keeps_its_past_grid() -> None:
    moved = date(2025, 6, 1)
    acts.assign_grid(SYSTEM, place_code=BUILDING, grid_code=GRIDS[1], valid_from=moved)
    assert queries.grid_of(BUILDING, moved - timedelta(days=1)) == GRIDS[0]
    assert queries.grid_of(BUILDING, moved) == GRIDS[1]
    assert queries.buildings_of(GRIDS[1], moved) == [BUILDING, OTHER_BUILDING]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(1, 2000), st.integers(0, 1)), max_size=5), st.integers(0, 2500))
def test_whatever_moves_there_is_one_grid_on_any_day(moves: list[tuple[int, int]], day: int) -> None:
    before = transaction.savepoint()
    for offset, grid in moves:
        with suppress(LinliError):  # a move before the present grid's first day is refused
            acts.assign_grid(SYSTEM, place_code=BUILDING, grid_code=GRIDS[grid], valid_from=FIRST_DAY + timedelta(days=offset))
    on = FIRST_DAY + timedelta(days=day)
    rows = [row for row in BuildingGrid.objects.filter(building_code=BUILDING) if row.valid_from <= on < (row.valid_to or date.max)]
    assert [row.grid_code for row in rows] == [queries.grid_of(BUILDING, on)]
    transaction.savepoint_rollback(before)


def test_the_database_refuses_a_second_grid_at_a_time() -> None:
    with pytest.raises(IntegrityError, match="building_in_one_grid_at_a_time"), transaction.atomic():
        BuildingGrid.objects.create(building_code=BUILDING, grid_code=GRIDS[1], valid_from=date(2024, 1, 1))


def test_places_are_added_once_and_only_below_known_villages() -> None:
    assert acts.add_places(SYSTEM, places=[NewPlace(BUILDING, "另一名称")], valid_from=FIRST_DAY, source="test") == 0
    with pytest.raises(LinliError) as caught:
        acts.add_places(SYSTEM, places=[NewPlace("140899100201B0001", "楼")], valid_from=FIRST_DAY, source="test")
    assert caught.value.code == "registers.unknown_area"
    with pytest.raises(LinliError) as caught:
        acts.add_places(SYSTEM, places=[NewPlace("140882102", "柴家镇")], valid_from=FIRST_DAY, source="test")
    assert caught.value.code == "areas.not_a_place"


def test_a_door_is_registered_once_and_found_again() -> None:
    door = acts.register_address(SYSTEM, place_code=GROUP, householder="赵大山", detail="村口第二家")
    assert acts.register_address(SYSTEM, place_code=GROUP, householder="赵大山").pk == door.pk
    assert "赵大山" not in door.householder_cipher
    found = queries.resolve_address("河津市樊村镇樊村村委会第一组赵大山家", FIRST_DAY)
    assert found.address == door
    flat = acts.register_address(SYSTEM, place_code=BUILDING, unit="2-301")
    assert queries.resolve_address("盐湖区槐东社区幸福小区1号楼2单元301", FIRST_DAY).address == flat
    assert Address.objects.count() == 2


def test_every_day_has_its_grid_worker_and_steward() -> None:
    first, second = staff("first"), staff("second")
    change = date(2025, 1, 1)
    acts.place_grant(SYSTEM, staff=first, role="steward", area_code=GRIDS[0], valid_from=FIRST_DAY, valid_to=change)
    acts.place_grant(SYSTEM, staff=second, role="steward", area_code=GRIDS[0], valid_from=change)
    acts.place_grant(SYSTEM, staff=second, role="steward", area_code=BUILDING, valid_from=FIRST_DAY)
    before, after = queries.stewards_of(BUILDING, change - timedelta(days=1)), queries.stewards_of(BUILDING, change)
    assert (before.grid_worker, before.steward) == (first, second)
    assert (after.grid_worker, after.steward) == (second, second)
    assert queries.stewards_of(OTHER_BUILDING, change).steward is None


def test_a_grid_has_one_worker_at_a_time() -> None:
    acts.place_grant(SYSTEM, staff=staff("first"), role="steward", area_code=GRIDS[0], valid_from=FIRST_DAY)
    with pytest.raises(LinliError) as caught:
        acts.place_grant(SYSTEM, staff=staff("second"), role="steward", area_code=GRIDS[0], valid_from=date(2025, 1, 1))
    assert caught.value.code == "staff.second_steward"
