"""The ground replaced in one go: a map's network and places come, made-up ones go, and what people have said stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from listed_place_examples import place, place_list
from place_examples import CLERK, FIRST_DAY, SYSTEM

from linli.circles.models import NetworkVersion
from linli.kernel.errors import LinliError, Refused
from linli.registers import acts
from linli.registers.acts.areas import NewPlace
from linli.registers.acts.places import stated_of
from linli.registers.generated.town.files import SOURCE
from linli.registers.models import Place
from linli.registers.queries.places import open_places
from linli.site.ground import replace_ground
from linli.trace.models import Fact
from tests.unit.reach.drawn import extract

pytestmark = pytest.mark.usefixtures("small_city")
DAY, LATER = date(2026, 11, 1), date(2026, 11, 20)
SPOT = (Decimal("112.5"), Decimal("36.0"))
STREET = {"highway": "residential", "name": "河东街"}
NODES = {1: (0.0, 0.0), 2: (100.0, 0.0), 3: (200.0, 0.0), 4: (50.0, 8.0), 5: (150.0, 8.0)}
WAYS = {7: ([1, 2, 3], STREET)}
SHOP = {"shop": "convenience", "name": "小店", "opening_hours": "24/7", "phone": "0359-1234567"}
STALL = {"amenity": "cafe", "opening_hours": "Mo-Su 06:00-09:30; PH off"}


@pytest.fixture(autouse=True)
def state(settings, tmp_path):
    settings.LINLI_STATE = tmp_path / "state"


def drawn(tmp_path, name, tags):
    return extract(tmp_path / name, NODES, WAYS, tags)


def taken(file, on=DAY, **options):
    return replace_ground(SYSTEM, file, area="140802", on=on, **options)


def test_a_map_brings_its_network_and_places_and_made_up_ones_close(tmp_path):
    made_up = replace(place("DEMO-1"), generated=True)
    acts.import_places(SYSTEM, places=[made_up, place("P1")], on=DAY, file_digest="test")
    done = taken(drawn(tmp_path, "one.osm", {4: SHOP, 5: STALL}), on=LATER)
    assert (done.network.nodes, done.network.links, done.made_up, done.places.opened) == (3, 2, 1, 2)
    assert "OpenStreetMap" in done.network.licence
    rows = {row.code: row for row in open_places(LATER).rows}
    assert set(rows) == {"P1", "osm-node/4", "osm-node/5"}
    shop, cafe = rows["osm-node/4"], rows["osm-node/5"]
    assert (shop.name_zh, shop.phone, list(shop.roles), shop.generated) == ("小店", "0359-1234567", ["convenience"], False)
    assert "00:00-24:00" in shop.hours
    assert (cafe.name_zh, "06:00-09:30" in cafe.hours) == ("早餐店", True)
    assert cafe.hours.startswith("周一至周日 06:00-09:30")  # in the register's own words, as every other's
    assert "DEMO-1" in {row.code for row in open_places(DAY).rows}


def test_the_same_map_twice_changes_nothing_and_a_newer_one_updates_and_closes(tmp_path):
    first = drawn(tmp_path, "one.osm", {4: SHOP, 5: STALL})
    taken(first)
    facts = Fact.objects.filter(type__in=["registers.place_recorded", "circles.network_taken"]).count()
    taken(first)
    assert Fact.objects.filter(type__in=["registers.place_recorded", "circles.network_taken"]).count() == facts
    assert NetworkVersion.objects.count() == 1
    newer = drawn(tmp_path, "two.osm", {4: SHOP | {"name": "大店"}})
    done = taken(newer, on=LATER)
    assert (done.places.opened, done.places.changed, done.places.closed) == (0, 1, 1)
    assert [row.name_zh for row in open_places(LATER).rows] == ["大店"]


def test_what_a_person_has_said_of_a_place_of_the_map_stays(tmp_path):
    taken(drawn(tmp_path, "one.osm", {4: SHOP, 5: STALL}))
    acts.close_place(SYSTEM, code="osm-node/5", on=DAY.replace(day=10), source="report")
    done = taken(drawn(tmp_path, "two.osm", {4: SHOP, 5: STALL | {"name": "又开了"}}), on=LATER)
    assert done.places.kept == 1
    assert Place.objects.get(code="osm-node/5").closed == DAY.replace(day=10)


def test_a_map_of_somewhere_else_is_refused_unless_meant_and_the_right_one_takes_it_back(tmp_path):
    homes = [NewPlace(f"140802002001B01{number:02d}", f"{number}号楼", "140802002001G001", *SPOT) for number in range(4)]
    acts.add_places(SYSTEM, places=homes, valid_from=FIRST_DAY, source="town")
    made_up = replace(place("DEMO-1"), generated=True)
    acts.import_places(SYSTEM, places=[made_up], on=DAY, file_digest="test")
    elsewhere = drawn(tmp_path, "helsinki.osm", {4: SHOP})  # 111° E, 35° N, where no home is
    with pytest.raises(LinliError, match="half of the homes") as refused:
        taken(elsewhere)
    assert ("0 of 4" in str(refused.value), "--anyway" in str(refused.value), "112.500" in str(refused.value)) == (True, True, True)
    assert str(elsewhere) in str(refused.value)
    assert (NetworkVersion.objects.count(), Place.objects.get().closed) == (0, None)
    taken(elsewhere, anyway=True)
    acts.close_place(SYSTEM, code="osm-node/4", on=DAY, source="report")
    taken(drawn(tmp_path, "two.osm", {4: SHOP, 5: STALL}), anyway=True)
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "nodes.csv").write_text("node,lon,lat\n1,112.5,36.0\n2,112.501,36.0\n", "utf-8")
    (folder / "edges.csv").write_text("u,v,length_m\n1,2,91.3\n", "utf-8")
    done = taken(folder, on=LATER, origin="测绘", licence="city", system="WGS-84")
    assert done.elsewhere == 1
    assert not open_places(LATER).rows
    assert Place.objects.get(code="osm-node/4").closed == DAY  # as it was reported


def _folder(tmp_path, made_up):
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "nodes.csv").write_text("node,lon,lat\n1,111.0,35.0\n2,111.001,35.0\n", "utf-8")
    (folder / "edges.csv").write_text("u,v,length_m\n1,2,91.3\n", "utf-8")
    (folder / "places.csv").write_bytes(place_list(*({"编号": code} for code in ("T1", "T2", "T3"))).read())
    options = {"origin": SOURCE if made_up else "测绘", "licence": "CC0", "system": "WGS-84"}
    return (folder, options), ("T1", "T2", "T3")


def test_places_off_the_new_network_are_listed_by_row_or_element(tmp_path):
    folder, options = _folder(tmp_path, False)[0]
    (folder / "places.csv").write_bytes(place_list({"编号": "T1"}, {"编号": "T2", "经度": "111.2"}).read())
    listed = [(one.code, one.where) for one in taken(folder, **options).listing.doubts if one.code.startswith("place_")]
    assert ("place_outside", "places.csv:3") in listed


def _map(tmp_path, _made_up):
    return (drawn(tmp_path, "own.osm", {4: SHOP, 5: STALL, 3: SHOP | {"name": "三号"}}), {}), ("osm-node/4", "osm-node/5", "osm-node/3")


@pytest.mark.parametrize(("ground", "made_up"), [(_folder, True), (_folder, False), (_map, False)])
def test_what_people_have_said_stays_when_a_network_goes_and_comes_back(tmp_path, ground, made_up):
    (source, options), (renamed, shut, plain) = ground(tmp_path, made_up)
    taken(source, **options)
    acts.change_place(SYSTEM, place=replace(stated_of(Place.objects.get(code=renamed)), name_zh="益民药店"), on=DAY.replace(day=9))
    acts.close_place(SYSTEM, code=shut, on=DAY.replace(day=10), source="report")
    again = taken(source, on=LATER, **options)
    assert (again.places.opened, again.places.changed, again.places.closed, again.places.kept) == (0, 0, 0, 2)
    taken(drawn(tmp_path, "elsewhere.osm", {1: SHOP | {"name": "别处"}}), on=LATER)
    taken(source, on=LATER, **options)
    rows = {row.code: row for row in Place.objects.all()}
    assert (rows[renamed].name_zh, rows[renamed].closed, rows[shut].closed) == ("益民药店", None, DAY.replace(day=10))
    assert rows[plain].closed is None


def test_nothing_is_written_of_a_broken_file_or_by_who_may_not(tmp_path):
    acts.import_places(SYSTEM, places=[replace(place("DEMO-1"), generated=True)], on=DAY, file_digest="test")
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(b"no map")
    with pytest.raises(LinliError):
        taken(broken)
    with pytest.raises(Refused):
        replace_ground(CLERK, drawn(tmp_path, "one.osm", {4: SHOP}), area="140802", on=DAY)
    assert NetworkVersion.objects.count() == 0
    assert Place.objects.get().closed is None


def test_tables_that_do_not_say_their_system_are_refused_and_taken_once_they_do(tmp_path):
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "nodes.csv").write_text("node,lon,lat\n1,111.0,35.0\n2,111.001,35.0\n", "utf-8")
    (folder / "edges.csv").write_text("u,v,length_m\n1,2,91.3\n", "utf-8")
    with pytest.raises(LinliError) as caught:
        taken(folder, origin="测绘", licence="city")
    assert "system" in caught.value.code
    done = taken(folder, origin="测绘", licence="city", system="WGS-84")
    assert (done.network.nodes, done.places.opened) == (2, 0)
