"""When a programme is screened, on its page: last, next by itself, now for whoever may, and what follows."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from web_examples import AID, SmallCity, certify

from linli.screening import asking
from linli.screening.models import Asked, Run

pytestmark = pytest.mark.django_db
PAGE = reverse("programmes:versions", args=[AID])
NOW = reverse("programmes:screen", args=[AID])


def form(client: Client) -> dict[str, str]:
    """The form as the browser holds it."""
    text = client.get(PAGE).content.decode()
    return {"seen": text.split('name="seen" value="')[1].split('"')[0]}


def test_an_officer_has_a_programme_screened_now_and_sees_what_came_of_it(office: Client, small_city: SmallCity):
    page = office.get(PAGE).content.decode()
    for told in ("上次匹配", "找到 2，还不能确定 1", "02:30 自动匹配", "新找到的人会收到通知", "申请这样开始", "现在匹配"):
        assert told in page, told
    certify(small_city.undecided)
    told = form(office)
    answer = office.post(NOW, told)
    assert answer["Location"] == f"{PAGE}#screening"
    office.post(NOW, told)
    asked = Asked.objects.get()
    page = office.get(PAGE).content.decode()
    assert "排队等待" in page
    assert "data-watch=" in page
    assert NOW not in page, "one at a time"
    Asked.objects.filter(pk=asked.pk).update(state="running", step="evaluate")
    assert "逐人核对条件" in office.get(PAGE).content.decode()
    asking.answer(uids=[UUID(str(asked.uid))])
    page = office.get(PAGE).content.decode()
    assert "找到 3，还不能确定 0" in page
    assert "data-watch=" not in page
    office.post(NOW, told)
    assert Asked.objects.count() == 1, "the form of before the screening asks for none"
    office.post(NOW, form(office))
    assert Asked.objects.count() == 2


def test_a_screening_that_came_to_nothing_is_said_until_another_did(office: Client, small_city: SmallCity):
    office.post(NOW, form(office))
    Asked.objects.update(state="failed")
    page = office.get(PAGE).content.decode()
    assert "没有做成" in page
    assert NOW in page
    office.post(NOW, form(office))
    asking.answer(uids=[Asked.objects.latest("id").uid])
    assert "没有做成" not in office.get(PAGE).content.decode()


def test_a_countys_officer_reads_when_but_does_not_ask(local_office: Client, small_city: SmallCity):
    page = local_office.get(PAGE).content.decode()
    assert "找到 1，还不能确定 1" in page
    assert "02:30 自动匹配" in page
    assert "现在匹配" not in page
    assert local_office.post(NOW, {"seen": str(small_city.run.uid)}).status_code == 403
    assert not Asked.objects.exists()


def test_what_looks_for_nobody_says_so(office: Client):
    slug = "unemployment-registration"
    page = office.get(reverse("programmes:versions", args=[slug])).content.decode()
    assert "不主动找人" in page
    assert "现在匹配" not in page
    answer = office.post(reverse("programmes:screen", args=[slug]), {"seen": ""})
    assert "不用匹配" in answer.content.decode()
    assert not Run.objects.filter(programme=slug).exists()
