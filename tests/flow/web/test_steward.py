"""The steward's pages: whom they show, what a call's form does with and without the device's queue, what the device may keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from place_examples import BUILDING, FIRST_DAY, OTHER_BUILDING, SYSTEM, VILLAGE, person
from web_examples import PASSWORD, SmallCity

from linli.casework import acts as cases
from linli.casework.models import Case, Survey, Visit
from linli.casework.visits import queries
from linli.casework.visits.rules import visit_rules
from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.registers import acts
from linli.registers.models import Resident
from linli.web.office import queued

pytestmark = pytest.mark.django_db


def elder(name: str = "测试独居", lives: str = BUILDING) -> Resident:
    """Somebody of eighty who lives alone in a building."""
    at = [acts.Lives("registered", VILLAGE, FIRST_DAY), acts.Lives("lives", lives, FIRST_DAY)]
    who = person(name, birth_date=date(clock.today().year - 81, 1, 5), situations=at)
    acts.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(who, "head")], valid_from=FIRST_DAY)
    return who


def signed_in(login: str, area: str) -> Client:
    staff = acts.add_staff(SYSTEM, login=login, name="测试管家", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=staff, role="steward", area_code=area, valid_from=FIRST_DAY)
    client = Client()
    client.post("/office/sign-in/", {"login": login, "password": PASSWORD})
    return client


@pytest.fixture
def steward(small_city: SmallCity, db: None) -> Client:
    """The steward of one building."""
    return signed_in("guanjia", BUILDING)


def text(response: Any) -> str:
    return str(response.content.decode())


def page_of(who: Resident) -> str:
    return f"/steward/people/{who.uid}/"


def form(outcome: str = "visited", **more: Any) -> dict[str, Any]:
    return {"outcome": outcome, "words": "", "key": str(uuid7()), "case": "", **more}


def headers(client: Client, ago: timedelta = timedelta(0), owner: str = "") -> dict[str, str]:
    """What the script says with a kept form, on a device whose clock is years behind."""
    sent = 1_000_000_000_000
    mine = owner or client.get("/steward/queue/").json()["owner"]
    return {queued.OWNER: mine, queued.SENT: str(sent), queued.FILLED_IN: str(sent - int(ago.total_seconds() * 1000))}


def test_whoever_signs_in_as_steward_sees_today_and_the_device_may_keep_it(steward: Client):
    who = elder()
    response = steward.get("/steward/")
    assert "测试独居" in text(response)
    assert response.headers[queued.KEEP] == steward.get("/steward/queue/").json()["owner"]
    assert queued.KEEP in steward.get(page_of(who)).headers
    for page in ("places/", f"places/{BUILDING}/", "lacking/"):
        assert queued.KEEP in steward.get(f"/steward/{page}").headers
    assert queued.KEEP not in steward.post(f"/steward/places/{BUILDING}/", {"q": "独居"}).headers


def test_a_call_without_scripts_is_recorded_and_leads_back(steward: Client):
    who = elder()
    response = steward.post(page_of(who), form("not_home"), follow=True)
    assert response.redirect_chain == [("/steward/", 302)]
    assert "已记录：测试独居" in text(response)
    assert Visit.objects.get().outcome == "not_home"


def test_what_is_missing_is_said_beside_its_field(steward: Client):
    who = elder()
    response = steward.post(page_of(who), form("needs_help"))
    assert response.status_code == 400
    assert "请写明需要什么帮助" in text(response)
    assert not Visit.objects.exists()


def test_a_kept_form_is_answered_in_json_and_once(steward: Client):
    who, told = elder(), form()
    first, again = (steward.post(page_of(who), told, headers=headers(steward)) for _ in range(2))
    assert first.json() == again.json() == {"state": "done", "address": "/steward/"}
    assert Visit.objects.count() == 1


def test_the_devices_clock_may_be_wrong_by_years(steward: Client):
    who = elder()
    steward.post(page_of(who), form(), headers=headers(steward, timedelta(hours=3)))
    visit = Visit.objects.get()
    assert timedelta(hours=3) <= visit.recorded_at - visit.occurred_at < timedelta(hours=3, minutes=1)


@pytest.mark.parametrize("ago", [timedelta(days=8), timedelta(hours=-1)])
def test_too_old_a_form_and_one_from_the_future_are_refused_with_words(steward: Client, ago: timedelta):
    answer = steward.post(page_of(elder()), form(), headers=headers(steward, ago))
    assert answer.status_code == 409
    assert answer.json()["state"] == "refused"
    assert answer.json()["words"]
    assert answer.json()["remedy"]
    assert not Visit.objects.exists()


def test_a_kept_form_of_somebody_else_or_of_nobody_is_not_taken(steward: Client):
    who = elder()
    mine = headers(steward)
    colleague = signed_in("tongshi", f"{VILLAGE}G001")
    other = colleague.post(page_of(who), form(), headers=mine)
    assert (other.status_code, other.json()["state"]) == (409, "other_owner")
    nobody = Client().post(page_of(who), form(), headers=mine)
    assert (nobody.status_code, nobody.json()["state"]) == (401, "signed_out")
    assert not Visit.objects.exists()
    assert Client().get("/steward/queue/").status_code == 401


def test_a_request_closed_meanwhile_is_refused_with_the_next_step(steward: Client, small_city: SmallCity):
    who = small_city.found
    own = Viewer(f"resident:{who.uid}", subject=str(who.uid), level="phone")
    case = cases.open_home_visit(own, who.uid, "想问问残疾补贴")
    assert "想问问残疾补贴" in text(steward.get(page_of(who)))
    cases.answer(SYSTEM, case.uid, "visited")
    answer = steward.post(page_of(who), form(case=str(case.uid)), headers=headers(steward)).json()
    assert answer["state"] == "refused"
    assert "其他人办结" in answer["words"]
    assert "另记一次走访" in answer["remedy"]


def test_a_visit_that_was_asked_for_is_closed_with_what_the_resident_says_of_it(steward: Client, small_city: SmallCity):
    who = small_city.found
    own = Viewer(f"resident:{who.uid}", subject=str(who.uid), level="phone")
    case = cases.open_home_visit(own, who.uid)
    assert "您满意吗" in text(steward.get(page_of(who)))
    steward.post(page_of(who), form(case=str(case.uid), score="4"))
    assert Case.objects.get(pk=case.pk).outcome == "visited"
    survey = Survey.objects.get(case=case)
    assert (survey.score, survey.answered_by.partition(":")[0]) == (4, "staff")


def test_a_visit_for_a_neighbour_is_asked_for_once_also_from_a_grid(small_city: SmallCity, db: None):
    who, worker = elder(), signed_in("wangge", f"{VILLAGE}G001")
    assert who.name in text(worker.get(f"/steward/places/{BUILDING}/"))
    told = {"person": str(who.uid), "words": "腿摔伤了", "key": str(uuid7())}
    first, again = (worker.post("/steward/ask/", told, headers=headers(worker)).json() for _ in range(2))
    assert first == again == {"state": "done", "address": page_of(who)}
    case = Case.objects.get(kind="home_visit")
    assert (case.subject_uid, case.on_behalf_of, case.task.area_code) == (who.uid, f"resident:{who.uid}", BUILDING)
    door = text(worker.get(page_of(who)))
    assert "有人代请上门" in door
    assert "腿摔伤了" in door
    other = worker.post("/steward/ask/", told | {"key": str(uuid7())}, headers=headers(worker)).json()
    assert (other["state"], "正在办理" in other["words"]) == ("refused", True)
    assert "请选择谁家" in text(worker.post("/steward/ask/", {"person": "", "key": str(uuid7())}))


def test_nobody_asks_for_a_visit_outside_their_area(steward: Client, small_city: SmallCity):
    neighbour = elder("测试邻楼", OTHER_BUILDING)
    told = {"person": str(neighbour.uid), "key": str(uuid7())}
    assert steward.post("/steward/ask/", told).status_code == 403
    assert steward.post("/steward/ask/", told, headers=headers(steward)).json()["state"] == "refused"
    assert not Case.objects.exists()


def test_help_that_is_needed_is_the_townships_to_answer(steward: Client, office: Client):
    who = elder()
    steward.post(page_of(who), form("needs_help", words="屋顶漏水"))
    case = Case.objects.get(kind="help_needed")
    assert "需要帮助" in text(office.get("/office/inbox/?kind=help_needed"))
    page = text(office.get(f"/office/cases/{case.uid}/"))
    assert "屋顶漏水" in page
    assert "发现的情况" in page
    assert "居民怎么说" not in page
    told = {"outcome": "helped", "words": "已联系维修队", "version": case.version, "key": "one"}
    assert office.post(f"/office/cases/{case.uid}/", told).status_code == 302
    assert Case.objects.get(pk=case.pk).outcome == "helped"


def test_stewards_start_with_their_rounds(small_city: SmallCity, db: None):
    staff = acts.add_staff(SYSTEM, login="guanjia", name="测试管家", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=staff, role="steward", area_code=BUILDING, valid_from=FIRST_DAY)
    assert Client().post("/office/sign-in/", {"login": "guanjia", "password": PASSWORD})["Location"] == "/steward/"


def test_people_and_places_of_others_are_not_there(steward: Client, small_city: SmallCity):
    neighbour = elder("测试邻楼", OTHER_BUILDING)
    assert steward.get(page_of(neighbour)).status_code == 403
    assert steward.get(page_of(small_city.away)).status_code == 403
    assert steward.get(f"/steward/places/{OTHER_BUILDING}/").status_code == 403
    assert steward.get("/steward/places/nonsense/").status_code == 404
    assert "测试邻楼" not in text(steward.get("/steward/"))


def test_no_page_shows_a_number_or_an_address(steward: Client, small_city: SmallCity):
    for page in ("", "places/", f"places/{BUILDING}/", f"places/{BUILDING}/?part=loose", f"people/{small_city.found.uid}/", "lacking/"):
        shown = text(steward.get(f"/steward/{page}"))
        assert "12500000000" not in shown
        assert "990000" not in shown


def test_a_grid_worker_reads_what_was_asked_in_their_grid(small_city: SmallCity, db: None):
    who = small_city.found
    cases.open_home_visit(Viewer(f"resident:{who.uid}", subject=str(who.uid), level="phone"), who.uid, "想问问残疾补贴")
    worker = signed_in("wangge", f"{VILLAGE}G001")
    assert "测试甲" in text(worker.get("/steward/"))
    assert "想问问残疾补贴" in text(worker.get(page_of(who)))
    assert worker.get(f"/steward/places/{BUILDING}/").status_code == 200


def test_nobody_calls_on_the_dead(steward: Client):
    who = elder()
    acts.record_death(SYSTEM, resident=who, deceased_on=clock.today())
    page = steward.get(page_of(who))
    assert page.status_code == 404
    assert "已经去世" in text(page)
    assert steward.post(page_of(who), form(), headers=headers(steward)).json()["state"] == "refused"
    assert "测试独居" not in text(steward.get("/steward/"))


def test_places_lead_to_homes_by_householder(steward: Client):
    elder()
    assert "幸福小区1号楼" in text(steward.get("/steward/places/"))
    assert "测试独居" in text(steward.post(f"/steward/places/{BUILDING}/", {"q": "独居"}))
    assert "没有找到" in text(steward.post(f"/steward/places/{BUILDING}/", {"q": "某某"}))


def test_a_wide_grant_is_narrowed_level_by_level(small_city: SmallCity, db: None, monkeypatch: pytest.MonkeyPatch):
    wide = signed_in("xian", "140802")
    assert "?area=140802002" in text(wide.get("/steward/places/"))
    assert "幸福小区1号楼" in text(wide.get(f"/steward/places/?area={VILLAGE}"))
    assert wide.get("/steward/places/?area=140882").status_code == 403
    for broken in ("14080200100", f"{VILLAGE}B", f"{VILLAGE}G01", f"{BUILDING}x", "140802%"):
        assert wide.get("/steward/places/", {"area": broken}).status_code == 404, broken
    elder()
    assert "测试独居" in text(wide.get("/steward/"))
    monkeypatch.setattr(queries, "visit_rules", lambda: replace(visit_rules(), daily=1))
    assert "每天轮 1 个" in text(wide.get("/steward/"))


def test_each_page_takes_the_same_number_of_queries_however_many_there_are(steward: Client):
    first = elder()
    pages = ("/steward/", "/steward/places/", f"/steward/places/{BUILDING}/", page_of(first), "/steward/lacking/")

    def counted() -> list[int]:
        numbers = []
        for page in pages:
            with CaptureQueriesContext(connection) as captured:
                assert steward.get(page).status_code == 200
            numbers.append(len(captured))
        return numbers

    counted()
    few = counted()
    for number in range(5):
        elder(f"测试独居{number}")
    assert counted() == few
    assert max(few) <= 24
