"""去哪里办: the nearest open window for anyone, for a resident from their home, through the API; and administrators who keep the list."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import combinations
from math import hypot
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from map_examples import at, use_town
from own_browser import own_browser
from place_examples import FIRST_DAY, SYSTEM
from web_examples import AID, ALLOWANCE, PASSWORD, SmallCity
from window_examples import FORM, MONDAY, REST, TOWNSHIP, described, open_windows

from linli.kernel import clock
from linli.registers import acts
from linli.registers.models import ServiceWindow
from linli.trace.models import Fact
from linli.web.places.nearest import distance

pytestmark = pytest.mark.django_db
FIRST, MORNING, COUNTY = "测试街道便民服务中心", "上午办公的便民服务站", "本区助学窗口"


@pytest.fixture(autouse=True)
def monday(small_city: SmallCity, db: None):
    open_windows()
    with clock.frozen(MONDAY):
        yield


def text(response: Any) -> str:
    return str(response.content.decode())


def named(page: str) -> list[str]:
    """The windows of the page in its order."""
    return re.findall(r'<th scope="row"><span class="figures">\d+\.</span> ([^<]+?)(?: <span|<br)', page)


def test_the_nearest_open_window_comes_first_with_distance_hours_and_telephone(client: Client):
    page = text(client.get("/windows/", {"item": AID, "place": TOWNSHIP}))
    assert named(page) == [FIRST, COUNTY, MORNING]
    for wanted in ("正在办公，到 18:00", "约 1.8 公里", "明天 09:00 开门", "不到 1 公里", "tel:12345", "只受理本辖区居民", "直线距离"):
        assert wanted in page
    assert "从所在乡镇（街道）的中心算起" in page
    assert f"{REST:%Y-%m-%d} 休息" in page
    assert named(text(client.get("/windows/", {"item": ALLOWANCE, "place": TOWNSHIP}))) == [FIRST, MORNING]
    assert named(text(client.get("/windows/", {"item": AID, "place": "140882100"}))) == []


def test_the_map_has_the_numbers_of_the_table_a_scale_and_the_north(client: Client):
    page = text(client.get("/windows/", {"item": AID, "place": TOWNSHIP}))
    drawn = page[page.index('<svg class="point-map-drawing"') : page.index("</svg>", page.index("point-map-drawing"))]
    assert re.findall(r'<text class="([^"]*)"[^>]*>(\d)<', drawn) == [("point-number", "1"), ("point-number point-number-closed", "3")]
    assert "500 米" in drawn
    assert "北" in drawn
    (far, _y), (near, _z) = ((int(x), int(y)) for x, y in re.findall(r'point-spot" cx="(\d+)" cy="(\d+)"', drawn))
    here = int(re.search(r'point-here" d="M(\d+)', drawn)[1])
    assert (near - here) * 2 == pytest.approx(far - here, abs=2)  # 911 m and 1,822 m due east
    assert re.search(r"图上没有：2\. " + COUNTY, page)


def test_numbers_of_windows_at_one_place_stand_beside_each_other(client: Client):
    acts.import_windows(SYSTEM, windows=[described(code=f"M-{number}", lon="111.0") for number in range(6)], source="test")
    page = text(client.get("/windows/", {"place": TOWNSHIP}))
    numbers = [(int(x), int(y)) for x, y in re.findall(r'<text class="point-number[^"]*" x="(\d+)" y="(\d+)"', page)]
    assert len(numbers) == 8
    assert all(hypot(a - c, b - d) >= 31 for (a, b), (c, d) in combinations(numbers, 2))


def test_nothing_is_said_before_a_place_is_chosen_and_an_unknown_one_is_none(client: Client):
    for query in ({}, {"item": AID}, {"place": "999999999"}, {"item": "../x", "place": "1408"}):
        page = text(client.get("/windows/", query))
        assert named(page) == []
        assert "找窗口" in page
    assert "东城街道" in text(client.get("/windows/"))


def shown(page: str) -> list[str]:
    """The windows of the list by county and town, in its order."""
    return re.findall(r'<span class="strong">([^<]+)</span>', page[page.index('id="all"') :])


def test_without_a_place_the_windows_stand_by_county_and_town_and_are_narrowed(client: Client):
    page = text(client.get("/windows/"))
    assert shown(page) == []
    assert re.search(r'href="\?county=140802">盐湖区</a><span class="soft">3 个窗口，2 个正在办公', page)
    assert shown(text(client.get("/windows/", {"county": "140802"}))) == [COUNTY, FIRST, MORNING]
    assert shown(text(client.get("/windows/", {"county": "140802", "open": "1"}))) == [COUNTY, FIRST]
    assert shown(text(client.get("/windows/", {"county": "140802", "item": ALLOWANCE}))) == [FIRST, MORNING]
    assert shown(text(client.get("/windows/", {"q": "上午"}))) == [MORNING]
    assert "没有找到这样的窗口" in text(client.get("/windows/", {"q": "<没有>", "county": "140802"}))
    acts.import_windows(SYSTEM, windows=[described(code=f"M-{number:03}") for number in range(130)], source="test")
    seen, address = [], "/windows/?county=140802"
    with CaptureQueriesContext(connection) as before:
        page = text(client.get("/windows/?county=140802&q=上午"))
    while address:
        with CaptureQueriesContext(connection) as found:
            page = text(client.get(address))
        assert len(found) == len(before)
        seen += shown(page)
        after = re.search(r'href="\?([^"]*after=[^"]*)"', page)
        address = "/windows/?" + after[1].replace("&amp;", "&") if after else ""
    assert len(seen) == 133


def test_a_place_without_a_position_says_whom_to_ask(client: Client):
    page = text(client.get("/windows/", {"place": "140826402"}))
    assert "位置还没有登记" in page
    assert "12345" in page


def test_a_devices_position_is_posted_and_stands_in_no_address(client: Client):
    response = client.post("/windows/", {"item": AID, "lon": "111.0190", "lat": "35.0001"})
    page = text(response)
    assert named(page)[0] == FIRST
    assert "从您现在的位置算起" in page
    assert "约 90 米" in page
    assert "111.019" not in page.replace("lon", "")
    assert response.headers["Permissions-Policy"].count("geolocation=(self)") == 1
    assert "geolocation=()" in client.get("/").headers["Permissions-Policy"]
    for wrong in ({"lon": "x", "lat": "1"}, {"lon": "35", "lat": "111"}, {}):
        assert "位置还没有登记" in text(client.post("/windows/", wrong))
    assert client.cookies == {}


def test_the_page_takes_as_many_queries_for_many_windows_as_for_few(client: Client):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/windows/", {"item": AID, "place": TOWNSHIP})
        return len(queries)

    asked()
    few = asked()
    acts.import_windows(SYSTEM, windows=[described(code=f"M-{number}", lon=f"111.{number:03d}") for number in range(200)], source="test")
    assert asked() == few <= 5


def test_the_page_is_whole_in_english(client: Client):
    client.cookies["linli_language"] = "en"
    page = text(client.get("/windows/", {"item": AID, "place": TOWNSHIP}))
    for wanted in (
        "Test Street centre",
        "Open until 18:00",
        "about 1.8 km",
        "Opens tomorrow at 09:00",
        "Mon-Fri 09:00-12:00 14:00-18:00",
    ):
        assert wanted in page


def test_every_programme_leads_to_its_windows(client: Client):
    assert f'href="/windows/?item={AID}"' in text(client.get(f"/programmes/{AID}/"))
    assert 'href="/windows/"' in text(client.get("/"))


def test_a_resident_is_answered_from_their_own_home(small_city: SmallCity):
    client = own_browser(small_city.found)
    why = text(client.get(f"/my/found/{AID}/{small_city.found.uid}/"))
    assert f'href="/my/windows/?item={AID}"' in why
    page = text(client.get("/my/windows/", {"item": AID}))
    assert named(page) == [FIRST, COUNTY, MORNING]
    assert "从所在村（社区）的中心算起" in page
    elsewhere = text(own_browser(small_city.away).get("/my/windows/"))
    assert "还没有位置" in elsewhere
    assert 'href="/windows/"' in elsewhere


def test_a_resident_signs_in_for_their_home(client: Client):
    assert client.get("/my/windows/")["Location"] == "/my/sign-in/"


def test_programs_ask_for_the_nearest_windows_too(client: Client):
    found = client.get("/api/v1/windows/nearest", {"item": AID, "area": TOWNSHIP}).json()["items"]
    assert [(one["code"], one["metres"], one["open"]) for one in found] == [("W-1", 1822, True), ("W-3", 27326, True), ("W-2", 911, False)]
    assert found[0]["open_until"].startswith(f"{MONDAY:%Y-%m-%d}T")
    assert found[2]["opens_at"].startswith(f"{MONDAY + timedelta(days=1):%Y-%m-%d}T")
    shifted = {"lon": 111.0056, "lat": 34.9993, "system": "GCJ-02"}  # 东城街道's centre as a Chinese map has it, about
    assert client.get("/api/v1/windows/nearest", shifted).json()["items"][0]["metres"] == pytest.approx(1822, abs=60)
    sunday = client.get(
        "/api/v1/windows/nearest", {"area": TOWNSHIP, "at": f"{MONDAY + timedelta(days=6):%Y-%m-%d}T10:00:00+08:00", "most": 1}
    ).json()["items"]
    assert [(one["code"], one["open"]) for one in sunday] == [("W-2", False)]
    for query, code in (
        ({}, "windows.no_start"),
        ({"area": "140826402"}, "windows.no_start"),
        ({"lon": 111, "lat": 35}, "positions.system"),
    ):
        response = client.get("/api/v1/windows/nearest", query)
        assert (response.status_code, response.json()["code"]) == (422, code)


@pytest.fixture
def administrator(small_city: SmallCity) -> Client:
    """A county's administrator, signed in."""
    staff = acts.add_staff(SYSTEM, login="keeper", name="县级管理员", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=staff, role="administrator", area_code="140802", valid_from=FIRST_DAY)
    client = Client()
    client.post("/office/sign-in/", {"login": "keeper", "password": PASSWORD})
    return client


