"""The city's figures: counted from what stands, each number with exactly its rows behind it, for each kind of viewer."""

from __future__ import annotations

import re
from typing import Any

import openpyxl
import pytest
from award_examples import ACCOUNT, COMMITTED, COUNTY
from case_examples import resident
from csvw_rules import faults
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from open_examples import many, rows
from place_examples import FIRST_DAY, SYSTEM, VILLAGE
from procrastinate.contrib.django.models import ProcrastinateJob
from reading_order import wrong_for_listeners
from web_examples import AID, PASSWORD, SmallCity, student

from linli.entitlements.acts import accept, apply
from linli.entitlements.acts.applying import Wanted
from linli.insight import counting, csvw, lifecycle, lists, opendata, queries
from linli.insight.jobs import count as count_job
from linli.insight.models import Count, Gap, ListFigure, TakeUp
from linli.insight.reactions import count_letters
from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.notices.facts import SENT
from linli.notices.models import Notice
from linli.registers import acts
from linli.registers.acts.records import record_holding
from linli.registers.lists import load_lists
from linli.registers.models import Area
from linli.screening import acts as screening
from linli.screening.facts import DETERMINED
from linli.screening.models import Determination, Run
from linli.trace import act
from linli.trace.deep import verify_rows
from linli.trace.models import Fact
from linli.web.models import Download
from linli.web.tables import downloads

pytestmark = pytest.mark.django_db
LINK = re.compile(
    r'<a href="(/(?:office/runs|city/programmes)/[^"]+'
    r'/(?:found|undecided|invited|uninvited|reached|taken|untaken)/[^"]*)"[^>]*>([\d,]+)<(?:/a|span)'
)
CITY = Viewer("staff:00000000-0000-7000-8000-0000000000c1", (Grant("officer"),))
PLANNER = Viewer("staff:00000000-0000-7000-8000-0000000000c2", (Grant("planner"),))
LOCAL = Viewer("staff:00000000-0000-7000-8000-0000000000c3", (Grant("officer", "140802", AID),))


@pytest.fixture
def counted(small_city: SmallCity) -> Count:
    """The figures of the small city."""
    return counting.count()


def staff(login: str, role: str, area: str = "") -> Client:
    who = acts.add_staff(SYSTEM, login=login, name=login, password=PASSWORD)
    acts.place_grant(SYSTEM, staff=who, role=role, area_code=area, valid_from=FIRST_DAY)
    client = Client()
    client.post("/office/sign-in/", {"login": login, "password": PASSWORD})
    return client


def text(page: Any) -> str:
    return re.sub(r"\s+", " ", page.content.decode())


def test_figures_are_what_stands(counted: Count):
    lines = {one.key: one for one in queries.by_programme(CITY)}
    assert (lines[AID].found, lines[AID].undecided, lines[AID].invited, lines[AID].taken) == (2, 1, 0, 0)
    assert [(one.key, one.found) for one in queries.by_county(CITY, AID)] == [("140802", 1), ("140882", 1)]
    for slug, one in lines.items():
        assert one.found == len(queries.people(CITY, slug, "untaken", limit=None)) + len(queries.people(CITY, slug, "taken", limit=None))
        assert one.invited == len(queries.people(CITY, slug, "invited", limit=None))
        assert one.found - one.invited == len(queries.people(CITY, slug, "uninvited", limit=None))
        assert one.reached == len(queries.people(CITY, slug, "reached", limit=None))


def test_a_letter_to_a_guardian_tells_the_child_whom_it_is_about(small_city: SmallCity, counted: Count):
    fact = Fact.objects.get(subject=f"resident:{small_city.found.uid}", type=DETERMINED.name)
    office = {"office_zh": "残联", "office_en": "federation", "phone": "12345"}
    for number, guardian in enumerate((small_city.away, small_city.undecided)):
        Notice.objects.create(
            code=f"AAAA000{number}", recipient=guardian.uid, template="screening-found", programme=AID, fact=fact.id, text_cipher="",
            written_at=clock.now(), **office,
        )  # fmt: skip
    counting.count()
    line = next(one for one in queries.by_programme(CITY) if one.key == AID)
    assert (line.found, line.invited, line.reached) == (2, 1, 0)
    assert [row.subject for row in queries.people(CITY, AID, "invited")] == [small_city.found.uid]
    assert [row.subject for row in queries.people(CITY, AID, "uninvited")] == [small_city.away.uid]


