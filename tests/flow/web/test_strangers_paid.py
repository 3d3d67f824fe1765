"""A programme of somebody else's from its awards to the money on the account, by what the pages offer, each hand at a screen of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from bank_examples import CLOSED, PAID, PENDING, Asked, answer, asked
from batch_examples import VILLAGES
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from stranger_examples import BOARDING, TEXT, publish_stranger
from walking import Browser, at_work
from web_examples import PASSWORD, SmallCity, born, officer

from linli.agreements.models import Award
from linli.batches.acts import noticing
from linli.batches.models import Announcement, Check, Draw
from linli.casework.workplaces import work_in
from linli.entitlements.acts import Account, apply
from linli.entitlements.acts.applying import Wanted
from linli.kernel import clock
from linli.ledger.queries import fund_figures
from linli.ledger.verify import verify_book
from linli.registers import acts
from linli.registers.acts.records import record_change
from linli.registers.models import Organisation, Resident, Staff
from linli.registers.queries.staff import viewer_of
from linli.sampling import commit
from linli.settlement import jobs, reactions
from linli.settlement.models import Order, Outcome, Payment
from linli.trace.models import Fact
from linli.trace.verify import verify_chains

pytestmark = [pytest.mark.django_db, pytest.mark.long]
WAY = """\
  steps:
    - {id: confirm, kind: decide, zh: 县级确认, en: county confirmation, level: county, days: 2}
  late: escalate
verification:
  every: false
  key: [{id: young, zh: 小学生, en: pupils of primary schools, when: "student_level = 'primary'"}]
  random: {rate: 50/100, strata: county, raise: [{findings: 0/100, rate: 80/100}]}
  cross: county
public_notice: {fields: [name, township, amount, period], days: 5, unit: working, place: before_payment, minors_online: false}
payment: {funds: [central], cycle: term, payees: [school], channel: transfer, project_code: null}
objection: {days: 7, unit: calendar, review: null, court: null}
"""
NOON = datetime(2026, 11, 23, 12, tzinfo=clock.SHANGHAI)
SECRETS = {"education": bytes(range(32)), "finance": bytes(range(60, 100))}
FUND, SCHOOL = f"{BOARDING}.central", "测试中学"


def pupil(name: str, village: str, level: str) -> Resident:
    lives = [acts.Lives(kind, village, FIRST_DAY) for kind in ("registered", "lives")]
    who = person(name, identity=identity(born(19)), birth_date=born(19), situations=lives, relations_known=True)
    record_change(SYSTEM, subject=who, list_slug="student-status", valid_from=FIRST_DAY, data={"student_level": level})
    return who


def granted() -> dict[str, Browser]:
    """Two pupils in each of three counties, taken in at one window, each confirmed at their county's desk; the desks by county."""
    for county in VILLAGES:
        officer(county, f"测试{county}", area_code=county)
    clerk = acts.add_staff(SYSTEM, login="window", name="窗口员", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=clerk, role="clerk", area_code="140802", valid_from=FIRST_DAY)
    school = Organisation.objects.create(name=SCHOOL, area_code="140802002", kind="provider")
    desks = {county: at_work(county) for county in VILLAGES}
    for level in ("junior_secondary", "primary"):
        for county, village in VILLAGES.items():
            account = Account(SCHOOL, "6217000000000000004", "102181000012")
            wanted = Wanted(BOARDING, payee="school", payee_uid=school.uid, account=account, window=VILLAGE)
            who = pupil(f"学生{county}{level[0]}", village, level)
            case = apply(viewer_of(clerk), who.uid, wanted)
            desk = desks[county].open(f"/office/cases/{case.uid}/")
            for verb in ("accept", "granted"):
                desk.send(desk.form("verb", value=verb), verb=verb)
    assert Award.objects.count() == 6
    return desks


