"""An officer deals with an application in the browser's terms: accepted, passed on, decided, each by the office whose step it is."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from case_examples import resident
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from own_browser import own_browser
from paper_examples import photo
from place_examples import identity
from pypdf import PdfReader
from web_examples import AID, SmallCity, born

from linli.agreements.models import Award
from linli.casework.documents import acts as documents
from linli.casework.letters.queries import pdf
from linli.casework.models import Case, Document, Letter, StepTaken, Task
from linli.entitlements.acts import Account, apply
from linli.entitlements.acts.accepting import give_account
from linli.entitlements.acts.applying import Wanted
from linli.entitlements.models import Application
from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.kernel.viewer import system
from linli.registers.models import Organisation, Resident
from linli.registers.queries.staff import viewer_of
from linli.web.models import Download
from linli.web.tables import downloads
from linli.web.tables.taskexports import tasks

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


def asked(small_city: SmallCity, *, account: bool = True) -> Case:
    return asked_by(small_city.found, account=account)


def asked_by(who: Resident, *, account: bool) -> Case:
    given = Account("测试甲", "62170000000000001", "测试银行") if account else None
    wanted = Wanted(AID, account=given, committed=("kinship",))
    return apply(resident(who), who.uid, wanted)


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


def test_whoever_decides_and_whose_it_is_read_that_another_is_paid_and_who(office: Client, small_city: SmallCity):
    """Officers read “服务机构” and never which one; the person, neither before nor after, that it doesn't come to their own card."""
    case, name = asked(small_city), "测试康复中心"
    firm = Organisation.objects.create(name=name, area_code="140802", kind="provider")
    mine = own_browser(small_city.found)
    assert "钱付给" not in text(mine.get(f"/my/cases/{case.uid}/"))
    Application.objects.filter(case=case).update(payee="provider", payee_uid=firm.uid)
    assert name in text(office.get(f"/office/cases/{case.uid}/"))
    before = text(mine.get(f"/my/cases/{case.uid}/"))
    assert "给予的话，钱付给：" in before
    assert name in before
    done(office, case, "accept")
    sign = Case.objects.create(
        receipt="2610190000017", kind="sign_off", subject=case.subject, area_code=case.area_code, programme=AID, parent=case,
        fact=f"{case.receipt}:1:x", opened_at=clock.now(), opened_by="system:casework", due_at=clock.now() + timedelta(days=3),
    )  # fmt: skip
    Task.objects.create(
        case=sign, role="officer", area_code=case.area_code, desk_code=case.area_code[:6], programme=AID, due_at=sign.due_at,
        warn_at=sign.due_at,
    )  # fmt: skip
    assert name in text(office.get(f"/office/cases/{sign.uid}/"))
    Case.objects.filter(pk=sign.pk).update(status="closed", closed_at=clock.now(), outcome="signed")
    done(office, case, "pass")
    done(office, case, "granted")
    after = text(mine.get(f"/my/cases/{case.uid}/"))
    assert "<p>钱付给：" in after
    assert name in after
    letter = Letter.objects.get(case=case, kind="grant")
    assert f"款项付给服务机构“{name}”，不付到您本人的账户" in said_in(letter)


def said_in(letter: Letter) -> str:
    content = pdf(system("test"), letter, site="https://example.org")
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace("\n", "").replace(" ", "")


def test_a_case_is_filed_as_one_zip_that_only_its_office_gets(
    office: Client, local_office: Client, small_city: SmallCity, settings: Any, tmp_path: Path
):
    case = asked(small_city)
    settings.LINLI_STATE = tmp_path
    address = f"/office/cases/{case.uid}/"
    assert f'action="{address}archive/"' in text(office.get(address))
    assert office.get(f"{address}archive/").status_code == 405
    assert office.post(f"/office/cases/{uuid7()}/archive/").status_code == 404
    page = office.post(f"{address}archive/")["Location"]
    made = Download.objects.get()
    downloads.make(made.uid)
    assert "共 1 件档案" in text(office.get(page))
    file = office.get(f"{page}file/")
    names = zipfile.ZipFile(io.BytesIO(b"".join(file.streaming_content))).namelist()
    assert {"index.html", "index.csv", "check.py", "manifest.sha256"} <= set(names)
    assert case.receipt in file["Content-Disposition"]
    assert local_office.get(page).status_code == 404


