"""医疗服务价格: anyone looks a day's price up; an officer of the whole city publishes a list, and withdraws one that was a mistake."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from price_examples import HEAD, publish_some
from reading_order import wrong_for_listeners
from web_examples import PASSWORD, SmallCity

from linli.registers.models import PriceItem, PriceVersion

pytestmark = pytest.mark.django_db
WHERE = "/office/imports/prices/"


def text(response: Any) -> str:
    return str(response.content.decode())


def _day(name: str, day: str) -> dict[str, str]:
    return {f"{name}_{number}": part for number, part in enumerate(day.split("-"))}


def sent(*rows: str, document: str = "运医保发〔2026〕1号", first: str = "2026-01-01") -> dict[str, Any]:
    return {"file": SimpleUploadedFile("价格.csv", (HEAD + "\n".join(rows)).encode()), "document": document, **_day("first", first)}


@pytest.fixture
def officer(small_city: SmallCity, client: Client) -> Client:
    assert client.post("/office/sign-in/", {"login": "officer", "password": PASSWORD}).status_code == 302
    return client


def test_anyone_sees_what_a_service_costs_on_its_day(small_city: SmallCity, client: Client):
    publish_some()
    with CaptureQueriesContext(connection) as asked:
        page = text(client.get("/prices/", {"q": "诊查费", "on_0": 2026, "on_1": 3, "on_2": 5}))
    assert len([one for one in asked.captured_queries if "priceitem" in one["sql"]]) == 1
    for wanted in ("普通门诊诊查费", "5.50 元", "运医保发〔2026〕1号", "三级医院", "9 元"):
        assert wanted in page
    assert "8 元" in text(client.get("/prices/", {"q": "110200001", "on_0": 2026, "on_1": 7, "on_2": 1}))
    assert "没有公布符合的价格" in text(client.get("/prices/", {"q": "110200001", "on_0": 2025, "on_1": 7, "on_2": 1}))
    for query in ({}, {"on": "x"}, {"q": "\x00"}, {"q": "诊查费", "on_0": 9999, "on_1": 99, "on_2": 99}):
        assert client.get("/prices/", query).status_code == 200


def test_an_officer_publishes_a_list_and_every_wrong_row_is_named(officer: Client):
    refused = officer.post(WHERE, sent("110200001,诊查费,次,五元,,", "110200002,复诊,次,-3,,"))
    assert refused.status_code == 400
    for wanted in ("第 2 行", "第 3 行"):
        assert wanted in text(refused)
    assert not PriceVersion.objects.exists()
    assert officer.post(WHERE, sent("110200001,诊查费,次,5,,")).status_code == 302
    assert PriceItem.objects.get().valid_from == date(2026, 1, 1)
    again = officer.post(WHERE, sent("110200001,诊查费,次,6,,", document="运医保发〔2026〕2号"))
    assert "重叠" in text(again)
    assert "运医保发〔2026〕1号" in text(again)
    missing = officer.post(WHERE, sent("110200001,诊查费,次,6,,", document=" "))
    assert missing.status_code == 400


def test_a_version_is_withdrawn_with_its_reason(officer: Client):
    publish_some()
    for address in (WHERE, "/office/imports/"):
        assert wrong_for_listeners(text(officer.get(address))) == []
    assert wrong_for_listeners(text(officer.post(WHERE, {}))) == []
    row = PriceVersion.objects.order_by("pk")[0]
    address = f"{WHERE}{row.uid}/withdraw/"
    officer.post(address, {"reason": " "})
    row.refresh_from_db()
    assert row.withdrawn_at is None
    assert "已撤回" in text(officer.post(address, {"reason": "公布的不是这一版"}, follow=True))
    assert "没有公布符合的价格" in text(officer.get("/prices/", {"q": "110200001", "on_0": 2026, "on_1": 3, "on_2": 5}))
    local = Client()
    local.post("/office/sign-in/", {"login": "local", "password": PASSWORD})
    assert local.get(WHERE).status_code == 403
