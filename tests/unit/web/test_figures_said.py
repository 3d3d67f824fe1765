"""Figures are said as what they are: how often an amount is paid, a county elsewhere."""

from __future__ import annotations

from django.template.loader import get_template
from django.utils.translation import override

from linli.rules.declare import Label
from linli.screening.models import Preview
from linli.web.drafting.previews import shown
from linli.web.insights.figures import county_words


def test_a_monthly_amount_paid_by_the_quarter_is_not_said_to_be_paid_twelve_times():
    quarterly = shown(Preview(figures={"payments_a_year": 12, "cycle": "quarter"}))
    assert (quarterly.cycle_words, quarterly.payments) == (Label("按季度", "quarterly"), 4)
    for figures in ({"payments_a_year": 12, "cycle": "month"}, {"payments_a_year": 1, "cycle": "year"}, {"payments_a_year": 12}):
        assert shown(Preview(figures=figures)).cycle_words is None


def test_a_county_of_another_city_is_no_bare_code():
    with override("zh-hans"):
        assert county_words("140106", {}) == "太原市迎泽区"
        assert county_words("999999", {}) == "本市以外（999999）"
        assert county_words("", {}) == "地区不明"


def test_the_overview_says_granted_and_not_received():
    page = get_template("city/numbers_table.html").template.source
    assert "已给予（含名单记载）" in page
    assert "已享受" not in page
