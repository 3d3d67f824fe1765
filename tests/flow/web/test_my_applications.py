"""A resident confirms what policy found, gives what is missing, and sees how far it has come."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from own_browser import number_of, own_browser, slip_of
from place_examples import FIRST_DAY, SYSTEM
from web_examples import AID, PASSWORD, SmallCity

from linli.casework.models import Case
from linli.casework.receipts import grouped
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.entitlements.models import Application
from linli.registers import acts as registers

pytestmark = pytest.mark.django_db
ADDRESS = f"/my/apply/{AID}/"
ACCOUNT = {"holder": "测试甲", "number": "6217000000000000004", "bank": "测试银行"}


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def mine(small_city: SmallCity, db: None) -> Client:
    """A browser in which 测试甲 has signed in with a checked card."""
    return own_browser(small_city.found)


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="([^"]*)"', page)
    assert found, "no form"
    return found[1]


def test_what_policy_found_is_confirmed_and_followed_to_the_decision(mine: Client, small_city: SmallCity):
    assert ADDRESS in text(mine.get(f"/my/found/{AID}/{small_city.found.uid}/"))
    page = text(mine.get(ADDRESS))
    assert "这些已有登记，不用您填" in page
    assert 'name="identity"' not in page
    told = {**ACCOUNT, "committed": "kinship", "payee": "self", "page": "summary", "key": key_of(page)}
    summary = text(mine.post(ADDRESS, {**told, "page": "all"}))
    for wanted in ("请核对，再提交", "尾号 0004", "残疾人证", 'name="number" value="6217000000000000004"', 'name="page" value="summary"'):
        assert wanted in summary
    answer = mine.post(ADDRESS, told)
    case = Case.objects.get(kind="application")
    assert answer["Location"] == f"/my/cases/{case.uid}/"
    assert case.origin == "invitation"
    assert mine.post(ADDRESS, told)["Location"] == answer["Location"]
    row = Application.objects.get(case=case)
    assert (row.asked, row.known > row.asked) == (2, True)
    page = text(mine.get(answer["Location"]))
    for wanted in ("扶残助学圆梦工程", "县残联初审", "免交，已有登记", "5,000"):
        assert wanted in page
    acts.accept(SYSTEM, case.uid)
    steps.pass_on(SYSTEM, case.uid)
    acts.decide(SYSTEM, case.uid, "granted")
    page = text(mine.get(answer["Location"]))
    assert "给予" in page
    assert "您的评价" in page
    contest = f"{answer['Location']}object/"
    assert contest in page
    told = {"words": "学历应为研究生", "whom": str(small_city.found.uid), "key": key_of(text(mine.get(contest)))}
    objection = Case.objects.get(uid=mine.post(contest, told)["Location"].split("/")[3])
    assert (objection.kind, objection.parent_id) == ("objection", case.pk)


def test_the_account_is_given_where_it_is_asked_for(mine: Client, small_city: SmallCity):
    page = text(mine.get(ADDRESS))
    mine.post(ADDRESS, {"committed": "kinship", "payee": "self", "holder": "测试甲", "page": "summary", "key": key_of(page)})
    case = Case.objects.get(kind="application")
    address = f"/my/cases/{case.uid}/"
    page = text(mine.get(address))
    assert "钱发到哪里" in page
    assert "这不是银行账户" not in page
    assert mine.post(address, {**ACCOUNT, "number": "12", "account": "1", "key": key_of(page)}).status_code == 400
    assert mine.post(address, {**ACCOUNT, "account": "1", "key": key_of(page)}).status_code == 302
    assert "钱发到哪里" not in text(mine.get(address))


def test_a_public_page_leads_through_the_sign_in_to_the_form(small_city: SmallCity, db: None):
    browser, who = Client(), small_city.found
    assert ADDRESS in text(browser.get(f"/programmes/{AID}/"))
    sign_in = browser.get(ADDRESS)["Location"]
    assert sign_in == f"/my/sign-in/?apply={AID}"
    assert f'name="apply" value="{AID}"' in text(browser.get(sign_in))
    told = {"contact": number_of(who), "code": slip_of(who)}
    asked = {"contact": told["contact"], "apply": AID}
    assert f'name="apply" value="{AID}"' in text(browser.post("/my/sign-in/", asked))
    assert browser.post("/my/sign-in/code/", {**told, "apply": AID})["Location"] == ADDRESS
    again = {**told, "code": slip_of(who), "apply": "//elsewhere.example"}
    assert Client().post("/my/sign-in/code/", again)["Location"] == "/my/"


def test_the_elder_edition_asks_one_thing_at_a_time_and_keeps_everything(mine: Client):
    mine.cookies["linli_edition"] = "elder"
    page = text(mine.get(ADDRESS))
    assert 'name="number"' in page
    assert 'name="committed"' not in page
    told = {**ACCOUNT, "page": "account", "key": key_of(page)}
    wrong = mine.post(ADDRESS, {**told, "number": "6217000000000000005", "holder": "别人"})
    assert wrong.status_code == 400
    for said in ("有一位填错了", "户名要与收款人在登记中的姓名一样", 'value="6217000000000000005"'):
        assert said in text(wrong)
    page = text(mine.post(ADDRESS, told))
    assert 'type="checkbox" name="committed"' in page
    assert '<input type="hidden" name="number" value="6217000000000000004">' in page
    told |= {"committed": "kinship", "page": "told"}
    assert "请核对，再提交" in text(mine.post(ADDRESS, told))
    back = text(mine.post(ADDRESS, {**told, "page": "summary", "to": "account"}))
    assert 'inputmode="numeric" autocomplete="off" maxlength="40"' in back
    assert '<input type="hidden" name="committed" value="kinship">' in back
    assert not Case.objects.filter(kind="application").exists()
    assert mine.post(ADDRESS, {**told, "page": "summary"}).status_code == 302


def test_the_pages_take_a_fixed_number_of_queries(mine: Client, small_city: SmallCity):
    mine.get(ADDRESS)
    with CaptureQueriesContext(connection) as asking:
        page = text(mine.get(ADDRESS))
    mine.post(ADDRESS, {**ACCOUNT, "committed": "kinship", "payee": "self", "page": "summary", "key": key_of(page)})
    address = f"/my/cases/{Case.objects.get(kind='application').uid}/"
    mine.get(address)
    with CaptureQueriesContext(connection) as following:
        mine.get(address)
    assert len(asking) <= 26
    assert len(following) <= 24


def test_a_clerk_of_another_county_applies_with_consent_and_prints_the_receipt(small_city: SmallCity, db: None):
    who = small_city.found
    clerk = registers.add_staff(SYSTEM, login="window", name="窗口员", password=PASSWORD)
    registers.place_grant(SYSTEM, staff=clerk, role="clerk", area_code="140882", valid_from=FIRST_DAY)
    window = Client()
    window.post("/office/sign-in/", {"login": "window", "password": PASSWORD})
    address = f"/window/people/{who.uid}/apply/{AID}/"
    assert window.get(address).status_code == 403
    window.post(f"/window/people/{who.uid}/consent/", {"matter": "benefits", "evidence": "present"})
    assert address in text(window.get(f"/window/people/{who.uid}/found/{AID}/{who.uid}/"))
    page = text(window.get(address))
    told = {**ACCOUNT, "committed": "kinship", "payee": "self", "page": "summary", "key": key_of(page)}
    answer = window.post(address, told)
    case = Case.objects.get(kind="application")
    assert answer["Location"] == f"/window/cases/{case.uid}/receipt/"
    assert (case.origin, case.received_at, case.area_code[:6]) == ("window", "140882", "140802")
    assert window.post(address, told)["Location"] == answer["Location"]
    slip = text(window.get(answer["Location"]))
    for wanted in ("收件回执", grouped(case.receipt), "告诉您是否受理", "扶残助学圆梦工程"):
        assert wanted in slip
    assert who.name not in slip
    own = own_browser(who)
    assert grouped(case.receipt) in text(own.get(f"/my/cases/{case.uid}/receipt/"))
    assert window.post(address, {**told, "key": "another"}).status_code == 400