def test_who_has_the_benefit_is_taken_up_and_leaves_the_others(small_city: SmallCity, counted: Count):
    assert counted.recorded == []
    record_holding(SYSTEM, subject=small_city.found, programme_slug=AID, valid_from=FIRST_DAY)
    assert counting.count().recorded == [AID]
    assert next(one for one in queries.by_programme(CITY) if one.key == AID).taken == 1
    assert [row.subject for row in queries.people(CITY, AID, "taken")] == [small_city.found.uid]
    assert [row.subject for row in queries.people(CITY, AID, "untaken")] == [small_city.away.uid]


def test_who_got_it_on_papers_is_part_of_those_entitled(office: Client, small_city: SmallCity, counted: Count):
    record_holding(SYSTEM, subject=small_city.undecided, programme_slug=AID, valid_from=FIRST_DAY)
    counting.count()
    line = next(one for one in queries.by_programme(CITY) if one.key == AID)
    assert (line.found, line.entitled, line.taken, line.undecided) == (2, 3, 1, 1)
    assert [row.subject for row in queries.people(CITY, AID, "taken")] == [small_city.undecided.uid]
    assert len(queries.people(CITY, AID, "untaken")) == line.entitled - line.taken
    (way,) = [one for one in lifecycle.by_programme(CITY) if one.key == AID]
    assert (way.eligible, way.held) == (line.entitled, line.taken), "the same people on both pages"
    assert "/ 3 · 33.3%" in text(office.get("/city/"))


def test_take_up_of_what_was_never_screened_is_unknown_not_whole(office: Client, small_city: SmallCity):
    record_holding(SYSTEM, subject=small_city.found, programme_slug=AID, valid_from=FIRST_DAY)
    Determination.objects.filter(programme=AID).exclude(subject=small_city.found.uid).delete()
    Run.objects.filter(programme=AID).update(merged=False)  # as when one person's change had them looked at alone
    counting.count()
    for page in ("/city/", f"/city/programmes/{AID}/", "/city/way/", f"/city/way/{AID}/"):
        shown = text(office.get(page))
        assert "还没有匹配过，不知道该有多少人" in shown, page
        assert "100.0%" not in shown, page
    Run.objects.filter(programme=AID).update(merged=True)
    counting.count()
    assert "/ 1 · 100.0%" in text(office.get("/city/"))


def test_a_count_replaces_the_last_and_a_late_job_does_nothing(counted: Count):
    before = [list(model.objects.values_list().order_by("id")) for model in (TakeUp, Gap, ListFigure)]
    again = counting.count()
    after = [list(model.objects.values_list().order_by("id")) for model in (TakeUp, Gap, ListFigure)]
    assert [[row[1:] for row in rows] for rows in before] == [[row[1:] for row in rows] for rows in after]
    count_job(since=counted.made_at.isoformat())
    assert Count.objects.get().pk == again.pk
    count_job(since=clock.now().isoformat())
    assert Count.objects.get().pk != again.pk


def test_letters_that_go_out_have_the_figures_counted_once_within_the_minute(small_city: SmallCity, counted: Count):
    """Written, sent, sent: one job, due a minute later, that counts what went out since."""
    who = f"resident:{small_city.found.uid}"
    with act(Viewer("system:notices.deliver", all_seeing=True)) as current:
        current.record(SENT, subject=who, payload={"template": "screening-found", "channel": "sms"}, area="140802")
    sent = Fact.objects.filter(type=SENT.name).latest("id")
    asked = ProcrastinateJob.objects.filter(queueing_lock="insight.count_soon", status="todo")
    for _ in range(3):
        count_letters([sent])
    job = asked.get()
    assert job.scheduled_at > clock.now()
    count_job(**job.args)
    assert Count.objects.get().made_at > counted.made_at


