"""场所 in a browser: a place is added by a tap on the map, dragged to where it stands, closed; by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import DESKTOP, PHONE, Opener, sign_in
from map_examples import START, at, shops, use_town
from place_examples import VILLAGE
from playwright.sync_api import Page, expect
from web_examples import SmallCity

from linli.registers.models import Place, PlaceRole

pytestmark = pytest.mark.usefixtures("town")


@pytest.fixture
def town(small_city: SmallCity, tmp_path: Path) -> None:
    use_town(tmp_path)
    shops()


def drawn(page: Page) -> dict[str, float]:
    """Wait for the map, bring it into view, and say where it is."""
    page.wait_for_selector("[data-map][data-ready]")
    view = page.locator("[data-map]")
    view.scroll_into_view_if_needed()
    box = view.bounding_box()
    assert box
    return box


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_place_is_dragged_to_where_it_stands(opened: Opener, size: dict[str, int]) -> None:
    shop = Place.objects.get(code="P-3")
    with opened(size=size) as page:
        sign_in(page)
        page.goto(f"/office/places/{shop.uid}/")
        box = drawn(page)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 40, y - 20, steps=8)
        page.mouse.move(x + 80, y - 40, steps=8)
        page.mouse.up()
        expect(page.locator("[data-spot] [role=status]")).to_contain_text("已选好位置")
        assert page.input_value("#id_system") == "WGS-84"
        chosen = page.input_value("#id_lon"), page.input_value("#id_lat")
        page.get_by_role("button", name="保存", exact=True).click()
        page.wait_for_selector("text=已保存")
    moved = Place.objects.get(code="P-3")
    assert (f"{moved.lon:.7f}", f"{moved.lat:.7f}") == chosen
    assert moved.lon > shop.lon
    assert moved.lat > shop.lat


def test_a_place_is_added_by_a_tap_and_closed(opened: Opener) -> None:
    with opened() as page:
        sign_in(page)
        page.goto("/office/places/")
        page.click("text=新增场所")
        page.fill("#id_name_zh", "新开的馒头店")
        page.fill("#id_code", "N-1")
        page.click("summary:has-text('便民商业')")
        page.check("input[name=roles][value=breakfast]")
        page.fill("#id_hours", "周一至周日 06:00-10:00")
        page.fill("#id_area_code", VILLAGE)
        box = drawn(page)
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page.locator("[data-spot] [role=status]")).to_contain_text("已选好位置")
        page.get_by_role("button", name="保存", exact=True).click()
        page.wait_for_selector("text=已保存")
        place = Place.objects.get(code="N-1")
        assert abs(float(place.lon) - at(10, 10)[0]) < 0.01
        assert list(PlaceRole.objects.filter(place=place).values_list("category", flat=True)) == ["breakfast"]
        page.goto("/map/?q=馒头店")
        assert "新开的馒头店" in page.locator("#found-head").inner_text()
        page.goto(f"/office/places/{place.uid}/")
        page.click("text=登记停业")
        page.wait_for_selector("text=已登记停业")
    place.refresh_from_db()
    assert place.closed is not None


def test_by_keyboard_enter_on_the_map_takes_its_middle(opened: Opener) -> None:
    with opened() as page:
        sign_in(page)
        page.goto(f"/office/places/{Place.objects.get(code='P-1').uid}/")
        drawn(page)
        page.locator("[data-map]").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(400)
        page.keyboard.press("Enter")
        expect(page.locator("[data-spot] [role=status]")).to_contain_text("已选好位置")
        assert float(page.input_value("#id_lon")) > START[0]
