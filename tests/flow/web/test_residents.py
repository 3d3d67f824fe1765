"""Officers find a resident, see what they are allowed to, show a number for a purpose, keep filters, and have long lists written."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from place_examples import CLERK, FIRST_DAY, SYSTEM, VILLAGE, identity, person
from web_examples import PASSWORD, SmallCity, certify, student

from linli import vault
from linli.casework import acts as casework
from linli.kernel import clock
from linli.registers import acts
from linli.web.models import Download, SavedFilter
from linli.web.tables import downloads, exports

pytestmark = pytest.mark.django_db
SEARCH = "/office/residents/"


def text(response: Any) -> str:
    return response.content.decode()


def page_of(resident: Any) -> str:
    return f"{SEARCH}{resident.uid}/"


def signed_in(login: str, role: str, area: str = "") -> Client:
    who = acts.add_staff(SYSTEM, login=login, name="测试岗", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=who, role=role, area_code=area, valid_from=FIRST_DAY)
    client = Client()
    client.post("/office/sign-in/", {"login": login, "password": PASSWORD})
    return client


@pytest.mark.parametrize(
    "typed", ["王建国", "建国", "wangjg", "wang jian", "wjg", "1950-03-07", "王 1950", "建国 1950年3月", "19500307", "wang 1950"]
)
def test_a_resident_is_found_by_what_an_officer_types(office: Client, typed: str):
    wanted = person("王建国", birth_date=date(1950, 3, 7))
    other = person("王建国", birth_date=date(1961, 5, 1)) if "19" in typed else person("李秀英")
    found = text(office.post(SEARCH, {"q": typed}, follow=True))
    assert (page_of(wanted) in found) is (typed != "wangjg")
    assert page_of(other) not in found


def test_whole_names_come_before_longer_and_contained_ones(office: Client):
    for name in ("赵王建", "王建国", "王建"):
        person(name)
    found = text(office.get(SEARCH, {"q": "王建"}))
    assert re.findall("data-row>(.*?)</a>", found) == ["王建", "王建国", "赵王建"]


def test_a_number_opens_the_person_and_never_gets_into_an_address(office: Client):
    number = identity(date(1950, 3, 7))
    wanted = person("王建国", identity=number, phone="19900000001")
    for typed in (number, number.lower(), "199 0000 0001", f"{number[:6]} {number[6:14]} {number[14:]}"):
        assert office.post(SEARCH, {"q": typed})["Location"] == page_of(wanted)
    nobody = office.post(SEARCH, {"q": "13000000000"})
    assert nobody.status_code == 200
    assert "没有找到" in text(nobody)
    assert "13000000000" not in text(nobody)


def test_a_telephone_said_at_a_window_finds_the_person_too_and_nobody_twice(office: Client, small_city: SmallCity):
    number = identity(date(1950, 3, 8))
    moved = person("王建国", identity=number, phone="19900000002")
    acts.check_card(CLERK, resident=moved, identity=number, phone="199 0000 0003")
    same = identity(date(1950, 3, 9))
    other = person("李秀英", identity=same, phone="19900000004")
    acts.check_card(CLERK, resident=other, identity=same, phone="19900000004")
    for typed, wanted in (("19900000002", moved), ("199-0000-0003", moved), ("8619900000003", moved), ("19900000004", other)):
        assert office.post(SEARCH, {"q": typed})["Location"] == page_of(wanted)
    elsewhere = signed_in("elsewhere", "officer", "140882")
    assert "没有找到" in text(elsewhere.post(SEARCH, {"q": "19900000003"}))


def test_a_search_is_limited_by_the_grant(small_city: SmallCity):
    window = signed_in("window", "clerk", "140882")
    assert "测试乙" in text(window.get(SEARCH, {"q": "测试"}))
    assert "测试甲" not in text(window.get(SEARCH, {"q": "测试"}))
    assert window.get(page_of(small_city.away)).status_code == 200
    assert window.get(page_of(small_city.found)).status_code == 403
    assert signed_in("planning", "planner").get(SEARCH).status_code == 403


def test_pages_of_a_search_show_everyone_once(office: Client):
    people = {str(person(f"王建{letter}").uid) for letter in "国军华民伟" * 12}
    shown: list[str] = []
    query = "q=wang"
    while query:
        found = text(office.get(f"{SEARCH}?{query}"))
        shown += re.findall(r'residents/([0-9a-f-]{36})/" data-row', found)
        following = re.search(r'href="\?([^"]*after=[^"]*)"', found)
        query = following[1].replace("&amp;", "&") if following else ""
    assert len(shown) == len(people) == 60
    assert set(shown) == people


@pytest.mark.parametrize("after", ["x", "W10", "WzAsInciLDFd", "WzAsW10sMV0", "WzksInciLDFd", "%00", "WzAsIncAIiwxXQ", "WzAsIncAIiwxXQ=="])
def test_a_page_key_that_is_none_begins_at_the_beginning(office: Client, after: str):
    wanted = person("王建国")
    assert page_of(wanted) in text(office.get(SEARCH, {"q": "wang", "after": after}))


def test_too_little_is_answered_with_what_to_do(office: Client):
    refused = office.get(SEARCH, {"q": "王"})
    assert refused.status_code == 400
    assert "检索内容太短" in text(refused)


def test_one_screen_shows_what_is_known_and_no_number(office: Client, small_city: SmallCity):
    page = text(office.get(page_of(small_city.found)))
    for shown in ("测试甲", "盐湖区", "残疾人证", "视力", "扶残助学圆梦工程", "户主", "已登记，未显示"):
        assert shown in page
    assert "12500000000" not in page
    assert not vault.accesses_of(small_city.found.uid).exists()


def test_the_screen_shows_what_is_being_dealt_with(office: Client, small_city: SmallCity):
    who = small_city.found
    before = text(office.get(page_of(who)))
    assert "没有未办结的事项" in before
    opened = casework.open_dispute(SYSTEM, subject=who.uid, fact="disability_level", words="写错了", key=None)
    signed_in("door", "steward", VILLAGE)
    visit = casework.open_home_visit(SYSTEM, who.uid, key=None)
    page = text(office.get(page_of(who)))
    for shown in (opened.receipt, "信息异议", "上门服务", "绿灯", "运城市残疾人联合会"):
        assert shown in page
    assert f"/office/cases/{opened.uid}/" in page
    assert office.get(f"/office/cases/{opened.uid}/").status_code == 200
    assert f"/office/cases/{visit.uid}/" not in page  # a steward's: the officer sees that it is on its way
    assert visit.receipt not in page
    casework.answer(SYSTEM, opened.uid, "kept", "证件无误")
    page = text(office.get(page_of(who)))
    assert "已办结：1 件" in page
    assert "维持原信息" in page
    clerk = text(signed_in("window3", "clerk", "1408").get(page_of(who)))
    assert "上门服务" not in clerk
    assert opened.receipt not in clerk


def test_the_screen_says_what_is_undecided_and_who_should_say_it(office: Client, local_office: Client, small_city: SmallCity):
    who = small_city.undecided
    page = text(office.get(page_of(who)))
    section = page[page.index('id="undecided"') : page.index('id="waiting"')]
    for shown in ("扶残助学圆梦工程", "残疾人证", "应由", "运城市残疾人联合会", f"/office/runs/{small_city.run.uid}/subjects/{who.uid}/"):
        assert shown in section
    assert "扶残助学圆梦工程" not in page[page.index('id="found"') : page.index('id="undecided"')]
    clerk = text(signed_in("window4", "clerk", "1408").get(page_of(who)))
    assert "没有还不能确定的事项" in clerk


def test_the_screen_says_who_may_act_for_the_person(office: Client, small_city: SmallCity):
    child, parent = person("小明明", birth_date=date(2018, 5, 1)), person("明大山", birth_date=date(1988, 5, 1))
    assert "没有人受委托" in text(office.get(page_of(child)))
    link = acts.link_family(SYSTEM, resident=child, relative=parent, relation="father", valid_from=FIRST_DAY)
    acts.grant_mandate(SYSTEM, principal=child, agent=parent, kind="guardian", evidence="户口簿")
    page = text(office.get(page_of(child)))
    agents = page[page.index('id="agents"') :]
    assert "明大山" in agents
    assert "监护人" in agents
    assert page_of(parent) in agents
    acts.end_family_link(SYSTEM, link=link, on=clock.today())
    assert "明大山" not in text(office.get(page_of(child)))[page.index('id="agents"') :]
    assert 'id="agents"' not in text(signed_in("round", "steward", VILLAGE).get(page_of(child)))


def test_a_number_is_shown_for_a_purpose_and_the_look_is_on_the_page(office: Client, small_city: SmallCity):
    page = office.post(page_of(small_city.found), {"purpose": "screening.contact"})
    assert "12500000000" in text(page)
    assert "联系政策匹配到的居民" in text(page)
    look = vault.accesses_of(small_city.found.uid).get()
    assert (look.purpose, look.fields, look.actor) == ("screening.contact", ["phone"], small_city.officer.actor)
    assert "12500000000" not in text(office.get(page_of(small_city.found)))
    for purpose in ("", "curiosity", "audit.review"):
        assert office.post(page_of(small_city.found), {"purpose": purpose}).status_code == 403


def test_a_clerk_sees_no_list_and_a_neighbour_outside_the_grant_is_no_link(small_city: SmallCity):
    window = signed_in("window2", "clerk", "140882")
    acts.link_family(SYSTEM, resident=small_city.away, relative=small_city.found, relation="sibling", valid_from=FIRST_DAY)
    page = text(window.get(page_of(small_city.away)))
    assert "名单内容由业务人员查看" in page
    assert "残疾人证" not in page
    assert "测试甲" in page
    assert page_of(small_city.found) not in page


def queries_of(office: Client, address: str) -> int:
    assert office.get(address).status_code == 200
    with CaptureQueriesContext(connection) as seen:
        assert office.get(address).status_code == 200
    return len(seen)


def test_the_queries_of_the_pages_do_not_grow(office: Client, small_city: SmallCity):
    who = student("王测试", VILLAGE)
    certify(who)
    small = queries_of(office, page_of(who)), queries_of(office, f"{SEARCH}?q=wang")
    for number in range(6):
        other = student(f"王测{number}", VILLAGE)
        acts.link_family(SYSTEM, resident=who, relative=other, relation="sibling", valid_from=FIRST_DAY)
    for purpose in ("screening.contact", "screening.explain"):
        office.post(page_of(who), {"purpose": purpose})
    large = queries_of(office, page_of(who)), queries_of(office, f"{SEARCH}?q=wang")
    assert large[1] == small[1]
    assert large[0] - small[0] <= 2  # the names of staff who looked, and who of the family may be opened
    assert large[0] <= 24


def test_a_kept_filter_is_there_for_its_owner_and_leads_nowhere_else(office: Client, local_office: Client, small_city: SmallCity):
    page = f"/office/runs/{small_city.run.uid}/undecided/"
    kept = office.post("/office/filters/", {"path": page, "query": "county=140802\x00", "name": "盐\x00湖"})
    assert kept["Location"] == f"{page}?county=140802"
    assert "盐湖</a>" in text(office.get(page))
    assert "盐湖</a>" not in text(local_office.get(page))
    mine = SavedFilter.objects.get()
    local_office.post(f"/office/filters/{mine.uid}/delete/", {"path": page})
    assert SavedFilter.objects.count() == 1
    office.post(f"/office/filters/{mine.uid}/delete/", {"path": page})
    assert SavedFilter.objects.count() == 0
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example/", "/nothing/here/"):
        assert office.post("/office/filters/", {"path": elsewhere, "query": "a=b", "name": "x"}).status_code == 404


def written(office: Client, download: Download) -> list[tuple[Any, ...]]:
    response: Any = office.get(f"/office/downloads/{download.uid}/file/")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    assert book.active is not None
    return list(book.active.iter_rows(values_only=True))


def test_a_long_list_is_written_by_the_worker_for_its_asker_only(
    office: Client, local_office: Client, small_city: SmallCity, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(exports, "PORTION", 1)
    asked = office.post(f"/office/runs/{small_city.run.uid}/found/export/")
    download = Download.objects.get()
    assert asked["Location"] == f"/office/downloads/{download.uid}/"
    assert "等待中" in text(office.get(asked["Location"]))
    assert office.get(f"{asked['Location']}file/").status_code == 404
    downloads.make(download.uid)
    downloads.make(download.uid)
    assert "共 2 行" in text(office.get(asked["Location"]))
    assert {row[1] for row in written(office, download)[1:]} == {"测试甲", "测试乙"}
    assert local_office.get(asked["Location"]).status_code == 404
    assert local_office.get(f"{asked['Location']}file/").status_code == 404


def test_everything_that_a_search_finds_can_be_had_as_a_file(office: Client, small_city: SmallCity):
    for letter in "国军华":
        person(f"=王{letter}")
    office.post("/office/lists/residents/export/", {"q": "=王"})
    download = Download.objects.get()
    downloads.make(download.uid)
    rows = written(office, download)
    assert [row[1] for row in rows[1:]] == ["=王国", "=王华", "=王军"]
    downloads.prune()
    assert Download.objects.count() == 1
    Download.objects.update(asked_at=FIRST_DAY.isoformat() + "T00:00:00Z")
    downloads.prune()
    assert not downloads.file_of(download).exists()
