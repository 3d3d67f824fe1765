"""Circles for whoever plans them: the ranking, a circle's gaps with both counts, each county's own, as many queries for many as for few."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bus_examples import feed
from circle_examples import employed, signed, text, town
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from place_examples import FIRST_DAY, SYSTEM, person
from town_examples import DAY, building, circle, opened, people, shop
from web_examples import officer

from linli.circles import queries
from linli.circles.acts.buses import compute_buses, take_feed
from linli.circles.acts.computing import compute
from linli.circles.acts.plans import draft_plan
from linli.circles.models import Action, Circle
from linli.kernel import clock
from linli.papers import read_table
from linli.registers import acts
from linli.registers.models import Area
from linli.web.circles import topics
from linli.web.models import Download
from linli.web.tables import downloads

__all__ = ["town"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def planner(town: None) -> Client:
    return employed("yanhu-planner", "planner", "140802")


@pytest.fixture
def own(town: None) -> Client:
    """An officer of the area, who reads exact counts."""
    return employed("yanhu-officer", "officer", "140802")


def test_the_ranking_says_who_misses_most_and_every_ratio_with_its_counts(planner: Client):
    page = text(planner.get("/city/circles/"))
    assert page.index("B圈") < page.index("A圈")
    assert "1/2（50.0%）" in page
    assert "1/N，N 没有公布，最多 27" in page
    assert "6/6" in page  # whom the worst of B's norms leaves out
    for trade in "早餐店、便利店、菜市场或生鲜店、修配":
        assert trade in page


def test_the_ranking_is_narrowed_by_type_and_by_one_norm_for_one_way_of_walking(own: Client):
    narrowed = text(own.get("/city/circles/?kind=old-estate"))
    assert "B圈" in narrowed.split("缺“")[0]
    assert "A圈" not in narrowed.split("缺“")[0]
    adult = text(own.get("/city/circles/?norm=repair-15"))
    elder = text(own.get("/city/circles/?norm=repair-15&profile=elder"))
    assert "1,000 米" in adult
    assert "750 米" in elder
    assert "6/10 其中 2 人查不到位置或不在路网上" in adult  # 1,100 m from the western half; two live nobody knows where


def test_a_circle_shows_what_is_required_found_and_missed_and_for_whom(own: Client):
    row = Circle.objects.get(code="A")
    page = text(own.get(f"/city/circles/{row.uid}/"))
    assert "90% 的居民在 15 分钟以内" in page
    assert "6/10 其中 2 人查不到位置或不在路网上" in page
    assert "最远的不清楚" in page  # of two nobody knows where they live
    for metres in ("1,000", "750"):
        assert metres in page
    assert "75 岁以上老人" in page
    assert "没有给出" not in page


def test_another_countys_officer_sees_neither_ranking_nor_circle(town: None):
    officer("hejin", "河津干部", area_code="140882")
    client, row = signed("hejin"), Circle.objects.get(code="A")
    assert "A圈" not in text(client.get("/city/circles/"))
    assert client.get(f"/city/circles/{row.uid}/").status_code == 403
    assert client.post("/city/circles/export/circles-gaps/", {"circle": str(row.uid)}).status_code == 403
    assert employed("clerk-only", "clerk", "140802").get("/city/circles/").status_code == 403


def test_children_have_nursery_places_with_both_counts_and_a_place_to_play(own: Client, town: None):
    acts.import_places(SYSTEM, places=[shop("N", {"childcare": 20}, 100), shop("M", {"childcare": None}, 200)], on=DAY, file_digest="x")
    people(building(21, 200), 3, infants=2)
    compute(SYSTEM, recount=True)
    page = text(own.get("/city/circles/children/"))
    assert "2 家，20 个" in page
    assert "另有 1 家没有登记托位" in page
    assert "10,000.0 20 个托位 / 2 人" in page  # 20 places for two children under three
    assert "0/2（0.0%）" in page  # nowhere to play
    assert "中银社区居委会" in page


def test_green_spaces_are_told_for_circles_counties_and_communities(own: Client, monkeypatch: pytest.MonkeyPatch):
    opened(shop("G", "green-space", 900))
    person("别处居民", situations=[acts.Lives("lives", "140802002002", FIRST_DAY)])  # of another community, nobody knows where
    circle("C", 2000, 2000, 2100, 2100, communities=("140802002002",))
    compute(SYSTEM, recount=True)
    page = text(own.get("/city/circles/green/"))
    assert "8/10（80.0%） 其中 2 人查不到位置或不在路网上" in page
    assert "0/6（0.0%）" in page
    assert "中银社区居委会" in page
    monkeypatch.setattr(topics, "SHOWN", 1)
    assert "还有 1 个，导出的表格里都有" in text(own.get("/city/circles/green/"))


def test_sites_say_what_each_adds_and_how_far_from_the_best_they_can_be(own: Client):
    opened(shop("H1", "idle-space", 400), shop("H2", "convenience", 300, 1000))
    compute(SYSTEM)
    asked = {"category": "terminal", "places": "1", "minutes": "15", "group": "residents"}
    page = text(own.get("/city/circles/siting/", asked))
    assert "1 · 店S" in page
    assert "+8" in page
    assert "0.0%" in page
    assert "8/16（50.0%）" in page
    assert "2 · " not in page
    both = text(own.get("/city/circles/siting/", asked | {"places": "9"}))
    assert "2 · 店H2" in both
    assert "14/16（87.5%）" in both
    assert "还没有" not in text(own.get("/city/circles/siting/", {"places": "many", "group": "cats"}))


def test_a_circle_says_how_content_people_were_and_what_nobody_records(planner: Client):
    page = text(planner.get(f"/city/circles/{Circle.objects.get(code='A').uid}/"))
    assert "一年来的回访不到 5 份" in page
    assert "还没有上门服务派单" in page


def test_few_people_are_told_as_few_to_whoever_works_with_figures_alone(planner: Client, own: Client, tmp_path: Path):
    row = Circle.objects.get(code="A")
    people(building(14, 0), 6)
    compute(SYSTEM, recount=True)  # of 16 four reach a repairer
    circle_page = f"/city/circles/{row.uid}/"
    for page in (circle_page, "/city/circles/?norm=repair-15"):
        assert "12/16" in text(own.get(page))
        told = text(planner.get(page))
        assert "多于 11/16 其中有人查不到位置或不在路网上" in told
        assert "12/16" not in told
    table = rows_of(planner, "circles-gaps", {"circle": str(row.uid)}, tmp_path)
    (repair,) = [line for line in table if line[0] == "15" and line[1] == "修配"]
    assert repair[10:13] == ["少于 5", "多于 11", "有"]
    (repair,) = [line for line in rows_of(own, "circles-gaps", {"circle": str(row.uid)}, tmp_path) if line[:2] == ["15", "修配"]]
    assert repair[10:13] == ["4", "12", "2"]
    narrowed = rows_of(planner, "circles", {"norm": "repair-15"}, tmp_path)
    assert [line[-3:] for line in narrowed if line[0] == "A"] == [["多于 11", "有", "16"]]


def test_children_of_whom_there_are_few_are_told_as_few(planner: Client):
    opened(shop("N", "childcare", 100))
    people(building(21, 200), 3, infants=2)
    compute(SYSTEM, recount=True)
    page = text(planner.get("/city/circles/children/"))
    assert "0 个托位 / 少于 5 人" in page
    assert "/ 2 人" not in page
    assert "0/2" not in page


def test_sites_that_add_few_people_are_not_told_by_how_many(planner: Client, tmp_path: Path):
    opened(shop("H1", "idle-space", 1900))
    people(building(15, 2000), 3)
    compute(SYSTEM, recount=True)
    asked = {"category": "terminal", "places": "1", "minutes": "5", "group": "residents"}
    page = planner.get("/city/circles/siting/", asked).content.decode()
    assert "+少于 5" in page
    assert not re.search(r"\+\d", page)
    (line,) = rows_of(planner, "circles-siting", asked, tmp_path)
    assert line[6] == "+少于 5"
    many = text(planner.get("/city/circles/siting/", asked | {"minutes": "15", "places": "2"}))
    assert "约 " in many


def rows_of(client: Client, listing: str, asked: dict[str, str], folder: Path) -> list[list[str]]:
    """An exported table without its heading."""
    assert client.post(f"/city/circles/export/{listing}/", asked).status_code == 302
    made = Download.objects.latest("id")
    downloads.make(made.uid)
    return [[cell.text for cell in row.cells] for row in read_table(downloads.file_of(Download.objects.get(pk=made.pk))).rows]


def test_a_circle_says_how_many_of_its_own_addresses_nobody_can_place(planner: Client):
    row = Circle.objects.get(code="A")
    person("别处居民", situations=[acts.Lives("lives", "140802002002", FIRST_DAY)])
    circle("C", 2000, 2000, 2100, 2100, communities=("140802002002",))
    compute(SYSTEM, recount=True)
    for page in ("", "map/", "plan/"):
        assert "这个生活圈的社区里有 1 处住址查不到位置" in text(planner.get(f"/city/circles/{row.uid}/{page}"))
    assert "有生活圈的县（市、区）一共有 2 处住址查不到位置" in text(planner.get("/city/circles/"))


def test_no_two_choices_are_called_alike(planner: Client):
    page = planner.get("/city/circles/").content.decode()
    for select in re.findall(r"<select.*?</select>", page, re.DOTALL):
        told = re.findall(r"<option[^>]*>(.*?)</option>", select)
        assert sorted(told) == sorted(set(told))
    assert page.count("超市（15 分钟圈，") == 2
    assert "早餐店（15 分钟圈）" in page


def test_a_norm_about_nobody_is_not_told_as_met(planner: Client):
    row = Circle.objects.get(code="A")
    page = text(planner.get(f"/city/circles/{row.uid}/"))
    assert re.search(r"托育.{0,200}0/0 不涉及", page)
    assert "不涉及，不计入达标" in page
    one = next(one for one in queries.ranking(SYSTEM) if one.circle == row)
    assert one.idle > 0
    assert one.met + one.open + one.unknown == one.asked
    assert f"{one.met}/{one.asked}" in page


def test_villages_say_how_long_they_have_to_the_seat_and_of_what(planner: Client, tmp_path: Path):
    assert "还没有启用公交时刻" in text(planner.get("/city/circles/buses/"))
    Area.objects.filter(code="140802002001", valid_to=None).update(lon=111.055, lat=35.02)
    take_feed(SYSTEM, file=feed(tmp_path / "bus.zip"), source="测试")
    compute_buses(SYSTEM, day=DAY)
    page = text(planner.get("/city/circles/buses/"))
    assert "走 0 分，等 10 分，坐 10 分" in page
    assert "8路 (村口 – 县城)" in page
    assert "1.3 倍" in page
    assert "这里的村都还没有位置" in text(planner.get("/city/circles/buses/", {"area": "140882"}))


def test_the_ranking_says_what_to_do_next(planner: Client):
    row = Circle.objects.get(code="B")
    assert "按缺口拟定方案" in text(planner.get("/city/circles/"))
    draft_plan(SYSTEM, circle=row.uid)
    number = Action.objects.filter(plan__circle=row).count()
    assert f"填好 {number} 项拟议" in text(planner.get("/city/circles/"))


def test_every_table_is_a_file_too(planner: Client, tmp_path: Path):
    row = Circle.objects.get(code="A")
    asked: dict[str, dict[str, str]] = {"circles": {}, "circles-without": {}, "circles-gaps": {"circle": str(row.uid)}}
    asked |= {"circles-topic": {"topic": "children"}, "circles-siting": {"places": "3"}, "circles-buses": {}}
    take_feed(SYSTEM, file=feed(tmp_path / "bus.zip"), source="测试")
    compute_buses(SYSTEM)
    for listing, narrowed in asked.items():
        assert planner.post(f"/city/circles/export/{listing}/", narrowed).status_code == 302
        made = Download.objects.latest("id")
        downloads.make(made.uid)
        rows = list(read_table(downloads.file_of(Download.objects.get(pk=made.pk))).rows)
        assert rows
        Download.objects.all().delete()
    assert planner.post("/city/circles/export/circles/", {"norm": "repair-15"}).status_code == 302
    assert planner.post("/city/circles/export/circles-topic/", {"topic": "nothing"}).status_code == 404
    assert planner.post("/city/circles/export/nothing/").status_code == 404
    assert planner.post("/city/circles/export/circles-gaps/", {"circle": "x"}).status_code == 404


def test_the_pages_take_as_many_queries_for_many_circles_as_for_few(planner: Client):
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as told:
            assert planner.get(address).status_code == 200
        return len(told)

    row = Circle.objects.get(code="A")
    pages = ["/city/circles/", "/city/circles/?norm=repair-15", f"/city/circles/{row.uid}/"]
    pages += ["/city/circles/children/", "/city/circles/green/", "/city/circles/siting/?places=2"]
    planner.get(pages[-1])  # a process keeps what the newest computation went by
    few = [queries(page) for page in pages]
    for number in range(6):
        circle(f"C{number}", -100, -300, 1100, 1100)
    compute(SYSTEM, day=clock.today())
    planner.get(pages[-1])
    assert [queries(page) for page in pages] == few
