"""The pages of notices: anyone can check a number, officers see what failed within their grants, a large mailing waits for a word."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from mailbox_examples import figures
from own_browser import own_browser
from procrastinate.contrib.django.models import ProcrastinateJob
from test_my_applications import ACCOUNT, ADDRESS, key_of
from web_examples import AID, SmallCity

from linli.agreements.models import Award
from linli.casework.models import Case
from linli.casework.withdrawing import withdraw
from linli.kernel import clock
from linli.kernel.clock import SHANGHAI
from linli.kernel.codes import spoken
from linli.kernel.viewer import Viewer
from linli.notices import delivering, jobs
from linli.notices.models import Delivery, Mailing, Notice, Preference
from linli.trace.jobs import react

pytestmark = pytest.mark.django_db
NOON = (clock.now() + timedelta(days=1)).astimezone(SHANGHAI).replace(hour=12, minute=0, second=0, microsecond=0)


def run_mailings() -> None:
    """What the worker makes of the screenings."""
    for job in ProcrastinateJob.objects.filter(task_name=react.name, args__reaction="notices.mail").order_by("id"):
        react(**job.args)


@pytest.fixture
def told(small_city: SmallCity, state: Path) -> Notice:
    """Both people of the small city were told of the student aid; returns the letter to the one in 盐湖区."""
    with clock.frozen(NOON):
        run_mailings()
        for mailing in Mailing.objects.filter(state="released"):
            jobs.mail(mailing=str(mailing.uid))
        delivering.deliver_due(10)
    return Notice.objects.get(recipient=small_city.found.uid)


def test_anyone_can_check_a_number_and_learns_neither_whom_nor_what(told: Notice, client: Client):
    page = client.get("/genuine/", {"q": spoken(told.code).lower()}).content.decode()
    assert "这个编号是我们发出的通知" in page
    assert told.office_zh in page
    assert "测试甲" not in page
    assert "助学" not in page
    english = Client()
    english.get("/switch/language:en/")
    assert "This is the number of a notice that we sent." in english.get("/genuine/", {"q": told.code}).content.decode()


@pytest.mark.parametrize("typed", ["2345-6789", "", "<script>alert(1)</script>", "9" * 5000])
def test_a_number_that_is_none_is_called_a_forgery_and_written_back_harmlessly(told: Notice, client: Client, typed: str):
    answer = client.get("/genuine/", {"q": typed})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert ("没有查到" in page) == bool(typed)
    assert "<script>alert" not in page


def test_published_numbers_are_on_the_page_and_the_script_is_one_tap_away(told: Notice, client: Client):
    page = client.get("/genuine/").content.decode()
    assert told.phone in page
    assert "/genuine/script/" in page
    assert "96110" in client.get("/genuine/script/").content.decode()


def test_officers_see_what_was_sent_in_their_county_alone(told: Notice, small_city: SmallCity, office: Client, local_office: Client):
    away = Notice.objects.get(recipient=small_city.away.uid)
    everything = office.get("/office/notices/sent/").content.decode()
    assert told.code in everything
    assert away.code in everything
    here = local_office.get("/office/notices/sent/").content.decode()
    assert told.code in here
    assert away.code not in here
    for page in (everything, here):
        assert "助学" not in re.sub(r"<title>.*?</title>", "", page)
        assert "12500000000" not in page


def test_a_failed_text_is_sent_again_at_an_officers_word_and_only_there(
    told: Notice, small_city: SmallCity, office: Client, local_office: Client
):
    Delivery.objects.update(status="failed", error="notices.uncertain:TimeoutError")
    page = local_office.get("/office/notices/").content.decode()
    assert "先问本人" in page
    away = Delivery.objects.get(notice__recipient=small_city.away.uid)
    here = Delivery.objects.get(notice=told)
    assert local_office.post(f"/office/notices/again/{away.uid}/").status_code == 403
    assert local_office.get(f"/office/notices/again/{here.uid}/").status_code == 405
    for _ in range(2):
        assert local_office.post(f"/office/notices/again/{here.uid}/").status_code == 302
    assert Delivery.objects.get(pk=here.pk).status == "waiting"
    assert Delivery.objects.get(pk=away.pk).status == "failed"


def test_a_held_mailing_is_released_by_who_has_the_whole_city(small_city: SmallCity, office: Client, local_office: Client):
    run_mailings()
    mailing = Mailing.objects.get(programme="disabled-student-aid")
    Mailing.objects.filter(pk=mailing.pk).update(state="held")
    address = f"/office/notices/mailings/{mailing.uid}/"
    waiting = f"等待放行：{mailing.people} 人的通知还没有发出"
    for page in ("/office/inbox/", "/city/"):
        asked, local = (client.get(page).content.decode() for client in (office, local_office))
        assert waiting in asked
        assert waiting in local
        assert ("去放行" in asked, "去放行" in local, "由管全市这项政策的经办人放行" in local) == (True, False, True)
    assert address not in local_office.get("/office/notices/mailings/").content.decode()
    assert local_office.post(address, {"release": "1"}).status_code == 403
    page = office.get("/office/notices/mailings/").content.decode()
    assert address in page
    assert re.search(r'aria-current="page">群发待放行 <span class="figures">1</span>', page)
    asked = office.post(address, {"drop": "1"}).content.decode()
    assert "确认放弃" in asked
    assert "不能恢复" in asked
    assert office.post(address).status_code == 404
    assert local_office.post(address, {"drop": "1"}).status_code == 302
    assert local_office.post(address, {"drop": "1", "confirm": "1"}).status_code == 403
    assert Mailing.objects.get(pk=mailing.pk).state == "held"
    assert office.post(address, {"release": "1"}).status_code == 302
    assert Mailing.objects.get(pk=mailing.pk).state == "released"
    assert "等待放行：" not in office.get("/office/inbox/").content.decode()
    again = office.post(address, {"drop": "1", "confirm": "1"}, follow=True)
    assert "已经处理过" in again.content.decode()
    assert Mailing.objects.get(pk=mailing.pk).state == "released"
    Mailing.objects.filter(pk=mailing.pk).update(state="held")
    assert office.post(address, {"drop": "1", "confirm": "1"}).status_code == 302
    assert Mailing.objects.get(pk=mailing.pk).state == "dropped"


@pytest.mark.parametrize("page", ["/office/notices/", "/office/notices/sent/", "/office/notices/mailings/"])
def test_nobody_else_sees_the_log(told: Notice, client: Client, page: str):
    assert client.get(page).status_code == 302
    assert client.get("/office/notices/nonsense/").status_code in (302, 404)


def test_the_number_of_queries_does_not_grow_with_the_list(told: Notice, office: Client):
    office.get("/office/notices/sent/")
    counts = []
    for keep in (1, 2):
        shown = Delivery.objects.order_by("id").values_list("pk", flat=True)[:keep]
        Delivery.objects.exclude(pk__in=list(shown)).update(status="dropped")
        Delivery.objects.filter(pk__in=list(shown)).update(status="sent")
        with CaptureQueriesContext(
            connection,
        ) as caught:
            office.get("/office/notices/sent/")
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_a_letter_is_unread_until_the_person_has_opened_it(told: Notice, small_city: SmallCity):
    client = own_browser(small_city.found)
    assert "1 封未读" in client.get("/my/").content.decode()
    assert "未读" in client.get("/my/letters/").content.decode()
    told.refresh_from_db()
    assert told.read_at is not None
    assert "封未读" not in client.get("/my/").content.decode()
    assert "未读" not in client.get("/my/letters/").content.decode()


def test_an_invitation_that_was_taken_up_leads_to_the_application_until_that_came_to_nothing(told: Notice, small_city: SmallCity):
    client, why = own_browser(small_city.found), f"/my/found/{AID}/{small_city.found.uid}/"
    key = key_of(client.get(ADDRESS).content.decode())
    client.post(ADDRESS, {**ACCOUNT, "committed": "kinship", "payee": "self", "page": "summary", "key": key})
    case = Case.objects.get(kind="application")
    for address in ("/my/letters/", why):
        page = client.get(address).content.decode()
        assert "确认并申请" not in page
        assert "已经申请，正在办理" in page
        assert f"/my/cases/{case.uid}/" in page
    withdraw(Viewer(f"resident:{small_city.found.uid}", subject=str(small_city.found.uid), level="card"), case.uid)
    Notice.objects.filter(pk=told.pk).update(written_at=case.opened_at)
    page = client.get("/my/letters/").content.decode()
    assert "本人撤回" in page
    assert "确认并申请" in page + client.get(why).content.decode()


def test_a_letter_that_comes_after_the_award_leads_to_it_as_long_as_it_stands(told: Notice, small_city: SmallCity):
    """Whoever applies while the letters are being written is invited to what they have already."""
    client = own_browser(small_city.found)
    client.post(
        ADDRESS,
        {**ACCOUNT, "committed": "kinship", "payee": "self", "page": "summary", "key": key_of(client.get(ADDRESS).content.decode())},
    )
    Case.objects.filter(kind="application").update(status="closed", outcome="granted", closed_at=clock.now())
    case = Case.objects.get(kind="application")
    Notice.objects.filter(pk=told.pk).update(written_at=clock.now())
    terms = {"programme": AID, "programme_version": case.programme_version, "beneficiary_kind": "person", "cycle": "year", "payee": "self"}
    whose = {"beneficiary": small_city.found.uid, "person": small_city.found.uid, "area_code": case.area_code, "amount_fen": 500_000}
    award = Award.objects.create(case=case, state="active", state_since=clock.now(), begins_on=clock.today(), **terms, **whose)
    page = client.get("/my/letters/").content.decode()
    assert "确认并申请" not in page
    assert f"/my/cases/{case.uid}/" in page
    Award.objects.filter(pk=award.pk).update(state="ended", ending="moved_away", ends_on=clock.today())
    assert "确认并申请" in client.get("/my/letters/").content.decode()


def test_the_person_reads_the_letter_and_says_how_to_be_written_to(told: Notice, small_city: SmallCity, settings: Any):
    settings.LINLI_CHANNELS = {"email": "mailbox_examples.Mailbox"}
    client = own_browser(small_city.found)
    page = client.get("/my/letters/").content.decode()
    assert told.code in page
    assert "/my/apply/disabled-student-aid/" in page
    assert "/my/letters/reach/" in page
    chosen = {"whom": small_city.found.uid, "language": "en", "refused": ["sms"], "email": "someone@city.example"}
    assert client.post("/my/letters/reach/", chosen)["Location"] == "/my/letters/reach/mail/"
    wish = Preference.objects.get(recipient=small_city.found.uid)
    assert (wish.language, wish.refused, wish.email_cipher) == ("en", ["sms"], "")
    assert client.post("/my/letters/reach/mail/", {"code": "no"}).status_code == 400
    assert client.post("/my/letters/reach/mail/", {"code": figures()})["Location"] == "/my/letters/"
    assert client.get("/my/letters/reach/mail/")["Location"] == "/my/letters/reach/"
    wish.refresh_from_db()
    assert "someone" not in wish.email_cipher
    assert "someone@city.example" in client.get("/my/letters/reach/").content.decode()
    wrong = client.post("/my/letters/reach/", {"whom": small_city.found.uid, "language": "en", "email": "nothing"})
    assert wrong.status_code == 400
    assert Client().get("/my/letters/reach/")["Location"] == "/my/sign-in/"
    assert told.code not in own_browser(small_city.away).get("/my/letters/").content.decode()
