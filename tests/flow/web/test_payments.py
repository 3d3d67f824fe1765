"""Payments in the browser: one officer makes the file, another releases and takes it, the bank's answer is sent in, a failure is mended."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from bank_examples import CLOSED, PAID, answer, asked
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from place_examples import FIRST_DAY, SYSTEM
from settle_examples import CHECKER, FUND, PROGRAMME, Treasury, all_paid, given, tell
from walk_examples import publish_draft
from web_examples import PASSWORD, SmallCity, officer

from linli.casework.models import Case
from linli.casework.receipts import new_receipt
from linli.entitlements.models import Acceptance
from linli.kernel import clock
from linli.kernel.codes import new_code
from linli.kernel.ids import uuid7
from linli.ledger.acts import Promise, open_fund
from linli.notices.models import Notice
from linli.notices.reactions import write
from linli.notices.recipients import of_payments
from linli.notices.writing import template_for, written
from linli.programmes.catalogue import survey
from linli.programmes.queries import pinned
from linli.registers import acts as registers
from linli.registers.models import Area, Organisation, Staff
from linli.registers.queries import viewer_of
from linli.settlement import acts, jobs
from linli.settlement.acts.taking import Source
from linli.settlement.models import AccountAnswer, BankWord, Inquiry, Order, Outcome, Payer, Payment
from linli.site.command import fund
from linli.trace.models import Fact
from linli.web.models import Download
from linli.web.money import payments as shown
from linli.web.tables import bankfiles, downloads, moneyexports

pytestmark = pytest.mark.django_db


@pytest.fixture
def treasury(small_city: SmallCity, db: None) -> Treasury:
    """Two people of the small city are owed something."""
    open_fund(
        acts.ordering.MACHINE,
        slug=FUND,
        purpose=("助学", "aid"),
        programme="disabled-student-aid",
        promises=[Promise("province", ("省级", "province"), 10**9)],
    )
    people = [small_city.found, small_city.undecided]
    payer = acts.enter_payer(acts.ordering.MACHINE, name="运城市财政局", number="1400990000001", bank="102181000012")
    made = Treasury(people, payer)
    for number, who in enumerate(people):
        made.owe(who, given(who.name, number), area_code="140802002001")
    made.take_over()
    return made


def colleague(login: str) -> Client:
    officer(login, f"经办{login}")
    client = Client()
    assert client.post("/office/sign-in/", {"login": login, "password": PASSWORD}).status_code == 302
    return client


def text(client: Client, address: str, language: str = "") -> str:
    if language:
        client.get(f"/switch/language:{language}/")
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_two_officers_and_a_bank_pay_a_batch(treasury: Treasury, tmp_path: Path) -> None:
    maker, checker = colleague("maker"), colleague("checker")
    batch = f"/office/payments/batches/{treasury.batch}/"
    assert "编制发放文件" in text(maker, "/office/payments/")
    sent = maker.post(batch, {"layout": "transfer", "payer": str(treasury.payer.uid), "day": clock.today().isoformat()})
    assert sent.status_code == 302, sent.content.decode()
    order = Order.objects.get()
    jobs.fill_order(order=str(order.uid))
    address = f"/office/payments/orders/{order.uid}/"
    assert "复核通过" not in text(maker, address)
    assert maker.post(address + "decide/", {"release": "1"}).status_code == 403
    assert "复核通过" in text(checker, address)
    checker.post(address + "file/")
    assert Order.objects.get().state == "made"  # not before it is released
    checker.post(address + "decide/", {"release": "1"})
    taken = checker.post(address + "file/")
    found = asked("transfer", b"".join(taken.streaming_content))
    assert "attachment" in taken["Content-Disposition"]
    data = answer("transfer", [(found[0], "00"), (found[1], "13")]) + b"D|LL1|1|1.00|00|20261123|\r\n"
    reader = colleague("reader")
    assert "读入回盘文件" not in text(checker, address)
    back = reader.post(address, {"file": SimpleUploadedFile("answer.txt", data)})
    outcome = Outcome.objects.get()
    assert back["Location"] == f"/office/payments/answers/{outcome.uid}/"
    jobs.apply_outcome(outcome=str(outcome.uid))
    assert "没有这个流水号" in text(reader, back["Location"])
    assert [row.state for row in treasury.payments()] == ["paid", "failed"]
    assert treasury.people[1].name in text(maker, batch)
    failed = f"/office/payments/payment/{treasury.payments()[1].uid}/"
    page = text(maker, failed)
    assert f'name="name" value="{treasury.people[1].name}"' in page
    assert (page.count("账户已销户"), "银行说：账户已销户" in page, "请领取人提供另一个账户" in page) == (1, True, True)
    slip = maker.post(failed, {"name": treasury.people[1].name, "number": "6217000000000999"})
    assert (slip.status_code, "有一位填错了" in slip.content.decode()) == (400, True)
    assert "户名与领取人姓名不一致" in maker.post(failed, {"name": "别人", "number": "6217000000000998"}, follow=True).content.decode()
    assert (
        "会列入下一个发放文件"
        in maker.post(failed, {"name": treasury.people[1].name, "number": "6217000000000998"}, follow=True).content.decode()
    )
    assert Payment.objects.get(pk=treasury.payments()[1].pk).state == "ready"
    for page in ("/office/payments/", batch, address, back["Location"], failed, "/office/payments/payers/"):
        english = text(maker, page, "en").split("<main", 1)[1]
        assert not any(
            "一" <= sign <= "鿿"
            for sign in english.replace(treasury.people[0].name, "")
            .replace(treasury.people[1].name, "")
            .replace("运城市财政局", "")
            .replace("经办", "")
        ), page
        maker.get("/switch/language:zh/")


def test_a_file_of_many_is_written_by_the_worker_and_handed_over_when_it_is_taken(
    treasury: Treasury, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LINLI_STATE = tmp_path
    monkeypatch.setattr(bankfiles, "AT_ONCE", 1)
    order = treasury.order()
    acts.release_order(CHECKER, order=order.uid)
    checker = colleague("checker")
    files = []
    for _again in range(2):
        page = checker.post(f"/office/payments/orders/{order.uid}/file/")["Location"]
        made = Download.objects.latest("id")
        downloads.make(made.uid)
        assert "共 2 笔" in text(checker, page)
        if not files:
            assert Order.objects.get().state == "released"  # nobody has taken it yet
        files.append(b"".join(checker.get(f"{page}file/").streaming_content))
    assert Order.objects.get().state == "handed_over"
    assert f"sha256:{hashlib.sha256(files[0]).hexdigest()}" == order.file_digest
    assert files[0] == files[1]
    assert Fact.objects.filter(type="settlement.handed_over", echo_of=None).count() == 2


def test_what_was_taken_back_meanwhile_is_not_handed_over(
    treasury: Treasury, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LINLI_STATE = tmp_path
    monkeypatch.setattr(bankfiles, "AT_ONCE", 1)
    order = treasury.order()
    acts.release_order(CHECKER, order=order.uid)
    checker = colleague("checker")
    page = checker.post(f"/office/payments/orders/{order.uid}/file/")["Location"]
    acts.drop_order(CHECKER, order=order.uid)
    downloads.make(Download.objects.get().uid)
    assert "有变动" in text(checker, page)
    assert checker.get(f"{page}file/").status_code == 404


def test_every_table_of_money_is_a_spreadsheet(treasury: Treasury, tmp_path: Path) -> None:
    order, found = treasury.sent(tmp_path)
    outcome = tell(tmp_path, "transfer", [(found[0], "00"), (found[1], "13")])
    who = colleague("reader")
    assert "资金和对账单" in text(who, "/office/payments/")
    assert FUND in text(who, "/office/payments/funds/")
    viewer = viewer_of(Staff.objects.get(login="reader"))
    asked_for = {
        "payments": ({"batch": str(treasury.batch)}, 2),
        "payment-files": ({"batch": str(treasury.batch)}, 1),
        "bank-answer": ({"outcome": str(outcome.uid)}, 2),
        "fund": ({"fund": FUND, **moneyexports.this_year()}, 3),
        "draws": ({}, 0),
        "letters": ({}, 0),
    }
    for listing, (parameters, count) in asked_for.items():
        sheet = moneyexports.LISTINGS[listing](viewer, parameters)
        rows = list(sheet.rows)
        assert (listing, len(rows), sheet.count()) == (listing, count, count)
        assert all(len(row) == len(sheet.headers) for row in rows)
        assert who.post(f"/office/payments/export/{listing}/", parameters).status_code in (302, 409)  # three at once, then later
    assert order.file_digest in str(list(moneyexports.orders(viewer, {"batch": str(treasury.batch)}).rows))
    assert who.post("/office/payments/export/fund/", {"fund": FUND, "start": "2026-02-01", "end": "2026-01-01"}).status_code == 404
    assert who.post("/office/payments/export/payments/", {"batch": "x"}).status_code == 404
    days = {"start_0": 2026, "start_1": 2, "start_2": 1, "end_0": 2026, "end_1": 1, "end_2": 1}
    assert "不能早于" in who.post("/office/payments/funds/", {"fund": FUND, **days}).content.decode()


def test_accounts_are_checked_at_the_bank_first(treasury: Treasury, tmp_path: Path) -> None:
    maker = colleague("maker")
    batch = f"/office/payments/batches/{treasury.batch}/"
    assert "有 2 笔的账户还没有经银行核验" in text(maker, batch)
    held = maker.post(batch, {"layout": "transfer-checked", "payer": str(treasury.payer.uid), "day": clock.today().isoformat()})
    assert "还没有经银行核验" in held.content.decode()
    page = maker.post(f"{batch}accounts/", {"check_layout": "transfer-checked"})["Location"]
    assert "正在编制" in text(maker, page)
    jobs.fill_inquiry(inquiry=str(Inquiry.objects.get().uid))
    file = maker.post(f"{page}file/")
    first, second = [line.split("|") for line in b"".join(file.streaming_content).decode("gb18030").split("\r\n") if line.startswith("D")]
    data = "".join(f"D|{row[2]}|{row[3]}|{code}|\r\n" for row, code in ((first, "00"), (second, "13"))) + "D|LC1|1|00|\r\nT|3\r\n"
    back = maker.post(page, {"file": SimpleUploadedFile("answer.txt", data.encode())})
    jobs.apply_account_answer(answer=str(AccountAnswer.objects.get().uid))
    assert "没有这个流水号" in text(maker, back["Location"])
    assert "账户已销户" in text(maker, batch)
    assert [one.state for one in treasury.payments()] == ["ready", "waiting"]
    for address in (batch, page, back["Location"]):
        english = text(maker, address, "en").split("<main", 1)[1]
        names = (*(one.name for one in treasury.people), "运城市财政局", "经办")
        for name in names:
            english = english.replace(name, "")
        assert not any("一" <= sign <= "鿿" for sign in english), address
        maker.get("/switch/language:zh/")


def test_a_batch_without_a_paying_account_says_who_enters_one_and_where(treasury: Treasury) -> None:
    Payer.objects.update(ended_at=clock.now())
    batch = f"/office/payments/batches/{treasury.batch}/"
    page = text(colleague("whole"), batch)
    assert ("还没有付款账户" in page, "/office/payments/payers/" in page, 'name="payer"' in page) == (True, True, False)
    assert 'value="transfer"' not in page
    officer("county", "测试县", area_code="140802")
    client = Client()
    client.post("/office/sign-in/", {"login": "county", "password": PASSWORD})
    page = text(client, batch)
    assert ("负责全市的经办人员" in page, "/office/payments/payers/" in page) == (True, False)


def test_the_layout_of_the_channel_itself_is_offered_first_and_an_account_says_what_to_write(settings: Any) -> None:
    programme = survey(settings.LINLI_CITY).catalogue.versions["disability-nursing-subsidy"][-1]
    assert programme.payment is not None
    coded = replace(programme, payment=replace(programme.payment, project_code="HEAT01"))
    assert [shown.fillable(one) for one in (coded, programme)] == ["yikatong", "iso20022"]
    assert not shown.AccountForm({"number": "1"}).is_valid()
    assert "请写上户名，照存折或银行卡上的写" in str(shown.AccountForm({"number": "1"}).errors["name"])


def test_an_account_that_pays_is_entered_once(treasury: Treasury) -> None:
    maker = colleague("payer")
    again = {"name": "测试财政局", "number": treasury.payer.number, "bank": treasury.payer.bank}
    answer = maker.post("/office/payments/payers/", again)
    assert (answer.status_code, Payer.objects.count()) == (400, 1)
    assert "已经登记" in answer.content.decode()


def test_what_is_another_countys_is_not_there(treasury: Treasury) -> None:
    officer("elsewhere", "外县", area_code="140882")
    client = Client()
    client.post("/office/sign-in/", {"login": "elsewhere", "password": PASSWORD})
    assert treasury.people[0].name not in text(client, "/office/payments/")
    payment = treasury.payments()[0]
    for page in (f"batches/{treasury.batch}/", f"payment/{payment.uid}/", f"payment/{payment.uid}/give-up/"):
        assert client.get(f"/office/payments/{page}").status_code == 404
    assert client.get("/office/payments/payers/").status_code == 403
    assert Fact.objects.filter(type="settlement.withdrawn").count() == 0


def test_a_batch_of_many_takes_as_many_queries_as_of_two(treasury: Treasury, django_assert_max_num_queries: object) -> None:
    maker = colleague("counter")
    for number in range(5):
        treasury.owe(treasury.people[0], given("别人", number), area_code="140802002001")
    treasury.take_over()
    with django_assert_max_num_queries(40) as asked_for:  # type: ignore[operator]
        text(maker, f"/office/payments/batches/{treasury.batch}/")
    few = len(asked_for)
    for number in range(20):
        treasury.owe(treasury.people[1], given("别人", 50 + number), area_code="140802002001")
    treasury.take_over()
    with django_assert_max_num_queries(few):  # type: ignore[operator]
        text(maker, f"/office/payments/batches/{treasury.batch}/")


def test_who_was_paid_hears_it_with_the_name_of_the_grid_worker_once_the_bank_has_said_so(treasury: Treasury, tmp_path: Path) -> None:
    worker = registers.add_staff(SYSTEM, login="grid", name="测试丁", password=PASSWORD)
    registers.place_grant(SYSTEM, staff=worker, role="steward", area_code="140802002001G001", valid_from=FIRST_DAY)
    _, found = treasury.sent(tmp_path)
    assert not Fact.objects.filter(type__in=["settlement.paid", "settlement.failed"]).exists()
    tell(tmp_path, "transfer", [(found[0], "00"), (found[1], "13")])
    said = {}
    for kind in ("settlement.paid", "settlement.failed"):
        (one,) = of_payments(list(Fact.objects.filter(type=kind)))
        template = template_for(kind, one)
        assert template is not None
        said[kind] = written(template, one, new_code())
    arrived, failed = said["settlement.paid"], said["settlement.failed"]
    day = treasury.payments()[0].paid_on
    assert day is not None
    assert (
        f"6,000.00元已于{day.year}年{day.month}月{day.day}日到账，收款账户尾号 0000。有不明白的，可以问您家的网格员测试丁"
        in arrived["zh"].letter
    )
    assert "Your grid worker 测试丁" in arrived["en"].short
    assert "咨询电话 " in arrived["zh"].letter
    assert "助学" not in arrived["zh"].short  # a telephone lies on a table
    assert "账户已销户" in failed["zh"].letter
    elsewhere = template_for("settlement.failed", replace(one, traits={"own_account": False, "offset": False}))
    assert elsewhere is not None, "who isn't paid themself hears of it too, and what to do"
    told = written(elsewhere, one, new_code())["zh"]
    assert all(word in told.letter for word in ("为您服务的单位", "账户已销户", "更正", "测试丁"))
    write(list(Fact.objects.filter(type="settlement.paid")))
    assert Notice.objects.get().recipient == treasury.people[0].uid
    write(list(Fact.objects.filter(type="settlement.paid")))
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("named", ["测试社区", "测试村委会", ""])
def test_where_no_grid_worker_is_on_record_the_committee_and_the_body_in_charge_are_named(
    treasury: Treasury, tmp_path: Path, named: str
) -> None:
    _, found = treasury.sent(tmp_path)
    tell(tmp_path, "transfer", [(found[0], "00")])
    if named:
        Area.objects.filter(code="140802002001").update(name=named)
    else:
        Area.objects.filter(code="140802002001").delete()
    (one,) = of_payments(list(Fact.objects.filter(type="settlement.paid")))
    template = template_for("settlement.paid", one)
    assert template is not None
    said, body = written(template, one, new_code()), one.office
    committee = {"测试社区": "测试社区居民委员会或者", "测试村委会": "测试村委会或者", "": ""}[named]
    assert f"有不明白的，可以问{committee}{body.label.zh}，咨询电话 {body.phone}。" in said["zh"].letter
    assert f"有不明白的，可以问{committee}{body.label.zh}。" in said["zh"].short
    english = {"测试社区": "the committee of Ceshi Community or ", "测试村委会": "the committee of Ceshi Village or ", "": ""}[named]
    assert f"{english}{body.label.en}" in said["en"].letter
    assert not re.search("[一-鿿]", f"{english}{body.label.en}")


def test_a_fund_is_opened_and_filled_from_the_command_line(small_city: SmallCity, db: None) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(fund.command, words)
        return done.output if done.exit_code == 0 else f"{done.exception}"

    assert "opened" in run("open", FUND, "--promised", "1000")
    assert "No programme in force" in run("open", "disabled-student-aid.nothing", "--promised", "1000")
    assert "allocated" in run("allocate", FUND, "--yuan", "600", "--document", "运财社〔2026〕1号")
    assert "nothing changed" in run("allocate", FUND, "--yuan", "600", "--document", "运财社〔2026〕1号")
    assert "Not enough" in run("allocate", FUND, "--yuan", "500", "--document", "运财社〔2026〕2号")
    assert run("show").split() == [FUND, "1,000.00", "600.00", "0.00", "600.00"]


BEGINS = "effective_from: 2023-01-01"


def kept_back(treasury: Treasury, accepted_on: date) -> Payment:
    """What is kept back of a contractor's price under a version that says so, its works accepted on that day."""
    line = "  project_code: null\n"
    rule = "  retention: {rate: 3/100, cap: 3/100, days: 365, source: {zh: 质量保证金办法, en: measures}}\n"
    publish_draft("home-adaptation", [('version: "2023"', 'version: "kept"'), (BEGINS, "effective_from: 2024-01-01"), (line, line + rule)])
    who = treasury.people[0]
    case = Case.objects.create(
        receipt=new_receipt(clock.today()), kind="application", subject=f"resident:{who.uid}", area_code="140802002001",
        programme="home-adaptation", programme_version="kept", status="closed", outcome="granted", closed_at=clock.now(),
        opened_at=clock.now(), opened_by="system:test", due_at=clock.now(),
    )  # fmt: skip
    Acceptance.objects.create(
        case=case, subject=who.uid, amount_fen=1_000_000, household=who.uid, accepted_on=accepted_on, recorded_at=clock.now(),
        recorded_by="system:test",
    )  # fmt: skip
    firm = Organisation.objects.create(name="示例施工队", area_code="140802", kind="provider")
    account = given(firm.name, 9)
    work = treasury.owe(who, account, fen=1_000_000, payee="provider", payee_uid=firm.uid, case=case.uid, area_code="140802002001")
    treasury.batch = uuid7()
    retention = pinned("home-adaptation", "kept").payment.retention  # type: ignore[union-attr]  # it pays
    acts.take_over(acts.ordering.MACHINE, source=Source(treasury.batch, PROGRAMME, "once", retention), payables=[work])
    return Payment.objects.get(part="retained")


