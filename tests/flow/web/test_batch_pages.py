"""A batch on its pages, from the first button to the approval; the public reads draws and notices, and nothing after a notice is over."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from batch_examples import COLLEGE, NOW, UNDERGRADUATE, VILLAGES, checked, granted
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from place_examples import SYSTEM
from plain_words import raw_words
from web_examples import AID, PASSWORD, SmallCity, officer

from linli.agreements.models import Award, Slip
from linli.batches.acts import noticing, settling
from linli.batches.models import Announcement, Batch, Check, Draw, LeftOut
from linli.casework.models import Document
from linli.casework.workplaces import work_in
from linli.kernel import clock
from linli.ledger.acts import Promise, allocate, open_fund
from linli.registers.models import Organisation, Staff
from linli.sampling import commit

pytestmark = pytest.mark.django_db
DAY = ("2026", "11", "9")
STEP = timedelta(minutes=10)  # longer than that between two clicks would end a session


@pytest.fixture
def browsers(small_city: SmallCity, db: None) -> tuple[Client, Client]:
    """Two officers of the whole city; six students in three counties have been granted aid."""
    officer("second", "复核员", programme=AID)
    for login, department in (("officer", "disabled-federation"), ("second", "finance")):
        work_in(SYSTEM, staff=Staff.objects.get(login=login), department=department)
    found = []
    for login in ("officer", "second"):
        client = Client()
        with clock.frozen(NOW):
            client.post("/office/sign-in/", {"login": login, "password": PASSWORD})
        found.append(client)
    with clock.frozen(NOW):
        for place, county in enumerate(VILLAGES):
            granted(f"学生{place}甲", COLLEGE, county)
            granted(f"学生{place}乙", UNDERGRADUATE, county, minor=place == 0)
    return found[0], found[1]


def text(response: Any) -> str:
    return response.content.decode()


def shown(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, (address, response.status_code)
    page = text(response)
    assert 'lang="en"' in page[:200] or raw_words(page) == [], address
    return page


def test_a_batch_is_led_by_its_next_step_to_the_approval(browsers: tuple[Client, Client]):
    first, second = browsers
    with clock.frozen(NOW):
        assert "新建批次" in shown(first, "/batches/")
        begin = reverse("batches:begin", args=[AID])
        assert "哪份文件规定的" in text(first.post(begin, {"period": "2026", "area": "", "notice_days": "5"}))
        given = {"period": "2026", "area": "", "notice_days": "5", "notice_days_document": "运残联发〔2026〕1号"}
        assert first.post(begin, given).status_code == 302
        batch = Batch.objects.get()
        here = reverse("batches:batch", args=[batch.uid])
        assert "收录待发放的待遇" in shown(first, here)
        first.post(here, {"verb": "gather"})
        page = shown(first, here)
        assert "2,700,000" not in page
        assert "27,000" in page
        begin = reverse("batches:draw_begin", args=[batch.uid])
        first.post(begin, dict(zip(("reveal_by_0", "reveal_by_1", "reveal_by_2"), DAY, strict=True)))
        draw = Draw.objects.get()
        commitments(browsers, draw)
    with clock.frozen(NOW + STEP):
        first.post(here, {"verb": "freeze"})
    with clock.frozen(NOW + 2 * STEP):
        at = reverse("batches:draw", args=[draw.uid])
        for department, secret in SECRETS.items():
            assert first.post(at, {"verb": "reveal", "department": department, "secret": secret.hex()}).status_code == 302
        draw.refresh_from_db()
        page = shown(Client(), reverse("public_draw", args=[draw.code]))
        assert "抽取结果属实" in page
        assert Client().get(reverse("draw_file", args=[draw.code])).content.decode() == draw.document
        assert draw.code in shown(Client(), "/draws/")
        assert "还有 12 份核查没有结果" in shown(first, here)
        one = Check.objects.filter(kind="cross").first()
        assert one is not None
        check = reverse("batches:check", args=[one.uid])
        says_who_is_paid(second, check, Award.objects.filter(pk=one.item.award_id))
        assert "请写明理由" in text(second.post(check, {"result": "finding", "words": ""}))
        assert "应由另一人办理" in text(first.post(check, {"result": "passed", "words": ""}))  # who made the list
        narrowed = f"?batch={batch.uid}"
        assert f"{check}{narrowed}" in shown(second, reverse("batches:checks") + narrowed)
        entered = second.post(check + narrowed, {"result": "finding", "words": "学籍存疑"})
        following = Check.objects.filter(result="", pk__gt=one.pk).order_by("pk").first()
        assert following is not None
        assert entered["Location"] == reverse("batches:check", args=[following.uid]) + narrowed
        assert "学籍存疑" in shown(first, check)
        settled = first.post(f"{check}{narrowed}&show=finding", {"how": "cleared", "words": "已核实在读"})
        assert settled["Location"] == f"{reverse('batches:checks')}{narrowed}&show=finding", "nothing is left there"
        for listing in ("batches:items", "batches:declared", "batches:notice_begin"):
            shown(first, reverse(listing, args=[batch.uid]))
    checked(batch)
    approved_after_its_notice(browsers, batch, here)


def test_the_numbers_of_a_lottery_are_entered_by_one_and_confirmed_by_another(browsers: tuple[Client, Client]):
    first, second = browsers
    with clock.frozen(NOW):
        given = {"period": "2026", "area": "", "notice_days": "5", "notice_days_document": "运残联发〔2026〕1号"}
        first.post(reverse("batches:begin", args=[AID]), given)
        batch = Batch.objects.get()
        here = reverse("batches:batch", args=[batch.uid])
        first.post(here, {"verb": "gather"})
        told = dict(zip(("reveal_by_0", "reveal_by_1", "reveal_by_2"), DAY, strict=True)) | {"lottery": "1"}
        told |= dict(zip(("lottery_on_0", "lottery_on_1", "lottery_on_2"), ("2026", "11", "10"), strict=True))
        first.post(reverse("batches:draw_begin", args=[batch.uid]), told)
        draw = Draw.objects.get()
        secret = SECRETS["disabled-federation"]
        promise = commit(draw=draw.code, department="disabled-federation", secret=secret, at=clock.now(), algorithm="sha256")
        at = reverse("batches:draw", args=[draw.uid])
        first.post(at, {"verb": "commit", "commitment": json.dumps(promise.document())})
    with clock.frozen(NOW + STEP):
        first.post(here, {"verb": "freeze"})
    with clock.frozen(NOW + 2 * STEP):
        first.post(at, {"verb": "reveal", "department": "disabled-federation", "secret": secret.hex()})
        assert "由另一人对照出处确认" in shown(first, here)
    day = clock.midnight(date(2026, 11, 11))
    with clock.frozen(day):
        for client, login in zip(browsers, ("officer", "second"), strict=True):
            client.post("/office/sign-in/", {"login": login, "password": PASSWORD})
        told = {"verb": "numbers", "numbers": "3 9 14 22 27 31 + 8", "source": "双色球第2026128期开奖公告"}
        assert "号码从哪里来" in text(first.post(at, told | {"source": ""}))
        assert first.post(at, told).status_code == 302
        assert "请另一位经办人员核对" in shown(first, at)
        assert "应由另一人办理" in text(first.post(at, {"verb": "confirm"}))
        assert "等另一人对照出处确认" in shown(second, here)
        assert "双色球第2026128期开奖公告" in shown(second, at)
        assert second.post(at, {"verb": "confirm"}).status_code == 302
        page = shown(Client(), reverse("public_draw", args=[draw.code]))
        for said in ("抽取结果属实", "3 9 14 22 27 31 + 8", "双色球第2026128期开奖公告", "一人登记，另一人核对"):
            assert said in page


SECRETS = {"disabled-federation": bytes(range(32)), "finance": bytes(range(60, 100))}


def says_who_is_paid(client: Client, check: str, award: QuerySet[Award]) -> None:
    """Whoever checks reads which organisation gets it; afterwards the award is as it was."""
    firm = Organisation.objects.create(name="测试康复中心", area_code="140802", kind="provider")
    payee, uid = award.values_list("payee", "payee_uid").get()
    award.update(payee="provider", payee_uid=firm.uid)
    assert firm.name in shown(client, check)
    award.update(payee=payee, payee_uid=uid)


def commitments(browsers: tuple[Client, Client], draw: Draw) -> None:
    """Each department's line, pasted by another officer."""
    for client, (department, secret) in zip(browsers, SECRETS.items(), strict=True):
        line = json.dumps(commit(draw=draw.code, department=department, secret=secret, at=clock.now(), algorithm="sha256").document())
        response = client.post(reverse("batches:draw", args=[draw.uid]), {"verb": "commit", "commitment": line})
        assert response.status_code == 302, text(response)
        page = shown(client, reverse("batches:draw", args=[draw.uid]))
        assert ("等另一个部门公布" in page, "承诺已经齐了" in page) == ((True, False) if client is browsers[0] else (False, True))
    assert "承诺已经齐了" in shown(browsers[0], reverse("batches:draw", args=[draw.uid]))