def test_undecided_says_which_list_lacks_it_and_why(small_city: SmallCity, counted: Count):
    (want,) = [one for one in queries.lacking(CITY, programme=AID) if one.fact == "has_disability_certificate"]
    assert (want.list_slug, want.number) == ("disability-certificate", 1)
    assert want.reasons == (("never", ("140802",)),)
    assert queries.lacking(CITY, programme=AID, county="140882") == []


def test_a_viewer_sees_their_area_and_programme_only(counted: Count):
    assert [one.key for one in queries.by_programme(LOCAL)] == [AID]
    assert [one.key for one in queries.by_county(LOCAL, AID)] == ["140802"]
    assert [row.area_code[:6] for row in queries.people(LOCAL, AID, "untaken")] == ["140802"]
    village = Viewer("staff:x", (Grant("officer", VILLAGE),))
    with pytest.raises(queries.Refused):
        queries.by_programme(village)
    with pytest.raises(lists.Refused):
        lists.standings(LOCAL)


def test_a_number_opens_all_its_rows_or_none():
    both = Viewer("staff:x", (Grant("planner"), Grant("officer", "140802")))
    assert queries.opens(both, AID, "140802")
    assert not queries.opens(both, AID, "140882")
    assert not queries.opens(both, AID)
    assert not queries.opens(PLANNER, AID, "140802")
    street = Viewer("staff:x", (Grant("planner", "140802"), Grant("officer", "140802002")))
    assert not queries.opens(street, AID, "140802")
    assert queries.opens(Viewer("staff:x", (Grant("officer", "140802002"),)), AID, "140802")


def test_every_link_of_the_overview_opens_as_many_rows_as_its_number(office: Client, counted: Count):
    for address in ("/city/", f"/city/programmes/{AID}/", "/city/?county=140802"):
        page = text(office.get(address))
        links = LINK.findall(page)
        assert links, address
        assert wrong_for_listeners(page) == []
        for link, number in links:
            rows = office.get(link.replace("&amp;", "&")).content.decode().count("data-row")
            assert rows == int(number), link


def test_the_planner_sees_numbers_without_rows(small_city: SmallCity, counted: Count):
    client = staff("planning", "planner")
    said = text(client.get("/city/"))
    assert "没有链接的数字" in said
    assert "/office/runs/" not in said.split("<main")[1]
    assert client.get(f"/city/programmes/{AID}/untaken/").status_code == 403
    for page in ("/city/lists/", f"/city/programmes/{AID}/"):
        assert client.get(page).status_code == 200


def test_lists_show_their_age_by_word_and_the_worst_first(office: Client, counted: Count):
    said = text(office.get("/city/lists/"))
    assert "红灯 · 从未报送" in said
    assert "逐人核对，不整份报送" in said
    assert text(office.get("/city/lists/disability-certificate/")).count("红灯 · 从未报送") >= 3
    assert office.get("/city/lists/nothing/").status_code == 404


def test_counties_of_another_city_in_the_division_table_are_none_of_a_list(counted: Count):
    Area.objects.create(code="140105", name="小店区", level="county", valid_from=FIRST_DAY)
    assert {one.county for one in lists.standing(CITY, "disability-certificate").counties} == {"140802", "140826", "140882"}


def test_pages_cost_the_same_however_many_people_there_are(office: Client, small_city: SmallCity, counted: Count):
    pages = ("/city/", f"/city/programmes/{AID}/", f"/city/programmes/{AID}/untaken/", "/city/lists/")

    def cost() -> list[int]:
        found = []
        for page in pages:
            office.get(page)
            with CaptureQueriesContext(connection) as queries_made:
                assert office.get(page).status_code == 200
            found.append(len(queries_made))
        return found

    before = cost()
    for number in range(4):
        student(f"测试{number}", VILLAGE)
    screening.screen(viewer=SYSTEM, slugs=[AID])
    counting.count()
    assert cost() == before


