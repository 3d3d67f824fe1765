"""The pages of the price list, looked at like every page."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Opener, sign_in
from inspecting import Inspector, for_officers, for_residents
from price_examples import publish_some
from web_examples import SmallCity


@for_residents
def test_the_page_on_which_prices_are_looked_up(opened: Opener, small_city: SmallCity, edition: str, language: str):
    publish_some()
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        page.goto("/prices/?q=1102&on_0=2026&on_1=3&on_2=5")
        inspector.look("prices-found")
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)


@pytest.mark.long
@for_officers
def test_the_page_of_who_publishes_prices(opened: Opener, small_city: SmallCity, edition: str, language: str, settings: Any):
    settings.LINLI_SECOND_FACTOR = "optional"
    publish_some()
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        sign_in(page, "officer")
        page.goto("/office/imports/prices/")
        inspector.look("imports-prices")
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)