def approved_after_its_notice(browsers: tuple[Client, Client], batch: Batch, here: str) -> None:
    first, second = browsers
    with clock.frozen(NOW + 3 * STEP):
        begin = reverse("batches:notice_begin", args=[batch.uid])
        assert 'value="运城市残疾人联合会"' in shown(first, begin)
        assert "请写上受理异议的单位全称" in text(first.post(begin, {"supervision": "0359-0000000", "objections_to": ""}))
        told = {"supervision": "0359-0000000", "objections_to": "市残联教就部"}
        assert first.post(reverse("batches:notice_begin", args=[batch.uid]), told).status_code == 302
        notice = Announcement.objects.get()
        public = reverse("announcement", args=[notice.uid])
        response = Client().get(public)
        page = text(response)
        assert "学生1乙" in page
        assert "学生0乙" not in page  # a minor
        assert "未满十八周岁的人只在张贴的名单上" in page
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]
        assert not re.search(r"\d{15,}", re.sub(r"[0-9a-f-]{36}", "", page))
        poster = first.get(reverse("batches:poster", args=[notice.uid]))
        assert poster.content.startswith(b"%PDF")
        own = reverse("batches:object", args=[notice.uid])
        line = notice.lines.get(cells__0="学生1乙")
        assert f"?line={line.position}" in shown(first, own + "?q=学生1乙")
        assert first.post(f"{own}?line={line.position}", {"words": "已经休学"}).status_code == 302
        assert "办理中" in shown(first, reverse("batches:notice", args=[notice.uid]))
        notice.objections.get().case.__class__.objects.filter(kind="notice_objection").update(
            status="closed", outcome="unfounded", closed_at=clock.now()
        )
    with clock.frozen(clock.midnight(notice.ends_on + timedelta(days=1))):
        assert "学生1乙" not in shown(Client(), public)  # over, although nothing has taken it down yet
        noticing.take_down_due()
        assert "公示已经结束" in shown(Client(), public)
    fund(27_000_00)
    with clock.frozen(NOW + 4 * STEP):
        assert "等另一名经办人员批准" in shown(first, here)
        assert "批准发放" in shown(second, here)
        second.post(here, {"verb": "approve"})
        batch.refresh_from_db()
        assert batch.state == "approved", text(second.get(here))
        item = batch.items.filter(state="listed").order_by("id")[0]
        settling.paid(SYSTEM, [item.uid])
        assert "又退回" not in shown(first, here)
        settling.returned([item.uid])
        assert "又退回 1 笔" in shown(first, here)
        listed = reverse("batches:items", args=[batch.uid])
        assert [str(item.uid) in shown(first, f"{listed}?state={state}") for state in ("paid", "returned")] == [False, True]
        assert "银行退回，待重新发放" in shown(first, reverse("batches:item", args=[item.uid]))


