"""一刻钟生活圈 in a browser: looked at like every page, tapped, asked without scripts; nothing is fetched from anywhere else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from conftest import DESKTOP, PHONE, Opener
from inspecting import Inspector, for_residents
from map_examples import START, circle, computed, shops, use_town
from place_examples import BUILDING, SYSTEM
from playwright.sync_api import Page, expect
from test_rounds import phone as phone
from test_rounds import sign_in, steward
from web_examples import SmallCity

from linli.circles.acts.reports import report_place
from linli.circles.models import PlaceReport
from linli.kernel.positions import Position
from linli.kernel.viewer import PUBLIC
from linli.registers import acts
from linli.registers.models import Place

pytestmark = pytest.mark.usefixtures("town")
LINK = f"/map/?lon={START[0]:.3f}&lat={START[1]:.3f}"


@pytest.fixture
def town(small_city: SmallCity, tmp_path: Path) -> None:
    network = use_town(tmp_path)
    shops()
    circle("C-east", 15.6, 0.6, 19.4, 4.4)
    circle("C-west", 0.6, 0.6, 4.4, 4.4)
    computed(network, {"C-east": (1203, 3), "C-west": (40, 963)})
    acts.position_areas(SYSTEM, positions={BUILDING: Position(*START)}, source="test")


def drawn(page: Page) -> None:
    """Wait until the map shows its squares."""
    page.wait_for_selector("[data-map][data-ready]")


def nearest(page: Page) -> dict[str, str]:
    """What the tables say: category and minutes."""
    rows = page.locator("#found tbody tr").all()
    return {row.locator("th").inner_text(): re.search(r"\d+", row.locator("td.number").inner_text())[0] for row in rows}


@for_residents
def test_the_pages_of_the_map(opened: Opener, edition: str, language: str) -> None:
    shop = Place.objects.get(code="P-1")
    report = report_place(PUBLIC, kind="closed", place=shop.uid, key="one")
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        pages = {
            "map": "/map/",
            "map-reached": LINK,
            "map-blind": "/map/blind/",
            "map-blind-market": "/map/blind/?kind=market-15&profile=elder",
            "map-report-closed": f"/map/report/?place={shop.uid}",
            "map-report-new": "/map/report/",
            "map-reported": f"/map/reports/{report.uid}/",
        }
        for name, address in pages.items():
            page.goto(address)
            inspector.look(name)
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_tap_on_the_map_gives_the_answer_that_the_table_of_its_link_gives(opened: Opener, size: dict[str, int]) -> None:
    with opened(size=size) as page:
        page.goto(LINK)
        drawn(page)
        asked = nearest(page)
        assert "便利店" in asked
        page.goto("/map/")
        drawn(page)
        view = page.locator("[data-map]")
        view.scroll_into_view_if_needed()
        box = view.bounding_box()
        assert box
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_selector("#found")
        assert page.url.endswith("/map/")
        tapped = nearest(page)
        page.locator("summary", has_text="一刻钟内的每一处").click()
        lon, lat = (float(page.input_value(f"input[name={name}]")) for name in ("lon", "lat"))
        again = page.request.post("/map/", form={"lon": str(lon), "lat": str(lat)}).text()
        page.set_content(f"<main>{again.partition('<main')[2].partition('>')[2].partition('</main>')[0]}</main>")
        assert nearest(page) == tapped


def test_by_keyboard_enter_takes_the_middle_of_the_map(opened: Opener) -> None:
    with opened() as page:
        page.goto("/map/")
        drawn(page)
        page.locator("[data-map]").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("#found")


def test_who_walks_changes_the_answer_and_the_place_stays(opened: Opener) -> None:
    with opened(size=PHONE) as page:
        page.goto(LINK)
        drawn(page)
        page.check("input[name=profile][value=elder]")
        page.click("text=看能走到哪里")
        page.wait_for_selector("text=按长辈每小时 3.0 公里算")
        assert page.input_value("input[name=lon]").startswith(f"{START[0]:.3f}")


def test_the_one_of_several_that_was_chosen_stays_when_somebody_else_walks(opened: Opener) -> None:
    with opened(size=PHONE) as page:
        page.goto("/map/")
        drawn(page)
        page.fill("#q", "药店")
        page.click("text=看能走到哪里")
        page.click("text=从这里出发 >> nth=0")
        page.wait_for_selector("#found")
        chosen = page.locator("#found-head").inner_text()
        page.check("input[name=profile][value=elder]")
        page.click("text=看能走到哪里")
        page.wait_for_selector("text=按长辈每小时 3.0 公里算")
        assert page.locator("#found-head").inner_text() == chosen


def test_on_a_phone_the_answer_comes_into_view_in_rows_of_two_lines(opened: Opener) -> None:
    with opened(size=PHONE) as page:
        page.goto("/map/")
        drawn(page)
        page.fill("#q", "没有这个地方")
        page.click("text=看能走到哪里")
        expect(page.locator("[data-reach-says]")).to_contain_text("没有找到“没有这个地方”")
        expect(page.locator("[data-reach-says]")).to_be_in_viewport()
        page.fill("#q", "好又多便利店")
        page.click("text=看能走到哪里")
        page.wait_for_selector("#found")
        expect(page.locator("[data-map]")).to_be_in_viewport(ratio=0.9)
        rows = "rows => rows.map(row => row.getBoundingClientRect().height / parseFloat(getComputedStyle(row.cells[0]).lineHeight))"
        lines = page.locator("#found tbody tr").evaluate_all(rows)
        assert lines
        assert max(lines) < 3


def test_the_device_is_asked_only_when_the_button_is_pressed(opened: Opener) -> None:
    where = {"latitude": START[1], "longitude": START[0]}
    with opened(size=PHONE, geolocation=where, permissions=["geolocation"]) as page:
        page.goto("/map/")
        assert page.locator("#found").count() == 0
        page.click("text=用我的位置")
        page.wait_for_selector("#found")
        assert "111" not in page.url


def test_without_scripts_the_form_and_the_tables_do_it_all(opened: Opener) -> None:
    with opened(size=PHONE, java_script_enabled=False) as page:
        page.goto("/map/")
        assert not page.locator("[data-map]").is_visible()
        page.fill("#q", "幸福小区1号楼")
        page.click("text=看能走到哪里")
        assert "便利店" in nearest(page)
        page.check("input[value=wheelchair]")
        page.check("input[name=open]")
        page.click("text=看能走到哪里")
        assert "坐轮椅" in page.locator("#found").inner_text()
        page.fill("#q", "药店")
        page.click("text=看能走到哪里")
        page.click("text=从这里出发 >> nth=0")
        assert "药店" in page.locator("#found-head").inner_text()


def test_a_new_shop_is_tapped_on_the_map_and_reported(opened: Opener) -> None:
    with opened(size=PHONE) as page:
        page.goto(f"/map/report/#{START[0]:.5f},{START[1]:.5f}")
        drawn(page)
        page.select_option("#id_category", "repair")
        page.fill("#id_name", "新修鞋铺")
        view = page.locator("[data-map]")
        view.scroll_into_view_if_needed()
        view.click()
        page.wait_for_selector("text=位置已选好")
        page.click("text=告诉网格员")
        page.wait_for_selector("text=等网格员去看")
    report = PlaceReport.objects.get()
    assert (round(float(report.lon), 3), report.name, report.area_code) == (round(START[0], 3), "新修鞋铺", BUILDING)


def test_a_grid_worker_without_a_network_confirms_and_it_is_sent_once(phone: Any) -> None:
    steward("guanjia", BUILDING)
    shop = Place.objects.get(code="P-1")
    report = report_place(PUBLIC, kind="closed", place=shop.uid, key="one")
    with phone() as (context, page):
        sign_in(page)
        page.goto("/steward/reports/")
        page.click("text=好又多便利店")
        page.wait_for_selector("h1:has-text('好又多便利店')")
        context.set_offline(True)
        page.reload()
        page.click("button[value=confirmed]")
        page.wait_for_url("**/steward/reports/")
        expect(page.locator("[data-queue-mark]:visible")).to_have_count(1)
        assert PlaceReport.objects.get().state == "waiting"
        context.set_offline(False)
        page.wait_for_selector("text=现在没有等着看的")
    report.refresh_from_db()
    shop.refresh_from_db()
    assert (report.state, shop.closed is None) == ("confirmed", False)
