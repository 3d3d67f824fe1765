"""An officer deals with an application in the browser's terms: accepted, passed on, decided, each by the office whose step it is."""

from __future__ import annotations

import re

import pytest
from case_examples import resident
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from web_examples import AID, SmallCity

from linli.agreements.models import Award
from linli.casework.models import Case, Letter
from linli.entitlements.acts import Account, apply
from linli.entitlements.acts.applying import Wanted

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


def asked(small_city: SmallCity, *, account: bool = True) -> Case:
    given = Account("测试甲", "62170000000000001", "测试银行") if account else None
    wanted = Wanted(AID, account=given, committed=("kinship",))
    return apply(resident(small_city.found), small_city.found.uid, wanted)


def done(client: Client, case: Case, verb: str, **more: object) -> object:
    address = f"/office/cases/{case.uid}/"
    key = re.search(r'name="key" value="([^"]*)"', text(client.get(address)))
    assert key, "no form"
    return client.post(address, {"verb": verb, "key": key[1], **more})


def test_an_application_goes_from_the_inbox_to_an_award(office: Client, small_city: SmallCity):
    case = asked(small_city)
    assert "扶残助学圆梦工程 · 待受理" in text(office.get("/office/inbox/"))
    page = text(office.get(f"/office/cases/{case.uid}/"))
    for wanted in ("测试甲", "县残联初审", "市残联集中审核", "免交，已有登记", "5,000", "政策来源没有写明"):
        assert wanted in page
    assert done(office, case, "accept").status_code == 302
    assert "扶残助学圆梦工程 · 县残联初审" in text(office.get("/office/inbox/"))
    assert done(office, case, "pass", words="学籍已核").status_code == 302
    assert done(office, case, "granted").status_code == 302
    case.refresh_from_db()
    assert (case.outcome, Award.objects.get(case=case).amount_fen) == ("granted", 500000)
    assert "给予" in text(office.get(f"/office/cases/{case.uid}/"))


def test_what_is_missing_is_asked_for_with_reasons_and_then_waited_for(office: Client, small_city: SmallCity):
    case = asked(small_city, account=False)
    page = text(office.get(f"/office/cases/{case.uid}/"))
    assert 'value="ask"' in page
    assert 'value="accept"' not in page
    assert "请写明理由" in text(done(office, case, "ask", materials=["account"]))
    assert done(office, case, "ask", materials=["account"], words="请提供银行账户").status_code == 302
    assert Letter.objects.get(case=case).kind == "supplement"
    page = text(office.get(f"/office/cases/{case.uid}/"))
    assert "等申请人补正，期限暂停" in page
    assert 'value="ask"' not in page


def test_a_repeated_step_does_nothing_twice_and_says_so(office: Client, small_city: SmallCity):
    case = asked(small_city)
    address = f"/office/cases/{case.uid}/"
    key = re.search(r'name="key" value="([^"]*)"', text(office.get(address)))
    assert key
    for _time in range(2):
        office.post(address, {"verb": "accept", "key": key[1]})
    assert Letter.objects.filter(case=case).count() == 1


def test_the_page_takes_a_fixed_number_of_queries(office: Client, small_city: SmallCity):
    case = asked(small_city)
    address = f"/office/cases/{case.uid}/"
    office.get(address)
    with CaptureQueriesContext(connection) as first:
        office.get(address)
    done(office, case, "accept")
    done(office, case, "pass")
    with CaptureQueriesContext(connection) as second:
        office.get(address)
    assert len(second) <= len(first) + 3 <= 48
