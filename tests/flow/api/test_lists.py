"""A department delivers its list by program: tried, applied once, taken back."""

from __future__ import annotations

from uuid import UUID

import pytest
from linli_client import Refused
from place_examples import VILLAGE

from linli.registers.imports import uploads
from linli.registers.models import ListImport
from linli.registers.queries import viewer_of
from linli.web.imports import lists as imports
from linli.web.insights import listquality

LIST = "disability-certificate"


def delivery(name: str, level: str = "1", born: str = "") -> bytes:
    """A file of one row."""
    head = "姓名,出生日期,行政区划代码,残疾类别,残疾等级,发证日期"
    return f"{head}\n{name},{born},{VILLAGE},视力,{level},2024-01-01\n".encode()


def test_a_list_is_tried_applied_once_and_taken_back(city, db, officer):
    assert LIST in [one["slug"] for one in officer.list_lists()["items"]]
    file = delivery("测试丙", born=str(city.undecided.birth_date))
    tried = officer.import_list(slug=LIST, file=file, file_name="名册.csv", dry_run=True)
    assert (tried["id"], tried["rows"]) == (None, 1)
    assert officer.list_imports(slug=LIST)["items"] == []
    done = officer.import_list(slug=LIST, file=file, file_name="../../etc/名册.csv", whole=False, key="deliver-1")
    assert officer.import_list(slug=LIST, file=file, file_name="名册.csv", whole=False, key="deliver-1") == done
    (row,) = officer.list_imports(slug=LIST)["items"]
    assert row["id"] == done["id"]
    assert "/" not in row["file_name"]
    assert officer.undo_import(uid=done["id"])["undone_at"]
    assert any(one["slug"] == LIST for one in officer.list_quality()["items"])


def test_an_officer_of_a_county_reads_how_the_lists_stand_there(city, db, officer, caller, tokens):
    def read(of):
        return next(one for one in of.list_quality()["items"] if one["slug"] == LIST)

    county = caller(tokens.secret(tokens.staff("quality", ("officer", "140802", ""))))
    assert (read(officer)["subjects"], read(county)["subjects"]) == (2, 1)
    assert read(county)["rows"] == 0
    whole = delivery("测试丙", born=str(city.undecided.birth_date))
    officer.import_list(slug=LIST, file=whole, file_name="a.csv", whole=False, key="quality-whole-1")
    assert read(officer)["rows"] == 1
    told = read(county)
    assert (told["rows"], told["wrong_per_mille"], told["subjects"]) == (None, None, 2)  # another of the county's people is on it now
    assert told["delivered_as_of"] == read(officer)["delivered_as_of"]


def test_the_api_the_officers_page_and_the_citys_page_say_the_same_of_a_list(city, db, officer, caller, tokens):
    viewer = viewer_of(city.officer)

    def read(of):
        return next(one for one in of.list_quality()["items"] if one["slug"] == LIST)

    def page(whose):
        return next(one for one in imports.overview(whose) if one.declaration.slug == LIST)

    def said():
        standing = next(one for one in officer.list_standings()["items"] if one["slug"] == LIST)
        lamp = page(viewer).lamp
        assert lamp == next(one for one in listquality.rows(viewer) if one.slug == LIST).lamp
        assert read(officer)["colour"] == standing["colour"]
        assert (read(officer)["rows"], page(viewer).rows) == (standing["rows"] or 0, standing["rows"])
        return standing["colour"], lamp.words[:2], read(officer)["fresh"]

    assert said() == ("red", "红灯", False)
    file = delivery("测试丙", born=str(city.undecided.birth_date))
    officer.import_list(slug=LIST, file=file, file_name="a.csv", area="140802", key="same-county-1")
    assert said() == ("red", "红灯", False)  # the other counties' never came
    county = tokens.staff("same", ("officer", "140802", ""))
    town = tokens.staff("same-town", ("officer", "140802002", ""))
    for one in (county, town):
        assert (read(caller(tokens.secret(one)))["colour"], page(viewer_of(one)).lamp.words[:2]) == ("green", "绿灯")
    assert page(viewer_of(town)).rows is None
    officer.import_list(slug=LIST, file=delivery("测试丙", "2", str(city.undecided.birth_date)), file_name="b.csv", key="same-whole-1")
    assert said() == ("green", "绿灯", True)
    assert read(officer)["rows"] == 1  # what the county delivered before is in it


def test_a_file_is_tried_and_applied_by_the_worker_as_it_was_tried(city, db, officer, local):
    file = delivery("测试丙", born=str(city.undecided.birth_date))
    asked = officer.send_file(slug=LIST, file=file, file_name="../名册.csv", whole=False, key="send-file-1")
    assert officer.send_file(slug=LIST, file=file, file_name="名册.csv", whole=False, key="send-file-1") == asked
    assert officer.get_file(uid=asked["id"])["state"] == "checking"
    uploads.run_job(UUID(asked["id"]), "checking")
    checked = officer.get_file(uid=asked["id"])
    assert (checked["state"], checked["counts"]["rows"], checked["counts"]["opened"]) == ("checked", 1, 1)
    for client, status in ((local, 404), (officer, 422)):
        with pytest.raises(Refused) as caught:
            client.apply_file(uid=asked["id"], body={"plan": "sha256:another"})
        assert caught.value.status == status
    assert officer.apply_file(uid=asked["id"], body={"plan": checked["plan"]})["state"] == "applying"
    uploads.run_job(UUID(asked["id"]), "applying")
    assert officer.get_file(uid=asked["id"])["import_id"] == str(ListImport.objects.get().uid)


def test_what_cannot_be_a_list_says_why_and_its_cells_are_masked(city, db, officer):
    with pytest.raises(Refused) as caught:
        officer.send_file(slug=LIST, file="姓名\n甲".encode(), file_name="a.csv")
    assert caught.value.status == 422
    asked = officer.send_file(slug=LIST, file=b"\x00", file_name="a.csv")
    assert officer.get_file(uid=asked["id"])["problems"][0]["code"] == "papers.encoding"
    asked = officer.send_file(slug=LIST, file=delivery("测试丙", level="九级", born="1990-01-01"), file_name="a.csv")
    uploads.run_job(UUID(asked["id"]), "checking")
    (note,) = officer.get_file(uid=asked["id"])["notes"]
    assert (note["place"], note["found"]) == ("E2 (残疾等级)", "九•")


def test_a_file_with_wrong_cells_is_refused_with_their_places(city, db, officer):
    with pytest.raises(Refused) as caught:
        officer.import_list(slug=LIST, file=delivery("测试丙", level="9"), file_name="a.csv")
    assert caught.value.status == 422
    assert any("a.csv" in one["place"] for one in caught.value.problem["errors"])
    assert not ListImport.objects.filter(list_slug=LIST).exists()


@pytest.mark.parametrize(("slug", "name", "status"), [("no-such", "a.csv", 404), (LIST, "a.exe", 422), (LIST, "", 422)])
def test_other_lists_and_other_files_are_refused(city, db, officer, slug, name, status):
    with pytest.raises(Refused) as caught:
        officer.import_list(slug=slug, file=b"x", file_name=name)
    assert caught.value.status == status


def test_a_countys_officer_delivers_for_the_county_only(city, db, local):
    with pytest.raises(Refused) as caught:
        local.import_list(slug=LIST, file=delivery("测试丙"), file_name="a.csv")
    assert caught.value.status == 403