def test_what_an_accepted_paper_shows_is_entered_beside_it(office: Client, small_city: SmallCity, settings: Any, tmp_path: Path):
    settings.LINLI_STATE = tmp_path
    who = small_city.undecided
    case = asked_by(who, account=True)
    for material in ("hardship", "certificate"):
        documents.give(resident(who), case.uid, material, photo())
    paper = Document.objects.get(case=case, material="certificate")
    address = f"/office/papers/{paper.uid}/"
    assert "材料写明的信息" not in text(office.get(address))
    key = re.search(r'name="key" value="([^"]*)"', text(office.get(address)))
    office.post(address, {"result": "accepted", "key": key[1] if key else ""})
    assert "材料写明的信息" not in text(office.get(address))  # nothing is decided before it is accepted
    done(office, case, "accept")
    page = text(office.get(address))
    assert "材料写明的信息" in page
    fact_key = re.search(r'name="fact_key" value="([^"]*)"', page)
    assert fact_key
    empty = office.post(f"{address}facts/", {"fact_key": fact_key[1]}, follow=True)
    assert "没有登记" in text(empty)
    entered = office.post(f"{address}facts/", {"fact_key": fact_key[1], "fact:has_disability_certificate": "yes"}, follow=True)
    assert "来源记为这份材料" in text(entered)
    assert "材料“残疾人证”" in text(entered)


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
    assert max(len(first), len(second)) <= 25


def test_a_step_says_what_it_does_not_allow_and_why(office: Client, small_city: SmallCity):
    case = asked(small_city, account=False)
    page = text(office.get(f"/office/cases/{case.uid}/"))
    assert "现在不能选的" in page
    assert "还有材料没有交齐" in page
    done(office, case, "ask", materials=["account"], words="请提供银行账户")
    give_account(resident(small_city.found), case.uid, Account("测试甲", "62170000000000001", "测试银行"))
    page = text(office.get(f"/office/cases/{case.uid}/"))
    assert "补正只能一次性告知" in page
    done(office, case, "accept")
    done(office, case, "pass", words="学籍已核")
    page = text(office.get(f"/office/cases/{case.uid}/"))
    assert "全部条件都符合，不能不予" in page
    assert 'value="refused"' not in page
    for wanted in ("学籍已核", "等申请人补正", "身份证号"):
        assert wanted in page
    assert identity(born(20)) not in page


def test_several_are_accepted_and_passed_on_after_a_preview_and_a_slip_is_taken_back(office: Client, small_city: SmallCity):
    ready, lacking = asked(small_city), asked_by(small_city.away, account=False)
    bulk, chosen = "/office/inbox/bulk/", {"case": [str(ready.uid), str(lacking.uid)]}
    preview = text(office.post(bulk, {"verb": "accept", **chosen}))
    assert "县残联初审" in preview
    assert "材料没有交齐" in preview
    assert preview.count('name="case"') == 1
    assert "已办" in text(office.post(bulk, {"verb": "accept", "confirm": "1", "key": "a", **chosen}))
    narrowed = text(office.get(f"/office/inbox/?programme={AID}&step=accept"))
    assert f"/office/cases/{lacking.uid}/" in narrowed
    assert f"/office/cases/{ready.uid}/" not in narrowed
    office.post(bulk, {"verb": "pass", "confirm": "1", "key": "b", "words": "已核", **chosen})
    ready.refresh_from_db()
    passed = ready.step
    assert "刚转出，还可以收回" in text(office.get("/office/inbox/"))
    assert office.post(f"/office/cases/{ready.uid}/back/").status_code == 302
    ready.refresh_from_db()
    assert ready.step != passed
    assert [one.result for one in StepTaken.objects.filter(case=ready).order_by("position")] == ["passed", "returned", ""]
    assert "刚转出，还可以收回" not in text(office.get("/office/inbox/"))


def test_what_the_next_office_has_in_hand_is_not_taken_back(office: Client, small_city: SmallCity):
    case = asked(small_city)
    done(office, case, "accept")
    done(office, case, "pass")
    office.post(f"/office/cases/{case.uid}/hold/", {"verb": "take"})
    office.post(f"/office/cases/{case.uid}/back/")
    assert StepTaken.objects.filter(case=case).count() == 2
    with clock.frozen(clock.now() + timedelta(hours=1)):
        case.task.refresh_from_db()
        office.post(f"/office/cases/{case.uid}/hold/", {"verb": "release"})
        office.post(f"/office/cases/{case.uid}/back/")
    assert StepTaken.objects.filter(case=case).count() == 2


def test_the_rule_is_asked_again_and_the_list_is_taken_along(office: Client, small_city: SmallCity):
    case = asked(small_city)
    assert office.post(f"/office/cases/{case.uid}/again/").status_code == 302
    made = office.post("/office/lists/inbox/export/", {"programme": AID, "step": "accept", "kind": "nonsense"})
    assert made.status_code == 302
    download = Download.objects.latest("id")
    assert (download.listing, download.parameters) == ("inbox", {"programme": AID, "step": "accept"})
    sheet = tasks(viewer_of(small_city.officer), download.parameters)
    assert [row[3] for row in sheet.rows] == ["测试甲"]
