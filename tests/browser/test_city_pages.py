"""The city's overview in both editions and languages, read and measured like every other page."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Opener, sign_in
from inspecting import Inspector, in_every_variant
from web_examples import AID, SmallCity, dispute

from linli.insight import counting

PAGES = {
    "city": "/city/",
    "city-programme": f"/city/programmes/{AID}/",
    "city-people": f"/city/programmes/{AID}/untaken/",
    "city-lists": "/city/lists/",
    "city-list": "/city/lists/disability-certificate/",
    "city-rows": "/city/lists/disability-certificate/disputed/",
}


@in_every_variant
def test_the_pages_of_the_city(opened: Opener, small_city: SmallCity, edition: str, language: str, settings: Any):
    settings.LINLI_SECOND_FACTOR = "optional"
    dispute(small_city.found)
    counting.count()
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        sign_in(page, "officer")
        for name, address in PAGES.items():
            page.goto(address)
            inspector.look(name)
        page.goto(f"/office/runs/{small_city.run.uid}/")
        inspector.look("city-overview-of-a-run")
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)
