"""The card of a programme (明白卡) is one page of A4, however large the reader's letters are."""

from __future__ import annotations

import re
from typing import Any

import pytest
from conftest import Opener
from test_own_pages import resident_signs_in
from web_examples import AID, SmallCity


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.long)])
def test_a_card_is_one_page_at_the_largest_letters(opened: Opener, small_city: SmallCity, live_server: Any, language: str):
    with opened(edition="elder", language=language) as page:
        page.context.add_cookies([{"name": "linli_size", "value": "largest", "url": live_server.url}])
        resident_signs_in(page, small_city.found)
        page.goto(f"/my/found/{AID}/{small_city.found.uid}/card/")
        assert page.get_attribute("html", "data-size") == "largest"
        printed = page.pdf(print_background=True, prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