def fund(fen: int) -> None:
    promise = Promise("province", ("省级资金", "province"), fen)
    open_fund(SYSTEM, slug=f"{AID}.provincial", purpose=("助学", "aid"), programme=AID, promises=[promise])
    allocate(SYSTEM, fund=f"{AID}.provincial", source="province", fen=fen, key="a")


def test_the_page_of_a_batch_that_does_not_add_up_says_by_how_much(browsers: tuple[Client, Client]):
    first, _ = browsers
    with clock.frozen(NOW):
        given = {"period": "2026", "area": "", "notice_days": "5", "notice_days_document": "x"}
        first.post(reverse("batches:begin", args=[AID]), given)
        batch = Batch.objects.get()
        here = reverse("batches:batch", args=[batch.uid])
        first.post(here, {"verb": "gather"})
        first.post(reverse("batches:declared", args=[batch.uid]), {"total": "20000"})
        page = shown(first, here)
        assert "名单多 7,000.00 元" in page
        item = reverse("batches:item", args=[batch.items.order_by("id").first().uid])
        assert "移出名单" in shown(first, item)
        assert first.post(item, {"reason": "mistake"}).status_code == 302
        assert "名单多 3,000.00 元" in shown(first, here)
        first.post(reverse("batches:dissolve", args=[batch.uid]), {"reason": "重来"})
        assert "已作废" in shown(first, here)
        shown(first, "/batches/checks/")


