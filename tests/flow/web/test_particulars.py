"""In the browser: money held for the parties of a case, answers of other systems, and a review that ranks."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from case_examples import resident, staff
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from own_browser import own_browser
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from web_examples import PASSWORD, SmallCity, born, officer

from linli.casework.models import Case, Document, Requirement
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.entitlements.acts import Account
from linli.entitlements.acts.applying import Wanted
from linli.entitlements.escrow import deposits, moving
from linli.entitlements.escrow.models import EscrowPayout
from linli.entitlements.reviewing.models import Ranking
from linli.kernel import clock
from linli.kernel.identity import masked
from linli.kernel.viewer import Grant
from linli.papers.reading import read_table
from linli.programmes import catalogue, parse_programme
from linli.programmes.acts import publish_version
from linli.programmes.files import city_vocabulary
from linli.registers import acts as registers
from linli.registers.acts.records import record_change
from linli.registers.models import Organisation, Resident

pytestmark = pytest.mark.django_db
OFFICER, COLLEAGUE = staff(21, Grant("officer")), staff(22, Grant("officer"))
CODES = {"new-bank": "91140800MA0GT0BD00", "old-bank": "91140800MA0GT0BD11"}


def text(response: Any) -> str:
    return str(response.content.decode())


def somebody(name: str) -> tuple[Resident, str]:
    """Somebody with their identity number."""
    number = identity(born(40))
    lives = [registers.Lives(kind, VILLAGE, FIRST_DAY) for kind in ("registered", "lives", "insured")]
    return person(name, identity=number, birth_date=born(40), situations=lives, relations_known=True), number


def received(who: Resident, wanted: Wanted) -> Case:
    case = acts.apply(resident(who), who.uid, wanted)
    Requirement.objects.filter(case=case).update(state="given")
    return acts.accept(OFFICER, case.uid)


def posted(client: Client, address: str, **told: Any) -> str:
    """What stands after a form was taken."""
    answer = client.post(address, told)
    assert answer.status_code == 302, text(answer)
    return text(client.get(address))


def sale(office: Client) -> tuple[Case, Resident, Resident]:
    """A transfer whose parties and price were entered in the browser."""
    (buyer, number), (seller, other) = somebody("测试买"), somebody("测试卖")
    for party, code in CODES.items():
        Organisation.objects.create(name=f"测试行{party}", area_code="140802", kind="employer", credit_code=code)
    case = received(buyer, Wanted("transfer-with-mortgage"))
    acts.state_facts(OFFICER, case.uid, {"dwelling_in_city": True, "dwelling_is_mortgaged": True, "all_parties_agree": True})
    address = f"/office/cases/{case.uid}/escrow/"
    told = {
        "verb": "terms",
        "price": "800000",
        "name_buyer": "测试买",
        "number_buyer": number,
        "name_seller": "测试卖",
        "number_seller": other,
    }
    for party, code in CODES.items():
        told |= {f"name_{party}": f"测试行{party}", f"number_{party}": code}
    page = text(office.post(address, {**told, **{name: "错" for name in told if name.startswith("name_")}}))
    assert page.count("登记中没有") == 2 * 4  # above the form and beside each box
    for party in ("买方", "卖方"):
        assert f"{party}：登记中没有“错，" in page
    assert number not in page
    page = text(office.post(address, {**told, "name_seller": "测试错", "number_seller": number}))
    assert "卖方：登记中没有“测试错，" in page
    assert number not in page
    known = dict(re.findall(r'name="(known_[a-z-]+)" value="([^"]*)"', page))
    shown = {"number_buyer": masked(number), "number_seller": other} | known
    assert "登记中没有" in text(office.post(address, {**told, **shown, "name_buyer": "测试别人"}))
    assert "登记中没有" in text(
        office.post(address, {**told, **shown, "known_seller": known["known_buyer"], "number_seller": masked(number)})
    )
    assert "800,000" in posted(office, address, **told | shown)
    return case, buyer, seller


def agreed_on_paper(office: Client, case: Case) -> None:
    """Both banks agree on a paper that an officer accepted."""
    paper = Document.objects.create(
        case=case, subject=case.subject_uid, material="consents", digest="x", media="m", bytes=1, given_at=clock.now(), given_by="staff:x",
        check_result="accepted", checked_at=clock.now(), checked_by="staff:y",
    )  # fmt: skip
    for party in CODES:
        posted(office, f"/office/cases/{case.uid}/escrow/", verb="paper", party=party, document=str(paper.uid))


def test_a_dwelling_changes_hands_on_the_pages(office: Client, small_city: SmallCity) -> None:
    case, buyer, seller = sale(office)
    address, today = f"/office/cases/{case.uid}/escrow/", str(clock.today())
    for who in (buyer, seller):
        own = own_browser(who)
        home = text(own.get("/my/"))
        assert "请您同意的" in home
        page = own.get(f"/my/cases/{case.uid}/escrow/")
        assert "800,000" in text(page)
        assert "您已同意" in posted(own, f"/my/cases/{case.uid}/escrow/", terms="1")
    assert own_browser(small_city.found).get(f"/my/cases/{case.uid}/escrow/").status_code == 404
    agreed_on_paper(office, case)
    steps.pass_on(OFFICER, case.uid)
    refused = office.post(address, {"verb": "deposit", "party": "buyer", "yuan": "800000.01", "reference": "TX-1", "day": today})
    assert (refused.status_code, "超出还应到账的金额" in text(refused)) == (400, True)
    page = posted(office, address, verb="deposit", party="buyer", yuan="800000", reference="TX-1", day=today)
    assert ("等另一人确认" in page, "由另一位经办人员确认" in page, "已对照银行凭证" in page) == (True, True, False)
    assert "您登记" in posted(office, address, verb="confirm", slip="TX-1")
    officer("second", "复核员")
    colleague = Client()
    colleague.post("/office/sign-in/", {"login": "second", "password": PASSWORD})
    assert "已对照银行凭证" in text(colleague.get(address))
    assert "登记已作废" in posted(colleague, address, verb="drop", slip="TX-1")
    posted(office, address, verb="deposit", party="buyer", yuan="800000", reference="TX-1", day=today)
    assert "等另一人确认" in text(own_browser(buyer).get(f"/my/cases/{case.uid}/"))
    assert "已确认入账" in posted(colleague, address, verb="confirm", slip="TX-1")
    steps.pass_on(OFFICER, case.uid)
    posted(office, address, verb="registered", number="晋（2026）第1号", day=today)
    for who in (OFFICER, COLLEAGUE):
        acts.decide(who, case.uid, "registered")
    posted(office, address, verb="plan", yuan_seller="500000", **{"yuan_old-bank": "300000"})
    assert "办理资金监管" in text(office.get(f"/office/cases/{case.uid}/"))
    for who in (OFFICER, COLLEAGUE):
        steps.pass_on(who, case.uid)
    moving.follow(SYSTEM, Case.objects.get(pk=case.pk))
    payout = EscrowPayout.objects.get(party="seller")
    assert "您拟定" in text(office.post(address, {"verb": "sent", "payout": str(payout.uid), "reference": "OUT-1", "day": today}))
    home = text(own_browser(buyer).get(f"/my/cases/{case.uid}/"))
    assert "待银行付出" in home
    assert home.count("还没有") == 1  # all but the last of the four things are done: the money is not out before the bank says so


def forwarded() -> Case:
    who, _number = somebody("测试丁")
    wanted = Wanted("medical-reimbursement", account=Account("测试丁", "6217000000000000001"), event=date(2026, 11, 2))
    case = received(who, wanted)
    steps.pass_on(OFFICER, case.uid)
    return acts.decide(OFFICER, case.uid, "forwarded")


def test_an_answer_is_entered_for_one_case_and_read_for_many(office: Client) -> None:
    case = forwarded()
    assert "登记答复" in text(office.get(f"/office/cases/{case.uid}/"))
    assert office.post(f"/office/cases/{case.uid}/answer/", {"outcome": "partly"}).status_code == 302
    own = own_browser(Resident.objects.get(uid=case.subject_uid))
    page = text(own.get(f"/my/cases/{case.uid}/"))
    assert "部分费用报销" in page
    assert "您的评价" in page
    rows = f"回执编号,办理结果\n{case.receipt},部分费用报销\n{case.receipt[:12]}x,不予报销\n".encode("gb18030")
    page = text(office.post("/office/answers/", {"file": SimpleUploadedFile("答复.csv", rows)}))
    assert "没有变化" in page
    assert "没有这个回执编号的申请" in page
    wrong = office.post("/office/answers/", {"file": SimpleUploadedFile("答复.csv", b"a,b\n1,2\n")})
    assert (wrong.status_code, "表格缺少需要的列" in text(wrong)) == (400, True)


def teachers() -> list[Case]:
    found = catalogue(settings.LINLI_CITY)
    stated = "values: [{from: 2026-01-01, value: 0.5, source: {zh: 测试文件, en: a test document}}]"
    programme = parse_programme(
        found.newest("rural-title-review").text.replace("values: []", stated).encode(), city_vocabulary(Path(settings.LINLI_CITY))
    )
    publish_version(viewer=SYSTEM, catalogue=found, programme=programme, demonstration=True)
    cases = []
    for name, years in (("测试师甲", 2), ("测试师乙", 30)):
        who, _number = somebody(name)
        data = {"school_grade": "village", "rural_teaching_years": years}
        record_change(SYSTEM, subject=who, list_slug="teacher-post", valid_from=FIRST_DAY, data=data)
        case = received(who, Wanted("rural-title-review"))
        cases.append(steps.pass_on(OFFICER, case.uid))
    return cases


@pytest.mark.long
def test_a_review_is_scored_ranked_shown_and_exported_on_the_pages(office: Client, tmp_path: Path) -> None:
    cases = teachers()
    assert "评审打分" in text(office.get(f"/office/cases/{cases[0].uid}/"))
    assert office.post(f"/office/cases/{cases[0].uid}/score/", {"teaching": "101", "research": "1"}).status_code == 400
    for case in cases:
        assert office.post(f"/office/cases/{case.uid}/score/", {"teaching": "90", "research": "80"}).status_code == 302
    page = text(office.get("/office/reviews/rural-title-review/"))
    assert page.count("我已打分") == 2
    told = {"period": "2026", "day": str(clock.today())}
    assert office.post("/office/reviews/rural-title-review/", told).status_code == 302
    row = Ranking.objects.get()
    address = f"/office/reviews/ranks/{row.uid}/"
    assert "重新计分，名次相同" in text(office.get(address))
    path = tmp_path / "ranks.xlsx"
    path.write_bytes(office.get(f"{address}file/").content)
    assert [[cell.text for cell in line.cells][:2] for line in read_table(path).rows] == [["1", "测试师乙"], ["2", "测试师甲"]]
    for case in cases:
        steps.pass_on(OFFICER, case.uid)
    told = {"supervision": "12345", "objections_to": "运城市教育局", "days": "5", "document": "测试文件"}
    assert office.post(address, told).status_code == 302
    public = Client()
    assert f"/announcements/ranks/{row.uid}/" in text(public.get("/announcements/"))
    page = text(public.get(f"/announcements/ranks/{row.uid}/"))
    assert page.index("测试师乙") < page.index("测试师甲")


@pytest.mark.long
def test_a_buyer_who_takes_it_back_at_home_sees_the_money_ordered_back(office: Client) -> None:
    case, buyer, seller = sale(office)
    address = f"/office/cases/{case.uid}/escrow/"
    assert "更改各方或金额" in text(office.get(address))
    assert 'name="number_buyer"' in text(office.get(f"{address}?change=terms"))
    for who in (buyer, seller):
        posted(own_browser(who), f"/my/cases/{case.uid}/escrow/", terms="1")
    agreed_on_paper(office, case)
    steps.pass_on(OFFICER, case.uid)
    posted(office, address, verb="deposit", party="buyer", yuan="1000", reference="TX-9", day=str(clock.today()))
    deposits.confirm(COLLEAGUE, case.uid, "TX-9")
    assert "原路退回" in posted(own_browser(buyer), f"/my/cases/{case.uid}/", withdraw="1")
    moving.follow(SYSTEM, Case.objects.get(pk=case.pk))
    payout = EscrowPayout.objects.get()
    assert "来款由您登记" in text(
        office.post(address, {"verb": "sent", "payout": str(payout.uid), "reference": "OUT-9", "day": str(clock.today())})
    )
    assert moving.paid_out(COLLEAGUE, payout.uid, "OUT-9", clock.today()).reference == "OUT-9"
