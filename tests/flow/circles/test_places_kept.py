"""What a process keeps of the places is never older than the register: every way of changing one is noticed, also one taken back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from linli.circles.reachable import places_there
from linli.circles.standing import Standing, standing
from linli.registers.models import Place, PlaceRole
from tests.flow.circles.town_examples import opened, shop, use

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)
EVERY_WAY = {
    "a row saved": lambda: Place.objects.filter(code="A").update(hours="周一至周五 08:00-18:00"),
    "a role ended": lambda: PlaceRole.objects.filter(place__code="A").update(until=date(2026, 1, 1)),
    "a place moved by hand": lambda: connection.cursor().execute("UPDATE registers_place SET lon = lon + 0.001 WHERE code = 'B'"),
    "a place more": lambda: opened(shop("C", "repair", 300)),
    "a role gone": lambda: PlaceRole.objects.filter(place__code="B").delete(),
}


@pytest.fixture
def there(tmp_path: Path, small_city: None) -> Standing:
    use(tmp_path)
    opened(shop("A", "repair", 100), shop("B", "repair", 200))
    found = standing()
    assert found is not None
    return found


@pytest.mark.parametrize("change", EVERY_WAY)
def test_every_change_of_a_place_is_noticed(there: Standing, change: str) -> None:
    before = places_there(there, DAY)
    assert places_there(there, DAY) is before, "kept while nothing changes"
    EVERY_WAY[change]()
    assert places_there(there, DAY) is not before


def test_what_was_taken_back_is_not_shown_and_the_next_change_is_noticed(there: Standing) -> None:
    before = places_there(there, DAY).lon.tolist()
    for _ in range(3):
        with transaction.atomic():
            Place.objects.filter(code="A").update(lon="111.5")
            changed = places_there(there, DAY).lon.tolist()
            transaction.set_rollback(True)
        assert changed != before
        assert places_there(there, DAY).lon.tolist() == before
        Place.objects.filter(code="A").update(name_zh="改名")
        assert places_there(there, DAY).lon.tolist() == before


def test_asking_whether_anything_changed_reads_no_place(there: Standing) -> None:
    places_there(there, DAY)
    with CaptureQueriesContext(connection) as asked:
        places_there(there, DAY)
    (query,) = asked.captured_queries
    assert "registers_placestamp" in query["sql"]
    assert "FROM registers_place " not in query["sql"]