def drawn(first: Browser, second: Browser) -> str:
    """A batch begun, gathered, frozen between two departments' commitments and secrets; its address."""
    first.open("/batches/").follow(f"/batches/new/{BOARDING}/")
    assert "2026年第1学期" in first.page  # how a period is written
    days = {
        "term_first_0": "2026",
        "term_first_1": "9",
        "term_first_2": "1",
        "term_last_0": "2027",
        "term_last_1": "1",
        "term_last_2": "15",
    }
    told = {**days, "term_document": "运教发〔2026〕1号"}
    assert "period:" not in first.send(first.form("period"), period="秋季", **told).said
    here = first.send(first.form("period"), period="2026-1", **told).at
    first.send(first.form("verb", value="gather"))
    assert "中央资金可用 0.00 元" in first.page
    first.follow("/draw/")
    first.send(first.form("reveal_by_0"), reveal_by_0="2026", reveal_by_1="11", reveal_by_2="26")
    draw, page = Draw.objects.get(), first.at
    answers = ("您所在的部门已经公布承诺", "承诺已经齐了，可以冻结名单了")
    for desk, (department, secret), answered in zip((first, second), SECRETS.items(), answers, strict=True):
        line = commit(draw=draw.code, department=department, secret=secret, at=clock.now(), algorithm="sha256").document()
        desk.open(page)
        desk.send(desk.form("commitment"), commitment=json.dumps(line))
        assert answered in desk.page
    assert "运城市教育局" in second.said
    with clock.frozen(NOON + timedelta(minutes=2)):
        first.open(here)
        first.send(first.form("verb", value="freeze"))
    with clock.frozen(NOON + timedelta(minutes=4)):
        for desk, secret in zip((first, second), SECRETS.values(), strict=True):
            desk.open(page)
            desk.send(desk.form("secret"), secret=secret.hex())
    return here


def checked_and_shown(first: Browser, desks: dict[str, Browser], here: str) -> Announcement:
    """Every drawn file passed by another county, the notice put up, objected to and the objection answered."""
    rows = list(Check.objects.select_related("item"))
    assert {one.kind for one in rows} == {"key", "random"}
    for one in rows:
        assert one.desk_code[:6] != one.item.county  # across counties
        desk = desks[one.desk_code[:6]].open("/batches/checks/").follow(f"/batches/checks/{one.uid}/")
        desk.send(desk.form("result"), result="passed")
    first.open(here).follow("/notice/")
    first.send(first.form("supervision"), supervision="0359-0000000", objections_to="市教育局")
    notice = Announcement.objects.get()
    public = Browser(Client()).open(f"/announcements/{notice.uid}/")
    assert "2026年第1学期" in public.said
    first.follow("/object/")
    first.send(first.form("number", "words"), number="2", words="不在校住宿")
    county = notice.objections.get().case.area_code[:6]
    page = f"/office/cases/{notice.objections.get().case.uid}/"
    own = desks[county].open("/office/inbox/")
    assert page not in own.page  # it signed that very case
    assert not own.open(page).offers("outcome")
    officer("unconcerned", "测试旁人", area_code=county)
    desk = at_work("unconcerned").open("/office/inbox/").follow(page)
    own.send(desk.form("outcome"), outcome="unfounded", words="已核实在校住宿")
    assert notice.objections.get().case.status == "open"
    desk.send(desk.form("outcome"), outcome="unfounded", words="已核实在校住宿")
    return notice


def sent(maker: Browser, checker: Browser, page: str, layout: str) -> tuple[str, list[Asked]]:
    """A bank file made by one, released and taken by another; its address and what the bank reads in it."""
    form = maker.open(page).form("layout")
    maker.send(form, layout=layout, payer=form.choices["payer"][0])
    order, here = Order.objects.latest("id"), maker.at
    jobs.fill_order(order=str(order.uid))
    assert not maker.open(here).offers("release")
    checker.open(here)
    checker.send(checker.form("release"), release="1")
    file = checker.client.post(f"{here}file/")
    return here, asked(layout, b"".join(file.streaming_content))


def told(reader: Browser, order: str, data: bytes) -> str:
    """The bank's answer read in by a third; what its page says."""
    form = next(one for one in reader.open(order).read.forms if one.action in ("", order))
    reader.send(form, file=SimpleUploadedFile("answer", data))
    jobs.apply_outcome(outcome=str(Outcome.objects.latest("id").uid))
    return reader.open(reader.at).said


