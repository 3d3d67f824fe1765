"""A resident confirms what policy found, gives what is missing, and sees how far it has come."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from own_browser import number_of, own_browser, slip_of
from place_examples import FIRST_DAY, SYSTEM, VILLAGE
from pypdf import PdfReader
from walk_examples import asked, somebody
from web_examples import AID, PASSWORD, SmallCity, officer

from linli.agreements import acts as agreements
from linli.agreements.models import Award
from linli.casework.kinds import promise
from linli.casework.letters import queries as letters
from linli.casework.models import Case, Letter, Requirement
from linli.casework.receipts import grouped
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.entitlements.at_home import at_home
from linli.entitlements.models import Application
from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.registers import acts as registers
from linli.registers.models import Resident, ResidentAccount
from linli.settlement.acts.shared import about as about_payment
from linli.settlement.acts.shared import subject_of
from linli.settlement.facts import FAILED
from linli.settlement.models import Payment
from linli.settlement.reactions import account_given as follow
from linli.trace import act
from linli.trace.models import Fact

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
    found = re.search(r'name="(?:\w+-)?key" value="([^"]*)"', page)
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
    assert mine.get(ADDRESS)["Location"] == answer["Location"]
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
    refused = mine.get(ADDRESS)
    assert (refused.status_code, "已在享受这项待遇" in text(refused), "我提出的事" in text(refused)) == (404, True, True)
    home = text(mine.get("/my/"))
    assert "正在享受" in home
    assert "还没有发放" in home
    assert "第一次发放" in home
    assert "第一次发放" in page
    assert "等经办单位编制发放名单" in page
    assert f'href="{ADDRESS}"' not in home
    contest = f"{answer['Location']}object/"
    assert contest in page
    asked = text(mine.get(contest))
    letter = Letter.objects.get(case=case, kind="grant")
    for wanted in ("扶残助学圆梦工程", "给予", "给予决定书", letters.number_of(letter), "哪天作出"):
        assert wanted in asked
    told = {"words": "学历应为研究生", "whom": str(small_city.found.uid), "key": key_of(asked)}
    objection = Case.objects.get(uid=mine.post(contest, told)["Location"].split("/")[3])
    assert (objection.kind, objection.parent_id) == ("objection", case.pk)


def test_what_is_missing_has_a_button_of_its_own_and_the_way_is_told_in_plain_words(mine: Client, small_city: SmallCity):
    page = text(mine.get(ADDRESS))
    mine.post(ADDRESS, {"payee": "self", "holder": "测试甲", "page": "summary", "key": key_of(page)})
    case = Case.objects.get(kind="application")
    address = f"/my/cases/{case.uid}/"
    acts.ask_supplement(SYSTEM, case.uid, ["kinship", "account"], "请补齐")
    page = text(mine.get(address))
    for wanted in ("还差 2 样", "等您补材料", "请在这天以前交来", "您确认了政策找人的邀请", "一次告知您要补的材料", "受理后 "):
        assert wanted in page
    assert f'href="{ADDRESS}"' not in text(mine.get("/my/"))  # asked for already
    assert mine.get(f"{address}object/")["Location"] == mine.get(f"{address}review/")["Location"] == address  # nothing to contest yet
    ResidentAccount.objects.filter(resident=small_city.found).update(level="phone")
    unknown = text(mine.get(address))
    assert "到任一便民服务窗口问清要补什么并交来" in unknown
    assert "答复</p>" not in unknown
    assert "暂停计时，点开看要做什么" in text(mine.get("/my/"))
    ResidentAccount.objects.filter(resident=small_city.found).update(level="card")
    assert "为什么没有当场批准" not in page  # this programme approves nothing at once
    case.application.held_up = [{"code": "to_give", "names": ["account"]}]
    case.application.save(update_fields=["held_up"])
    assert "还有材料要交：本人银行账户" in text(mine.get(address))
    assert f"/my/cases/{case.uid}/papers/give/?material=kinship" in page
    assert mine.post(address, {**ACCOUNT, "number": "12", "give": "account", "key": key_of(page)}).status_code == 400
    assert mine.post(address, {**ACCOUNT, "give": "account", "key": key_of(page)}).status_code == 302
    promised = {"kinship-key": key_of(page), "give": "kinship"}
    refused = mine.post(address, promised)
    assert (refused.status_code, "愿意承诺的请勾选" in text(refused)) == (400, True)
    assert mine.post(address, {**promised, "kinship-agreed": "on"}).status_code == 302
    page = text(mine.get(address))
    for wanted in ("要补的材料收齐了", "现在", "县残联", "没有让您再填、再交"):
        assert wanted in page
    assert 'name="give"' not in page
    papers = text(mine.get(f"{address}papers/"))
    assert "已收到" in papers
    assert "?material=account" not in papers


def test_a_payment_that_came_back_gets_another_account_from_home(mine: Client, small_city: SmallCity):
    who = small_city.found
    mine.post(ADDRESS, {**ACCOUNT, "committed": "kinship", "payee": "self", "page": "summary", "key": "one"})
    case = Case.objects.get(kind="application")
    acts.accept(SYSTEM, case.uid)
    steps.pass_on(SYSTEM, case.uid)
    acts.decide(SYSTEM, case.uid, "granted")
    award = Award.objects.get(case=case)
    about = {"award": award.uid, "case": case.uid, "programme": AID, "person": who.uid, "area_code": case.area_code, "payee": "self"}
    told = {"item": uuid7(), "batch": uuid7(), "period": "2026", "amount_fen": 500_000, "state_since": clock.now()}
    with act(SYSTEM) as current:
        row = Payment.objects.create(**about, **told, state="failed", reason="closed")
        current.record(FAILED, subject=subject_of(row), payload={**about_payment(row), "reason": "closed"}, rows=[row])
    address = f"/my/cases/{case.uid}/payments/{row.uid}/"
    page = text(mine.get(f"/my/cases/{case.uid}/"))
    for wanted in ("没有到账", "银行说：账户已销户", "钱没有丢：更正账户后会再发一次", address, "受理了，期限从这天算起"):
        assert wanted in page
    form = text(mine.get(address))
    assert 'name="holder" value="测试甲"' in form
    told = {**ACCOUNT, "key": key_of(form)}
    assert mine.post(address, {**told, "holder": "别人"}).status_code == 400
    assert mine.post(address, told).status_code == 302
    follow(list(Fact.objects.filter(type="settlement.account_given")))
    row.refresh_from_db()
    award.refresh_from_db()
    assert (row.state, row.account.tail if row.account else "") == ("ready", "0004")
    assert award.account_cipher == Application.objects.get(case=case).account_cipher
    assert mine.post(address, {**told, "key": "another"}).status_code == 400
    assert own_browser(small_city.away).get(address).status_code == 404


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
    declared, days = steps.programme_of(case), promise("application").answer
    assert (declared.statutory_working_days, declared.promised_working_days) == (None, None)
    limits = ("政策来源没有写明", f"受理后 {days} 个工作日")
    for wanted in ("收件回执", grouped(case.receipt), "河津市便民服务窗口", "告诉您是否受理", "扶残助学圆梦工程", *limits):
        assert wanted in slip
    assert who.name not in slip
    own = own_browser(who)
    page = f"/my/cases/{case.uid}/receipt/"
    assert grouped(case.receipt) in text(own.get(page))
    printed = window.post(answer["Location"])
    assert (printed["Content-Type"], printed.content[:5]) == ("application/pdf", b"%PDF-")
    paper = re.sub(r"\s", "", PdfReader(BytesIO(printed.content)).pages[0].extract_text())
    for wanted in ("河津市便民服务窗口", f"受理后{days}个工作日"):
        assert wanted in paper
    letter = Letter.objects.get(case=case)
    assert (letter.kind, own.post(page)["Location"]) == ("receipt", f"/my/case-letters/{letter.uid}/")
    acts.accept(SYSTEM, case.uid)
    assert own.post(page)["Location"] == own.post(page)["Location"] != f"/my/case-letters/{letter.uid}/"
    assert own.get(own.post(page)["Location"]).content[:5] == b"%PDF-"
    assert window.post(address, {**told, "key": "another"}).status_code == 400


def test_the_window_lists_what_somebody_asked_for_with_its_number_its_step_and_what_is_owed(small_city: SmallCity, db: None):
    who, windows = small_city.found, []
    for login, county in (("window", "140882"), ("other", "140802")):
        clerk = registers.add_staff(SYSTEM, login=login, name="窗口员", password=PASSWORD)
        registers.place_grant(SYSTEM, staff=clerk, role="clerk", area_code=county, valid_from=FIRST_DAY)
        windows.append(Client())
        windows[-1].post("/office/sign-in/", {"login": login, "password": PASSWORD})
    window, other = windows
    page, address = f"/window/people/{who.uid}/", f"/window/people/{who.uid}/apply/{AID}/"
    window.post(f"{page}consent/", {"matter": "benefits", "evidence": "present"})
    assert "正在办的申请" not in text(window.get(page))
    told = {**ACCOUNT, "committed": "kinship", "payee": "self", "page": "summary", "key": key_of(text(window.get(address)))}
    assert window.post(address, told).status_code == 302
    case = Case.objects.get(kind="application")
    Requirement.objects.filter(case=case, material="kinship").update(state="wanted")
    shown = text(window.get(page))
    for wanted in (
        "正在办的申请",
        grouped(case.receipt),
        "等着受理",
        f"/window/cases/{case.uid}/receipt/",
        f"/window/cases/{case.uid}/papers/",
    ):
        assert wanted in shown, wanted
    assert re.search(r"还差：[^<]*共同生活家庭成员声明", shown), "what is owed"
    Requirement.objects.filter(case=case, material="kinship").update(state="commitment")
    acts.accept(SYSTEM, case.uid)
    shown = text(window.get(page))
    assert "材料齐了" in shown
    assert "县残联初审" in shown
    window.post(f"{page}done/")
    assert grouped(case.receipt) in text(window.get(page)), "whoever took it in may still look it up"
    assert grouped(case.receipt) not in text(other.get(page)), "others only with the person's consent"
    other.post(f"{page}consent/", {"matter": "benefits", "evidence": "present"})
    assert grouped(case.receipt) in text(other.get(page))


def test_a_clerk_applies_and_fills_in_what_is_missing_for_somebody_who_calls(small_city: SmallCity, db: None):
    who = small_city.found
    clerk = registers.add_staff(SYSTEM, login="window", name="窗口员", password=PASSWORD)
    registers.place_grant(SYSTEM, staff=clerk, role="clerk", area_code="140882", valid_from=FIRST_DAY)
    window = Client()
    window.post("/office/sign-in/", {"login": "window", "password": PASSWORD})
    person = f"/window/people/{who.uid}/"
    assert "tel:12500000000" in text(window.get(person))
    assert window.post(f"{person}consent/", {"matter": "benefits", "evidence": "phone"}).status_code == 302
    told = {"payee": "self", "page": "summary", "key": key_of(text(window.get(f"{person}apply/{AID}/")))}
    assert window.post(f"{person}apply/{AID}/", told).status_code == 302
    case = Case.objects.get(kind="application")
    assert (case.origin, case.received_at) == ("phone", "140882")
    address = f"/window/cases/{case.uid}/papers/"
    assert window.post(address, {"give": "kinship", "kinship-key": "a"}).status_code == 400
    assert window.post(address, {"give": "kinship", "kinship-key": "a", "kinship-agreed": "on"}).status_code == 302
    assert window.post(address, {**ACCOUNT, "give": "account", "key": "b"}).status_code == 302
    assert 'name="give"' not in text(window.get(address))
    assert acts.accept(SYSTEM, case.uid).accepted_at is not None
    assert "您打电话，窗口工作人员替您提出" in text(own_browser(who).get(f"/my/cases/{case.uid}/"))
    Resident.objects.filter(pk=who.pk).update(phone_cipher="")
    assert "没有这位居民的电话" in text(window.post(f"{person}consent/", {"matter": "benefits", "evidence": "phone"}))


def test_an_award_that_rests_or_has_ended_says_so_everywhere_with_why_and_since_when(mine: Client, small_city: SmallCity):
    mine.post(ADDRESS, {**ACCOUNT, "committed": "kinship", "payee": "self", "page": "summary", "key": key_of(text(mine.get(ADDRESS)))})
    case = Case.objects.get(kind="application")
    acts.accept(SYSTEM, case.uid)
    steps.pass_on(SYSTEM, case.uid)
    acts.decide(SYSTEM, case.uid, "granted")
    award = Award.objects.get(case=case)
    officer("reader", "经办")
    desk = Client()
    desk.post("/office/sign-in/", {"login": "reader", "password": PASSWORD})
    pages = (lambda: text(mine.get(f"/my/cases/{case.uid}/")), lambda: text(desk.get(f"/office/cases/{case.uid}/")))
    assert all("暂停发放" not in page() for page in pages)
    agreements.change(SYSTEM, award.uid, "suspended", "on_leave")
    for page in (*pages, lambda: text(mine.get("/my/"))):
        assert ("起暂停发放" in page(), "休学" in page()) == (True, True)
    assert "已在享受" not in text(mine.get("/my/"))
    agreements.change(SYSTEM, award.uid, "ended", "moved_away")
    for page in pages:
        assert ("（含当天）为止" in page(), "迁出" in page(), "暂停发放" in page()) == (True, True, False)


def test_who_lives_with_whoever_asked_reads_where_it_stands_and_has_no_second_way_in(small_city: SmallCity, db: None):
    head, spouse, child = somebody(40, "测试甲乙"), somebody(41, "测试丙"), somebody(12, "测试丁")
    members = [(head, "head"), (spouse, "spouse"), (child, "child")]
    home = registers.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=members, valid_from=FIRST_DAY)
    slug = "subsistence-allowance"
    mine, apply_at, why = own_browser(spouse), f"/my/apply/{slug}/", f"/my/found/{slug}/{home.uid}/"
    assert mine.get(apply_at).status_code == 200
    assert ("请带上" in text(mine.get(why)), "您家的" in text(mine.get("/my/"))) == (True, False)
    case = asked(head, slug)
    page = text(mine.get("/my/"))
    assert all(word in page for word in ("您家的", "由 测** ", "已经申请，正在办理"))
    assert head.name not in page
    assert f'href="{apply_at}"' not in page
    assert mine.get(apply_at)["Location"] == "/my/"
    page = text(mine.get(why))
    assert ("由 测** " in page, f'href="{apply_at}"' in page, "请带上" in page) == (True, False, False)
    assert [(one.by, one.shown) for one in at_home(spouse)] == [("测**", True)]
    assert [one.shown for one in at_home(child)] == [False], "who isn't of age reads nothing of it"
    assert at_home(head) == [], "their own is among what they asked for"
    assert case.subject_uid == head.uid
