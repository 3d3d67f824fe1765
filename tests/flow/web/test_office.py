"""The officers' portal: signing in, what a grant shows, why someone was found, exports, and a fixed number of queries a page."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from place_examples import FIRST_DAY, SYSTEM, VILLAGE
from web_examples import AID, PASSWORD, SmallCity, certify, student

from linli import vault
from linli.kernel import clock
from linli.registers import acts as registers
from linli.registers.acts.records import end_record
from linli.registers.models import Household, Resident
from linli.screening import acts as screening
from linli.screening.models import Determination, Run
from linli.web.entrance import signin
from linli.web.models import FailedSignIn

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


def address(run, kind: str = "", subject=None) -> str:
    tail = f"subjects/{subject.uid}/" if subject else f"{kind}/" if kind else ""
    return f"/office/runs/{run.uid}/{tail}"


def test_every_page_of_the_office_asks_to_sign_in_first(small_city: SmallCity, client: Client):
    for page in ("/office/", address(small_city.run), address(small_city.run, "found"), address(small_city.run, "", small_city.found)):
        response = client.get(page)
        assert response.status_code == 302
        assert response["Location"].startswith("/office/sign-in/?next=")


def test_an_unknown_login_and_a_wrong_password_look_alike(small_city: SmallCity, client: Client):
    pages = []
    for name in ("officer", "nobody1"):
        response = client.post("/office/sign-in/", {"login": name, "password": "no"})
        assert response.status_code == 403
        pages.append(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text(response)).replace(name, "…"))
    assert pages[0] == pages[1]
    assert "登录名或密码不对" in pages[0]


def test_after_five_failures_even_the_right_password_waits(small_city: SmallCity, client: Client):
    for _attempt in range(signin.PER_LOGIN):
        client.post("/office/sign-in/", {"login": "officer", "password": "no"})
    refused = client.post("/office/sign-in/", {"login": " OFFICER ", "password": PASSWORD})
    assert refused.status_code == 429
    FailedSignIn.objects.update(at=clock.now() - signin.WINDOW - timedelta(seconds=1))
    assert client.post("/office/sign-in/", {"login": "officer", "password": PASSWORD}).status_code == 302


def test_signing_in_never_leads_to_another_site(small_city: SmallCity, client: Client):
    response = client.post("/office/sign-in/", {"login": "officer", "password": PASSWORD, "next": "https://elsewhere.example/"})
    assert response["Location"] == "/office/"


def test_forms_of_the_office_need_their_token(small_city: SmallCity):
    client = Client(enforce_csrf_checks=True)
    response = client.post("/office/sign-in/", {"login": "officer", "password": PASSWORD})
    assert response.status_code == 403
    assert "页面已过期" in text(response)


def test_the_officer_sees_screenings_counties_and_people(office: Client, small_city: SmallCity):
    assert "扶残助学圆梦工程" in text(office.get("/office/"))
    overview = text(office.get(address(small_city.run)))
    assert "盐湖区" in overview
    assert "河津市" in overview
    assert "10,000 元" in overview
    assert "aria-sort" not in overview
    sorted_by = text(office.get(address(small_city.run), {"sort": "undecided"}))
    assert re.findall(r'aria-sort="(\w+)"><a class="table-sort" href="\?sort=(\w+)"', sorted_by) == [("descending", "undecided")]
    found = text(office.get(address(small_city.run, "found")))
    assert "测试甲" in found
    assert "测试乙" in found
    assert "测试丙" not in found
    assert "测试甲" in text(office.get(address(small_city.run, "newly-found")))


def test_counties_have_english_names_with_the_chinese_beside_them_for_officers(office: Client, small_city: SmallCity):
    office.cookies["linli_language"] = "en"
    overview = text(office.get(address(small_city.run)))
    assert "Yanhu District" in overview
    assert re.search("Hejin City \\(county-level\\) <span lang=.zh-CN.>河津市</span>", overview)
    found = text(office.get(address(small_city.run, "found")))
    assert re.search("<option [^>]*>Yanhu District 盐湖区</option>", found)
    assert "Yanhu District <span" in found
    rows = rows_of(office.post(address(small_city.run, "found") + "export/"))
    assert {row[3] for row in rows[1:]} == {"Yanhu District 盐湖区", "Hejin City (county-level) 河津市"}
    assert "Yuncheng" in text(office.get(address(small_city.run, "", small_city.found)))


def test_the_undecided_are_narrowed_by_what_is_missing(office: Client, small_city: SmallCity):
    page = address(small_city.run, "undecided")
    assert "测试丙" in text(office.get(page, {"missing": "has_disability_certificate"}))
    assert "测试丙" not in text(office.get(page, {"missing": "student_level"}))
    assert "测试丙" not in text(office.get(page, {"county": "140882"}))


def test_a_grant_for_one_county_and_programme_hides_everything_else(local_office: Client, small_city: SmallCity):
    front = text(local_office.get("/office/"))
    assert "最低生活保障" not in front
    assert re.findall(r"/found/\W*(\d+)", front) == ["1"]  # of the two whom the run found in the city
    assert local_office.get(address(small_city.household_run)).status_code == 404
    found = text(local_office.get(address(small_city.run, "found")))
    assert "测试甲" in found
    assert "测试乙" not in found
    overview = text(local_office.get(address(small_city.run)))
    assert "河津市" not in overview
    assert "5,000 元" in overview
    assert local_office.get(address(small_city.run, "", small_city.away)).status_code == 403


def rows_of(response) -> list[tuple]:
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    return list(book.active.iter_rows(values_only=True))


def test_an_export_is_limited_by_the_grant_on_the_server(local_office: Client, small_city: SmallCity):
    rows = rows_of(local_office.post(address(small_city.run, "found") + "export/", {"county": "140882"}))
    assert len(rows) == 1
    rows = rows_of(local_office.post(address(small_city.run, "found") + "export/"))
    assert [row[1] for row in rows[1:]] == ["测试甲"]
    assert rows[1][5] == 5000


def test_an_export_with_numbers_is_recorded_for_every_person(office: Client, small_city: SmallCity):
    before = vault.accesses_of(small_city.away.uid).count()
    rows = rows_of(office.post(address(small_city.run, "found") + "export/", {"sensitive": "1"}))
    assert all(len(row[9]) == 18 for row in rows[1:])
    accesses = vault.accesses_of(small_city.away.uid)
    assert accesses.count() == before + 1
    assert accesses.latest("id").purpose == "screening.export"


def test_an_explanation_names_each_condition_its_facts_and_what_says_so(office: Client, small_city: SmallCity):
    page = text(office.get(address(small_city.run, "", small_city.found)))
    for wanted in ("测试甲", "5,000 元", "户籍在运城市", "本科", "学籍", "运城市教育局", "自 2023年6月30日", "满足"):
        assert wanted in page
    open_page = text(office.get(address(small_city.run, "", small_city.undecided)))
    assert "补上这些信息就能确定" in open_page


def test_numbers_are_masked_until_asked_for_and_every_look_is_recorded(office: Client, small_city: SmallCity):
    page = text(office.get(address(small_city.run, "", small_city.found)))
    assert "9900**********" in page
    assert "12500000000" not in page
    full = text(office.post(address(small_city.run, "", small_city.found)))
    assert "12500000000" in full
    recorded = vault.accesses_of(small_city.found.uid)
    assert {row.purpose for row in recorded} == {"screening.explain"}
    assert {row.actor for row in recorded} == {small_city.officer.actor}
    assert [row.fields for row in recorded if "identity" in row.fields] == [["identity", "phone"], ["identity"]]
    assert [row.fields for row in recorded if "identity" not in row.fields] == [["list_fact"], ["list_fact"]]


def screened_again(city: SmallCity, *certified: Resident) -> Run:
    """A second screening, after these people came onto the list of certificates."""
    for who in certified:
        certify(who)
    (run,) = screening.screen(viewer=SYSTEM, slugs=[AID])
    return run


def test_the_newly_found_say_which_fact_made_the_difference_in_both_languages(office: Client, small_city: SmallCity):
    assert "这是第一次匹配" in text(office.get(address(small_city.run, "newly-found")))
    run = screened_again(small_city, small_city.undecided)
    page = text(office.get(address(run, "newly-found")))
    assert "测试丙" in page
    assert re.search("持有残疾人证：不清楚 .*→.*变为.* 是", page)
    office.cookies["linli_language"] = "en"
    english = text(office.get(address(run, "newly-found")))
    assert re.search("holds a disability certificate: Not known .*→.*became.* yes", english)


def test_the_newly_lost_say_it_too_and_the_queries_do_not_grow_with_them(
    office: Client, small_city: SmallCity, django_assert_num_queries: Any
):
    others = [student(f"测试{index}", VILLAGE) for index in range(6)]
    run = screened_again(small_city, others[0])
    page = address(run, "newly-found")
    office.get(page)
    with CaptureQueriesContext(connection) as queries:
        assert text(office.get(page)).count("→") == 1
    for who in others:
        end_record(SYSTEM, subject=who, list_slug="disability-certificate", on=clock.today())
    last = screened_again(small_city, *others[1:])
    with_readings = len(queries) + 1  # whose sensitive fact was shown is recorded in one statement
    with django_assert_num_queries(with_readings):
        assert text(office.get(address(last, "newly-found"))).count("→") >= 5
    with django_assert_num_queries(with_readings):
        assert "持有残疾人证：是" in text(office.get(address(last, "newly-lost")))
    assert len(queries) <= 24


def more_people(city: SmallCity, number: int) -> None:
    Determination.objects.bulk_create(
        Determination(
            programme=AID,
            subject=uuid4(),
            subject_kind="person",
            area_code="140802002001",
            verdict="eligible",
            amount_fen=100,
            as_of=city.run.as_of,
            run=city.run,
            since=clock.now(),
        )
        for _each in range(number)
    )


def test_a_long_list_is_walked_page_by_page_without_a_gap_or_a_repeat(office: Client, small_city: SmallCity):
    more_people(small_city, 120)
    seen, page = [], address(small_city.run, "found")
    while page:
        content = text(office.get(page))
        seen += [part.split("/")[0] for part in content.split("/subjects/")[1:]]
        onward = content.split('rel="next"')[0].rsplit('href="', 1)[-1].split('"')[0] if 'rel="next"' in content else ""
        page = address(small_city.run, "found") + onward if onward else ""
    assert len(seen) == len(set(seen)) == 122


def test_the_number_of_queries_does_not_grow_with_the_rows(office: Client, small_city: SmallCity, django_assert_num_queries):
    pages = ["/office/", address(small_city.run), address(small_city.run, "found"), address(small_city.run, "undecided")]
    counted = []
    for page in pages:
        office.get(page)
        with CaptureQueriesContext(connection) as queries:
            office.get(page)
        counted.append(len(queries))
    assert max(counted) <= 12
    more_people(small_city, 45)
    for page, number in zip(pages, counted, strict=True):
        with django_assert_num_queries(number):
            office.get(page)


def explained(office: Client, run: Run, subject: Any) -> int:
    """How many queries the page of one explanation takes, once everything that is read once a process has been read."""
    page = f"/office/runs/{run.uid}/subjects/{subject.uid}/"
    assert office.get(page).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        assert office.get(page).status_code == 200
    return len(queries)


def test_the_queries_of_an_explanation_do_not_grow_with_the_household_the_family_or_the_rule(office: Client, small_city: SmallCity):
    child, parent = small_city.undecided, student("测试父", VILLAGE)
    home = Household.objects.get(members__resident=child, kind="shared_living")
    small = explained(office, small_city.run, child), explained(office, small_city.household_run, home)
    for number, role in enumerate(("spouse", "child", "child", "parent", "grandchild", "other")):
        other = student(f"测试员{number}", VILLAGE)
        registers.change_member(SYSTEM, household=home, resident=other, role=role, on=clock.today())
        registers.link_family(SYSTEM, resident=child, relative=other, relation="sibling", valid_from=FIRST_DAY)
        certify(other)
    registers.link_family(SYSTEM, resident=child, relative=parent, relation="father", valid_from=FIRST_DAY)
    large = explained(office, small_city.run, child), explained(office, small_city.household_run, home)
    assert large == small
    runs = screening.screen(viewer=SYSTEM, slugs=["elder-pairing", "child-rehabilitation-aid", "hard-to-employ", "home-adaptation"])
    of_rules = [explained(office, run, child) for run in runs]
    assert max(*of_rules, *large) <= 14


def test_signing_out_ends_the_session(office: Client, small_city: SmallCity):
    office.post("/office/sign-out/")
    assert office.get("/office/").status_code == 302


def test_the_newly_found_say_in_the_spreadsheet_too_what_made_the_difference(office: Client, small_city: SmallCity):
    certify(small_city.undecided)
    (run,) = screening.screen(viewer=SYSTEM, slugs=[AID])
    rows = rows_of(office.post(address(run, "newly-found") + "export/", {"sensitive": "1"}))
    assert rows[0][9:] == ("变化的原因", "身份证号", "电话")
    assert [(row[1], len(row[10])) for row in rows[1:]] == [("测试丙", 18)]
    assert "持有残疾人证：不清楚 → 是" in rows[1][9]
    assert "变化的原因" not in rows_of(office.post(address(run, "found") + "export/"))[0]
