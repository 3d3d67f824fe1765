"""What became of what I asked: progress by telephone, the answer by card, and the survey once."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from case_examples import resident
from django.test import Client
from own_browser import own_browser
from place_examples import BUILDING, SYSTEM
from web_examples import SmallCity, dispute

from linli.casework import acts as cases
from linli.casework.facts import CASE_OPENED
from linli.casework.kinds import HELP_NEEDED, MISSED_VISIT
from linli.casework.models import Survey
from linli.casework.withdrawing import withdraw
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.notices.recipients import of_cases
from linli.registers.queries.accounts import viewer_of_resident
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def mine(small_city: SmallCity, db: None) -> Client:
    """A browser in which 测试甲 has signed in with a checked card."""
    return own_browser(small_city.found)


def test_the_answer_and_its_reasons_are_on_the_page_and_it_is_rated_once(mine: Client, small_city: SmallCity):
    case = dispute(small_city.found)
    address = f"/my/cases/{case.uid}/"
    assert address in text(mine.get("/my/"))
    page = text(mine.get(address))
    assert "您的评价" not in page
    assert re.search(r"还剩 \d+ 个工作日", page)
    assert "灯 ·" not in page, "the office's lamps are nobody else's"
    cases.answer(SYSTEM, case.uid, "kept", "档案与证件一致")
    page = text(mine.get(address))
    assert "档案与证件一致" in page
    assert "维持原信息" in page
    assert "这次核对和答复，您满意吗" in page
    assert mine.post(address, {"key": "one", "words": ""}).status_code == 400
    told = {"key": "one", "score": "2", "words": "等得久"}
    assert "谢谢您的评价" in text(mine.post(address, told, follow=True))
    assert "已经评价过" in text(mine.post(address, {**told, "key": "two", "score": "5"}, follow=True))
    assert Survey.objects.get(case=case).score == 2
    assert "不满意" in text(mine.get(address))


def test_cases_of_others_and_between_offices_are_not_there(mine: Client, small_city: SmallCity):
    theirs = dispute(small_city.undecided)
    assert mine.get(f"/my/cases/{theirs.uid}/").status_code == 404
    for kind, words in ((MISSED_VISIT, ""), (HELP_NEEDED, "像是被家人打了")):
        between = cases.open_between_offices(SYSTEM, small_city.found, BUILDING, kind, words)
        assert between is not None
        address = f"/my/cases/{between.uid}/"
        assert [mine.get(address).status_code, mine.post(address, {"withdraw": "1"}).status_code] == [404, 404]
        assert str(between.uid) not in text(mine.get("/my/"))
        with pytest.raises(LinliError) as refused:
            withdraw(resident(small_city.found), between.uid)
        assert refused.value.code == "casework.no_case"
        assert not of_cases(list(Fact.objects.filter(type=CASE_OPENED.name, subject=str(small_city.found))))
        cases.answer(SYSTEM, between.uid, next(iter(kind.outcomes)), "已去看过")
        assert not Survey.objects.exists()


def test_a_telephone_code_alone_shows_progress_and_no_answer(mine: Client, small_city: SmallCity, monkeypatch: pytest.MonkeyPatch):
    case = dispute(small_city.found)
    cases.answer(SYSTEM, case.uid, "kept", "档案与证件一致")
    monkeypatch.setattr("linli.web.entrance.residents.viewer_of_resident", by_phone)
    page = text(mine.get(f"/my/cases/{case.uid}/"))
    assert "办结" in page
    assert "档案与证件一致" not in page
    assert "维持原信息" not in page
    assert "您的评价" not in page
    front = text(mine.get("/my/"))
    assert "窗口已经核验过您的身份证" in front
    assert 'href="/my/letters/"' not in front
    assert "退出，重新登录" in text(mine.get("/my/letters/"))
    assert mine.post("/my/sign-out/", {"again": "1"})["Location"] == "/my/sign-in/"


def test_a_telephone_code_alone_takes_no_dispute_back(mine: Client, small_city: SmallCity, monkeypatch: pytest.MonkeyPatch):
    case = dispute(small_city.found)
    monkeypatch.setattr("linli.web.entrance.residents.viewer_of_resident", by_phone)
    address = f"/my/cases/{case.uid}/"
    assert 'name="withdraw"' not in text(mine.get(address))
    refused = mine.post(address, {"withdraw": "1"})
    assert (refused.status_code, "身份证" in text(refused)) == (403, True)
    case.refresh_from_db()
    assert case.status == "open"


def by_phone(*given: Any) -> Viewer:
    """The same resident, known by a telephone code only."""
    return replace(viewer_of_resident(*given), level="phone")
