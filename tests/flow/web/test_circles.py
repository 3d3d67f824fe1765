"""Circles for whoever plans them: the ranking, a circle's gaps with both counts, each county's own, as many queries for many as for few."""

from __future__ import annotations

import pytest
from circle_examples import employed, signed, text, town
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from place_examples import SYSTEM
from town_examples import circle
from web_examples import officer

from linli.circles.acts.computing import compute
from linli.circles.models import Circle
from linli.kernel import clock
from linli.papers import read_table
from linli.web.models import Download
from linli.web.tables import downloads

__all__ = ["town"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def planner(town: None) -> Client:
    return employed("yanhu-planner", "planner", "140802")


def test_the_ranking_says_who_misses_most_and_every_ratio_with_its_counts(planner: Client):
    page = text(planner.get("/city/circles/"))
    assert page.index("B圈") < page.index("A圈")
    assert "1/2（50.0%）" in page
    assert "1/N，N 没有公布，最多 27" in page
    assert "6/6" in page  # whom the worst of B's norms leaves out
    for trade in "早餐店、便利店、菜市场或生鲜店、修配":
        assert trade in page


def test_the_ranking_is_narrowed_by_type_and_by_one_norm_for_one_way_of_walking(planner: Client):
    narrowed = text(planner.get("/city/circles/?kind=old-estate"))
    assert "B圈" in narrowed.split("缺“")[0]
    assert "A圈" not in narrowed.split("缺“")[0]
    adult = text(planner.get("/city/circles/?norm=repair-15"))
    elder = text(planner.get("/city/circles/?norm=repair-15&profile=elder"))
    assert "1,000 米" in adult
    assert "750 米" in elder
    assert "6/10 其中 2 人查不到位置" in adult  # 1,100 m from the western half; two live nobody knows where


def test_a_circle_shows_what_is_required_found_and_missed_and_for_whom(planner: Client):
    row = Circle.objects.get(code="A")
    page = text(planner.get(f"/city/circles/{row.uid}/"))
    assert "90% 的居民在 15 分钟以内" in page
    assert "6/10 其中 2 人查不到位置" in page
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


def test_every_table_is_a_file_too(planner: Client):
    row = Circle.objects.get(code="A")
    asked: dict[str, dict[str, str]] = {"circles": {}, "circles-without": {}, "circles-gaps": {"circle": str(row.uid)}}
    for listing, narrowed in asked.items():
        assert planner.post(f"/city/circles/export/{listing}/", narrowed).status_code == 302
        made = Download.objects.latest("id")
        downloads.make(made.uid)
        rows = list(read_table(downloads.file_of(Download.objects.get(pk=made.pk))).rows)
        assert rows
        Download.objects.all().delete()
    assert planner.post("/city/circles/export/circles/", {"norm": "repair-15"}).status_code == 302
    assert planner.post("/city/circles/export/nothing/").status_code == 404
    assert planner.post("/city/circles/export/circles-gaps/", {"circle": "x"}).status_code == 404


def test_the_pages_take_as_many_queries_for_many_circles_as_for_few(planner: Client):
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as told:
            assert planner.get(address).status_code == 200
        return len(told)

    row = Circle.objects.get(code="A")
    pages = ["/city/circles/", "/city/circles/?norm=repair-15", f"/city/circles/{row.uid}/"]
    few = [queries(page) for page in pages]
    for number in range(6):
        circle(f"C{number}", -100, -300, 1100, 1100)
    compute(SYSTEM, day=clock.today())
    assert [queries(page) for page in pages] == few
