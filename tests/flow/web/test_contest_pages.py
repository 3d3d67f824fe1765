"""A decision is contested on one's own pages and by telephone; money paid too much is told, agreed to, given up by two."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from own_browser import own_browser
from paper_examples import photo
from place_examples import FIRST_DAY, SYSTEM, VILLAGE
from pypdf import PdfReader
from shown_examples import unguarded
from web_examples import AID, PASSWORD, SmallCity, certify, officer, student

from linli.agreements.models import Award
from linli.batches.acts import gathering
from linli.batches.models import Announcement, Batch, Check, Item, Posted
from linli.casework.letters.queries import pdf
from linli.casework.models import Case, Document, Letter, StepTaken
from linli.casework.steps import acts as steps
from linli.casework.steps.acts import programme_of
from linli.entitlements import acts, recovering
from linli.entitlements.acts import Account, objecting
from linli.entitlements.acts.applying import Wanted
from linli.entitlements.acts.objecting import review_until
from linli.entitlements.models import Recovery
from linli.entitlements.told_of_recoveries import PURPOSE
from linli.kernel import clock
from linli.kernel.clock import day_of
from linli.kernel.codes import new_code, spoken
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.registers import acts as registers
from linli.registers.models import HouseholdMember, Organisation, Resident, Staff
from linli.registers.queries.relatives import spoken_for
from linli.settlement.models import BankWord, Payment
from linli.trace import act
from linli.vault.files.acts import keep
from linli.vault.models import Access
from linli.web.tables import officeexports

pytestmark = pytest.mark.django_db
GIVEN = {"notice_days": {"value": 5, "document": "运残联发〔2026〕1号"}}


def text(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="([^"]*)"', page)
    assert found, "no form"
    return found[1]


def signed_in(login: str, role: str = "officer", **grant: str) -> Client:
    if role == "officer":
        officer(login, f"经办{login}", **grant)
    else:
        staff = registers.add_staff(SYSTEM, login=login, name=f"窗口{login}", password=PASSWORD)
        registers.place_grant(SYSTEM, staff=staff, role=role, valid_from=FIRST_DAY, **({"area_code": "140882"} | grant))
    client = Client()
    assert client.post("/office/sign-in/", {"login": login, "password": PASSWORD}).status_code == 302
    return client


@pytest.fixture
def paid(small_city: SmallCity, db: None) -> Award:
    return paid_award(small_city)


def paid_award(small_city: SmallCity) -> Award:
    """A student whose aid of the year was granted and paid."""
    who = small_city.found
    wanted = Wanted(AID, account=Account(who.name, "6217000000000000004", "测试银行"), committed=("kinship",))
    case = acts.apply(SYSTEM, who.uid, wanted)
    acts.accept(SYSTEM, case.uid)
    steps.pass_on(SYSTEM, case.uid)
    acts.decide(SYSTEM, case.uid, "granted")
    award = Award.objects.get(case=case)
    if award.state != "active":
        Award.objects.filter(pk=award.pk).update(state="active")
    batch = gathering.open_batch(SYSTEM, programme=AID, period=str(clock.today().year), given=GIVEN)
    gathering.gather(SYSTEM, batch=batch.uid)
    with unguarded():  # paid, as the bank would say at the end of a way that other tests go
        Item.objects.update(state="paid", ended_at=clock.now())
    return award


def test_a_decision_goes_to_review_from_ones_page_and_by_telephone(paid: Award, small_city: SmallCity) -> None:
    mine, address = own_browser(small_city.found), f"/my/cases/{paid.case.uid}/"
    page = text(mine.get(address))
    assert "对决定提出异议" in page
    form = text(mine.get(f"{address}review/"))
    assert "自受理起 60 日内答复" in form
    until = review_until(paid.case, programme_of(paid.case))
    assert until is not None
    assert f"{until.year}年{until.month}月{until.day}日（含当天）" in form
    unsaid = {"words": "", "whom": str(small_city.found.uid), "key": key_of(form)}
    assert mine.post(f"{address}review/", unsaid).status_code == 400
    told = {"words": "档次应为研究生", "whom": str(small_city.found.uid), "key": key_of(form)}
    review = Case.objects.get(uid=mine.post(f"{address}review/", told)["Location"].split("/")[3])
    assert (review.kind, review.parent_id, review.origin, review.task.desk_code) == ("review", paid.case_id, "resident", "1408")
    assert day_of(review.due_at) - day_of(review.opened_at) == timedelta(days=60)
    assert "行政复议" in text(mine.get(f"/my/cases/{review.uid}/"))
    clerk = signed_in("counter", "clerk")
    contest = f"/window/cases/{paid.case.uid}/contest/objection/"
    there = text(clerk.get(f"/window/cases/{paid.case.uid}/papers/"))
    assert contest in there
    assert "下一次发放" in there  # whoever calls is told as much as who has a telephone
    asked = text(clerk.get(contest))
    assert "扶残助学圆梦工程" in asked
    assert "最后一天" not in asked  # no document states a term for an objection here
    told = {"origin": "phone", "words": "本人来电说学历不对", "key": key_of(asked)}
    assert clerk.post(contest, told).status_code == 302
    objection = Case.objects.get(kind="objection")
    assert (objection.origin, objection.on_behalf_of) == ("phone", paid.case.subject)
    decided = signed_in("one")
    stay = StepTaken.objects.filter(case=paid.case).first()
    stay.signatures[0]["actor"] = f"staff:{Staff.objects.get(login='one').uid}"
    stay.save()
    there = text(decided.get(f"/office/cases/{objection.uid}/"))
    assert "您参与过这件事项的办理" in there
    assert "答复并办结" not in there


def assert_every_recovery_is_reached(office: Client, known: Recovery, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two more of them, on pages of one; then as before."""
    with transaction.atomic():
        for receipt in ("9900000001", "9900000002"):
            case, row = Case.objects.get(pk=known.case.pk), Recovery.objects.get(pk=known.pk)
            case.pk, case.uid, case.receipt, case.fact = None, uuid7(), receipt, receipt
            case.save()
            row.pk, row.case, row.detail = None, case, receipt
            row.save()
        monkeypatch.setattr("linli.settlement.queries.PAGE", 1)
        address, seen = "/office/payments/recoveries/", []
        for after in ("", *Recovery.objects.order_by("id").values_list("pk", flat=True)):
            page = text(office.get(address, {"after": after}))
            seen += re.findall(r"recoveries/([0-9a-f-]{36})/", page)
            assert "没有待退回的款项" not in page
        assert seen == [str(one.case.uid) for one in Recovery.objects.order_by("id").select_related("case")]
        assert len(list(officeexports.LISTINGS["recoveries"](SYSTEM, {}).rows)) == len(seen) == 3
        monkeypatch.undo()
        transaction.set_rollback(True)