def test_an_administrator_adds_changes_and_closes_windows_of_their_own_area(administrator: Client, client: Client):
    acts.record_window(SYSTEM, window=described(code="E-1", name_zh="河津的窗口", area_code="140882"))
    listed = text(administrator.get("/admin/windows/"))
    assert FIRST in listed
    assert "河津的窗口" not in listed
    given = {**FORM, "code": "N-1", "name_zh": "新窗口", "lon": "111.0056", "system": "GCJ-02", "items": [AID]}
    assert administrator.post("/admin/windows/add/", given)["Location"] == "/admin/windows/"
    row = ServiceWindow.objects.get(code="N-1")
    assert (row.items, row.system, row.given) == ([AID], "GCJ-02", "111.0056, 35.0")
    page = text(administrator.get(f"/admin/windows/{row.uid}/"))
    assert "周一至周五 09:00-12:00 14:00-18:00" in page
    changed = {**given, "name_zh": "改了名的窗口", "dates": f"{MONDAY:%Y-%m-%d} 休息"}
    assert administrator.post(f"/admin/windows/{row.uid}/", changed).status_code == 302
    assert "改了名的窗口" in text(client.get("/windows/", {"item": AID, "place": TOWNSHIP}))
    assert administrator.post(f"/admin/windows/{row.uid}/close/").status_code == 302
    assert "改了名的窗口" not in text(client.get("/windows/", {"item": AID, "place": TOWNSHIP}))
    told = Fact.objects.filter(type="registers.window_recorded", payload__code="N-1").order_by("id")
    assert [fact.payload["change"] for fact in told] == ["opened", "changed", "closed"]
    other = ServiceWindow.objects.get(code="E-1")
    assert administrator.get(f"/admin/windows/{other.uid}/").status_code == 404
    assert administrator.post(f"/admin/windows/{other.uid}/close/").status_code == 404
    assert administrator.post("/admin/windows/add/", {**given, "code": "N-2", "area_code": "140882"}).status_code == 403


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_saved(administrator: Client):
    wrong = {**FORM, "code": "N-1", "hours": "全天", "lon": "35.0", "lat": "111.0", "phone": "没有", "items": []}
    response = administrator.post("/admin/windows/add/", wrong)
    page = text(response)
    assert response.status_code == 400
    for wanted in ("办公时间看不懂", "坐标不在我国范围内", "电话号码"):
        assert wanted in page
    taken = administrator.post("/admin/windows/add/", {**FORM, "items": []})
    assert "已经有窗口用了" in text(taken)
    nowhere = administrator.post("/admin/windows/add/", {**FORM, "code": "N-1", "area_code": "140802999", "items": []})
    assert "区划" in text(nowhere)
    assert nowhere.status_code == 400
    assert not ServiceWindow.objects.filter(code="N-1").exists()


