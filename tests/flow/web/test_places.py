"""Officers keep places: one by one, by a list that is tried first, each only in their own areas."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from listed_place_examples import day, place, place_list
from openpyxl import load_workbook
from place_examples import SYSTEM
from town_examples import use
from web_examples import PASSWORD, SmallCity, officer

from linli.kernel import clock
from linli.kernel.clock import today
from linli.kernel.positions import Position
from linli.papers import read_table
from linli.registers import acts
from linli.registers.models import Place, PlaceRole, Upload
from linli.web.places.kept import area_words
from linli.web.tables import downloads

pytestmark = pytest.mark.django_db
FORM = {
    "code": "N-1", "name_zh": "老李修鞋", "kind": "stall", "roles": ["repair"], "hours": "周一至周日 08:00-18:00", "lon": "111.0056",
    "lat": "35.0", "system": "GCJ-02", "area_code": "140802002001",
}  # fmt: skip


def text(response: Any) -> str:
    return str(response.content.decode())


def signed(login: str) -> Client:
    client = Client()
    client.post("/office/sign-in/", {"login": login, "password": PASSWORD})
    return client


@pytest.fixture
def yanhu(small_city: SmallCity, db: None) -> Client:
    officer("yanhu", "盐湖干部", area_code="140802")
    return signed("yanhu")


@pytest.fixture
def hejin(small_city: SmallCity, db: None) -> Client:
    officer("hejin", "河津干部", area_code="140882")
    return signed("hejin")


def send(client: Client, *rows: dict[str, str]) -> str:
    return str(client.post("/office/places/send/", {"file": place_list(*rows), **day()})["Location"])


def folds(page: Any) -> list[tuple[str, bool]]:
    """The groups of what a place can do, and whether each lies open."""
    return [
        (name, bool(mark))
        for mark, name in re.findall(r'<details class="details choices-group"( open)?><summary>(.*?)</summary>', text(page))
    ]


def test_what_a_place_can_do_is_folded_by_group_and_open_where_something_is_chosen(yanhu: Client):
    new = folds(yanhu.get("/office/places/new/"))
    assert len(new) > 3
    assert not any(mark for _name, mark in new)
    wrong = folds(yanhu.post("/office/places/new/", {**FORM, "roles": [], **day()}))
    assert [mark for _name, mark in wrong] == [True] + [False] * (len(new) - 1), "the summary of errors leads into the first"
    yanhu.post("/office/places/new/", {**FORM, "roles": ["repair", "childcare"], **day()})
    page = yanhu.get(f"/office/places/{Place.objects.get(code='N-1').uid}/")
    assert [name for name, mark in folds(page) if mark] == ["便民商业", "养老托育和医疗"]
    assert text(page).count('name="roles"') == text(yanhu.get("/office/places/new/")).count('name="roles"') > 20


def test_a_position_off_the_streets_is_asked_back_once_and_then_taken(yanhu: Client, tmp_path: Path):
    use(tmp_path)
    far = {**FORM, "system": "WGS-84", "lon": "111.5", **day()}
    page = yanhu.post("/office/places/new/", far)
    assert (page.status_code, Place.objects.filter(code="N-1").exists()) == (200, False)
    assert "在路网范围之外" in text(page)
    (sure,) = re.findall(r'name="sure" value="([^"]+)"', text(page))
    assert yanhu.post("/office/places/new/", {**far, "lon": "111.6", "sure": sure}).status_code == 200, "another position is asked anew"
    saved = yanhu.post("/office/places/new/", {**far, "sure": sure}, follow=True)
    assert Place.objects.filter(code="N-1").exists()
    assert "没法核对" in text(saved), "no located address is near"


def test_doubtful_positions_of_a_list_are_listed_by_row_and_it_can_be_applied_all_the_same(yanhu: Client, tmp_path: Path):
    rows = [{}, {"编号": "P2", "名称": "远处的店", "经度": "111.5"}]
    url = send(yanhu, *rows)
    assert "位置没有核对" in text(yanhu.get(url)), "no network is in use"
    use(tmp_path)
    url = send(yanhu, *rows)
    page = text(yanhu.get(url))
    assert page.count("在路网范围之外") == 1
    assert re.search(r'<th scope="row">G3<br>.*经度', page), "the cell of the second row"
    assert "确实在那里的，不用改" in page
    (plan,) = re.findall(r'name="plan" value="([^"]+)"', page)
    yanhu.post(url, {"verb": "apply", "plan": plan})
    assert Place.objects.filter(code="P2").exists()


def test_an_officer_opens_changes_moves_and_closes_a_place_of_their_own_area(yanhu: Client):
    assert yanhu.post("/office/places/new/", {**FORM, **day()})["Location"] == "/office/places/"
    row = Place.objects.get(code="N-1")
    assert (row.source, row.system, row.opened) == ("officer", "GCJ-02", today())
    page = text(yanhu.get(f"/office/places/{row.uid}/"))
    assert "周一至周日 08:00-18:00" in page
    changed = {**FORM, "roles": ["repair", "childcare"], "capacity": "托育机构 40", "lon": "111.02", "system": "WGS-84", **day()}
    assert yanhu.post(f"/office/places/{row.uid}/", changed).status_code == 302
    row.refresh_from_db()
    assert float(row.lon) == 111.02
    assert sorted(PlaceRole.objects.filter(place=row, until=None).values_list("category", "capacity")) == [
        ("childcare", 40),
        ("repair", None),
    ]
    assert "托育机构（40）" in text(yanhu.get("/office/places/"))
    assert yanhu.post(f"/office/places/{row.uid}/close/", day("close-on")).status_code == 302
    row.refresh_from_db()
    assert row.closed == today()
    assert "老李修鞋" not in text(yanhu.get("/office/places/"))
    assert "已停业" in text(yanhu.get("/office/places/?state=closed&category=childcare"))


def test_of_two_officers_at_once_the_second_is_told_before_anything_is_lost(yanhu: Client):
    officer("colleague2", "同事", area_code="140802")
    colleague = signed("colleague2")
    yanhu.post("/office/places/new/", {**FORM, **day()})
    address = f"/office/places/{Place.objects.get(code='N-1').uid}/"
    begun = [client.get(address).context["seen"] for client in (yanhu, colleague)]
    first, second = ({**FORM, "phone": phone, "seen": seen, **day()} for phone, seen in zip(("2111111", "2222222"), begun, strict=True))
    assert yanhu.post(address, first).status_code == 302
    assert yanhu.post(address, first).status_code == 302  # sent again by a slow network
    refused = colleague.post(address, second)
    assert "别人改过这一处" in text(refused)
    assert Place.objects.get(code="N-1").phone == "2111111"
    assert 'value="2222222"' in text(refused)
    assert colleague.post(address, {**second, "seen": refused.context["seen"]}).status_code == 302
    assert Place.objects.get(code="N-1").phone == "2222222"


def test_a_colleague_of_another_county_neither_sees_nor_changes_it(yanhu: Client, hejin: Client):
    yanhu.post("/office/places/new/", {**FORM, **day()})
    row = Place.objects.get(code="N-1")
    assert "老李修鞋" not in text(hejin.get("/office/places/?state=all"))
    assert hejin.get(f"/office/places/{row.uid}/").status_code == 404
    assert hejin.post(f"/office/places/{row.uid}/close/", day("close-on")).status_code == 404
    assert hejin.post("/office/places/new/", {**FORM, "code": "N-2", **day()}).status_code == 403
    assert not Place.objects.filter(code="N-2").exists()
    location = send(hejin, {"编号": "N-3"})
    assert "您管理的地区" in text(hejin.get(location))
    assert yanhu.get(location).status_code == 404


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_saved(yanhu: Client):
    wrong = {**FORM, "hours": "天天开", "lon": "35.0", "lat": "111.0", **day()}
    response = yanhu.post("/office/places/new/", wrong)
    page = text(response)
    assert response.status_code == 400
    for wanted in ("办公时间看不懂", "坐标不在我国范围内"):
        assert wanted in page
    assert "选中的服务和人数" in text(yanhu.post("/office/places/new/", {**FORM, "capacity": "托育机构 40", **day()}))
    yanhu.post("/office/places/new/", {**FORM, **day()})
    assert "已经有另一处场所" in text(yanhu.post("/office/places/new/", {**FORM, "name_zh": "别家", **day()}))
    assert Place.objects.count() == 1


def test_a_list_is_tried_before_it_is_applied_and_every_wrong_cell_comes_back_marked(yanhu: Client, tmp_path: Path):
    location = send(yanhu, {"编号": "A"}, {"编号": "B", "坐标系": ""}, {"编号": "C", "类别": "饭馆", "区划代码": "140802999"})
    page = text(yanhu.get(location))
    for cell in ("I3", "D4", "F4"):
        assert cell in page
    assert not Place.objects.exists()
    marked = tmp_path / "marked.xlsx"
    marked.write_bytes(b"".join(yanhu.post(f"{location}marked/").streaming_content))  # type: ignore[attr-defined]
    sheet = load_workbook(marked).worksheets[0]
    red = {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment}
    assert red == {"I3", "D4", "F4"}
    assert yanhu.post(location, {"verb": "apply", "plan": ""}).status_code == 302
    assert not Place.objects.exists()


def test_a_tried_list_is_applied_once_and_says_what_it_did(yanhu: Client):
    location = send(yanhu, {"编号": "A", "名称": "早点甲"}, {"编号": "B", "名称": "早点乙"})
    page = text(yanhu.get(location))
    assert "会变什么" in page
    assert "早点乙" in page
    assert not Place.objects.exists()
    plan = Upload.objects.get().plan
    for _ in range(2):
        assert yanhu.post(location, {"verb": "apply", "plan": plan}).status_code == 302
    assert sorted(Place.objects.values_list("code", "source")) == [("A", "officer"), ("B", "officer")]
    assert "变了什么" in text(yanhu.get(location))
    again = send(yanhu, {"编号": "A", "名称": "早点甲"}, {"编号": "B", "名称": "早点乙"})
    assert "没有变化" in text(yanhu.get(again))


def test_what_has_changed_since_the_trial_is_not_applied_blindly(yanhu: Client):
    location = send(yanhu, {"编号": "A", "名称": "早点甲"})
    plan = Upload.objects.get().plan
    acts.open_place(SYSTEM, place=place("A", name_zh="别的店"), on=today())
    page = text(yanhu.post(location, {"verb": "apply", "plan": plan}, follow=True))
    assert "核对之后情况有变化" in page
    assert Place.objects.get().name_zh == "别的店"


def test_the_export_is_a_list_that_changes_nothing_when_it_comes_back(yanhu: Client, settings: Any):
    acts.open_place(SYSTEM, place=place("A", categories="托育机构（40）、便利店", dates=""), on=today())
    acts.open_place(SYSTEM, place=place("B", hours=""), on=today())
    assert yanhu.post("/office/lists/places/export/", {"state": "all"}).status_code == 302
    from linli.web.models import Download

    download = Download.objects.get()
    downloads.make(download.uid)
    path = downloads.file_of(Download.objects.get())
    assert len(list(read_table(path).rows)) == 2
    sent = yanhu.post("/office/places/send/", {"file": SimpleUploadedFile("again.xlsx", path.read_bytes()), **day()})
    assert "没有变化" in text(yanhu.get(sent["Location"]))


def test_the_list_takes_as_many_queries_for_many_places_as_for_few(yanhu: Client):
    def queries() -> int:
        with CaptureQueriesContext(connection) as told:
            assert yanhu.get("/office/places/?q=早点").status_code == 200
        return len(told)

    acts.open_place(SYSTEM, place=place("P0"), on=today())
    few = queries()
    for number in range(1, 30):
        acts.open_place(SYSTEM, place=place(f"P{number}", categories="早餐店、便利店"), on=clock.today())
    assert queries() == few


def test_a_list_with_a_position_in_another_county_names_its_row(yanhu: Client):
    acts.position_areas(SYSTEM, positions={"140802002001": Position(111.01, 35.0), "140882100201": Position(110.7, 35.6)}, source="test")
    page = yanhu.get(send(yanhu, {"编号": "X"}, {"编号": "Y", "经度": "110.7", "纬度": "35.6"}))
    assert "F3" in text(page)
    assert "樊村" in text(page)
    assert not Place.objects.exists()


def test_a_list_that_names_another_countys_place_marks_its_row(yanhu: Client):
    acts.open_place(SYSTEM, place=place("H", name_zh="河津早点", area_code="140882100201"), on=today())
    page = text(yanhu.get(send(yanhu, {"编号": "A"}, {"编号": "H"}, {"编号": "C", "坐标系": "WGS-84"})))
    for words in ("A3", "H 河津早点", "这个编号是另一个地区的场所"):
        assert words in page
    assert "A2" not in page
    assert Place.objects.get().area_code == "140882100201"


def test_a_list_is_tried_and_applied_in_as_many_queries_for_many_rows_as_for_few(yanhu: Client):
    def queries(many: int, name: str) -> tuple[int, int]:
        rows = [{"编号": f"{name}{number}", "类别": "早餐店、便利店"} for number in range(many)]
        with CaptureQueriesContext(connection) as tried:
            location = send(yanhu, *rows)
        with CaptureQueriesContext(connection) as applied:
            yanhu.post(location, {"verb": "apply", "plan": Upload.objects.latest("id").plan})
        assert Place.objects.filter(code__startswith=name).count() == many
        return len(tried), len(applied)

    queries(2, "W")
    assert queries(300, "M") == queries(3, "F")


def test_nobody_has_to_know_the_code_of_an_area(yanhu: Client):
    acts.position_areas(SYSTEM, positions={"140802002001": Position(111.0, 35.0)}, source="test")
    answer = yanhu.post("/office/places/new/", {**FORM, "area_code": "", **day()}, follow=True)
    row = Place.objects.get(code="N-1")
    assert row.area_code == "140802002001"
    assert f"已保存，登记在{area_words(row.area_code)}" in text(answer)
    assert f"现在是{area_words(row.area_code)}" in text(yanhu.get(f"/office/places/{row.uid}/"))
    nowhere = yanhu.post("/office/places/new/", {**FORM, "code": "N-2", "area_code": "", "lon": "111.2", **day()})
    assert nowhere.status_code == 400
    assert "看不出在哪个村或社区" in text(nowhere)
    assert not Place.objects.filter(code="N-2").exists()
