"""A cost per unit that stands out says that its funds may not all be on record."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string

from linli.insight.measures import Service, costs
from linli.web.insights.lifecycle import Care

PAID = {"home-adaptation": (142_000_000, 2668), "a": (300_000_000, 1500), "b": (200_000_000, 800)}


@pytest.mark.parametrize(("which", "said"), [(["home-adaptation", "a", "b"], 1), (["a", "b"], 0)])
def test_an_outlier_is_shown_with_what_may_be_missing(which: list[str], said: int) -> None:
    """2,668 households, 460,000 yuan of the province and 960,000 of the lottery: 532 yuan each."""
    found = [Service(one, 1, 1, 1, 0, 0, 0, PAID[one][0], PAID[one][1], 0) for one in which]
    beside = costs(found)
    page = render_to_string("city/care_table.html", {"care": [Care(one.key, one, False, beside[one.key]) for one in found], "what": "政策"})
    assert page.count("先核对资金来源是不是登记齐全") == said
    assert page.count("与同类相差悬殊<") == said
    assert ("532.23" in page) == bool(said)
