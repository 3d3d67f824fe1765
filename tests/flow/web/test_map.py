"""一刻钟生活圈: what one can walk to from a place, by whoever walks; what the page says and what it never says."""

from __future__ import annotations

import json
import math
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from map_examples import START, WIDE, at, shops, stated, use_town
from place_examples import FIRST_DAY, SYSTEM

from linli.kernel.clock import SHANGHAI
from linli.registers import acts

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _town(small_city: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use_town(tmp_path)
    shops()
    monkeypatch.setattr("linli.web.views.map.now", lambda: NOON)


def asked(client: Client, spot: tuple[float, float] = START, **more: str) -> str:
    lon, lat = spot
    return client.post("/map/", {"lon": f"{lon:.6f}", "lat": f"{lat:.6f}", **more}).content.decode()


def drawn(page: str) -> dict[str, Any]:
    return json.loads(re.search(r'<script id="drawn" type="application/json">(.*?)</script>', page)[1])


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_places_are_told_by_the_minutes_that_it_takes_to_walk_there(client: Client) -> None:
    page = text(asked(client))
    five, ten = page.index("5 分钟内"), page.index("10 分钟内")
    assert five < page.index("好又多便利店") < ten < page.index("东街菜市场")
    assert "按成人每小时 4.0 公里算" in page
    assert "15 分钟走 1,000 米" in page
    assert "测试路网，CC0，2026-11-01" in page


def test_a_river_is_no_way_and_what_is_behind_it_is_not_near(client: Client) -> None:
    found = {one["name"]: one["walk"] for one in drawn(asked(client))["places"]}
    assert found["城南药店"].startswith("走 8 分钟")  # 500 m
    assert "河北药店" not in found  # 700 m as the crow flies, 2.7 km over the bridge


def test_an_elder_walks_less_far_in_the_same_time(client: Client) -> None:
    page = text(asked(client, profile="elder"))
    assert "按长辈每小时 3.0 公里算" in page
    assert "15 分钟走 750 米" in page
    assert page.index("城南药店") > page.index("10 分钟内")
    (far,) = [band for band in drawn(asked(client, profile="elder"))["streets"] if band["minutes"] == 15]
    (wide,) = [band for band in drawn(asked(client))["streets"] if band["minutes"] == 15]
    assert max(lon for line in far["lines"] for lon, _lat in line) < max(lon for line in wide["lines"] for lon, _lat in line)


def test_what_isnt_reached_is_listed_with_the_nearest_there_is(client: Client) -> None:
    page = asked(client, at(1, 5))
    blind = text(page.split('id="blind"')[1])
    assert re.search(r"菜市场 .*?东街菜市场 .*?2[45] 分钟", blind)
    assert "走一小时（约 4.0 公里）也到不了" in blind  # elder care: there is none


def test_a_shut_gate_is_no_way(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    by_day = {one["name"]: one["walk"] for one in drawn(asked(client))["places"]}
    assert by_day["东街菜市场"].startswith("走 11 分钟")  # straight through the compound: 700 m
    monkeypatch.setattr("linli.web.views.map.now", lambda: NOON.replace(hour=23))
    by_night = {one["name"]: one["walk"] for one in drawn(asked(client))["places"]}
    assert by_night["东街菜市场"].startswith("走 14 分钟")  # round it: 900 m


def test_only_what_is_open_now(client: Client) -> None:
    every, open_now = text(asked(client)), text(asked(client, open="1"))
    assert "王记早餐" in every.rpartition("走一刻钟到不了的")[0]
    assert "明天 05:30 开门" in every
    shut = open_now.rpartition("现在走一刻钟没有开着的")[2]
    assert "王记早餐" not in open_now.rpartition("现在走一刻钟没有开着的")[0]
    assert re.search(r"早餐店? .*?王记早餐 .*?明天 05:30 开门 .*?\d 分钟", shut)
    assert "走一刻钟到不了的" not in open_now
    assert "另有 1 处没有登记营业时间" in open_now
    assert "开着，到 24:00" in open_now


def test_in_the_elder_edition_an_elder_walks_unless_another_is_chosen(client: Client) -> None:
    client.cookies["linli_edition"] = "elder"
    assert re.search(r'value="elder" checked', client.get("/map/").content.decode())
    assert "按长辈每小时 3.0 公里算" in text(asked(client))
    assert "按成人每小时 4.0 公里算" in text(asked(client, profile="adult"))


def test_an_empty_question_is_told_what_to_type(client: Client) -> None:
    empty = client.post("/map/", {"q": "", "was": "", "lon": "", "lat": "", "code": ""}).content.decode()
    assert "还不知道从哪里出发" in text(empty)
    assert "还不知道从哪里出发" not in client.get("/map/").content.decode()


def test_what_is_near_and_shut_isnt_told_to_be_far(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linli.web.views.map.now", lambda: NOON.replace(hour=5, minute=22))
    page = asked(client, open="1", profile="elder")
    (row,) = [one for one in text(page.replace("</tr>", "|")).split("|") if "王记早餐" in one]
    assert "今天 05:30 开门" in row
    assert re.search(r"\b[1-9] 分钟", row)
    assert "也到不了" not in row
    (dot,) = [one for one in drawn(page)["places"] if one["name"] == "王记早餐"]
    assert dot["kind"] == "closed"


def test_the_open_place_farther_off_is_told_beside_the_near_one_that_is_shut(client: Client) -> None:
    acts.open_place(SYSTEM, place=stated("P-7", "河北早餐", (10, 13), "breakfast", hours="周一至周日 00:00-24:00"), on=FIRST_DAY)
    page = asked(client, open="1")
    (row,) = [one for one in text(page.replace("</tr>", "|")).split("|") if "王记早餐" in one]
    assert re.search(r"开着的最近一处： *河北早餐，\d+ 分钟", row)


def test_a_building_that_isnt_known_falls_back_to_its_community_and_says_so(client: Client) -> None:
    from place_examples import BUILDING

    from linli.kernel.positions import Position

    acts.position_areas(SYSTEM, positions={BUILDING[:12]: Position(*START)}, source="test")
    page = text(client.post("/map/", {"q": "槐东社区99号楼"}).content.decode())
    assert "从社区（村）的中心算起" in page
    assert "没有叫“槐东社区99号楼”的" in page


def test_a_building_is_found_by_its_community_and_number_and_nobody_is_named(client: Client, small_city: Any) -> None:
    from place_examples import BUILDING

    from linli.kernel.positions import Position

    acts.position_areas(SYSTEM, positions={BUILDING: Position(*START)}, source="test")
    page = client.post("/map/", {"q": "槐东社区幸福小区1号楼"}).content.decode()
    assert "幸福小区1号楼 出发" in text(page)
    assert "好又多便利店" in page
    assert small_city.found.name not in page
    again = text(client.post("/map/", {"q": "好又多"}).content.decode())
    assert "从 好又多便利店 出发" in again


def test_a_text_that_may_mean_several_is_asked_back_and_one_that_means_nothing_is_told_so(client: Client) -> None:
    several = client.post("/map/", {"q": "药店"}).content.decode()
    assert "您说的是哪一处" in several
    code = re.search(r'name="code" value="(p:[^"]+)"', several)[1]
    assert "城南药店 出发" in text(client.post("/map/", {"q": "药店", "code": code}).content.decode()) or "河北药店" in several
    assert "没有找到" in client.post("/map/", {"q": "飞机场<script>"}).content.decode()


@pytest.mark.parametrize("typed", ["河背药店", "河北藥店"])
def test_a_homophone_or_a_traditional_sign_is_asked_back_and_not_taken_for_granted(client: Client, typed: str) -> None:
    page = client.post("/map/", {"q": typed}).content.decode()
    assert "您说的是哪一处" in page
    assert "河北药店" in page
    assert 'id="found"' not in page
    assert "没有找到" in client.post("/map/", {"q": "飞机场"}).content.decode()


@pytest.mark.parametrize("typed", ["槐东三号楼", "槐冬社區3栋", "槐东社区居委会 三号楼"])
def test_a_building_is_found_however_its_community_and_number_are_written(client: Client, typed: str) -> None:
    from place_examples import BUILDING

    from linli.kernel.positions import Position
    from linli.registers.models import Area

    acts.position_areas(SYSTEM, positions={BUILDING: Position(*START), BUILDING[:12]: Position(*at(3, 3))}, source="test")
    Area.objects.filter(code=BUILDING).update(name="3号楼")
    page = text(client.post("/map/", {"q": typed}).content.decode())
    assert "槐东社区3号楼" in page.replace("居委会", "").replace(" ", "")


def test_streets_and_gates_that_the_map_names_are_places_to_start_from(client: Client) -> None:
    assert "从 幸福小区东门 出发" in text(client.post("/map/", {"q": "幸福小区东"}).content.decode())
    assert "从 中心街 出发" in text(client.post("/map/", {"q": "中心街"}).content.decode())


def test_shops_of_one_name_are_told_apart_by_where_they_are(client: Client) -> None:
    several = text(client.post("/map/", {"q": "药店"}).content.decode())
    assert "社区居委会 测试路" in several.split("您说的是哪一处")[1]
    assert "没有列出" not in several
    for number in range(6):
        acts.open_place(SYSTEM, place=stated(f"M-{number}", "好邻居药店", (3 + number, 3), "pharmacy"), on=FIRST_DAY)
    assert "可能还有同名的没有列出" in text(client.post("/map/", {"q": "药店"}).content.decode())


def test_a_shared_link_has_the_position_rounded_and_no_address_holds_where_somebody_starts(client: Client) -> None:
    page = asked(client, (111.012345, 35.023456), profile="elder")
    link = re.search(r'href="(/map/\?[^"]+)"', page)[1].replace("&amp;", "&")
    assert "lon=111.012&lat=35.023" in link
    assert "111.0123" not in link
    shared = text(client.get(link).content.decode())
    assert "按长辈每小时 3.0 公里算" in shared


@pytest.mark.parametrize(
    "given", [{"lon": "x", "lat": "1"}, {"lon": "nan", "lat": "35"}, {"lon": "35.02", "lat": "111.0"}, {"code": "9" * 40}]
)
def test_a_position_that_is_none_gives_the_form_again(client: Client, given: dict[str, str]) -> None:
    response = client.post("/map/", given)
    assert response.status_code == 200
    assert "从哪里出发" in response.content.decode()


def test_out_of_the_network_says_so(client: Client) -> None:
    assert "算不出来" in asked(client, at(WIDE + 40, 5))


def square_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Of web maps' Mercator squares the one that a place lies in, counted from the north-west."""
    south = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    return int((lon / 360 + 0.5) * 2**zoom), int((0.5 - south / (2 * math.pi)) * 2**zoom)


def test_the_ground_is_kept_by_browsers_and_another_network_has_none(client: Client) -> None:
    page = client.get("/map/").content.decode()
    address = re.search(r'data-ground="([^"]+)"', page)[1]
    x, y = square_of(*START, 16)
    answer = client.get(address.replace("/0/0/0", f"/16/{x}/{y}"))
    assert "immutable" in answer["Cache-Control"]
    kinds = {one["properties"]["kind"] for one in answer.json()["features"]}
    assert "street" in kinds
    assert client.get(address.replace("/0/0/0", "/17/0/0")).status_code == 404
    assert client.get("/map/ground/0123456789abcdef/16/1/1.json").status_code == 404


def test_the_page_asks_the_database_the_same_number_of_times_whatever_is_reached(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    asked(client)
    with django_assert_max_num_queries(4):
        asked(client)
    with django_assert_max_num_queries(4):
        asked(client, at(1, 5), profile="elder")


def test_nobody_gets_a_cookie(client: Client) -> None:
    client.get("/map/")
    asked(client)
    assert not client.cookies
