"""Circles, their maps, what-ifs and plans, and the pages on which places are kept, in both editions and languages; a tap on the map is
answered at once, and a form without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from bus_examples import VILLAGE_STOP, feed
from conftest import Opener, sign_in
from inspecting import Inspector, for_officers
from listed_place_examples import place
from place_examples import FIRST_DAY, SYSTEM
from town_examples import at, building, circle, graph, people, shop, use
from town_examples import opened as opened_places
from web_examples import SmallCity

from linli.circles import standing
from linli.circles.acts.buses import compute_buses, take_feed
from linli.circles.acts.computing import compute
from linli.circles.acts.plans import adopt_plan, draft_plan, edit_action
from linli.circles.models import Action, Circle
from linli.kernel.clock import today
from linli.reach.graph import Origin
from linli.registers import acts
from linli.registers.models import Area


@pytest.fixture
def town(small_city: SmallCity, tmp_path: Path) -> Iterator[None]:
    """Two circles on either side of a river; the plan of one has an action that is late."""
    standing.forget()
    use(tmp_path, replace(graph(), origin=Origin("测试路网", "CC0", "WGS-84", "2026-11-01")))
    people(building(11, 0), 4)
    people(building(12, 1000), 4)
    people(building(13, 0, 1000), 6)
    for code, south, north in (("A", -300, 100), ("B", 900, 1100)):
        circle(code, -100, south, 1100, north, name_zh=f"测试{code}圈", name_en=f"Circle {code}")
    opened_places(shop("S", ("convenience", "breakfast", "market"), 500), shop("R", "repair", 1100))
    acts.open_place(SYSTEM, place=place("P1"), on=FIRST_DAY)
    compute(SYSTEM, recount=True)
    row = Circle.objects.get(code="A")
    draft_plan(SYSTEM, circle=row.uid)
    for one in Action.objects.filter(state="proposed"):
        edit_action(
            SYSTEM, action=one.uid, owner="东城街道", due_on=today(), budget_fen=100_000, title_zh=one.title_zh, title_en=one.title_en
        )
    adopt_plan(SYSTEM, circle=row.uid, unstaffed=True)
    Action.objects.update(due_on=today() - timedelta(days=3))
    Area.objects.filter(code="140802002001", valid_to=None).update(lon=VILLAGE_STOP[0], lat=VILLAGE_STOP[1])
    take_feed(SYSTEM, file=feed(tmp_path / "bus.zip"), source="测试")
    compute_buses(SYSTEM)
    yield
    standing.forget()


@for_officers
def test_the_pages_of_circles_and_places(opened: Opener, town: None, edition: str, language: str):
    row, action = Circle.objects.get(code="A"), Action.objects.earliest("id")
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        sign_in(page)
        for name, address in (
            ("circles", "/city/circles/"),
            ("circles-norm", "/city/circles/?norm=repair-15"),
            ("circle", f"/city/circles/{row.uid}/"),
            ("circle-map", f"/city/circles/{row.uid}/map/?norm=repair-15"),
            ("circle-what-if", f"/city/circles/{row.uid}/whatif/"),
            ("circle-plan", f"/city/circles/{row.uid}/plan/"),
            ("circle-action", f"/city/circles/actions/{action.uid}/"),
            ("circles-plans", "/city/circles/plans/"),
            ("circles-children", "/city/circles/children/"),
            ("circles-green", "/city/circles/green/"),
            ("circles-siting", "/city/circles/siting/?places=2"),
            ("circles-buses", "/city/circles/buses/"),
            ("places", "/office/places/"),
            ("place-new", "/office/places/new/"),
            ("places-send", "/office/places/send/"),
        ):
            page.goto(address)
            inspector.look(name)
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_what_if_says_who_gains_with_scripts_and_without(opened: Opener, town: None, scripts: bool):
    row, where = Circle.objects.get(code="A"), at(100, 0)
    with opened(java_script_enabled=scripts) as page:
        sign_in(page)
        page.goto(f"/city/circles/{row.uid}/whatif/")
        page.get_by_label("开什么").select_option("repair")
        page.get_by_label("在哪里（搬到哪里、桥的一头）").fill(f"{where.lon},{where.lat}")
        page.get_by_role("button", name="加上这一项，再算").click()
        page.get_by_role("heading", name="会变成怎样").wait_for()
        line = page.locator("#answer tbody tr").filter(has_text="修配").first.inner_text()
        assert "+4" in line
        page.locator("#answer").get_by_role("button", name="全部去掉").click()
        page.get_by_role("heading", name="会变成怎样").wait_for(state="detached")


def test_a_tap_on_the_map_opens_a_place_there(opened: Opener, town: None):
    row = Circle.objects.get(code="A")
    with opened() as page:
        sign_in(page)
        page.goto(f"/city/circles/{row.uid}/whatif/")
        page.locator("#whatif-map[data-ready]").wait_for()
        page.get_by_label("开什么").select_option("repair")
        page.locator("#whatif-map").focus()
        page.keyboard.press("Enter")  # the middle of the map
        page.get_by_role("heading", name="假设").wait_for()
        assert page.locator("#answer [name=edit]").count() == 1
