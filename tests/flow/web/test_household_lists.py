"""A screening whose subjects are households: its lists, counts, filters, exports and explanations on the officers' pages."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import openpyxl
import pytest
from django.test import Client
from own_browser import own_browser
from place_examples import FIRST_DAY, GROUP, SYSTEM, VILLAGE, identity, person
from web_examples import ALLOWANCE, PASSWORD, SmallCity, born, officer

from linli.kernel import clock
from linli.registers import acts
from linli.registers.acts.records import record_authorisation, record_change
from linli.registers.models import Household, Resident
from linli.screening import acts as screening
from linli.screening import queries
from linli.screening.models import Run

pytestmark = pytest.mark.django_db
THERE = "140882100201"


@dataclass(frozen=True)
class Homes:
    """poor (盐湖区, two members) and far (河津市) are eligible, open has a member whose income nobody asked; run found them."""

    poor: Household
    far: Household
    open: Household
    run: Run


def asked(who: Resident, income: int) -> None:
    """The household's economic check has an answer for this person, who is not in extreme hardship. income: fen a month."""
    record_authorisation(SYSTEM, resident=who, list_slug="economic-check", valid_from=FIRST_DAY, evidence="sha256:paper")
    data = {"monthly_income": income, "assets": 0}
    record_change(SYSTEM, subject=who, list_slug="economic-check", valid_from=FIRST_DAY, data=data)
    record_change(SYSTEM, subject=who, list_slug="extreme-hardship", valid_from=FIRST_DAY, present=False)


def home(village: str, *members: tuple[str, str]) -> tuple[Household, list[Resident]]:
    """A household of new people by name and role, registered and living there."""
    building = GROUP if village == THERE else VILLAGE
    lives = [acts.Lives("registered", village, FIRST_DAY), acts.Lives("lives", building, FIRST_DAY)]
    people = [person(name, identity=identity(born(40)), situations=lives) for name, _role in members]
    roles = [(who, role) for who, (_name, role) in zip(people, members, strict=True)]
    return acts.form_household(SYSTEM, kind="shared_living", area_code=village, members=roles, valid_from=FIRST_DAY), people


@pytest.fixture
def homes(small_city: SmallCity, db: None) -> Homes:
    """The three households, and the screening of the allowance after them."""
    poor, (head, spouse) = home(VILLAGE, ("户主甲", "head"), ("配偶甲", "spouse"))
    far, (alone,) = home(THERE, ("户主乙", "head"))
    unasked, (known, _unknown) = home(VILLAGE, ("户主丙", "head"), ("子女丙", "child"))
    for who in (head, spouse, alone, known):
        asked(who, 10_000)
    (run,) = screening.screen(viewer=SYSTEM, slugs=[ALLOWANCE])
    return Homes(poor, far, unasked, run)


def text(response) -> str:
    return response.content.decode()


def address(run: Run, kind: str) -> str:
    return f"/office/runs/{run.uid}/{kind}/"


def rows_of(response) -> list[tuple]:
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    return list(book.active.iter_rows(values_only=True))[1:]


def test_households_are_listed_by_their_heads_with_their_county_and_amount(office: Client, homes: Homes):
    found = text(office.get(address(homes.run, "found")))
    for wanted in ("户主甲", "户主乙", "盐湖区", "河津市", "1,180 元", "590 元"):
        assert wanted in found
    assert "配偶甲" not in found
    assert "户主丙" not in found
    assert "户主甲" in text(office.get(address(homes.run, "newly-found")))


def test_an_undecided_household_says_what_is_missing_of_its_members(office: Client, homes: Homes):
    page = address(homes.run, "undecided")
    assert "户主丙" in text(office.get(page, {"missing": "household.monthly_income", "county": "140802"}))
    assert "家庭成员的月收入" in text(office.get(page))
    assert "户主丙" not in text(office.get(page, {"county": "140882"}))


def test_counts_are_of_households_not_of_people(office: Client, homes: Homes):
    counts = {row.code: row for row in queries.counts_by_county(SYSTEM, homes.run)}
    assert (counts["140802"].eligible, counts["140802"].amount_fen) == (1, 118_000)
    assert (counts["140882"].eligible, counts["140882"].newly_found) == (1, 1)
    assert "1,770 元" in text(office.get(f"/office/runs/{homes.run.uid}/"))


def test_an_export_of_households_has_a_row_each_and_nobodys_numbers(office: Client, homes: Homes):
    rows = {row[1]: row for row in rows_of(office.post(address(homes.run, "found") + "export/"))}
    assert set(rows) == {"户主甲", "户主乙"}
    assert rows["户主甲"][0] == str(homes.poor.uid)
    assert (rows["户主甲"][3], rows["户主甲"][4], rows["户主甲"][5]) == ("盐湖区", "符合条件", 1180)
    narrowed = rows_of(office.post(address(homes.run, "found") + "export/", {"county": "140882"}))
    assert [row[1] for row in narrowed] == ["户主乙"]
    with_numbers = rows_of(office.post(address(homes.run, "found") + "export/", {"sensitive": "1"}))
    assert [row[9:] for row in with_numbers] == [(None, None)] * 2
    undecided = {row[1]: row for row in rows_of(office.post(address(homes.run, "undecided") + "export/"))}
    assert "家庭成员的月收入" in undecided["户主丙"][6]