def test_what_was_paid_too_much_is_stated_agreed_to_and_given_up_by_two(
    paid: Award, small_city: SmallCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = signed_in("one"), signed_in("two")
    state = f"/office/cases/{paid.case.uid}/overpaid/"
    assert state in text(one.get(f"/office/cases/{paid.case.uid}/"))
    assert one.post(state, {"owed0": "5,000.00", "reasons": "学籍更正"}).status_code == 400
    made = one.post(state, {"owed0": "4,000.00", "reasons": "学籍更正为专科"})
    recovery = Recovery.objects.get()
    case = f"/office/cases/{recovery.case.uid}/"
    assert (made["Location"], recovery.amount_fen) == (case, 100_000)
    mine = own_browser(small_city.found)
    own = f"/my/cases/{recovery.case.uid}/"
    page = text(mine.get(own))
    assert "多发金额" in page
    assert "学籍更正为专科" in page
    assert "撤回" not in page
    assert mine.post(own, {"withdraw": "1"}).status_code == 409
    assert Case.objects.get(uid=recovery.case.uid).status == "open"
    key = key_of(text(mine.get(f"{own}agree/")))
    assert mine.post(f"{own}agree/", {"instalment": "300", "agreed": "on", "key": key}).status_code == 400
    assert mine.post(f"{own}agree/", {"instalment": "400", "key": key}).status_code == 400
    assert mine.post(f"{own}agree/", {"instalment": "400", "agreed": "on", "key": key}).status_code == 302
    assert Recovery.objects.get().instalment_fen == 40_000
    assert "每次" in text(one.get(case))
    assert one.post(f"{case}say/".replace("say/", "overpaid/say/"), {"proposed": "waived", "reasons": "家庭困难"}).status_code == 302
    assert "待第二人确认</dt>" not in text(mine.get(own)), "what officers propose to each other"
    assert "没有待退回的款项" not in text(one.get("/office/payments/recoveries/"))
    assert_every_recovery_is_reached(one, recovery, monkeypatch)
    money = f"/office/payments/recoveries/{recovery.case.uid}/"
    told = {"fen": "100", "on_0": "2026", "on_1": "11", "on_2": "1", "reference": "回单1"}
    assert one.post(money, told).status_code == 302
    assert ("由另一位经办人员确认" in text(one.get(money)), "已对照银行凭证，确认" in text(two.get(money))) == (True, True)
    two.post(f"/office/payments/entries/{BankWord.objects.get().uid}/", {"drop": "1"})
    assert "等另一人确认的" not in text(two.get(money))
    answer = {"outcome": "waived", "words": "同意不予追回", "version": str(Case.objects.get(uid=recovery.case.uid).version)}
    again = one.post(case, {**answer, "key": "1"})
    assert again.status_code == 400
    assert "提出或登记的人不能自己确认" in again.content.decode(), "why, and not that they may not see the page"
    seen = text(two.get(case))
    assert ("经办one" in seen.split("提出人：")[1][:60], "家庭困难" in seen, "按银行回单登记退回" in seen) == (True, True, True)
    assert two.post(case, {**answer, "key": "2"}).status_code == 302
    assert Case.objects.get(uid=recovery.case.uid).outcome == "waived"
    ended = text(two.get(case))
    assert ("待第二人确认</dt>" in ended, "按银行回单登记退回" in ended, "提出不再追回，待第二人确认 · 不予追回" in ended) == (
        False,
        False,
        True,
    )
    assert "没有待退回的款项" in text(one.get("/office/payments/recoveries/"))
    assert "多发金额" in text(one.get(f"/office/payments/recoveries/{recovery.case.uid}/"))
    Recovery.objects.filter(pk=recovery.pk).update(stopped_at=clock.now())
    assert "自动列为要付还本人的款项" in text(one.get(f"/office/payments/recoveries/{recovery.case.uid}/"))


def test_who_had_the_money_is_said_to_whoever_is_asked_for_it_and_to_the_office(paid: Award, small_city: SmallCity) -> None:
    """What a company had was put to an old woman alone, as if she had had it."""
    firm = Organisation.objects.create(name="测试热力公司", area_code="140802", kind="provider")
    Award.objects.filter(pk=paid.pk).update(payee="provider", payee_uid=firm.uid)
    desk = signed_in("first")
    assert firm.name in text(desk.get(f"/office/cases/{paid.case.uid}/overpaid/"))
    owed = [recovering.Overpaid(str(clock.today().year), 500_000, 400_000)]
    case = recovering.open_recovery(SYSTEM, paid.uid, cause="stated", periods=owed, words="补助标准有误")
    mine = text(own_browser(small_city.found).get(f"/my/cases/{case.uid}/"))
    assert firm.name in mine
    assert "不要求您用自己的钱先退" in mine
    assert "没有您本人的同意，不会从以后的待遇中扣减" in mine
    seen = text(desk.get(f"/office/cases/{case.uid}/"))
    assert firm.name in seen
    assert "由收款人退回" in seen
    content = pdf(SYSTEM, Letter.objects.get(case=case, kind="recovery"), site="https://example.org")
    said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace("\n", "").replace(" ", "")
    assert f"这笔钱当时付给了服务机构“{firm.name}”" in said
    assert "不要求您用自己的钱先退" in said


def test_an_heir_and_a_minors_guardian_see_that_one_recovery_and_nothing_else(paid: Award, small_city: SmallCity) -> None:
    who, heir, stranger = small_city.found, small_city.undecided, small_city.away
    owed = [recovering.Overpaid(str(clock.today().year), 500_000, 400_000)]
    recovery = recovering.open_recovery(SYSTEM, paid.uid, cause="stated", periods=owed, words="学籍更正")
    address = f"/my/recoveries/{recovery.uid}/"
    registers.link_family(SYSTEM, resident=who, relative=heir, relation="spouse", valid_from=FIRST_DAY)
    spouse, other = own_browser(heir), own_browser(stranger)
    assert spouse.get(address).status_code == 404  # being married opens nothing
    registers.record_death(SYSTEM, resident=who, deceased_on=clock.today())
    page = text(spouse.get(address))
    for wanted in (who.name, "扶残助学圆梦工程", "多发金额", "1,000", "怎么退、怎么提意见"):
        assert wanted in page
    assert address in text(spouse.get("/my/"))
    assert f"{address}letter/" in page
    assert spouse.get(f"{address}letter/").content[:5] == b"%PDF-"
    assert other.get(f"{address}letter/").status_code == 404
    read = Access.objects.get(purpose=PURPOSE)
    assert (read.subject, read.actor, read.fields) == (who.uid, f"resident:{heir.uid}", ["letter"])
    code, clerk = Letter.objects.get(case__uid=recovery.uid, kind="recovery").code, signed_in("counter", "clerk")
    found = clerk.post("/window/papers/", {"receipt": spoken(code)})
    assert found["Location"] == f"/window/cases/{recovery.uid}/papers/"
    assert clerk.post("/window/papers/", {"receipt": spoken(new_code(12))}).status_code == 400
    assert spouse.get(f"/my/cases/{recovery.uid}/").status_code == 404
    assert spouse.get(f"/my/cases/{paid.case.uid}/").status_code == 404
    assert other.get(address).status_code == 404
    assert address not in text(other.get("/my/"))


def test_parents_are_told_of_a_minor_unless_somebody_else_is_the_guardian(small_city: SmallCity) -> None:
    child, father, aunt = small_city.found, small_city.undecided, small_city.away
    registers.link_family(SYSTEM, resident=child, relative=father, relation="father", valid_from=FIRST_DAY)
    assert spoken_for(father.uid) == {}  # of age
    Resident.objects.filter(pk=child.pk).update(birth_date=clock.today() - timedelta(days=3000))
    assert spoken_for(father.uid) == {child.uid: child.name}
    registers.link_family(SYSTEM, resident=child, relative=aunt, relation="guardian", valid_from=FIRST_DAY)
    assert spoken_for(father.uid) == {}
    assert spoken_for(aunt.uid) == {child.uid: child.name}
    assert spoken_for(child.uid) == {}


def test_the_reviewing_county_opens_the_file_only_while_it_checks(paid: Award, small_city: SmallCity) -> None:
    who = small_city.found
    content = photo()
    head = json.dumps({"pages": [len(content)]}).encode() + b"\n"
    with act(SYSTEM):
        kept = keep(who.uid, head + content, "application/x-pages")
    given = Document.objects.create(
        case=paid.case,
        subject=who.uid,
        material="identity",
        digest=kept.address,
        media="image/jpeg",
        bytes=len(content),
        given_at=clock.now(),
        given_by=str(who),
    )
    with unguarded():
        Item.objects.update(state="listed", ended_at=None)
        Batch.objects.update(state="checking", frozen_at=clock.now(), count=1, total_fen=1)
    check = Check.objects.create(item=Item.objects.get(), kind="cross", subject=who.uid, desk_code="140882")
    reviewer, own = signed_in("reviewer", area_code="140882", programme=AID), signed_in("own", area_code="140802", programme=AID)
    address = f"/batches/checks/{check.uid}/"
    page = text(reviewer.get(address))
    paper = f"{address}papers/{given.uid}/"
    assert paper in page
    assert "决定依据的情况" in page
    assert f"{paper}1/" in text(reviewer.get(paper))
    assert reviewer.get(f"{paper}1/").content == content
    assert Access.objects.filter(purpose="batches.check", subject=who.uid).count() >= 2
    assert reviewer.get(f"/office/papers/{given.uid}/").status_code == 404
    assert own.get(paper).status_code == 404
    assert reviewer.post(address, {"result": "passed", "words": "无误"}).status_code == 302
    assert reviewer.get(paper).status_code == 404
    assert paper not in text(reviewer.get(address))


def test_whoever_checks_reads_what_was_known_of_the_household_on_the_day_of_the_decision(small_city: SmallCity, db: None) -> None:
    who, parent = small_city.found, student("测试父", VILLAGE)
    home = HouseholdMember.objects.get(resident=who, valid_to=None, known_to=None).household
    registers.change_member(SYSTEM, household=home, resident=parent, role="parent", on=clock.today())
    certify(parent)
    paid_award(small_city)
    with unguarded():
        Item.objects.update(state="listed", ended_at=None)
        Batch.objects.update(state="checking", frozen_at=clock.now(), count=1, total_fen=1)
    check = Check.objects.create(item=Item.objects.get(), kind="cross", subject=who.uid, desk_code="140882")
    reviewer = signed_in("reviewer", area_code="140882", programme=AID)
    page = text(reviewer.get(f"/batches/checks/{check.uid}/"))
    held = page[page.index("家庭成员和亲属的情况") : page.index("材料</h2>")]
    assert "测*父" in held
    assert "测试父" not in page
    assert "残疾人证" in held
    assert "残疾人联合会" in held, "who says so"
    assert Access.objects.filter(purpose="batches.check", subject=parent.uid, fields=["list_fact"]).exists()
    assert Access.objects.filter(purpose="batches.check", subject=parent.uid).values_list("actor", flat=True)[0].startswith("staff:")


def test_whoever_stands_on_the_poster_alone_is_objected_to_by_number_and_a_photo_shows_where_it_hung(
    paid: Award, small_city: SmallCity
) -> None:
    with unguarded():
        Item.objects.update(state="listed", ended_at=None, minor=True)
    batch, today = Batch.objects.get(), clock.today()
    notice = Announcement.objects.create(
        batch=batch,
        programme=AID,
        columns=["name", "category"],
        days=5,
        unit="working",
        starts_on=today,
        ends_on=today,
        supervision="0359-0000000",
        objections_to="市残联教就部",
        count=1,
        digest=f"sha256:{'0' * 64}",
        put_up_at=clock.now(),
        put_up_by=SYSTEM.actor,
    )
    mine, address = own_browser(small_city.away), f"/my/announcements/{notice.uid}/object/"
    assert address in text(mine.get(f"/announcements/{notice.uid}/"))
    line = notice.lines.create(item=Item.objects.get(), position=1, area_code="140802", cells=["测试甲", ""])
    page = text(mine.get(f"/announcements/{notice.uid}/"))
    assert "未满十八周岁" not in page, "nobody stands on the poster alone"
    assert "类别" not in page, "a column in which nothing stands"
    with unguarded():
        line.delete()
    assert "编号" in text(mine.get(address))
    assert mine.post(address, {"number": "2", "words": "不是本校学生"}).status_code == 200
    assert not Case.objects.filter(kind="notice_objection").exists()
    assert mine.post(address, {"number": "1", "words": "不是本校学生"}).status_code == 302
    one = signed_in("one")
    about = Case.objects.get(kind="notice_objection")
    history = text(one.get(f"/office/cases/{about.uid}/")).partition("<ol")[2]
    assert "反映人" in history
    assert small_city.away.name not in history
    assert one.post(f"/batches/notices/{notice.uid}/object/", {"number": "1", "words": "来电反映"}).status_code == 302
    assert Case.objects.filter(kind="notice_objection", subject=paid.case.subject).count() == 2
    here = f"/batches/notices/{notice.uid}/"
    assert "没有张贴照片" in text(one.get(f"/batches/{batch.uid}/"))
    day = dict(zip(("hung_on_0", "hung_on_1", "hung_on_2"), (today.year, today.month, today.day), strict=True))
    sent = {"verb": "hung", "place": "村委会公示栏", "photo": SimpleUploadedFile("p.jpg", photo()), **day}
    assert one.post(here, sent).status_code == 302
    picture = f"{here}photos/{Posted.objects.get().pk}/"
    assert picture in text(one.get(here))
    assert one.get(picture).content[:2] == b"\xff\xd8"
    assert "没有张贴照片" not in text(one.get(f"/batches/{batch.uid}/"))
    steward = signed_in("steward1", "steward")
    assert "现在没有要张贴的公示" in text(steward.get("/steward/hanging/"))
    village = signed_in("steward2", "steward", area_code=VILLAGE)
    chosen = f"/steward/hanging/?notice={notice.uid}"
    assert "扶残助学" in text(village.get("/steward/hanging/"))
    assert village.post(chosen, {"place": "二组路口", "photo": SimpleUploadedFile("p.jpg", photo("blue")), **day}).status_code == 302
    assert Posted.objects.filter(place="二组路口", area_code=VILLAGE).exclude(digest="").count() == 1


def test_what_the_system_began_is_nobodys_request_and_what_is_no_longer_asked_back_says_so(
    paid: Award, small_city: SmallCity, office: Client
) -> None:
    fresh = objecting.redo(objecting.ANSWERING, paid.case.uid)
    mine = own_browser(small_city.found)
    page = text(mine.get("/my/"))
    assert "由 系统根据复核结果 提出" in page
    assert page.count("窗口工作人员") == 1, "the application that the test had taken in"
    page = text(mine.get(f"/my/cases/{fresh.uid}/"))
    assert "系统根据复核结果重新办理，不用您再申请" in page
    assert "申请收到了" not in page
    assert "由 系统根据复核结果 提出" in text(office.get(f"/office/cases/{fresh.uid}/"))
    recovery = Recovery.objects.select_related("case").get()
    here = f"/my/cases/{recovery.case.uid}/"
    assert "系统根据复核结果" in text(mine.get(here))
    assert "由 系统根据复核结果 提出" in text(office.get(f"/office/cases/{recovery.case.uid}/"))
    recovering.consent(Viewer(f"resident:{paid.person}", subject=str(paid.person), level="card"), recovery.case.uid, 200_000)
    assert "每次" in text(mine.get(here))
    recovering.not_overpaid(objecting.ANSWERING, recovery.case, "")
    batch = Batch.objects.get()
    Payment.objects.create(
        item=uuid7(), batch=batch.uid, award=paid.uid, case=paid.case.uid, programme=AID, period=batch.period, person=paid.person,
        area_code=paid.area_code, payee="self", part="made_good", amount_fen=40_000, offset_case=recovery.case.uid, state="waiting",
        state_since=clock.now(),
    )  # fmt: skip
    page = text(mine.get(here))
    for word in ("已停止，以后不再扣", "以后发钱时也不会再扣", "当时认为多发", "付还", "准备发放", "400"):
        assert word in page, word
    assert "每次" not in page
    assert "多发金额" not in page
