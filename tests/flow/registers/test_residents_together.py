"""Two windows at the same moment: real transactions on connections of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import date

import pytest
from django.db import connections
from listed_place_examples import place
from place_examples import FIRST_DAY, GROUP, SYSTEM, VILLAGE, identity, load_small_city, person

from linli.circles.acts.reports import report_place
from linli.circles.models import PlaceReport
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.registers import acts
from linli.registers.bitemporal import believed
from linli.registers.models import Place, Resident, Situation


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


def test_of_four_officers_with_one_new_number_one_opens_a_place_and_the_others_are_told() -> None:
    results = at_once(
        [lambda lon=lon: acts.open_place(SYSTEM, place=place(lon=lon), on=FIRST_DAY) for lon in (111.01, 111.02, 111.03, 111.04)]
    )
    assert sorted(getattr(one, "code", "") for one in results) == ["P1", "places.taken", "places.taken", "places.taken"]
    assert Place.objects.count() == 1


def test_of_two_lists_with_one_new_number_one_opens_it_and_the_other_is_told() -> None:
    def bring(lon: float) -> Callable[[], object]:
        stated = [place(f"N{number}", lon=lon) for number in range(50)]
        return lambda: acts.import_places(SYSTEM, places=stated, on=FIRST_DAY, file_digest=str(lon), settled=lambda _done: time.sleep(0.5))

    results = at_once([bring(111.01), bring(111.02), lambda: acts.open_place(SYSTEM, place=place("N7", lon=111.03), on=FIRST_DAY)])
    told = [one for one in results if isinstance(one, Exception)]
    assert len(told) in (1, 2)
    assert {getattr(one, "code", one) for one in told} <= {"places.opened_meanwhile", "places.taken"}
    assert all("N" in one.found for one in told)
    assert Place.objects.count() in (1, 50)


def test_what_several_people_say_of_one_place_at_once_is_one_report_with_the_words_of_each() -> None:
    shop = acts.open_place(SYSTEM, place=place(), on=FIRST_DAY)

    def say(number: int) -> Callable[[], object]:
        viewer = Viewer(f"resident:00000000-0000-7000-8000-00000000000{number}")
        return lambda: report_place(viewer, kind="closed", place=shop.uid, words=f"说{number}", key="k")

    results = at_once([say(number) for number in range(5)])
    report = PlaceReport.objects.get()
    assert (results, report.times) == ([report] * 5, 5)
    assert {report.words, *report.voices.values_list("words", flat=True)} == {f"说{number}" for number in range(5)}