def test_it_is_paid_to_the_school_as_the_pages_lead(small_city: SmallCity, db: None) -> None:
    with clock.frozen(NOON):
        publish_stranger(TEXT.split("  steps:")[0] + WAY)
        for login in ("second", "third"):
            officer(login, f"测试{login}")
        for login, department in (("officer", "education"), ("second", "finance")):
            work_in(SYSTEM, staff=Staff.objects.get(login=login), department=department)
        desks, first, second = granted(), at_work("officer"), at_work("second")
        here = drawn(first, second)
    with clock.frozen(NOON + timedelta(minutes=6)):
        notice = checked_and_shown(first, desks, here)
    with clock.frozen(clock.midnight(notice.ends_on + timedelta(days=1)) + timedelta(hours=9)):
        noticing.take_down_due()
        _paid(here)


def _paid(here: str) -> None:
    first, second, third = at_work("officer"), at_work("second"), at_work("third")
    third.open(here)
    assert "缺 3,375.00 元" in third.send(third.form("verb", value="approve")).said
    first.open("/office/payments/").follow("/funds/")
    first.send(first.form("open-fund", value=FUND), **{"open-fund": FUND, "open-promised": "3375"})
    first.send(first.form("arrived-fund"), **{"arrived-fund": f"{FUND}|promised", "arrived-yuan": "3375", "arrived-document": "1号"})
    third.open(here)
    third.send(third.form("verb", value="approve"))
    reactions.take_over(list(Fact.objects.filter(type="batches.approved")))
    jobs.take_over_batch(batch=here.strip("/").split("/")[-1])
    first.open("/office/payments/").follow("/payers/")
    first.send(first.form("number"), name="运城市财政局", number="1400990000001", bank="102181000012")
    page = first.open("/office/payments/").follow("/office/payments/batches/").at
    order, rows = sent(first, second, page, "iso20022")
    said = told(
        third, order, answer("iso20022", [(rows[0], CLOSED["iso20022"]), (rows[1], PAID["iso20022"]), (rows[2], PENDING["iso20022"])])
    )
    assert "银行处理中" in said
    told(third, order, answer("iso20022", [(one, CLOSED["iso20022"]) for one in rows[2:]]))
    for failed in Payment.objects.filter(state="failed"):
        first.open(page).follow(f"/office/payments/payment/{failed.uid}/")
        first.send(first.form("number"), name=SCHOOL, number="6217000000000000012")
        assert "银行没有付成" in first.said
    _second_time(*sent(first, second, page, "transfer"), third)
    assert "批次已结束" in first.open(here).said
    _taken_back(first, third)
    assert set(Payment.objects.values_list("state", flat=True)) == {"paid"}
    figures = fund_figures(FUND)
    assert (figures.spent_fen, figures.free_fen, figures.committed_fen) == (3175_00, 200_00, 0)
    assert [*verify_book(), *verify_chains()] == []


def _second_time(order: str, rows: list[Asked], reader: Browser) -> None:
    """An answer with rows that are unknown, twice, altered; then the whole of it."""
    yes, no = PAID["transfer"], CLOSED["transfer"]
    wrong = [(rows[1], yes), (rows[1], no), (replace(rows[2], fen=rows[2].fen + 1), yes), (replace(rows[3], reference="LLXX"), yes)]
    altered = (replace(rows[3], account="6217000000000000099"), yes)
    said = told(reader, order, answer("transfer", [(rows[0], yes), *wrong, altered]))
    for reason in ("没有这个流水号", "同一流水号出现多次", "金额与发放文件不同", "账号尾号与发放文件不同"):
        assert reason in said
    assert "以前已经答复过，没有变化" in told(reader, order, answer("transfer", [(one, yes) for one in rows]))


def _taken_back(first: Browser, third: Browser) -> None:
    """200 yuan of one award were too much: found by one, entered by the bank's slip, confirmed by another, and the fund's again."""
    case = Award.objects.order_by("id")[0].case
    first.open(f"/office/cases/{case.uid}/").follow("/overpaid/")
    assert "2026年第1学期：已发" in first.said
    form = first.form("owed0")
    here = first.send(form, owed0=f"{float(form.values['owed0'][0]) - 200:.2f}", reasons="十一月休学").at
    there = first.follow("/office/payments/recoveries/").at
    slip = {"fen": "200", "reference": "回单1", "on_0": "2026", "on_1": "12", "on_2": "1"}
    first.send(first.form("fen", "reference"), **slip)
    third.open("/office/payments/recoveries/").follow(there)
    third.send(third.form("confirm"), confirm="1")
    assert "已退回" in third.open(here).said
