"""Two windows at the same moment: real transactions on connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import date

import pytest
from django.db import connections
from place_examples import FIRST_DAY, GROUP, SYSTEM, VILLAGE, identity, load_small_city, person

from linli.kernel.errors import LinliError
from linli.registers import acts
from linli.registers.bitemporal import believed
from linli.registers.models import Resident, Situation


@pytest.fixture(autouse=True)
def city(transactional_db: None) -> None:
    load_small_city()


def at_once(works: Sequence[Callable[[], object]]) -> list[object]:
    """Start all together; what each returned or raised, in order."""
    ready = threading.Barrier(len(works))
    results: list[object] = [None] * len(works)

    def run(index: int, work: Callable[[], object]) -> None:
        try:
            ready.wait(10)
            results[index] = work()
        except Exception as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index, work)) for index, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a window never came back"
    return results


def test_one_number_registered_by_four_windows_is_one_resident() -> None:
    number = identity()
    results = at_once([lambda: person("同时来人", identity=number)] * 4)
    assert results == [Resident.objects.get()] * 4


def test_contradicting_moves_leave_one_place() -> None:
    resident = person()

    def move(area: str) -> Callable[[], object]:
        return lambda: acts.record_situation(SYSTEM, resident=resident, kind="lives", area_code=area, valid_from=date(2025, 1, 1))

    results = at_once([move(VILLAGE), move(GROUP)] * 2)
    assert not [result for result in results if isinstance(result, Exception)]
    rows = Situation.objects.filter(believed(), resident=resident, kind="lives", valid_to=None)
    assert rows.get().area_code in (VILLAGE, GROUP)


def test_two_households_claiming_the_same_people_do_not_deadlock() -> None:
    one, other = person("王建国"), person("李秀英")

    def form(head: Resident, spouse: Resident) -> Callable[[], object]:
        members = [(head, "head"), (spouse, "spouse")]
        return lambda: acts.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=members, valid_from=FIRST_DAY)

    results = at_once([form(one, other), form(other, one)] * 2)
    assert not [result for result in results if isinstance(result, Exception)]
    for resident in (one, other):
        assert resident.memberships.filter(believed(), valid_to=None).count() == 1


def test_one_login_added_twice_is_refused_once() -> None:
    add: Callable[[], object] = lambda: acts.add_staff(SYSTEM, login="same", name="同名", password="correct-horse-battery")  # noqa: E731
    results = at_once([add, add])
    assert [result.code for result in results if isinstance(result, LinliError)] == ["staff.login_taken"]