def test_an_officer_of_one_county_sees_its_households_only(client: Client, homes: Homes):
    officer("households", "河津员", area_code="140882", programme=ALLOWANCE)
    client.post("/office/sign-in/", {"login": "households", "password": PASSWORD})
    found = text(client.get(address(homes.run, "found")))
    assert "户主乙" in found
    assert "户主甲" not in found
    assert [row[1] for row in rows_of(client.post(address(homes.run, "found") + "export/"))] == ["户主乙"]
    assert client.get(f"/office/runs/{homes.run.uid}/subjects/{homes.poor.uid}/").status_code == 403


def test_a_later_run_leaves_the_earlier_ones_list_of_households_as_it_was(office: Client, homes: Homes):
    rich = Resident.objects.get(name="户主乙")
    data = {"monthly_income": 900_000, "assets": 0}
    record_change(SYSTEM, subject=rich, list_slug="economic-check", valid_from=clock.today(), data=data)
    (later,) = screening.screen(viewer=SYSTEM, slugs=[ALLOWANCE])
    assert "户主乙" in text(office.get(address(homes.run, "found")))
    assert "户主乙" not in text(office.get(address(later, "found")))
    lost = text(office.get(address(later, "newly-lost")))
    assert "户主乙" in lost
    assert "家庭成员的月收入：100.00 元" in lost


def test_the_explanation_of_a_household_names_its_members(office: Client, homes: Homes):
    page = text(office.get(f"/office/runs/{homes.run.uid}/subjects/{homes.poor.uid}/"))
    for wanted in ("户主甲一家", "配偶甲", "1,180 元"):
        assert wanted in page


def said_of(page: str, name: str) -> list[str]:
    """What the explanation says of one member: a text for each fact, without markup."""
    entries = re.findall(rf'<li><span class="soft">{name}</span>(.*?)</li>', page, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", entry)) for entry in entries]


def test_each_member_has_the_list_that_says_so_and_since_when(office: Client, homes: Homes):
    said = said_of(text(office.get(f"/office/runs/{homes.run.uid}/subjects/{homes.poor.uid}/")), "配偶甲")
    income = next(one for one in said if "100.00 元" in one or "100 元" in one)
    for wanted in ("家庭经济状况核对", "自 ", "入库"):
        assert wanted in income


def test_what_nobody_knows_of_a_member_names_the_list_and_why_it_is_silent(office: Client, homes: Homes):
    page = f"/office/runs/{homes.run.uid}/subjects/{homes.open.uid}/"
    before = said_of(text(office.get(page)), "子女丙")
    assert any("不清楚" in one and "家庭经济状况核对" in one and "还没有授权" in one for one in before)
    child = Resident.objects.get(name="子女丙")
    record_authorisation(SYSTEM, resident=child, list_slug="economic-check", valid_from=FIRST_DAY, evidence="sha256:paper")
    after = said_of(text(office.get(page)), "子女丙")
    assert any("不清楚" in one and "要经本人授权逐人核对" in one for one in after)
    assert not any("还没有授权" in one for one in after)
    assert any("不清楚" in one and "这份名单从未报送" in one for one in after)


def test_a_member_reads_their_own_facts_and_disputes_them_but_nobody_elses(homes: Homes):
    alone, head = (Resident.objects.get(name=name) for name in ("户主乙", "户主甲"))
    page = text(own_browser(alone).get(f"/my/found/{ALLOWANCE}/{homes.far.uid}/"))
    for wanted in ("100.00 元", "这条不对", "/my/wrong/monthly_income/"):
        assert wanted in page
    assert "家人的登记信息" not in page
    page = text(own_browser(head).get(f"/my/found/{ALLOWANCE}/{homes.poor.uid}/"))
    assert "也看了家人的登记信息" in page
    assert page.count("/my/wrong/monthly_income/") == 1


def test_the_officers_page_of_a_member_has_what_the_household_may_have(office: Client, homes: Homes):
    poor = Resident.objects.get(name="配偶甲")
    page = text(office.get(f"/office/residents/{poor.uid}/"))
    assert f"/office/runs/{homes.run.uid}/subjects/{homes.poor.uid}/" in page
    undecided = Resident.objects.get(name="子女丙")
    assert "不清楚：家庭成员的月收入" in text(office.get(f"/office/residents/{undecided.uid}/"))


def test_who_is_on_the_recipients_list_is_told_that_they_have_it_already(homes: Homes):
    alone = Resident.objects.get(name="户主乙")
    browser = own_browser(alone)
    assert "名单上已在享受" not in text(browser.get("/my/"))
    data = {"subsistence_category": "rural"}
    record_change(SYSTEM, subject=alone, list_slug="subsistence-allowance", valid_from=FIRST_DAY, data=data)
    page = text(browser.get("/my/"))
    for wanted in ("名单上已在享受", "最低生活保障名单", "现在还没有为您找到的政策"):
        assert wanted in page
    record_change(SYSTEM, subject=alone, list_slug="subsistence-allowance", valid_from=FIRST_DAY, present=False)
    assert "名单上已在享受" not in text(browser.get("/my/"))
