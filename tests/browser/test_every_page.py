"""Every page in both editions and both languages: axe-core finds nothing, everything can be read and hit, nothing is left untranslated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import DESKTOP, PHONE, Opener, shot, sign_in
from measures import BY_FINGER, BY_MOUSE, ELDER, ELDER_LARGEST, Norm, legible, untranslated
from place_examples import SYSTEM
from playwright.sync_api import Page, Route
from web_examples import AID, SmallCity, certify, dispute

from linli.screening import acts as screening

PUBLIC = {
    "home": "/",
    "catalogue": "/programmes/",
    "catalogue-group": "/programmes/?for=elders",
    "nothing-found": "/programmes/?q=%E9%A3%9E%E6%9C%BA",
    "programme": f"/programmes/{AID}/",
    "programme-tables": "/programmes/subsistence-allowance/",
    "programme-old": "/programmes/child-rehabilitation-aid/2018/",
    "check": "/check/",
    "check-organisation": "/check/?for=organisation",
    "genuine": "/genuine/",
    "genuine-not": "/genuine/?q=K7M2-3QRT",
    "genuine-script": "/genuine/script/",
    "styleguide": "/styleguide/",
    "unknown-address": "/nowhere/",
    "sign-in": "/office/sign-in/",
}
WIDE = {"width": 1440, "height": 900}
# What each edition is looked at in: name, size of the window, size of the text, norm. axe reads the first of them.
WINDOWS: dict[str, list[tuple[str, dict[str, int], str, Norm]]] = {
    "standard": [
        ("desktop", DESKTOP, "large", BY_MOUSE),
        ("phone", PHONE, "large", BY_FINGER),
        ("narrow", {"width": 320, "height": 640}, "large", BY_FINGER),  # WCAG 2.2, 1.4.10: nothing is lost at 320 px
    ],
    "elder": [
        ("phone", PHONE, "large", ELDER),
        ("phone-largest", PHONE, "largest", ELDER_LARGEST),
        ("desktop", WIDE, "large", ELDER),
        ("desktop-largest", WIDE, "largest", ELDER_LARGEST),
    ],
}
# WCAG 2.2 AA, best practices included.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@dataclass
class Inspector:
    """Looks at pages in one edition and language and collects what is wrong with them."""

    page: Page
    edition: str
    language: str
    problems: list[str] = field(default_factory=list)

    def look(self, name: str) -> None:
        """Keep screenshots; note what axe finds, and in every window what can't be read or hit. What is folded up is unfolded for it."""
        self.page.wait_for_load_state()
        found = untranslated(self.page, self.language)
        for place, (window, size, letters, norm) in enumerate(WINDOWS[self.edition]):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            self.page.evaluate("size => { document.documentElement.dataset.size = size }", letters)
            if place == 0:
                found += self._read_by_axe()
            if place == 0 or (self.language == "zh" and window in ("phone", "desktop")):
                shot(self.page, f"{name}-{self.edition}-{self.language}-{window}")
            self.page.evaluate("() => { for (const each of document.querySelectorAll('details')) each.open = true }")
            found += [f"{window}: {problem}" for problem in legible(self.page, norm)]
        self.problems += [f"{name}: {problem}" for problem in found]

    def _read_by_axe(self) -> list[str]:
        violations = Axe().run(self.page, options=RULES).response["violations"]
        return [f"{one['id']}: {node['html'][:160]}" for one in violations for node in one["nodes"]]


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
        "notices": "/office/notices/",
        "mailings": "/office/notices/mailings/",
        "households": f"/office/runs/{city.household_run.uid}/undecided/",
        "residents": "/office/residents/?q=ceshi",
        "residents-nobody": "/office/residents/?q=feiji",
        "resident": f"/office/residents/{city.found.uid}/",
        "inbox": "/office/inbox/",
        "case": f"/office/cases/{dispute(city.found).uid}/",
        "filtered": f"{run}undecided/?county=140802",
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


def _as_found(route: Route) -> None:
    """The page as it is, under a status that the browser does not report as an error."""
    route.fulfill(response=route.fetch(), status=200)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("edition", ["standard", "elder"])
def test_every_page(opened: Opener, small_city: SmallCity, edition: str, language: str):
    with opened(edition=edition, language=language) as page:
        page.route("**/nowhere/", _as_found)
        inspector = Inspector(page, edition, language)
        for name, address in PUBLIC.items():
            page.goto(address)
            inspector.look(name)
        for name in steps(page):
            inspector.look(name)
        sign_in(page)
        for name, address in office_pages(small_city).items():
            page.goto(address)
            inspector.look(name)
        page.click("[data-row]")
        page.wait_for_selector(".conditions")
        inspector.look("household")
        certify(small_city.undecided)
        (again,) = screening.screen(viewer=SYSTEM, slugs=[AID])
        page.goto(f"/office/runs/{again.uid}/newly-found/")
        inspector.look("newly-found")
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)


def test_the_page_for_an_unknown_address_says_so(opened: Opener):
    with opened() as page:
        response = page.request.get("/nowhere/")
        assert response.status == 404
        assert "没有找到这个页面" in response.text()
