"""Works on their pages: an officer draws up the list, the elder signs at home, pictures stand side by side, what was accepted is shown."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from own_browser import own_browser
from paper_examples import taken as as_given
from place_examples import SYSTEM
from web_examples import SmallCity
from works_examples import ASSESSOR, CODE, DECIDER, again, applied, builder, drawn, elder, pictured, signed, signed_off

from linli.agreements.models import Award
from linli.casework.documents import acts as documents
from linli.casework.models import Case, Document
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.entitlements.models import WorksList, WorksSignature
from linli.kernel import clock
from linli.registers.models import Resident

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture(autouse=True)
def _pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "take_in", as_given)


@pytest.fixture
def who(small_city: SmallCity) -> Resident:
    builder()
    return elder("测试己", 76)


def sent(client: Client, case: Case, do: str, **more: Any) -> Any:
    """A form of the page, with the key and the version of the list that it came with."""
    address = f"/office/cases/{case.uid}/works/"
    page = text(client.get(address))
    form = next(one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'value="{do}"' in one)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    return client.post(address, {**hidden, "do": do, **more})


ROW = {"area-1": "floor", "description-1": "防滑地砖", "quantity-1": "6", "unit-1": "平方米", "unit_price_fen-1": "120.50"}


def test_a_list_is_drawn_up_signed_at_home_and_on_paper(office: Client, who: Resident) -> None:
    case = applied(who)
    assert "还没有拟定改造清单" in text(office.get(f"/office/cases/{case.uid}/"))
    wrong = sent(office, case, "draw", **(ROW | {"quantity-1": ""}))
    assert (wrong.status_code, "第1项没有填完整" in text(wrong), WorksList.objects.count()) == (400, True, 0)
    account = {"contractor": CODE, "holder": "测试施工单位", "number": "62170000000000088"}
    assert sent(office, case, "draw", **ROW, **account).status_code == 302
    kept = WorksList.objects.get()
    assert (kept.total_fen, kept.count, bool(kept.account_cipher)) == (72_300, 1, True)
    mine = own_browser(who)
    home = f"/my/cases/{case.uid}/works/"
    assert "看改造清单，签字" in text(mine.get(f"/my/cases/{case.uid}/"))
    assert "防滑地砖" in text(mine.get(home))
    mine.post(f"{home}sign/", {"works": str(kept.uid)})
    assert "我同意这份清单" not in text(mine.get(home))
    assert sent(office, case, "sign", signer="assessor").status_code == 302
    without = sent(office, case, "sign", signer="contractor")
    assert (without.status_code, "扫描签过字的清单" in text(without)) == (400, True)
    paper = SimpleUploadedFile("a.jpg", b"signed", "image/jpeg")
    assert sent(office, case, "sign", signer="contractor", file=paper).status_code == 302
    assert set(WorksSignature.objects.values_list("signer", "how")) == {("applicant", "own"), ("assessor", "own"), ("contractor", "paper")}


def test_pictures_are_given_and_stand_side_by_side_and_the_price_is_what_was_accepted(office: Client, who: Resident) -> None:
    case = applied(who)
    drawn(who, case)
    signed(who, case)
    page = f"/office/cases/{case.uid}/works/"
    give = re.search(r'href="(/office/cases/[^"]*part=before)"', text(office.get(page)).replace("&amp;", "&"))
    assert give
    key = re.search(r'name="key" value="([^"]*)"', text(office.get(give[1])))
    assert key
    photo = SimpleUploadedFile("a.jpg", b"before", "image/jpeg")
    assert office.post(give[1], {"key": key[1], "file": photo})["Location"] == page
    assert Document.objects.get(part="before").material == "rooms"
    steps.pass_on(ASSESSOR, case.uid)
    steps.finish_notice(SYSTEM, case.uid)
    acts.decide(DECIDER, case.uid, "granted")
    signed_off(case)
    steps.pass_on(DECIDER, case.uid)
    assert "缺 改造部位完工后 1 张" in text(office.get(f"/office/cases/{case.uid}/"))  # said before it is tried
    assert "照片没有交齐" in text(sent(office, case, "accept", **accepted("6", "2", "1")))
    pictured(case, "after")
    shown = text(office.get(page))
    assert shown.index("改造前") < shown.index("改造后")
    assert len(re.findall(r'src="/office/papers/[^"]*/1/"', shown)) == 2
    assert "超过签字清单" in text(sent(office, case, "accept", **accepted("6", "2", "1", price="130")))
    assert sent(office, case, "accept", **accepted("6", "2", "0")).status_code == 302
    assert Award.objects.get(case=case).amount_fen == 6 * 12_000 + 2 * 26_000
    assert "1,240 元" in text(office.get(page))
    home = text(own_browser(who).get(f"/my/cases/{case.uid}/works/"))
    assert len(re.findall(r'src="/my/papers/[^"]*/1/"', home)) == 2
    assert again(case).step == "accept"


def accepted(*quantities: str, price: str = "120") -> dict[str, str]:
    told = {f"quantity-{number}": one for number, one in enumerate(quantities, start=1)}
    day = clock.today()
    on = {"on_0": str(day.year), "on_1": str(day.month), "on_2": str(day.day)}
    return {**told, **on, "price-1": price, "price-2": "260", "price-3": "180"}


@pytest.mark.long
def test_the_page_takes_a_fixed_number_of_queries_however_much_there_is(office: Client, who: Resident) -> None:
    case = applied(who)
    drawn(who, case)
    page = f"/office/cases/{case.uid}/works/"
    office.get(page)
    with CaptureQueriesContext(connection) as few:
        office.get(page)
    for _number in range(4):
        pictured(case, "before")
    with CaptureQueriesContext(connection) as many:
        office.get(page)
    assert len(many) <= len(few) + 1


def test_nobody_else_sees_what_is_done_in_a_home(office: Client, who: Resident, small_city: SmallCity) -> None:
    case = applied(who)
    drawn(who, case)
    stranger = own_browser(small_city.found)
    assert stranger.get(f"/my/cases/{case.uid}/works/").status_code == 404
    assert Client().get(f"/office/cases/{case.uid}/works/").status_code in (302, 403)
