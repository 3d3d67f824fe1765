"""A circle on the map, and what would change: whose homes reach what, edits by a form, differences before and after, nothing written."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from circle_examples import employed, signed, text, town
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from place_examples import SYSTEM
from town_examples import GATE, at, building, opened, people, shop
from web_examples import officer

from linli.circles import standing
from linli.circles.acts.computing import compute
from linli.circles.acts.networks import network_file
from linli.circles.models import Circle, Gap, NetworkVersion
from linli.registers.models import Place
from linli.trace.models import Fact

__all__ = ["town"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]


@pytest.fixture
def yanhu(town: None) -> Client:
    officer("yanhu", "盐湖干部", area_code="140802")
    return signed("yanhu")


def spot(x: float, y: float) -> str:
    where = at(x, y)
    return f"{where.lon},{where.lat}"


def drawn(page: str, name: str) -> Any:
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def whatif(code: str) -> str:
    return f"/city/circles/{Circle.objects.get(code=code).uid}/whatif/"


def test_the_map_tells_homes_that_reach_a_repairer_from_homes_that_dont(yanhu: Client):
    row = Circle.objects.get(code="A")
    page = yanhu.get(f"/city/circles/{row.uid}/map/?norm=repair-15").content.decode()
    layers = drawn(page, "layers")
    assert sorted((one["covered"], one["people"]) for one in layers["homes"]) == [
        (False, "4 人"),
        (True, "4 人"),
    ]
    assert [one["name"] for one in layers["places"]] == ["店R"]
    named = re.search(r"(\S+)11号楼", text(page).split("走不到的住处")[-1])
    assert named is not None  # with its community: many buildings are called so
    tried = yanhu.post(whatif("A"), {"verb": "add", "kind": "open", "category": "repair", "where": named[0]})
    assert tried.status_code == 200
    assert "修配" in text(tried)
    elder = yanhu.get(f"/city/circles/{row.uid}/map/?norm=repair-15&profile=elder").content.decode()
    assert "750 米" in elder


def test_small_numbers_are_not_told_to_whoever_works_with_figures_alone(town: None):
    planner, row = employed("planner-a", "planner", "140802"), Circle.objects.get(code="A")
    page = planner.get(f"/city/circles/{row.uid}/map/?norm=repair-15").content.decode()
    assert {one["people"] for one in drawn(page, "layers")["homes"]} == {"少于 5 人"}
    people(building(14, 0), 6)  # its number would say how many the others are, less from the circle's
    compute(SYSTEM, recount=True)
    page = planner.get(f"/city/circles/{row.uid}/map/?norm=repair-15").content.decode()
    assert {one["people"] for one in drawn(page, "layers")["homes"]} == {"少于 5 人", "5–19 人"}


def test_a_change_for_few_people_is_not_told_by_how_many(town: None):
    planner = employed("planner-a", "planner", "140802")
    people(building(14, 0), 6)
    compute(SYSTEM, recount=True)

    def tried(x: float) -> str:
        page = text(planner.post(whatif("A"), {"verb": "add", "kind": "open", "category": "repair", "where": spot(x, 0)}))
        return next(row for row in page.split("会变成怎样")[1].split("A圈") if "修配" in row)

    assert "+约 10" in tried(0)
    opened(shop("R3", "repair", -100))
    compute(SYSTEM)
    (edit,) = [f"close|{row.uid}" for row in Place.objects.filter(code="R")]
    page = text(planner.post(whatif("A"), {"edit": [edit]})).split("会变成怎样")[1]
    assert "−少于 5" in page
    assert not re.search(r"[+−][1-4]\b", page)


def test_opening_a_repairer_shows_who_gains_and_writes_nothing(yanhu: Client):
    facts, places = Fact.objects.count(), Place.objects.count()
    given = {"verb": "add", "kind": "open", "category": "repair", "where": spot(100, 0)}
    page = yanhu.post(whatif("A"), given).content.decode()
    assert re.search(r"修配.*?\+4", text(page), re.DOTALL)
    (edit,) = re.findall(r'name="edit" value="([^"]+)"', page)
    gone = text(yanhu.post(whatif("A"), {"edit": [edit], "verb": "drop-0"}))
    assert "会变成怎样" not in gone
    assert (Fact.objects.count(), Place.objects.count()) == (facts, places)
    assert Gap.objects.get(circle__code="A", norm="repair-15").uncovered == 6


def test_a_bridge_and_a_gate_change_both_sides_of_the_river(yanhu: Client):
    bridge = yanhu.post(whatif("B"), {"verb": "add", "kind": "bridge", "where": spot(300, 0), "other": spot(300, 1000)}).content.decode()
    assert "B圈" in text(bridge).split("会变成怎样")[1]
    both = yanhu.post(
        whatif("B"), {"edit": re.findall(r'name="edit" value="([^"]+)"', bridge), "verb": "add", "kind": "shut", "gate": GATE}
    )
    assert both.status_code == 200
    assert len(re.findall('name="edit"', both.content.decode())) == 2
    part = yanhu.post(whatif("B"), {"verb": "add", "kind": "shut", "gate": GATE}, headers={"X-Linli-Part": "answer"}).content.decode()
    assert "<html" not in part
    assert "一直关着" in part


def test_a_change_that_cant_be_is_said_beside_the_others(yanhu: Client):
    for given in (
        {"kind": "open", "category": "repair", "where": ""},
        {"kind": "close", "place": "no-such"},
        {"kind": "bridge", "where": spot(0, 0), "other": spot(0, 0)},
        {"kind": "nothing"},
        {"kind": "open", "category": "x", "where": spot(0, 0)},
    ):
        answer = yanhu.post(whatif("A"), {"verb": "add", **given})
        assert answer.status_code == 400
        assert "应为" in text(answer)
    assert yanhu.post(whatif("A"), {"edit": ["open|repair", "x", "bridge|1,1|2,2", "|||", "close|'"]}).status_code == 400


def test_what_is_typed_is_found_asked_back_or_said_not_to_be_found(yanhu: Client):
    given = {"verb": "add", "kind": "open", "category": "repair", "where": "号楼"}
    answer = yanhu.post(whatif("A"), given)
    assert "有好几处可能是“号楼”" in text(answer)
    values = re.findall(r'name="meant" value="([^"]+)"', answer.content.decode())
    assert len(values) > 1
    chosen = yanhu.post(whatif("A"), {**{key: value for key, value in given.items() if key != "verb"}, "meant": values[0]})
    assert (chosen.status_code, len(re.findall('name="edit"', chosen.content.decode()))) == (200, 1)
    other = yanhu.post(whatif("A"), {**given, "where": "幢楼", "meant": values[0]})  # what was chosen is of another text
    assert "没有找到“幢楼”" in text(other)
    bridge = {"kind": "bridge", "where": "号楼", "other": "号楼", "meant": values[0]}
    second = yanhu.post(whatif("A"), bridge).content.decode()
    assert values[0] in second
    both = [values[0], next(one for one in re.findall(r'name="meant" value="(other[^"]+)"', second) if one[5:] != values[0][5:])]
    assert yanhu.post(whatif("A"), {**bridge, "meant": both}).status_code == 200


def test_places_of_one_name_are_told_apart_where_one_is_chosen(yanhu: Client):
    opened(shop("S2", "repair", 150), shop("S3", "repair", 250))
    Place.objects.filter(code__in=["S2", "S3"]).update(name_zh="同乐便利店")
    said = re.findall(r"<option value=[^>]*>(同乐便利店[^<]*)</option>", yanhu.get(whatif("A")).content.decode())
    assert len(said) == len(set(said)) == 2
    assert all(one.endswith(code) for one, code in zip(said, ("S2", "S3"), strict=True))


def test_another_countys_officer_tries_nothing_here(town: None):
    officer("hejin", "河津干部", area_code="140882")
    client = signed("hejin")
    assert client.post(whatif("A"), {"verb": "add", "kind": "open", "category": "repair", "where": spot(0, 0)}).status_code == 403
    assert client.get(whatif("A").replace("whatif", "map")).status_code == 403


def test_the_number_of_queries_is_the_same_for_many_changes(yanhu: Client):
    def queries(edits: list[str]) -> int:
        with CaptureQueriesContext(connection) as told:
            assert yanhu.post(whatif("A"), {"edit": edits}).status_code == 200
        return len(told)

    queries([f"open|repair|{spot(100, 0)}"])
    few = queries([f"open|repair|{spot(100, 0)}"])
    assert queries([f"open|repair|{spot(100 * x, 0)}" for x in range(8)]) == few


def test_pages_say_so_when_the_file_of_the_network_is_gone(yanhu: Client):
    network_file(NetworkVersion.objects.get().digest).unlink()
    standing.forget()
    row = Circle.objects.get(code="A")
    for page in ("map/", "whatif/", "plan/", ""):
        assert yanhu.get(f"/city/circles/{row.uid}/{page}").status_code == 200
    assert "不在状态文件夹里" in text(yanhu.get(whatif("A")))
    assert yanhu.get(f"/city/circles/{row.uid}/plan/preview/").status_code == 404
    assert yanhu.get("/office/places/new/").status_code == 200


def test_changes_that_contradict_or_are_too_many_are_refused_in_words(yanhu: Client):
    shop = Place.objects.first()
    there, elsewhere = f"move|{shop.uid}|{spot(0, 0)}", f"move|{shop.uid}|{spot(100, 0)}"
    answer = yanhu.post(whatif("A"), {"edit": [there, f"close|{shop.uid}", f"close|{shop.uid}", elsewhere]})
    assert answer.status_code == 400
    assert f"与“{shop.name_zh} 关掉”不矛盾" in text(answer)
    many = yanhu.post(whatif("A"), {"edit": [f"open|repair|{spot(0, 0)}"] * 21})
    assert many.status_code == 400
    assert "最多 20 项" in text(many)


def test_several_changes_that_only_the_engine_refuses_are_all_left_out(yanhu: Client):
    nowhere = [f"bridge|{spot(0, 0)}|{spot(0, far)}" for far in (1, 2, 3)]  # both ends are at one crossing
    answer = yanhu.post(whatif("A"), {"edit": [f"open|repair|{spot(0, 0)}", *nowhere]})
    assert answer.status_code == 400
    assert re.findall(r'name="edit" value="([^|]+)', answer.content.decode()) == ["open"]
