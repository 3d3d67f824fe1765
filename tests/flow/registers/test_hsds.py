"""The directory of services for other systems: every object is what the specification asks, and says what the registers say."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hsds_schema import ABOUT, FIELDS, PAGE, differences, published, schema, schema_there
from jsonschema import Draft202012Validator
from listed_place_examples import place
from place_examples import SYSTEM
from service_window_examples import window

from linli.kernel import clock
from linli.registers import acts

FEED = "/api/v1/hsds"
SERVICES, ORGANIZATIONS, THERE = f"{FEED}/services", f"{FEED}/organizations", f"{FEED}/service_at_locations"
TAXONOMIES, TERMS = f"{FEED}/taxonomies", f"{FEED}/taxonomy_terms"
STALL = "周一至周五 06:00-09:30；周六 06:00-08:00 16:00-18:00；调休上班日 休息"
pytestmark = pytest.mark.django_db


@pytest.fixture
def directory(small_city):
    places = [
        place("A", hours=STALL, dates="2026-12-05 休息", phone="13800138000"),
        place(
            "B",
            name_zh="惠民托育",
            name_en="Huimin childcare",
            categories="托育机构（40）、老年助餐点",
            hours="",
            phone="0359-1",
            kind="机构",
        ),
        place("C", hours="周一至周日 00:00-24:00", address=""),
        place("D", closed=str(clock.today())),
    ]
    acts.import_places(SYSTEM, places=[*places, replace(place("E"), generated=True)], on=clock.today(), file_digest="test")
    acts.import_windows(SYSTEM, windows=[window("W1")], source="test")


def asked(address, **query):
    answer = Client().get(address, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def named(page):
    return [one["name"] for one in page["contents"]]


def checked(shape):
    return Draft202012Validator(shape, format_checker=Draft202012Validator.FORMAT_CHECKER)


SERVICE = checked(schema("service"))
OTHERS = {
    ORGANIZATIONS: checked(schema("organization")),
    THERE: checked(schema_there()),
    TAXONOMIES: checked(schema("taxonomy")),
    TERMS: checked(schema("taxonomy_term")),
}


def test_every_object_is_what_the_specification_asks(directory):
    page = asked(SERVICES, full="true")
    assert (page["total_items"], page["first_page"], page["last_page"], page["empty"]) == (6, True, True, False)
    for one in page["contents"]:
        SERVICE.validate(one)
        SERVICE.validate(asked(f"{SERVICES}/{one['id']}"))
        assert asked(f"{SERVICES}/{one['id']}") == one
    for one in asked(SERVICES)["contents"]:
        SERVICE.validate(one)
    for address, validator in OTHERS.items():
        listed = asked(address)
        assert not listed["empty"], address
        for one in listed["contents"]:
            validator.validate(one)
            alone = asked(f"{address}/{one['id']}")
            validator.validate(alone)
            assert alone["id"] == one["id"]
    for one in asked(THERE, full="true")["contents"]:
        OTHERS[THERE].validate(one)


def test_a_service_from_where_it_is_given_says_the_same_as_the_service(directory):
    full = {one["service_at_locations"][0]["id"]: one for one in asked(SERVICES, full="true")["contents"]}
    for one in asked(THERE, full="true")["contents"]:
        service = full[one["id"]]
        (at,) = service.pop("service_at_locations")
        assert one == at | {"service": service}
    assert "addresses" not in asked(THERE)["contents"][0]["location"]
    assert "schedules" not in asked(THERE)["contents"][0]


def test_an_organization_by_itself_has_its_locations_and_the_city_those_of_its_windows(directory):
    by_name = {one["name"]: asked(f"{ORGANIZATIONS}/{one['id']}") for one in asked(ORGANIZATIONS)["contents"]}
    assert [one["external_identifier"] for one in by_name["运城市"]["locations"]] == ["W1"]
    assert [one["name"] for one in by_name["惠民托育"]["locations"]] == ["惠民托育"]


def test_services_are_sought_by_the_citys_own_categories(directory):
    (taxonomy,) = asked(TAXONOMIES)["contents"]
    terms = {one["code"]: one for one in asked(TERMS, per_page=1000)["contents"]}
    assert {one["taxonomy_id"] for one in terms.values()} == {taxonomy["id"]}
    assert asked(TERMS, taxonomy_id=taxonomy["id"])["total_items"] == len(terms)
    assert asked(SERVICES, taxonomy_id=taxonomy["id"])["total_items"] == 6
    assert asked(THERE, taxonomy_term_id=terms["childcare"]["id"])["total_items"] == 1
    nothing = "00000000-0000-5000-8000-000000000000"
    assert asked(SERVICES, taxonomy_id=nothing)["empty"] is True
    assert asked(TERMS, taxonomy_id=nothing)["empty"] is True
    assert asked(SERVICES, taxonomy_term_id=terms["childcare"]["id"], search="没有这个名字")["empty"] is True  # conditions hold together


def test_pages_and_the_description_of_the_feed_are_what_the_specification_asks(directory):
    for address in (SERVICES, *OTHERS):
        for number in (1, 9):
            page = asked(address, page=number, per_page=2)
            checked(PAGE | {"additionalProperties": False, "required": list(PAGE["properties"])}).validate(page)
            assert (page["page_number"], page["size"]) == (number, len(page["contents"]))
    about = asked("/api/v1/hsds")
    checked(ABOUT).validate(about)
    assert about["version"] == "3.1"
    for address in (about["profile"], about["openapi_url"], about["publisher"]["website"]):
        assert urlsplit(address).scheme in ("http", "https")
        assert urlsplit(address).netloc


def test_what_does_not_agree_would_be_found(directory):
    one = asked(SERVICES, full="true")["contents"][0]
    for wrong in ({"status": "open"}, {"id": "17"}, {"hours": "x"}, {"name": None}, {"attributes": [{"id": one["id"]}]}):
        assert not SERVICE.is_valid(one | wrong)
    for left_out in ("id", "name", "status", "organization_id"):
        assert not SERVICE.is_valid({key: value for key, value in one.items() if key != left_out})


def test_whoever_has_the_published_schema_is_told_every_difference_from_what_is_restated_here(tmp_path):
    for name in FIELDS:
        told = published(name)
        worded = {field: shape | {"name": field, "description": "in words"} for field, shape in told["properties"].items()}
        (tmp_path / f"{name}.json").write_text(json.dumps(told | {"properties": worded}))
    assert differences(tmp_path) == []
    phone = published("phone")
    del phone["properties"]["extension"]
    phone["properties"]["number"] = {"type": "number"}
    phone["properties"]["new"] = {"type": "string", "format": "uri"}
    (tmp_path / "phone.json").write_text(json.dumps(phone | {"required": ["id"]}))
    assert [line.split(":")[0] for line in differences(tmp_path)] == ["phone.extension", "phone.new", "phone.number", "phone"]


def test_a_place_is_an_organization_with_a_service_for_each_role_at_one_location(directory):
    both = asked(SERVICES, full="true", search="惠民")["contents"]
    assert named({"contents": both}) == ["惠民托育（托育机构）", "惠民托育（老年助餐点）"]
    assert both[0]["description"] == "托育机构（40） / childcare (40)"
    assert len({one["organization_id"] for one in both}) == 1
    assert len({one["service_at_locations"][0]["location_id"] for one in both}) == 1
    location = both[0]["service_at_locations"][0]["location"]
    assert (location["longitude"], location["latitude"]) == (111.01, 35.0)
    assert (location["phones"][0]["number"], location["addresses"][0]["state_province"]) == ("0359-1", "山西省")
    assert "schedules" not in both[0]["service_at_locations"][0]  # nobody has said its hours: not that it is closed
    term = both[0]["attributes"][0]["taxonomy_term"]
    assert term["code"] == "childcare"
    assert named(asked(SERVICES, taxonomy_term_id=term["id"])) == ["惠民托育（托育机构）"]
    assert named(asked(SERVICES, organization_id=both[0]["organization_id"])) == named({"contents": both})


def test_hours_are_weekly_spans_with_their_zone_and_single_days_stand_in_the_notes(directory):
    stall, always = (asked(SERVICES, full="true")["contents"][at]["service_at_locations"][0]["schedules"] for at in (0, 3))
    assert [(one["byday"], one["opens_at"], one["closes_at"]) for one in stall] == [
        ("SA", "06:00+08:00", "08:00+08:00"),
        ("MO,TU,WE,TH,FR", "06:00+08:00", "09:30+08:00"),
        ("SA", "16:00+08:00", "18:00+08:00"),
    ]
    assert stall[0]["notes"] == "2026-12-05 休息"
    assert "节假日 休息" in stall[0]["description"]
    assert [(one["opens_at"], one["closes_at"]) for one in always] == [("00:00+08:00", "23:59+08:00")]


def test_windows_are_the_citys_and_what_has_closed_is_not_there(directory):
    services = asked(SERVICES)["contents"]
    assert [one["organization"]["name"] for one in services if "便民服务窗口" in one["description"]] == ["运城市"]
    codes = {one["service_at_locations"][0]["location"]["external_identifier"] for one in asked(SERVICES, full="true")["contents"]}
    assert codes == {"A", "B", "C", "E", "W1"}


def test_pages_share_out_the_whole_and_one_costs_a_constant_number_of_queries(directory):
    seen = [one["id"] for number in (1, 2, 3) for one in asked(SERVICES, page=number, per_page=2)["contents"]]
    assert len(seen) == len(set(seen)) == 6
    assert asked(SERVICES, page=9)["empty"] is True
    with CaptureQueriesContext(connection) as few:
        asked(SERVICES, full="true")
    many = [place(f"M{number:03d}") for number in range(200)]
    acts.import_places(SYSTEM, places=many, on=clock.today(), file_digest="many")
    with CaptureQueriesContext(connection) as more:
        asked(SERVICES, full="true")
    assert len(more) == len(few)


def test_what_is_not_there_and_what_is_not_known_is_refused(directory):
    for address in (SERVICES, *OTHERS):
        assert Client().get(f"{address}/00000000-0000-5000-8000-000000000000").status_code == 404
    assert Client().get(SERVICES, {"modified_after": "2026-01-01"}).status_code == 422
    assert Client().get(SERVICES, {"per_page": "100000"}).status_code == 422


def test_a_stalls_telephone_is_somebodys_own_and_is_not_given(directory):
    assert "13800138000" not in json.dumps(
        [asked("/api/v1/hsds/services", full="true"), asked("/api/v1/hsds/service_at_locations", full="true")]
    )
