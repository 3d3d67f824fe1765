"""What if on its pages: an officer changes figures, sees people, households, cost, winners and losers, and takes them up as a draft."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from place_examples import FIRST_DAY, SYSTEM
from web_examples import AID, PASSWORD, SmallCity

from linli.programmes.models import Draft
from linli.registers import acts as registers
from linli.screening import acts as screening
from linli.screening.models import Scenario

pytestmark = pytest.mark.django_db
RAISED = "rule__parameters__undergraduate_grant__values-0__value"
HOME = reverse("programmes:whatif", args=[AID])


def signed_in(login: str) -> Client:
    client = Client()
    assert client.post("/office/sign-in/", {"login": login, "password": PASSWORD}).status_code == 302
    return client


@pytest.fixture
def office(small_city: SmallCity) -> Client:
    return signed_in("officer")


def begun(client: Client, name: str, start: str = "version:2023") -> Scenario:
    response = client.post(HOME, {"name": name, "start": start})
    assert response.status_code == 302, response.content.decode()
    return Scenario.objects.order_by("-id")[0]


def page_of(row: Scenario) -> str:
    return reverse("programmes:scenario", args=[AID, row.uid])


def sent(client: Client, row: Scenario, **changed: str) -> Any:
    form = client.get(page_of(row)).context["form"]
    told = {name: form[name].value() for name in form.fields if name != "day"}
    return client.post(page_of(row), {**told, **changed})


def tried(client: Client, row: Scenario, **changed: str) -> Scenario:
    assert sent(client, row, **changed).status_code == 302
    row.refresh_from_db()
    assert "排队等待" in client.get(page_of(row)).content.decode()
    screening.work_out_scenario(uid=row.uid, revision=row.revision)
    row.refresh_from_db()
    return row


def test_an_officer_tries_a_figure_and_takes_it_up_as_a_draft(office: Client):
    assert HOME in office.get(reverse("programmes:versions", args=[AID])).content.decode()
    row = tried(office, begun(office, "本科生五千五百"), **{RAISED: "5,500"})
    page = office.get(page_of(row)).content.decode()
    # 测试甲 and 测试乙 study for 5,000 yuan a year each.
    for told in ("本科生五千五百", "10,000 元", "11,000 元", "+1,000 元", "金额增加", "省级资金", "公布的是每年 5,000 元"):
        assert told in page, told
    sheet = office.get(reverse("programmes:scenario_file", args=[AID, row.uid]))
    book = load_workbook(io.BytesIO(b"".join(sheet.streaming_content)))
    assert ["一年", 10_000, 11_000, 1_000] in [[cell.value for cell in line] for line in book["总数"]]
    assert ["省级资金", "一年", 10_000, 11_000, 1_000] in [[cell.value for cell in line] for line in book["资金"]]
    (heads, *rows) = [[cell.value for cell in line] for line in book["各县（市、区）"]]
    counties = [dict(zip(heads, row, strict=True)) for row in rows]
    assert [(row["符合条件（户）：公布"], row["一年：试算"], row["得益"]) for row in counties] == [(1, 5_500, 1)] * 2
    told = {"version": "2027", "first_0": "2027", "first_1": "1", "first_2": "1"}
    made = office.post(reverse("programmes:scenario_draft", args=[AID, row.uid]), told)
    draft = Draft.objects.get(slug=AID)
    assert made["Location"] == reverse("programmes:draft", args=[draft.uid])
    assert "value: 5500 yuan" in draft.text
    assert 'version: "2027"' in draft.text
    assert reverse("programmes:draft", args=[draft.uid]) in office.get(page_of(row)).content.decode()
    again = office.post(reverse("programmes:scenario_draft", args=[AID, row.uid]), {**told, "version": "2028"})
    assert "一次只改一份" in again.content.decode()
    assert Draft.objects.count() == 1


def test_what_can_not_be_tried_is_said_beside_its_field_and_nothing_is_worked_out(office: Client):
    row = begun(office, "试一试")
    for changed, told in (
        ({RAISED: "很多"}, "不是以元计的金额"),
        ({RAISED.removesuffix("value") + "from": "明年"}, "日期"),
        ({"day_0": "2019"}, "没有这一天"),
        ({"day_0": "2020", "day_1": "1", "day_2": "1"}, "这一天不适用这个版本"),
        ({"revision": "7"}, "别人改了这个试算"),
    ):
        response = sent(office, row, **changed)
        assert response.status_code == 200
        assert told in str(response.context["form"].errors), response.context["form"].errors
    row.refresh_from_db()
    assert (row.state, row.revision) == ("new", 1)


def test_two_are_put_side_by_side_and_one_begins_with_the_figures_of_another(office: Client):
    first = tried(office, begun(office, "五千五百"), **{RAISED: "5500"})
    second = tried(office, begun(office, "六千", f"scenario:{first.uid}"), **{RAISED: "6000"})
    address = reverse("programmes:scenarios", args=[AID])
    assert address in office.get(HOME).content.decode()
    page = office.get(f"{address}?one={first.uid}&other={second.uid}").content.decode()
    for told in ("10,000 元", "11,000 元", "12,000 元", "都按"):
        assert told in page, told
    Scenario.objects.filter(pk=second.pk).update(snapshot_digest="other")
    assert "数字不能直接相比" in office.get(f"{address}?one={first.uid}&other={second.uid}").content.decode()
    office.post(reverse("programmes:scenario_discard", args=[AID, second.uid]))
    assert "六千" not in office.get(HOME).content.decode()
    assert [office.get(one).status_code for one in (address, page_of(second))] == [404, 404]


def test_whole_city_officers_try_auditors_read_and_nobody_else_sees_it(office: Client, small_city: SmallCity):
    row = tried(office, begun(office, "五千五百"), **{RAISED: "5500"})
    posted = [page_of(row), HOME, *(reverse(f"programmes:scenario_{verb}", args=[AID, row.uid]) for verb in ("draft", "discard"))]
    read = [page_of(row), HOME, reverse("programmes:scenario_file", args=[AID, row.uid])]
    for role in ("auditor", "clerk"):
        staff = registers.add_staff(SYSTEM, login=role, name=f"岗位{role}", password=PASSWORD)
        registers.place_grant(SYSTEM, staff=staff, role=role, valid_from=FIRST_DAY)
    for login in ("auditor", "clerk", "local"):
        client = signed_in(login)
        assert {client.get(one).status_code for one in read} == {200 if login == "auditor" else 403}, login
        assert {client.post(one).status_code for one in posted} == {403}, login
        versions = client.get(reverse("programmes:versions", args=[AID])).content.decode()
        assert (HOME in versions) == (login == "auditor")
    other = reverse("programmes:scenario", args=["old-age-allowance", row.uid])
    assert office.get(other).status_code == 404


def questions(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_pages_take_the_same_number_of_queries_however_much_is_tried(office: Client):
    row = tried(office, begun(office, "五千五百"), **{RAISED: "5500"})
    before = [questions(office, one) for one in (HOME, page_of(row))]
    for name in "甲乙丙":
        begun(office, name)
    assert [questions(office, one) for one in (HOME, page_of(row))] == before
    assert before[1] <= 12
