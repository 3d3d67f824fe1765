"""Rows left to a human: found from the inbox, seen beside the people they may mean, settled one by one or several alike."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.test import Client
from import_examples import HEADERS, LIST, apply, confirm_columns, file, neighbours, row, send
from own_browser import number_of
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity
from web_examples import PASSWORD, SmallCity, born

from linli.registers import acts
from linli.registers.models import Doubtful, ListImport, Organisation, Record, Resident
from linli.trace.models import Fact
from linli.vault.models import Access

pytestmark = pytest.mark.django_db


def text(page: Any) -> str:
    return str(page.content.decode())


@pytest.fixture
def people(small_city: SmallCity, db: None) -> list[Resident]:
    return neighbours(4)


@pytest.fixture
def doubts(office: Client, people: list[Resident]) -> list[Doubtful]:
    """A delivery in which two numbers stand under other names, one person twice, and one cell is wrong."""
    headers = (*HEADERS, "行政区划代码")
    rows = [[*row(who, "肢体", "二级"), VILLAGE] for who in people]
    rows[0][1], rows[1][1] = "另名甲", "另名乙"
    rows[3][3] = "九级"
    rows.append([*row(people[2], "视力", "一级"), VILLAGE])
    apply(office, confirm_columns(office, send(office, file(rows, headers), whole="")), leave="1")
    return list(Doubtful.objects.order_by("row"))


def page_of(doubt: Doubtful) -> str:
    return f"/office/imports/doubts/{doubt.uid}/"


def on_list(who: Resident) -> bool:
    return Record.objects.filter(resident=who, list_slug=LIST, present=True, known_to__isnull=True).exists()


def test_the_inbox_leads_to_the_rows_and_a_row_stands_beside_its_person(office: Client, doubts: list[Doubtful], people: list[Resident]):
    delivery = ListImport.objects.get()
    address = f"/office/imports/deliveries/{delivery.uid}/doubts/"
    assert address in text(office.get("/office/inbox/"))
    listing = text(office.get(address))
    assert [one.reason for one in doubts] == ["name_differs", "name_differs", "duplicate_rows", "cell_error", "duplicate_rows"]
    assert all(page_of(one) in listing for one in doubts)
    assert page_of(doubts[0]) not in text(office.get(address, {"reason": "cell_error"}))
    page = text(office.get(page_of(doubts[0])))
    for wanted in ("另名甲", "邻居0", "•••", "已登记，未显示"):
        assert wanted in page
    assert "肢体" not in page


def test_what_is_masked_is_shown_for_a_purpose_and_recorded_for_the_person(office: Client, doubts: list[Doubtful], people: list[Resident]):
    before = Access.objects.filter(subject=people[0].uid, purpose="registers.match").count()
    page = text(office.post(page_of(doubts[0]), {"verb": "full"}))
    assert "肢体" in page
    number = number_of(people[0])
    assert number[-4:] in page
    assert number not in page
    fields = {field for one in Access.objects.filter(subject=people[0].uid, purpose="registers.match")[before:] for field in one.fields}
    assert {"identity", "list_fact"} <= fields


def test_the_same_person_another_person_and_the_department(office: Client, doubts: list[Doubtful], people: list[Resident]):
    following = office.post(page_of(doubts[0]), {"verb": "same", "resident": str(people[0].uid)})
    assert following["Location"] == page_of(doubts[1])
    assert on_list(people[0])
    assert office.get(page_of(doubts[0])).status_code == 404
    office.post(page_of(doubts[1]), {"verb": "dismiss"})
    assert not on_list(people[1])
    for _again in range(2):
        office.post(page_of(doubts[2]), {"verb": "ask"})
    assert Fact.objects.filter(type="registers.department_asked").count() == 1
    delivery = ListImport.objects.get()
    asked = text(office.get(page_of(doubts[2])))
    assert "已请部门核实" in asked
    assert "还剩 5 个工作日" in asked
    sheet = office.post(f"/office/imports/deliveries/{delivery.uid}/doubts/questions/")
    rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(sheet.streaming_content))).active.iter_rows(min_row=2, values_only=True))
    assert [line[0] for line in rows] == [doubts[2].row]


def test_a_question_waits_in_the_inbox_of_the_lists_owner_until_it_is_settled(office: Client, doubts: list[Doubtful]):
    page = text(office.get(page_of(doubts[1])))
    assert "进入运城市残疾人联合会的待办，5 个工作日内" in page
    assert "?asked=1" not in text(office.get("/office/inbox/?kind=list_question"))
    office.post(page_of(doubts[1]), {"verb": "ask"})
    shown = {}
    for login, name in (("own", "盐湖区残疾人联合会"), ("other", "盐湖区教育局")):
        who = acts.add_staff(SYSTEM, login=login, name="测试岗", password=PASSWORD)
        who.organisation = Organisation.objects.create(kind="department", name=name, area_code="140802")
        who.save()
        acts.place_grant(SYSTEM, staff=who, role="officer", area_code="1408", valid_from=FIRST_DAY)
        client = Client()
        client.post("/office/sign-in/", {"login": login, "password": PASSWORD})
        inbox = text(client.get("/office/inbox/?kind=list_question"))
        shown[login] = "?asked=1" in inbox and "1 行" in inbox
        if shown[login]:
            listing = text(client.get(f"/office/imports/deliveries/{doubts[1].list_import.uid}/doubts/?asked=1"))
            assert page_of(doubts[1]) in listing
            assert page_of(doubts[0]) not in listing
            client.post(page_of(doubts[1]), {"verb": "dismiss"})
            assert "?asked=1" not in text(client.get("/office/inbox/?kind=list_question"))
    assert shown == {"own": True, "other": False}


def test_a_resident_who_is_no_candidate_cannot_be_slipped_in(office: Client, doubts: list[Doubtful], people: list[Resident]):
    assert office.post(page_of(doubts[0]), {"verb": "same", "resident": str(people[3].uid)}).status_code == 404
    assert not on_list(people[3])
    refused = office.post(page_of(doubts[3]), {"verb": "same", "resident": str(people[3].uid)})
    assert "有错误单元格" in text(refused)
    assert not on_list(people[3])


def test_several_are_settled_alike_after_a_preview(office: Client, doubts: list[Doubtful], people: list[Resident]):
    address = f"/office/imports/deliveries/{ListImport.objects.get().uid}/doubts/several/"
    chosen = {"verb": "same", "doubt": [str(doubts[0].uid), str(doubts[1].uid), str(doubts[3].uid), "nonsense"]}
    preview = text(office.post(address, chosen))
    assert "将办理以下 3 行" in preview
    assert not on_list(people[0])
    done = text(office.post(address, {**chosen, "confirm": "1"}))
    assert done.count("已办") == 2
    assert "该行有错误单元格" in done
    assert on_list(people[0])
    assert on_list(people[1])
    assert "没有选择要办的行" in text(office.post(address, {**chosen, "confirm": "1", "doubt": [str(doubts[0].uid)]}))


def test_somebody_who_is_not_registered_yet_is_registered_with_their_card(
    office: Client, doubts: list[Doubtful], people: list[Resident], small_city: SmallCity
):
    assert "还没有登记" not in text(office.get(page_of(doubts[0])))  # registering is a clerk's
    acts.place_grant(SYSTEM, staff=small_city.officer, role="clerk", area_code="1408", valid_from=FIRST_DAY)
    assert "还没有登记" in text(office.get(page_of(doubts[0])))
    wrong = office.post(page_of(doubts[0]), {"verb": "new", "identity": "99"})
    assert wrong.status_code == 400
    assert "身份证号码应为18位" in text(wrong)
    assert office.post(page_of(doubts[0]), {"verb": "new", "identity": number_of(people[0])}).status_code == 400
    new = identity(born(50))
    office.post(page_of(doubts[0]), {"verb": "new", "identity": new})
    assert on_list(Resident.objects.get(name="另名甲"))


def test_a_page_asks_the_same_number_of_questions_for_any_number_of_rows(
    office: Client, doubts: list[Doubtful], django_assert_max_num_queries: Any
):
    with django_assert_max_num_queries(20):
        office.get(f"/office/imports/deliveries/{ListImport.objects.get().uid}/doubts/")
    with django_assert_max_num_queries(30):
        office.get(page_of(doubts[0]))


def test_the_citys_list_of_doubtful_rows_opens_each_for_those_who_may_settle_it(
    office: Client, doubts: list[Doubtful], small_city: SmallCity
):
    links = [f'href="{page_of(doubt)}"' for doubt in doubts if doubt.reason != "cell_error"]
    page = text(office.get(f"/city/lists/{LIST}/doubtful/"))
    assert links
    assert all(link in page for link in links)
    auditing = acts.add_staff(SYSTEM, login="auditor", name="审计员", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=auditing, role="auditor", area_code="", valid_from=FIRST_DAY)
    auditor = Client()
    auditor.post("/office/sign-in/", {"login": "auditor", "password": PASSWORD})
    seen = text(auditor.get(f"/city/lists/{LIST}/doubtful/"))
    assert doubts[0].list_import.file_name in seen
    assert not any(link in seen for link in links)


def test_a_row_that_may_mean_somebody_who_moved_away_is_shown_at_the_citys_desk_only(
    office: Client, doubts: list[Doubtful], people: list[Resident]
):
    """Another county's officer's delivery stays theirs; the person does not."""
    county = acts.add_staff(SYSTEM, login="county", name="测试岗", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=county, role="officer", area_code="140802", valid_from=FIRST_DAY)
    ListImport.objects.update(area_code="140802")
    narrow = Client()
    narrow.post("/office/sign-in/", {"login": "county", "password": PASSWORD})
    delivery = f"/office/imports/deliveries/{ListImport.objects.get().uid}/"
    assert "邻居0" in text(narrow.get(page_of(doubts[0])))
    acts.record_situation(SYSTEM, resident=people[0], kind="registered", area_code="140882100201", valid_from=FIRST_DAY)
    for answer in (narrow.get(page_of(doubts[0])), narrow.post(page_of(doubts[0]), {"verb": "full"})):
        assert answer.status_code == 404
    several = {"verb": "same", "doubt": [str(doubts[0].uid)], "confirm": "1"}
    pages = [
        narrow.get(delivery),
        narrow.get(f"{delivery}doubts/"),
        narrow.get(f"/city/lists/{LIST}/doubtful/"),
        narrow.get("/office/inbox/"),
    ]
    pages.append(narrow.post(f"{delivery}doubts/several/", several))
    assert not any(page_of(doubts[0]) in text(page) or "邻居0" in text(page) for page in pages)
    assert "另有 1 行可能是您范围以外的人" in text(pages[0])
    assert not on_list(people[0])
    assert "邻居0" in text(office.get(page_of(doubts[0])))