def test_what_was_kept_back_is_paid_after_its_days_by_who_did_not_pay_the_main_part(treasury: Treasury, tmp_path: Path) -> None:
    rest = kept_back(treasury, clock.today() - timedelta(days=365))
    assert rest.amount_fen == 30_000
    page = f"/office/payments/payment/{rest.uid}/"
    third = colleague("third")
    assert "质量保证金办法" in text(third, page)
    third.post(page, {"release": "1"})
    rest.refresh_from_db()
    assert rest.state == "retained"  # the main part has not arrived
    _order, found = treasury.sent(tmp_path)
    tell(tmp_path, "transfer", all_paid("transfer", found))
    third.post(page, {"release": "1"})
    rest.refresh_from_db()
    assert rest.state == "ready"


def test_what_was_kept_back_stays_until_its_days_are_over(treasury: Treasury) -> None:
    rest = kept_back(treasury, clock.today() - timedelta(days=364))
    page = text(colleague("third"), f"/office/payments/payment/{rest.uid}/")
    assert ("支付质保金" in page, "最早可以支付" in page) == (False, True)


def test_what_only_the_banks_paper_says_is_entered_by_one_and_confirmed_by_another(treasury: Treasury, tmp_path: Path) -> None:
    _, found = treasury.sent(tmp_path)
    for number, says in enumerate((CLOSED, PAID)):
        tell(tmp_path, "transfer", [(found[0], says["transfer"])], name=f"says{number}")
    payment = treasury.payments()[0]
    one, two, page = colleague("one"), colleague("two"), f"/office/payments/payment/{payment.uid}/"
    assert "银行先说失败、后说已付" in text(one, page)
    one.post(f"{page}bank-says/", {"reference": ""})
    assert not BankWord.objects.exists()
    one.post(f"{page}bank-says/", {"reference": "银行函1"})
    word = BankWord.objects.get()
    address = f"/office/payments/entries/{word.uid}/"
    assert "已对照银行凭证，确认" not in text(one, page)
    assert "说失败" not in text(two, "/office/payments/recoveries/")
    assert "银行确认已付" in text(two, "/office/payments/recoveries/")
    for client, state in ((one, "waiting"), (two, "confirmed")):
        client.post(address, {"confirm": "1"})
        word.refresh_from_db()
        assert word.state == state
    payment.refresh_from_db()
    assert payment.state == "paid"
    assert two.post(address, {}).status_code == 404
