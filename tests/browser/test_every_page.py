"""Every page in both editions and both languages: axe-core finds nothing, everything can be read and hit, nothing is left untranslated."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import Opener, sign_in
from inspecting import Inspector, for_residents
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


@for_residents
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