def test_pages_of_batches_take_as_many_queries_for_six_as_for_two(browsers: tuple[Client, Client]):
    first, _ = browsers
    counted = []
    with clock.frozen(NOW):
        for area in ("140802", ""):
            given = {"period": "2026", "area": area, "notice_days": "5", "notice_days_document": "x"}
            first.post(reverse("batches:begin", args=[AID]), given)
            batch = Batch.objects.order_by("-id").first()
            assert batch is not None
            first.post(reverse("batches:batch", args=[batch.uid]), {"verb": "gather"})
            with CaptureQueriesContext(connection) as seen:
                shown(first, reverse("batches:items", args=[batch.uid]))
                shown(first, reverse("batches:batch", args=[batch.uid]))
            counted.append(len(seen))
    assert counted[0] == counted[1]


def test_what_is_not_on_the_list_is_said_with_its_reason_and_a_slip_is_stated(browsers: tuple[Client, Client]):
    """The page of an award without an amount; and the form of a slip, refused without its document."""
    first, _second = browsers
    with clock.frozen(NOW):
        award = granted("学生没有金额", COLLEGE)
        Award.objects.filter(pk=award.pk).update(amount_fen=None)
        first.post(reverse("batches:begin", args=[AID]), {"period": "2026", "area": "", "notice_days": "5", "notice_days_document": "x"})
        batch = Batch.objects.get()
        first.post(reverse("batches:batch", args=[batch.uid]), {"verb": "gather"})
        assert "金额还没有核定" in shown(first, reverse("batches:batch", args=[batch.uid]))
        left = reverse("batches:left", args=[batch.uid])
        assert "学生没有金额" in shown(first, left)
        here = reverse("batches:slip", args=[batch.uid, award.uid])
        shown(first, here, 404)
        LeftOut.objects.update(reason="no_slip")
        assert here in shown(first, left)
        assert "还没有审核合格的凭证" in shown(first, here)
        told = {"fen": "1,234.50", "document": "农商行计息单 2026-12"}
        paper = Document.objects.create(
            case=award.case, subject=award.person, part="evidence", digest="x", media="image/jpeg", bytes=1, given_at=NOW,
            given_by="staff:x", check_result="accepted", checked_at=NOW, checked_by=Staff.objects.get(login="officer").actor,
        )  # fmt: skip
        assert "凭证名称和编号" in text(first.post(here, {"fen": "12.345", "document": ""}))
        assert "其他证明 · " in shown(first, here)
        assert "审核这份凭证的人不能登记它的金额" in text(first.post(here, {**told, "paper": str(paper.uid)}))
        Document.objects.update(checked_by="staff:another")
        assert first.post(here, {**told, "paper": str(paper.uid)}).status_code == 302
    slip = Slip.objects.get()
    assert (slip.award_id, slip.period, slip.fen, slip.document) == (award.pk, "2026", 123_450, "农商行计息单2026-12")


def test_a_stranger_finds_no_batch(browsers: tuple[Client, Client]):
    assert Client().get("/batches/").status_code == 302


def test_a_code_a_short_name_and_a_machines_stamp_are_found_where_a_reader_would_see_them():
    seen = "<p title='1408'>140802001 的 disabled-student-aid.provincial，2026-11-09T01:00:00Z，undergraduate</p><script>finance</script>"
    assert raw_words(seen) == ["140802001", "2026-11-09T01:00:00Z", "disabled-student-aid.provincial", "undergraduate"]
    assert raw_words("<p>运城市财政局 27,000 元，2026年11月9日，编号 1408-K7M2，抽取 disabled-student-aid.2026.25.1，电话 12345</p>") == []
