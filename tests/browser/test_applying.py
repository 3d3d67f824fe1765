"""Somebody old applies on a phone, in the elder edition: from the programme's page through the sign-in to what is still missing."""

from __future__ import annotations

import pytest
from conftest import PHONE, Opener
from inspecting import Inspector
from own_browser import number_of, slip_of
from place_examples import SYSTEM
from web_examples import AID, SmallCity

from linli.casework.models import Case
from linli.entitlements import acts

GO = "main form button.button-large[type=submit]"


@pytest.mark.long
@pytest.mark.parametrize("edition", ["elder", "standard"])
def test_from_the_programme_to_what_is_missing(opened: Opener, small_city: SmallCity, edition: str) -> None:
    who = small_city.found
    with opened(size=PHONE, edition=edition) as page:
        inspector = Inspector(page, edition, "zh")
        page.goto(f"/programmes/{AID}/")
        inspector.look("apply-1-programme")
        page.click(f"a[href='/my/apply/{AID}/']")
        inspector.look("apply-2-sign-in")
        page.fill("input[name=contact]", number_of(who))
        page.click("main button.button-large")
        page.fill("input[name=code]", slip_of(who))
        page.click("main button.button-large")
        page.wait_for_selector("#apply")
        inspector.look("apply-3-account")
        page.fill("input[name=number]", "6217 0000 0000 0000 004")
        page.click(GO)
        if edition == "elder":
            page.wait_for_selector("input[name=committed][type=checkbox]")
            inspector.look("apply-4-promise")
            page.click(GO)
        page.wait_for_selector("input[name=page][value=summary]", state="attached")
        inspector.look("apply-5-summary")
        page.click(GO)
        page.wait_for_selector("#now")
        inspector.look("apply-6-case")
        case = Case.objects.get(kind="application")
        acts.ask_supplement(SYSTEM, case.uid, ["kinship"], "请补齐")
        page.reload()
        inspector.look("apply-7-missing")
        page.check("input[name=kinship-agreed]")
        page.click("button[name=give]")
        page.wait_for_selector("[data-told]")
        assert not page.query_selector("button[name=give]")
        inspector.look("apply-8-given")
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)
