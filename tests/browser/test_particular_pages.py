"""Pages of what only some cases know, looked at like every page: money held, answers from elsewhere, ranks, objections, recoveries."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Opener, sign_in
from django.test import Client
from inspecting import Inspector, for_officers
from open_examples import many
from own_browser import own_browser
from place_examples import SYSTEM, VILLAGE
from test_contest_pages import key_of, paid_award, signed_in, text
from test_own_pages import resident_signs_in
from test_particulars import COLLEAGUE, OFFICER, agreed_on_paper, forwarded, posted, sale, teachers
from web_examples import AID, PASSWORD, SmallCity

from linli.batches.models import Announcement, Batch
from linli.casework.models import Case
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.entitlements.escrow import deposits, moving
from linli.entitlements.models import Recovery
from linli.entitlements.reviewing.models import Ranking
from linli.insight import opendata
from linli.kernel import clock

pytestmark = pytest.mark.long


@pytest.fixture
def office(small_city: SmallCity, settings: Any) -> Client:
    """The officer for the whole city, who does what the pages then show."""
    settings.LINLI_SECOND_FACTOR = "optional"
    client = Client()
    client.post("/office/sign-in/", {"login": "officer", "password": PASSWORD})
    return client


def look(inspector: Inspector, pages: dict[str, str]) -> None:
    for name, address in pages.items():
        inspector.page.goto(address)
        inspector.look(name)


def nothing_wrong(*inspectors: Inspector) -> None:
    problems = [problem for one in inspectors for problem in one.problems]
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


def registered(office: Client, case: Case, seen: Inspector) -> None:
    """From the parties' money to what is to be paid out, each state of the officer's page looked at."""
    address, today = f"/office/cases/{case.uid}/escrow/", str(clock.today())
    steps.pass_on(OFFICER, case.uid)
    look(seen, {"escrow-deposits": address})
    posted(office, address, verb="deposit", party="buyer", yuan="800000", reference="TX-1", day=today)
    look(seen, {"escrow-deposit-waiting": address})
    deposits.confirm(COLLEAGUE, case.uid, "TX-1")
    steps.pass_on(OFFICER, case.uid)
    look(seen, {"escrow-registering": address})
    posted(office, address, verb="registered", number="晋（2026）第1号", day=today)
    for officer in (OFFICER, COLLEAGUE):
        acts.decide(officer, case.uid, "registered")
    look(seen, {"escrow-plan": address})
    posted(office, address, verb="plan", yuan_seller="500000", **{"yuan_old-bank": "300000"})
    for officer in (OFFICER, COLLEAGUE):
        steps.pass_on(officer, case.uid)
    moving.follow(SYSTEM, Case.objects.get(pk=case.pk))
    look(seen, {"escrow-payouts": address, "escrow-case": f"/office/cases/{case.uid}/"})


@for_officers
def test_money_held_between_parties(opened: Opener, small_city: SmallCity, office: Client, edition: str, language: str) -> None:
    case, buyer, seller = sale(office)
    own = f"/my/cases/{case.uid}/escrow/"
    with opened(edition=edition, language=language) as page, opened(edition=edition, language=language) as at_home:
        officers, mine = Inspector(page, edition, language), Inspector(at_home, edition, language)
        sign_in(page)
        look(
            officers,
            {"escrow-parties": f"/office/cases/{case.uid}/escrow/", "escrow-terms": f"/office/cases/{case.uid}/escrow/?change=terms"},
        )
        resident_signs_in(at_home, buyer)
        look(mine, {"my-escrow-home": "/my/", "my-escrow-asked": own})
        for who in (buyer, seller):
            posted(own_browser(who), own, terms="1")
        look(mine, {"my-escrow-agreed": own})
        agreed_on_paper(office, case)
        registered(office, case, officers)
        look(mine, {"my-escrow-case": f"/my/cases/{case.uid}/"})
    nothing_wrong(officers, mine)


@for_officers
def test_answers_from_elsewhere(opened: Opener, small_city: SmallCity, office: Client, edition: str, language: str) -> None:
    case = forwarded()
    with opened(edition=edition, language=language) as page:
        seen = Inspector(page, edition, language)
        sign_in(page)
        look(seen, {"answer": f"/office/cases/{case.uid}/answer/", "answers": "/office/answers/"})
        rows = f"回执编号,办理结果\n{case.receipt},部分费用报销\n{case.receipt[:12]}x,不予报销\n".encode("gb18030")
        page.set_input_files("input[type=file]", {"name": "答复.csv", "mimeType": "text/csv", "buffer": rows})
        page.click("main form button[type=submit]")
        page.wait_for_selector("table")
        seen.look("answers-read")
        look(seen, {"answered": f"/office/cases/{case.uid}/"})
    nothing_wrong(seen)


@for_officers
def test_reviews_that_rank(opened: Opener, small_city: SmallCity, office: Client, edition: str, language: str) -> None:
    cases = teachers()
    with opened(edition=edition, language=language) as page:
        seen = Inspector(page, edition, language)
        sign_in(page)
        look(seen, {"review-score": f"/office/cases/{cases[0].uid}/score/", "review-begins": "/office/reviews/rural-title-review/"})
        for case in cases:
            assert office.post(f"/office/cases/{case.uid}/score/", {"teaching": "90", "research": "80"}).status_code == 302
        look(seen, {"review-scored": "/office/reviews/rural-title-review/"})
        office.post("/office/reviews/rural-title-review/", {"period": "2026", "day": str(clock.today())})
        row = Ranking.objects.get()
        look(seen, {"review-ranks": f"/office/reviews/ranks/{row.uid}/"})
        for case in cases:
            steps.pass_on(OFFICER, case.uid)
        told = {"supervision": "12345", "objections_to": "运城市教育局", "days": "5", "document": "测试文件"}
        assert office.post(f"/office/reviews/ranks/{row.uid}/", told).status_code == 302
        look(seen, {"review-shown": f"/office/reviews/ranks/{row.uid}/"})
        look(seen, {"announcements": "/announcements/", "announced-ranks": f"/announcements/ranks/{row.uid}/"})
    nothing_wrong(seen)


@for_officers
def test_objections_and_what_was_paid_too_much(opened: Opener, small_city: SmallCity, office: Client, edition: str, language: str) -> None:
    case, who = paid_award(small_city).case, small_city.found
    one, mine, own = signed_in("one"), own_browser(who), f"/my/cases/{case.uid}/"
    with opened(edition=edition, language=language) as page, opened(edition=edition, language=language) as at_home:
        officers, seen = Inspector(page, edition, language), Inspector(at_home, edition, language)
        sign_in(page)
        resident_signs_in(at_home, who)
        look(seen, {"contest-case": own, "contest-review": f"{own}review/", "contest-object": f"{own}object/"})
        told = {"words": "档次应为研究生", "whom": str(who.uid), "key": key_of(text(mine.get(f"{own}review/")))}
        review = mine.post(f"{own}review/", told)["Location"]
        look(seen, {"contest-asked": review})
        look(officers, {"contest-office": review.replace("/my/", "/office/"), "overpaid": f"/office/cases/{case.uid}/overpaid/"})
        one.post(f"/office/cases/{case.uid}/overpaid/", {"owed0": "4,000.00", "reasons": "学籍更正为专科"})
        recovery = Recovery.objects.get().case.uid
        look(seen, {"recovery-mine": f"/my/cases/{recovery}/", "recovery-agree": f"/my/cases/{recovery}/agree/"})
        one.post(f"/office/cases/{recovery}/overpaid/say/", {"proposed": "waived", "reasons": "家庭困难"})
        look(
            officers,
            {
                "recovery-case": f"/office/cases/{recovery}/",
                "recoveries": "/office/payments/recoveries/",
                "recovery": f"/office/payments/recoveries/{recovery}/",
            },
        )
    nothing_wrong(officers, seen)


def noticed() -> Announcement:
    """A notice that hangs where the person of the batch lives."""
    today = clock.today()
    return Announcement.objects.create(
        batch=Batch.objects.get(), programme=AID, columns=["name"], days=5, unit="working", starts_on=today, ends_on=today,
        supervision="0359-0000000", objections_to="市残联教就部", count=1, digest=f"sha256:{'0' * 64}", put_up_at=clock.now(),
        put_up_by="staff:test",
    )  # fmt: skip


@for_officers
def test_where_notices_hang_and_open_data(opened: Opener, small_city: SmallCity, office: Client, edition: str, language: str) -> None:
    paid_award(small_city)
    notice = noticed()
    signed_in("steward", "steward", area_code=VILLAGE)
    many(small_city, 9, "140826402")
    with opened(edition=edition, language=language) as page, opened(edition=edition, language=language) as at_home:
        seen, own = Inspector(page, edition, language), Inspector(at_home, edition, language)
        look(seen, {"open-data-none": "/open-data/"})
        opendata.publish()
        look(seen, {"open-data": "/open-data/"})
        sign_in(page, "steward")
        look(seen, {"hanging": "/steward/hanging/", "hanging-one": f"/steward/hanging/?notice={notice.uid}"})
        resident_signs_in(at_home, small_city.found)
        look(own, {"notice-object": f"/my/announcements/{notice.uid}/object/"})
    nothing_wrong(seen, own)
