"""Pages of what is shown to the public before it is decided: they say what it waits for, and somebody is told that it waits."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from own_browser import own_browser
from shown_examples import GIVEN, LOOKER, checked, listed, publish_shown_first, shown, waiting
from web_examples import AID, PASSWORD, SmallCity, officer

from linli.batches.models import Batch, Check
from linli.casework.models import Case
from linli.kernel import clock
from linli.vault.models import Access

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    assert response.status_code == 200, response
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture
def case(small_city: SmallCity, db: None) -> Case:
    """Proposed, and waiting for its notice."""
    publish_shown_first()
    return waiting(small_city.found)


def signed_in(login: str, **grant: str) -> Client:
    officer(login, f"经办{login}", **grant)
    client = Client()
    assert client.post("/office/sign-in/", {"login": login, "password": PASSWORD}).status_code == 302
    return client


def test_a_case_that_waits_for_its_notice_says_so_and_leads_to_the_list_that_shows_it(case: Case, small_city: SmallCity, office: Client):
    mine, here = own_browser(small_city.found), f"/my/cases/{case.uid}/"
    page = text(mine.get(here))
    assert "等候公示" in page
    assert "正在公示" not in page
    assert clock.day_of(case.due_at).strftime("%Y年%-m月%-d日") in page  # by when, as the clock runs
    inbox = text(office.get("/office/inbox/"))
    assert "1 件等着公示" in inbox
    year = clock.today().year
    begin = f"/batches/new/{AID}/?period={year}&amp;area="
    assert begin in inbox
    assert begin in text(office.get(f"/office/cases/{case.uid}/"))
    county = signed_in("county", area_code="140802", programme=AID)
    assert f"period={year}&amp;area=140802" in text(county.get("/office/inbox/"))
    assert 'value="140802" selected' in text(county.get(f"/batches/new/{AID}/?period={year}&area=140802"))
    elsewhere = signed_in("elsewhere", area_code="140882", programme=AID)
    assert "等着公示" not in text(elsewhere.get("/office/inbox/"))
    row = listed()
    assert f"/batches/{row.uid}/" in text(office.get("/office/inbox/"))
    notice = shown(checked(row))
    assert "等着公示" not in text(office.get("/office/inbox/"))
    assert "正在公示，期限暂停" in text(office.get(f"/office/cases/{case.uid}/"))
    page = text(mine.get(here))
    assert f"正在公示，到{notice.ends_on.strftime('%Y年%-m月%-d日')}" in page
    assert "等候公示" not in page


def test_a_list_of_proposals_says_that_they_are_not_decided_and_takes_nobody_off(case: Case, office: Client):
    row = listed()
    page = text(office.get(f"/batches/{row.uid}/"))
    assert "还没有决定，公示结束后决定：1 笔" in page
    assert "待遇已停止或变更" not in page
    assert Batch.objects.get(pk=row.pk).given == GIVEN


def test_whoever_checks_a_proposal_reads_what_it_rests_on(case: Case, small_city: SmallCity):
    check = Check.objects.get(item__batch=listed())
    looker = signed_in("looker", programme=AID)
    page = text(looker.get(f"/batches/checks/{check.uid}/"))
    assert "没有决定书，按名册核对" not in page
    assert "拟给予依据的情况" in page
    held = page[page.index("拟给予依据的情况") : page.index("材料</h2>")]
    assert "残疾人证" in held or "残疾" in held
    assert "残疾人联合会" in held, "who says so"
    assert held.count('class="task"') > 1, "condition by condition"
    assert Access.objects.filter(purpose="batches.check", subject=small_city.found.uid).exists()
    assert LOOKER.actor not in page