@pytest.mark.parametrize("listing", ["city", "city-programme", "city-people", "city-lists", "city-rows"])
def test_every_table_is_a_spreadsheet(office: Client, counted: Count, listing: str):
    kind = {"city-people": "untaken", "city-rows": "doubtful"}.get(listing, "")
    slug = "disability-certificate" if listing == "city-rows" else AID
    answer = office.post(f"/city/export/{listing}/", {"slug": slug, "kind": kind, "county": ""})
    assert answer.status_code == 302
    made = Download.objects.latest("id")
    downloads.make(made.uid)
    made.refresh_from_db()
    assert made.state == "finished"
    sheet = openpyxl.load_workbook(downloads.file_of(made)).active
    lists = 1 + len(load_lists(settings.LINLI_CITY))
    assert sheet.max_row == {"city": 3, "city-programme": 3, "city-people": 3, "city-lists": lists, "city-rows": 1}[listing]


def test_an_unknown_table_or_place_is_no_page(office: Client, counted: Count):
    assert office.post("/city/export/nothing/").status_code == 404
    assert office.post("/city/export/city-people/", {"slug": AID, "kind": "nobody"}).status_code == 404
    assert office.get(f"/city/programmes/{AID}/nobody/").status_code == 404
    assert office.get("/city/programmes/none/").status_code == 404


def test_everybody_eligible_is_somewhere_on_the_way_and_on_a_page(office: Client, small_city: SmallCity):
    """One applies and is decided, the other was never told: each is listed with that reason, and nobody else is."""
    case = apply(resident(small_city.found), small_city.found.uid, Wanted(AID, account=ACCOUNT, committed=COMMITTED))
    accept(COUNTY, case.uid)
    counting.count()
    stands = {one.name: one.state for one in lifecycle.unpaid(CITY, AID)}
    assert stands == {small_city.found.name: "step", small_city.away.name: "uninvited"}
    (line,) = [one for one in lifecycle.by_programme(CITY) if one.key == AID]
    assert (line.eligible, line.applied, line.granted, line.paid, line.unpaid) == (2, 1, 0, 0, 2)
    assert [one.name for one in lifecycle.unpaid(LOCAL, AID)] == [small_city.found.name]
    for page in ("/city/way/", f"/city/way/{AID}/", f"/city/way/{AID}/unpaid/"):
        assert wrong_for_listeners(text(office.get(page))) == []
    assert office.get(f"/city/way/{AID}/unpaid/", {"state": "step"}).content.decode().count("data-row") == 1


def test_what_is_published_keeps_the_standard_and_small_counts_are_nobodys(client: Client, small_city: SmallCity):
    many(small_city, 8, "140826402")
    many(small_city, 6, "140882100201")
    published = opendata.publish()
    assert published is not None
    assert list(faults(published.table, published.metadata, csvw.TABLE)) == []
    said = {row["area"]: (row["eligible"], row["withheld"]) for row in rows(published) if row["programme"] == AID}
    # 盐湖区 has one, 绛县 eight, 河津市 seven, elsewhere is nobody: few and none look alike, and what is told is near.
    every = "eligible applied granted refused paid paid_yuan"
    assert said["140802"] == said["other"] == ("", every)
    assert {said[area][0] for area in ("140826", "140882")} <= {"5", "10"}
    assert int(said["1408"][0]) == int(said["140826"][0]) + int(said["140882"][0])
    assert [one for one in verify_rows() if "publication" in str(one.row)] == []
    page = client.get("/open-data/")
    assert wrong_for_listeners(page.content.decode()) == []
    table = client.get("/open-data/counts.csv")
    assert (table.content.decode(), table["Content-Type"]) == (published.table, "text/csv; charset=utf-8; header=present")
    assert client.get("/open-data/counts.csv-metadata.json").content.decode() == published.metadata
    assert client.get(f"/open-data/{published.uid}/counts.csv").content.decode() == published.table
    assert client.get(f"/open-data/{small_city.found.uid}/counts.csv").status_code == 404
    listed = client.get("/api/v1/open-data").json()["items"]
    assert [(one["digest"], one["rows"]) for one in listed] == [(published.digest, published.rows)]
