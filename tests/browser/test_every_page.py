"""Every page in both editions and both languages: axe-core finds nothing, nothing overflows, targets are large; screenshots are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import DESKTOP, PHONE, Opener, shot, sign_in
from playwright.sync_api import Page
from web_examples import AID, SmallCity

PUBLIC = {
    "home": "/",
    "catalogue": "/programmes/",
    "nothing-found": "/programmes/?q=飞机",
    "programme": f"/programmes/{AID}/",
    "programme-tables": "/programmes/subsistence-allowance/",
    "programme-old": "/programmes/child-rehabilitation-aid/2018/",
    "check": "/check/",
    "styleguide": "/styleguide/",
    "sign-in": "/office/sign-in/",
}
# axe reads every page once in each edition and language, on the width where that edition is used most; the other width is looked at.
VIEWS = [
    ("standard", "zh", "desktop", True),
    ("standard", "zh", "phone", False),
    ("elder", "zh", "phone", True),
    ("elder", "zh", "desktop", False),
    ("standard", "en", "desktop", True),
    ("elder", "en", "phone", True),
]
SIZES = {"phone": PHONE, "desktop": DESKTOP}
# WCAG 2.2 AA, best practices included.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

TOO_SMALL = """least => [...document.querySelectorAll(
    'button, .button, .switch, .menu-link, .tile, .tab, .choice, select, .search-input, input[type=text], input[type=password], summary')]
  .filter(each => each.offsetParent && !each.closest('.only-spoken') && !each.matches('.link, .choice input'))
  .map(each => [each.getBoundingClientRect(), each.outerHTML.slice(0, 90)])
  .filter(([box, _]) => Math.round(box.height) < least).map(([box, html]) => `${Math.round(box.height)} ${html}`)"""


class Inspector:
    """Looks at pages in one view and collects what is wrong with them."""

    def __init__(self, page: Page, edition: str, language: str, width: str, with_axe: bool) -> None:
        self.page, self.view, self.with_axe = page, f"{edition}-{language}-{width}", with_axe
        self.least = 60 if edition == "elder" else 44
        self.problems: list[str] = []

    def look(self, name: str) -> None:
        """Keep a screenshot; note what axe finds, sideways scrolling, and targets that are too small."""
        shot(self.page, f"{name}-{self.view}")
        found = Axe().run(self.page, options=RULES).response["violations"] if self.with_axe else []
        problems = [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
        if self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") > 0:
            problems.append("scrolls sideways")
        problems += self.page.evaluate(TOO_SMALL, self.least)
        self.problems += [f"{name}: {problem}" for problem in problems]


def office_pages(city: SmallCity) -> dict[str, str]:
    run = f"/office/runs/{city.run.uid}/"
    return {
        "office": "/office/",
        "history": f"/office/programmes/{AID}/",
        "overview": run,
        "found": f"{run}found/",
        "undecided": f"{run}undecided/",
        "newly-lost": f"{run}newly-lost/",
        "person": f"{run}subjects/{city.found.uid}/",
        "person-undecided": f"{run}subjects/{city.undecided.uid}/",
    }


def steps(page: Page) -> Iterator[str]:
    """Walk through 查一查, a name for each kind of page on the way."""
    page.goto("/check/")
    page.click("button[value=person]")
    yield "check-day"
    page.click("#visit button.button-large >> nth=0")
    yield "check-error"
    for part, text in enumerate(("2005", "3", "7")):
        page.locator("#question input").nth(part).fill(text)
    page.click("#visit button.button-large >> nth=0")
    yield "check-choices"
    for _step in range(30):
        if not page.locator("#question").count():
            break
        key = page.locator("input[name=question]").get_attribute("value")
        if key == "members":
            yield "check-members"
            page.locator("#question select").nth(2).select_option("2")
            page.click("#visit button.button-large >> nth=0")
        elif key == "each:has_disability_certificate":
            yield "check-each"
            page.locator("#question input[type=checkbox]").nth(1).check()
            page.click("#visit button.button-large >> nth=0")
        elif key in ("fact:is_enrolled_student",) or key.startswith("place:"):
            page.locator("#question input[type=radio]").first.check()
            page.click("#visit button.button-large >> nth=0")
        else:
            page.click("button[name=skip]")
    yield "check-results"


@pytest.mark.parametrize(("edition", "language", "width", "with_axe"), VIEWS)
def test_every_page(opened: Opener, small_city: SmallCity, edition: str, language: str, width: str, with_axe: bool):
    with opened(size=SIZES[width], edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language, width, with_axe)
        for name, address in PUBLIC.items():
            page.goto(address)
            inspector.look(name)
        for name in steps(page):
            inspector.look(name)
        sign_in(page)
        for name, address in office_pages(small_city).items():
            page.goto(address)
            inspector.look(name)
    assert inspector.problems == []


def test_the_page_for_an_unknown_address(opened: Opener):
    with opened(size=PHONE, edition="elder") as page:
        page.on("console", lambda message: None)
        response: Any = page.request.get("/nowhere/")
        assert response.status == 404
        page.set_content(response.text())
        assert "没有找到这个页面" in page.inner_text("h1")
