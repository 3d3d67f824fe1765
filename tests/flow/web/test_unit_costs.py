"""Cost per unit on the city's pages: 532 yuan a home stands out beside what such works cost elsewhere, each fund with its part."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings as django_settings
from django.test import Client

from linli.insight import counting
from linli.insight.elsewhere import elsewhere
from linli.insight.models import FundFigure, ServiceFigure
from linli.kernel.errors import LinliError
from linli.web.models import Download
from linli.web.tables import downloads

pytestmark = pytest.mark.django_db
HOMES = "home-adaptation"
PAID = {"provincial": 46_000_000, "lottery": 96_000_000}
"""The source's two funds, in fen."""


def text(page: Any) -> str:
    assert page.status_code == 200
    return re.sub(r"\s+", " ", page.content.decode())


@pytest.fixture
def adapted(office: Client) -> Client:
    """2,668 homes adapted for 1,420,000 yuan out of two funds, as the source prints it."""
    counting.count()
    ServiceFigure.objects.filter(programme=HOMES).delete()
    ServiceFigure.objects.create(
        programme=HOMES, area_code="140802001", applications=2668, paid_fen=142_000_000, units=2668, completed=2668
    )
    for fund, fen in PAID.items():
        FundFigure.objects.create(programme=HOMES, area_code="140802001", fund=f"{HOMES}.{fund}", paid_fen=fen)
    return office


def row_of(page: str, name: str) -> str:
    (found,) = [row for row in re.findall(r"<tr>.*?</tr>", page) if name in row and "单位成本" in row]
    return found


def test_532_yuan_a_home_is_flagged_beside_what_it_costs_elsewhere(adapted: Client) -> None:
    page = text(adapted.get("/city/way/"))
    for said in ("532.23", "与同类相差悬殊", "2,500"):
        assert said in row_of(page, "适老化改造"), said
    for said in ("172.41", "359.82", "2,000", "3,000", "来源：", "没有写明的县级资金"):
        assert said in page, said
    page = text(adapted.get(f"/city/way/{HOMES}/"))
    for said in ("532.23", "172.41", "359.82", "1,420,000", "2,668", "与同类相差悬殊", "没有写明的县级资金", "2,000", "来源："):
        assert said in page, said


def test_at_what_it_costs_elsewhere_nothing_is_flagged(adapted: Client) -> None:
    ServiceFigure.objects.filter(programme=HOMES).update(paid_fen=2668 * 240_000)
    assert "与同类相差悬殊" not in row_of(text(adapted.get("/city/way/")), "适老化改造")


def test_the_table_has_each_fund_and_what_it_costs_elsewhere(adapted: Client) -> None:
    assert adapted.post("/city/export/city-care/", {"slug": "", "kind": "", "county": ""}).status_code == 302
    made = Download.objects.latest("id")
    downloads.make(made.uid)
    made.refresh_from_db()
    sheet = openpyxl.load_workbook(downloads.file_of(made)).active
    (row,) = [one for one in sheet.iter_rows(values_only=True) if "适老化" in str(one[0])]
    assert "172.41" in row[-2]
    assert "2,000" in row[-1]


ENTRY = "costs:\n  - {programme: x, zh: a, en: a, yuan: [1, 2], from: 2026-01-01, until: null, source: {zh: a, en: a}}\n"
WRONG = {
    "a key is missing": ENTRY.replace("until: null, ", ""),
    "least above most": ENTRY.replace("[1, 2]", "[3, 2]"),
    "it ends before it begins": ENTRY.replace("until: null", "until: 2026-01-01"),
    "no list": "costs: 3\n",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_file_that_says_less_is_refused(wrong: str, tmp_path: Path, settings: Any) -> None:
    settings.LINLI_CITY = tmp_path
    assert elsewhere(date(2026, 11, 23)) == {}
    (tmp_path / "costs.yaml").write_text(WRONG[wrong], "utf-8")
    with pytest.raises(LinliError, match=r"costs\.yaml"):
        elsewhere(date(2026, 11, 23))


def test_a_value_holds_from_its_first_day_until_its_last(tmp_path: Path, settings: Any) -> None:
    shipped = (Path(django_settings.LINLI_CITY) / "costs.yaml").read_text("utf-8")
    settings.LINLI_CITY = tmp_path
    (tmp_path / "costs.yaml").write_text(shipped.replace("until: null", "until: 2026-01-01"), "utf-8")
    found = {day: HOMES in elsewhere(day) for day in (date(2022, 12, 31), date(2023, 1, 1), date(2025, 12, 31), date(2026, 1, 1))}
    assert list(found.values()) == [False, True, True, False]
