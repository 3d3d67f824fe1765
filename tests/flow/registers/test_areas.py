"""Division tables over time: imported, replaced by a newer one, and never damaged by a cut-off file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from place_examples import CLERK, FIRST_DAY, SYSTEM, division, small_table

from linli.kernel.errors import LinliError, Refused
from linli.registers import acts, queries
from linli.registers.cityareas import import_city
from linli.registers.models import Area
from linli.trace.models import Fact

CITIES = Path(__file__).resolve().parents[3] / "cities"
NEXT = date(2025, 1, 1)


def import_table(on: date = NEXT, successors: dict[str, str] | None = None, **changed: str) -> acts.areas.Changes:
    return acts.import_divisions(SYSTEM, divisions=small_table(**changed), valid_from=on, file_digest="sha256:next", successors=successors)


@pytest.mark.django_db
def test_the_citys_own_table_is_imported_once() -> None:
    done = import_city(SYSTEM, CITIES / "yuncheng" / "areas")
    assert len(done.changes.opened) == Area.objects.count() == 2571
    townships = queries.subtree("1408", FIRST_DAY).filter(level="township")
    assert (townships.count(), townships.filter(kind="statutory").count()) == (161, 147)
    facts = Fact.objects.count()
    again = import_city(SYSTEM, CITIES / "yuncheng" / "areas")
    assert not again.changes
    assert Fact.objects.count() == facts


@pytest.mark.django_db
def test_each_division_has_its_fact_in_a_chain_anchored_once() -> None:
    import_table(FIRST_DAY)
    assert Fact.objects.filter(type="registers.area_recorded").count() == Area.objects.count()
    assert Fact.objects.get(type="registers.areas_imported").payload["bulk"]["count"] == Area.objects.count()


@pytest.mark.usefixtures("small_city")
def test_a_renamed_division_has_two_versions() -> None:
    changes = import_table(c140882100="樊城镇")
    assert [(area.code, area.name) for area in changes.opened] == [("140882100", "樊城镇")]
    before, after = queries.area_on("140882100", date(2024, 12, 31)), queries.area_on("140882100", NEXT)
    assert before is not None
    assert after is not None
    assert (before.name, before.valid_to, before.successor_code, after.name) == ("樊村镇", NEXT, "140882100", "樊城镇")


@pytest.mark.usefixtures("small_city")
def test_an_abolished_division_is_closed_and_followed_by_its_successor() -> None:
    import_table(successors={"140882101": "140882100", "140882101201": ""}, c140882101="", c140882101201="")
    assert queries.area_on("140882101", NEXT) is None
    assert queries.current_code("140882101", NEXT) == "140882100"
    assert queries.current_code("140882101", date(2024, 1, 1)) == "140882101"
    assert queries.current_code("140882101201", NEXT) is None


@pytest.mark.usefixtures("small_city")
def test_a_table_that_lacks_codes_without_saying_why_changes_nothing() -> None:
    with pytest.raises(LinliError) as caught:
        import_table(c140882101="", c140882101201="")
    assert caught.value.code == "areas.no_successor"
    assert "僧楼镇" in str(caught.value)
    assert not Area.objects.exclude(valid_to=None).exists()


@pytest.mark.usefixtures("small_city")
def test_a_successor_must_be_in_the_new_table() -> None:
    with pytest.raises(LinliError) as caught:
        import_table(successors={"140882101": "140882999", "140882101201": ""}, c140882101="", c140882101201="")
    assert caught.value.code == "areas.unknown_successor"


@pytest.mark.usefixtures("small_city")
def test_an_older_table_is_refused() -> None:
    import_table(c140882100="樊城镇")
    with pytest.raises(LinliError) as caught:
        import_table(date(2024, 1, 1))
    assert caught.value.code == "areas.older_table"


@pytest.mark.usefixtures("small_city")
def test_a_table_of_one_county_closes_nothing_elsewhere() -> None:
    county = {"140882": division("140882", "河津市"), "140882100": division("140882100", "樊村镇")}
    gone = {"140882100201": "", "140882101": "", "140882101201": ""}
    changes = acts.import_divisions(SYSTEM, divisions=county, valid_from=NEXT, file_digest="sha256:county", successors=gone)
    assert {area.code for area in changes.closed} == set(gone)
    assert queries.area_on("140802002001", NEXT) is not None


@pytest.mark.usefixtures("small_city")
def test_only_an_administrator_of_the_whole_city_imports() -> None:
    with pytest.raises(Refused):
        acts.import_divisions(CLERK, divisions=small_table(), valid_from=NEXT, file_digest="sha256:x")


@pytest.mark.usefixtures("small_city")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("河津市", "140882"),
        ("河津", "140882"),
        ("山西省运城市河津市樊村镇", "140882100"),
        ("运城市 樊村镇", "140882100"),
        ("盐湖区东城", "140802002"),
        ("绛县", "140826"),
        ("槐东社区", "140802002001"),
        ("樊村", "140882100201 140882100"),
    ],
)
def test_names_resolve_in_full_and_in_short(text: str, code: str) -> None:
    assert {area.code for area in queries.resolve_area(text, FIRST_DAY).areas} == set(code.split())


@pytest.mark.usefixtures("small_city")
def test_a_place_outside_the_city_is_a_warning_with_the_likely_place() -> None:
    found = queries.resolve_area("天津市", FIRST_DAY)
    assert found.areas == ()
    assert found.likely[0].area.name == "河津市"
    assert queries.resolve_area("北京市", FIRST_DAY).likely == ()


@pytest.mark.usefixtures("small_city")
def test_a_day_before_the_table_says_so() -> None:
    with pytest.raises(LinliError) as caught:
        queries.resolve_area("河津市", date(2020, 1, 1))
    assert caught.value.code == "areas.no_table"
    assert str(FIRST_DAY) in str(caught.value)
