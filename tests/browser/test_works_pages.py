"""The pages of works, looked at like every page: an officer's at the acceptance, the elder's before signing."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Opener, sign_in
from inspecting import Inspector, for_officers
from paper_examples import photo
from place_examples import SYSTEM
from test_own_pages import resident_signs_in
from web_examples import SmallCity
from works_examples import ASSESSOR, DECIDER, applied, builder, drawn, elder, signed, signed_off

from linli.casework.documents import acts as documents
from linli.casework.models import Case
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.entitlements.works import acts as works
from linli.entitlements.works.standing import current_list
from linli.registers.models import Resident


def at_acceptance() -> tuple[Case, Resident]:
    """A home whose works are done, with pictures of it."""
    builder()
    who = elder("测试己", 76)
    case = applied(who)
    drawn(who, case)
    signed(who, case, "applicant", "assessor")
    current = current_list(case)
    assert current is not None
    works.sign(DECIDER, case.uid, "contractor", current.uid, content=photo("white"))
    documents.give(ASSESSOR, case.uid, "rooms", photo("grey"), part="before")
    steps.pass_on(ASSESSOR, case.uid)
    steps.finish_notice(SYSTEM, case.uid)
    acts.decide(DECIDER, case.uid, "granted")
    signed_off(case)
    steps.pass_on(DECIDER, case.uid)
    documents.give(ASSESSOR, case.uid, "rooms", photo("green"), part="after")
    return case, who


@pytest.mark.long
@for_officers
def test_the_pages_of_works(opened: Opener, small_city: SmallCity, edition: str, language: str, settings: Any):
    settings.LINLI_SECOND_FACTOR = "optional"
    case, _who = at_acceptance()
    new = elder("测试庚", 81)
    waiting = applied(new)
    drawn(new, waiting)
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        sign_in(page, "officer")
        for name, address in (("accept", f"{case.uid}/works/"), ("draw", f"{waiting.uid}/works/"), ("case", f"{case.uid}/")):
            page.goto(f"/office/cases/{address}")
            inspector.look(f"works-{name}")
    with opened(edition=edition, language=language) as page:
        inspector.page = page
        resident_signs_in(page, new)
        page.goto(f"/my/cases/{waiting.uid}/works/")
        inspector.look("my-works")
        page.click("form[action$='/works/sign/'] button")
        page.wait_for_load_state()
        assert page.locator("form[action$='/works/sign/']").count() == 0
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)
