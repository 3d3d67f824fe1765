"""The resident's portal and the window in both editions and languages, read and measured like every other page."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Opener, sign_in
from inspecting import Inspector, for_residents
from own_browser import number_of, slip_of
from place_examples import FIRST_DAY, SYSTEM
from playwright.sync_api import Page
from web_examples import AID, PASSWORD, SmallCity, dispute

from linli.casework import acts as casework
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts
from linli.registers.models import Resident

CLERK = Viewer("staff:00000000-0000-7000-8000-000000000002", (Grant("clerk", "140882"),))


def resident_signs_in(page: Page, who: Resident) -> None:
    """By card number, with a code on paper from a window."""
    page.goto("/my/sign-in/")
    page.fill("input[name=contact]", number_of(who))
    page.click("main button.button-large")
    page.fill("input[name=code]", slip_of(who))
    page.click("main button.button-large")
    page.wait_for_selector("#mine")


def resident_pages(city: SmallCity) -> dict[str, str]:
    closed = dispute(city.found)
    casework.answer(SYSTEM, closed.uid, "kept", "与证件一致")
    why = f"/my/found/{AID}/{city.found.uid}/"
    return {
        "my": "/my/",
        "my-why": why,
        "my-card": f"{why}card/",
        "my-wrong": "/my/wrong/has_disability_certificate/",
        "my-visit": "/my/visit/",
        "my-apply": f"/my/apply/{AID}/",
        "my-case": f"/my/cases/{closed.uid}/",
        "my-papers": f"/my/cases/{closed.uid}/papers/",
        "my-give-paper": f"/my/cases/{closed.uid}/papers/give/",
        "verify": "/verify/?code=K7M2-3QRT",
        "my-readings": "/my/readings/",
        "my-letters": "/my/letters/",
        "my-mandates": "/my/mandates/",
    }


def window_pages(city: SmallCity) -> dict[str, str]:
    person = f"/window/people/{city.found.uid}/"
    return {
        "window": "/window/",
        "window-register": "/window/register/",
        "window-lacking": f"/window/lacking/?programme={AID}",
        "window-person": person,
        "window-apply": f"{person}apply/{AID}/",
        "window-why": f"{person}found/{AID}/{city.found.uid}/",
        "window-wrong": f"{person}wrong/has_disability_certificate/",
    }


@for_residents
def test_the_pages_of_residents_and_of_the_window(opened: Opener, small_city: SmallCity, edition: str, language: str, settings: Any):
    settings.LINLI_SECOND_FACTOR = "optional"
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        page.goto("/my/sign-in/")
        inspector.look("my-sign-in")
        resident_signs_in(page, small_city.found)
        for name, address in resident_pages(small_city).items():
            page.goto(address)
            inspector.look(name)
        clerk = acts.add_staff(SYSTEM, login="window", name="窗口员", password=PASSWORD)
        acts.place_grant(SYSTEM, staff=clerk, role="clerk", area_code="140882", valid_from=FIRST_DAY)
        acts.grant_mandate(
            CLERK, principal=small_city.found, kind="single_matter", agent=clerk, matter="benefits", evidence="本人到场，当面同意"
        )
        sign_in(page, "window")
        for name, address in window_pages(small_city).items():
            page.goto(address)
            inspector.look(name)
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)
