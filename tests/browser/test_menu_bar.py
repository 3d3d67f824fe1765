"""The bar at the top of the officers' pages stays one line on a wide screen, whatever somebody was granted."""

from __future__ import annotations

from conftest import PHONE, Opener
from place_examples import FIRST_DAY, GROUP, SYSTEM
from playwright.sync_api import Page
from web_examples import PASSWORD, SmallCity

from linli.registers import acts

WIDE = {"width": 1440, "height": 900}
LINES = """() => new Set([...document.querySelectorAll('.masthead-row .menu > li, .masthead-row .switch')]
    .map(one => Math.round(one.getBoundingClientRect().top / 20))).size"""


def as_officer_of_everything(page: Page, small_city: SmallCity) -> None:
    """Somebody with every role that may be held together."""
    for role, area in (("clerk", ""), ("planner", ""), ("steward", GROUP)):
        acts.place_grant(SYSTEM, staff=small_city.officer, role=role, area_code=area, valid_from=FIRST_DAY)
    page.goto("/office/sign-in/")
    page.fill("input[name=login]", "officer")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/office/")


def test_the_bar_is_one_line_at_1440(opened: Opener, small_city: SmallCity):
    with opened(size=WIDE) as page:
        as_officer_of_everything(page, small_city)
        assert page.evaluate(LINES) == 1
        page.click(".menu-more > summary")
        page.click(".menu-rest a >> nth=0")
        assert page.locator('.menu > li > [aria-current="page"]').count() == 1
        assert page.evaluate(LINES) == 1


def test_the_rest_of_the_tabs_opens_on_a_telephone(opened: Opener, small_city: SmallCity):
    with opened(size=PHONE, edition="elder") as page:
        as_officer_of_everything(page, small_city)
        page.click(".menu-more > summary")
        page.click(".menu-rest a >> nth=-1")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
