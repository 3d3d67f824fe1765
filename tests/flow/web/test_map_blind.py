"""盲区 of the city: which streets a quarter of an hour doesn't bring to a kind of place; two counts of people and nobody's home."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from map_examples import at, circle, computed, shops, use_town

from linli.registers.models import Place

pytestmark = pytest.mark.django_db
MARKET = "market-15"


@pytest.fixture
def town(small_city: Any, tmp_path: Path) -> Any:
    network = use_town(tmp_path)
    shops()
    circle("C-east", 15.6, 0.6, 19.4, 4.4)
    circle("C-west", 0.6, 0.6, 4.4, 4.4)
    computed(network, {"C-east": (1203, 3), "C-west": (40, 963)})
    return network


def page(client: Client, kind: str = MARKET, profile: str = "adult") -> str:
    return client.get("/map/blind/", {"kind": kind, "profile": profile}).content.decode()


def drawn(text: str) -> dict[str, Any]:
    return json.loads(re.search(r'<script id="drawn" type="application/json">(.*?)</script>', text)[1])


def rows(text: str) -> dict[str, str]:
    found = re.findall(r"<tr>\s*(<th scope=\"row\">.*?)</tr>", text, re.S)
    plain = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", one)).strip() for one in found]
    return {re.match(r"C-[a-z0-9]+", one)[0]: one for one in plain}


def test_streets_that_a_quarter_of_an_hour_doesnt_bring_to_a_market_are_drawn_and_others_arent(client: Client, town: Any) -> None:
    ends = [tuple(point) for line in drawn(page(client))["many"] for point in line]
    west = [point for point in ends if point[0] < at(10, 0)[0]]
    # The market is at (17, 5): from (16, 1) it is 500 m, from (1, 4) 1,700 m by the streets.
    assert west
    assert len(ends) == len(west)
    lon, lat = at(1, 1)
    assert any(abs(x - lon) < 2e-5 and abs(y - lat) < 2e-5 for x, y in west)
    bounds = (at(0.6, 0.6), at(4.4, 4.4))
    assert all(bounds[0][0] <= x <= bounds[1][0] and bounds[0][1] <= y <= bounds[1][1] for x, y in west)


def test_each_circle_says_its_people_as_they_are_published_and_how_far_it_is(client: Client, town: Any) -> None:
    found = rows(page(client))
    assert re.search(r"九成以上的人走得到（住着约 1,2(00|05|10) 人）", found["C-east"])
    assert re.search(r"走得到的人不到一成（住着约 1,00[05] 人）", found["C-west"])
    assert "963" not in found["C-west"]
    assert re.search(r"0\.0 / \d", found["C-east"])
    assert re.search(r"(\d\.\d) / \1 公里", found["C-west"])  # all of its streets
    # (2 or 3, 2 or 3) to (17, 5): 16 to 18 streets of 100 m.
    assert re.search(r"(2[4-7]) 分钟", found["C-west"])
    assert list(found) == ["C-west", "C-east"]


def test_the_link_of_a_circle_is_answered_by_the_map_with_the_same_minutes(client: Client, town: Any) -> None:
    text = page(client)
    link = re.search(r'href="(/map/\?lon=[^"]+)">C-west', text)[1].replace("&amp;", "&")
    minutes = re.search(r"(\d+) 分钟", rows(text)["C-west"])[1]
    assert re.search(rf"东街菜市场.*?{minutes} 分钟", client.get(link).content.decode(), re.S)


def test_an_elder_doesnt_reach_what_an_adult_does(client: Client, town: Any) -> None:
    circle("C-middle", 8.6, 2.6, 12.4, 4.4)
    computed(town, {"C-middle": (40, 60)})
    adult, elder = (len(drawn(page(client, MARKET, who))["many"]) for who in ("adult", "elder"))
    assert adult < elder
    assert "750 米" in page(client, MARKET, "elder")
    assert "1,000 米" in page(client, MARKET, "adult")


def test_what_every_circle_must_have_is_told_with_what_it_lacks_most(client: Client, town: Any) -> None:
    text = page(client, "all")
    assert "另有" in rows(text)["C-west"]
    assert drawn(text)["many"]
    assert rows(page(client, "nothing")) == rows(text) == rows(page(client, ""))


def test_after_a_market_moves_and_is_computed_other_streets_are_blind(client: Client, town: Any) -> None:
    assert drawn(page(client))["many"]
    market = Place.objects.get(code="P-3")
    Place.objects.filter(pk=market.pk).update(lon=at(6, 3)[0], lat=at(6, 3)[1])
    computed(town, {"C-east": (3, 1203), "C-west": (1003, 0)})
    ends = [point for line in drawn(page(client))["many"] for point in line]
    assert ends
    assert all(point[0] > at(10, 0)[0] for point in ends)


def test_it_is_reckoned_once_and_asked_with_the_same_queries_however_many_circles_there_are(client: Client, town: Any) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            assert page(client)
        return len(found)

    page(client)
    few = asked()
    for number in range(6):
        circle(f"C-{number}", number, 0.6, number + 4.4, 4.4)
    computed(town, {f"C-{number}": (10, 20) for number in range(6)})
    page(client)
    assert asked() == few
    assert len(rows(page(client))) == 8


def test_without_a_network_or_a_computation_it_says_so(client: Client, small_city: Any, tmp_path: Path) -> None:
    assert "还没有算好" in page(client)
    use_town(tmp_path)
    assert "还没有算好" in page(client)