def test_distances_are_told_as_people_say_them():
    assert [distance(metres) for metres in (3, 911, 994, 995, 1822, 9_949, 9_950, 27_320)] == [
        "约 10 米", "约 910 米", "约 990 米", "约 1.0 公里", "约 1.8 公里", "约 9.9 公里", "约 10 公里", "约 27 公里",
    ]  # fmt: skip


def test_where_a_network_is_in_use_the_minutes_on_foot_decide_and_a_river_is_a_long_way(client: Client, tmp_path: Path) -> None:
    use_town(tmp_path)
    always = {"hours": "周一至周日 00:00-24:00\n节假日 00:00-24:00", "dates": ""}
    near, far = at(10, 11), at(10, 2)  # across the river: 600 m in a straight line, 2.6 km to walk; on this side: 300 m
    windows = [
        described(code="W-8", name_zh="河北岸窗口", lon=f"{near[0]:.7f}", lat=f"{near[1]:.7f}", **always),
        described(code="W-9", name_zh="河南岸窗口", lon=f"{far[0]:.7f}", lat=f"{at(10, 0)[1]:.7f}", **always),
    ]
    acts.import_windows(SYSTEM, windows=windows, source="test")
    lon, lat = at(10, 6)
    page = client.post("/windows/", {"lon": f"{lon:.5f}", "lat": f"{lat:.5f}"}).content.decode()
    assert page.index("河南岸窗口") < page.index("河北岸窗口")
    assert re.search("步行约 (9|10) 分钟", page)  # 600 metres
    assert "步行时间按成人每小时 4.0 公里沿路计算" in page
