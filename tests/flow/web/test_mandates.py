"""Single-matter mandates as both sides meet them: one matter, on paper too, over with it; a forged one opens nothing and is noted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from own_browser import number_of, own_browser
from place_examples import FIRST_DAY, SYSTEM, identity, person
from procrastinate.contrib.django.models import ProcrastinateJob
from reading_order import wrong_for_listeners
from web_examples import AID, PASSWORD, SmallCity

from linli.casework import acts as casework
from linli.casework.models import Case
from linli.casework.receipts import grouped
from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts
from linli.registers.models import Mandate, RefusedAttempt, Resident, ResidentAccount, Staff
from linli.trace.jobs import react
from linli.trace.queries import timeline

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def volunteer(small_city: SmallCity, db: None) -> Resident:
    return person("测试志愿者", identity=identity(male=False))


def _disputed(who: Resident) -> Case:
    own = Viewer(f"resident:{who.uid}", subject=str(who.uid), level="card")
    return casework.open_dispute(own, who.uid, "disability_level", "证上写的是二级")


def _clerk(login: str) -> Staff:
    clerk = acts.add_staff(SYSTEM, login=login, name="窗口员", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=clerk, role="clerk", area_code="140882", valid_from=FIRST_DAY)
    return clerk


def _at_window(clerk: Staff) -> Client:
    client = Client()
    client.post("/office/sign-in/", {"login": clerk.login, "password": PASSWORD})
    return client


def entrusted(who: Resident, volunteer: Resident, matter: str) -> Mandate:
    """Given on the page of whoever needs help."""
    form = {"matter": matter, "agent": "person", "name": volunteer.name, "number": number_of(volunteer)}
    answer = own_browser(who).post("/my/mandates/matter/", form)
    assert answer.status_code == 302, text(answer)
    return Mandate.objects.get(uid=answer["Location"].split("/")[-3])


def test_pages_with_several_mandates_are_told_apart_by_ear(small_city: SmallCity, volunteer: Resident):
    who = small_city.found
    own, theirs, window = own_browser(who), own_browser(volunteer), _at_window(_clerk("hears"))
    for matter in ("benefits", "visit"):
        given = own.post(
            "/my/mandates/matter/", {"matter": matter, "agent": "person", "name": volunteer.name, "number": number_of(volunteer)}
        )
        assert window.post(f"/window/people/{who.uid}/consent/", {"matter": matter, "evidence": "present"}).status_code == 302
    why = f"/my/found/{AID}/{who.uid}/"
    pages = [*((own, f"/my/{page}") for page in ("", "letters/", "letters/reach/", "readings/", "mandates/", "mandates/matter/", "visit/"))]
    pages += [(own, why), (own, f"{why}card/"), (own, "/my/wrong/disability_level/"), (own, given["Location"])]
    pages += [(theirs, "/my/"), (theirs, "/my/mandates/"), (theirs, "/my/letters/")]
    pages += [(window, f"/window/people/{who.uid}/{page}") for page in ("", "mandates/", "visit/", "wrong/sex/")]
    for client, page in pages:
        answer = client.get(page)
        assert (page, answer.status_code, wrong_for_listeners(text(answer))) == (page, 200, [])


def test_a_volunteer_gets_the_pages_of_the_matter_and_no_other(small_city: SmallCity, volunteer: Resident):
    who = small_city.found
    given = entrusted(who, volunteer, "benefits")
    client = own_browser(volunteer)
    assert "去办这件事" in text(client.get("/my/mandates/"))
    assert "去办这件事" in text(client.get("/my/"))
    assert client.get(f"/my/found/{AID}/{who.uid}/").status_code == 403
    assert client.post(f"/my/mandates/{given.uid}/act/")["Location"] == "/my/"
    home = text(client.get("/my/"))
    assert who.name in home
    assert "扶残助学圆梦工程" in home
    assert client.get(f"/my/found/{AID}/{who.uid}/").status_code == 200
    for page in ("visit/", "readings/", "letters/", "letters/reach/"):
        assert client.get(f"/my/{page}").status_code == 403
        assert f'"/my/{page}"' not in home
    client.post(f"/my/whom/{volunteer.uid}/")
    assert "您正在替" not in text(client.get("/my/"))
    assert client.get("/my/letters/").status_code == 200


def test_both_sides_are_told_and_the_form_names_them_and_the_matter(small_city: SmallCity, volunteer: Resident):
    given = entrusted(small_city.found, volunteer, "visit")
    for side, who in (("principal", small_city.found), ("agent", volunteer)):
        told = [fact for fact in timeline(f"resident:{who.uid}") if fact.type == "registers.mandate_granted"]
        assert told[-1].payload["side"] == side
    paper = text(own_browser(small_city.found).get(f"/my/mandates/{given.uid}/form/"))
    assert all(part in paper for part in ("授权委托书", small_city.found.name, volunteer.name, "申请上门服务", "委托人签字"))
    assert number_of(volunteer) not in paper
    assert own_browser(small_city.away).get(f"/my/mandates/{given.uid}/form/").status_code == 404


def test_a_mandate_for_a_case_ends_when_the_case_is_answered(small_city: SmallCity, volunteer: Resident):
    who = small_city.found
    case = _disputed(who)
    given = entrusted(who, volunteer, str(case))
    assert given.valid_to is None
    client = own_browser(volunteer)
    client.post(f"/my/mandates/{given.uid}/act/")
    assert grouped(case.receipt) in text(client.get("/my/"))
    assert "扶残助学圆梦工程" not in text(client.get("/my/"))
    casework.answer(Viewer(small_city.officer.actor, (Grant("officer"),)), case.uid, "kept", "证上写的就是这样")
    given.refresh_from_db()
    assert given.ended_at is not None
    ended = [fact for fact in timeline(f"resident:{who.uid}") if fact.type == "registers.mandate_ended"]
    assert ended[-1].payload["on_behalf_of"] is None
    assert who.name not in text(client.get("/my/"))


def test_an_errand_for_a_visit_ends_with_the_visit_and_only_for_that_person(small_city: SmallCity, volunteer: Resident):
    given, other = entrusted(small_city.found, volunteer, "visit"), entrusted(small_city.away, volunteer, "visit")
    client = own_browser(volunteer)
    client.post(f"/my/mandates/{given.uid}/act/")
    assert client.post("/my/visit/", {"key": "k", "whom": small_city.found.uid, "words": "下周三上午在家"}).status_code == 302
    case = Case.objects.get(kind="home_visit")
    assert case.on_behalf_of == f"resident:{small_city.found.uid}"
    casework.answer(SYSTEM, case.uid, "visited")
    given.refresh_from_db()
    other.refresh_from_db()
    assert (given.ended_at is None, other.ended_at is None) == (False, True)


def test_a_clerk_is_entrusted_by_work_number_and_finds_it_at_the_window(small_city: SmallCity):
    clerk = _clerk("w-107")
    form = {"matter": "benefits", "agent": "clerk", "name": clerk.name, "number": "w-107"}
    client = own_browser(small_city.found)
    for wrong in ({"number": "w-108"}, {"name": "别的名字"}, {"number": "officer", "name": small_city.officer.name}):
        assert "没有找到这样一位居民或工作人员" in text(client.post("/my/mandates/matter/", {**form, **wrong}))
    assert client.post("/my/mandates/matter/", form).status_code == 302
    window = _at_window(clerk)
    page = text(window.get("/window/"))
    assert "委托我办的事" in page
    assert small_city.found.name in page
    assert "扶残助学圆梦工程" in text(window.get(f"/window/people/{small_city.found.uid}/"))
    assert Mandate.objects.get().valid_to == clock.today() + timedelta(days=1)


def test_the_window_records_an_agent_prints_the_form_and_ends_it(small_city: SmallCity, volunteer: Resident):
    who, window = small_city.found, _at_window(_clerk("w-107"))
    blank = text(window.get(f"/window/people/{who.uid}/paper/visit/"))
    assert "授权委托书" in blank
    assert not Mandate.objects.exists()
    assert window.get(f"/window/people/{who.uid}/paper/anything/").status_code == 404
    form = {"kind": "single_matter", "matter": "visit", "name": volunteer.name, "identity": number_of(volunteer), "evidence": "paper"}
    paper = window.post(f"/window/people/{who.uid}/mandates/", form)["Location"]
    assert volunteer.name in text(window.get(paper))
    given = Mandate.objects.get()
    assert given.evidence == "持有本人签字的授权委托书"
    page = f"/window/people/{who.uid}/mandates/"
    assert volunteer.name in text(window.get(page))
    assert window.post(f"/window/people/{small_city.away.uid}/mandates/{given.uid}/end/").status_code == 404
    assert window.post(f"{page}{given.uid}/end/").status_code == 302
    assert volunteer.name not in text(window.get(page))


@pytest.mark.parametrize("forgery", ["somebody else's", "ended", "run out", "invented"])
def test_a_forged_proxy_is_refused_in_the_same_words_and_noted(forgery: str, small_city: SmallCity, volunteer: Resident):
    given = entrusted(small_city.found, volunteer, "benefits")
    who, uid = volunteer, given.uid
    if forgery == "somebody else's":
        who = small_city.undecided
    elif forgery == "ended":
        acts.end_mandate(SYSTEM, mandate=given)
    elif forgery == "run out":
        Mandate.objects.filter(pk=given.pk).update(valid_from=clock.today() - timedelta(days=40), valid_to=clock.today())
    else:
        uid = uuid4()
    client = own_browser(who)
    assert client.post(f"/my/mandates/{uid}/act/").status_code == 403
    assert "您正在替" not in text(client.get("/my/"))
    (note,) = RefusedAttempt.objects.all()
    assert (note.kind, note.actor, note.place) == ("mandates.not_in_force", f"resident:{who.uid}", "my:take_up")


def test_what_goes_beyond_the_mandate_is_refused_and_noted(small_city: SmallCity, volunteer: Resident):
    """Another matter, another person, and the end of a mandate between others."""
    given, foreign = entrusted(small_city.found, volunteer, "visit"), entrusted(small_city.away, small_city.undecided, "visit")
    client = own_browser(volunteer)
    client.post(f"/my/mandates/{given.uid}/act/")
    for page in (f"found/{AID}/{small_city.found.uid}/", f"found/{AID}/{small_city.away.uid}/", "wrong/sex/"):
        assert client.get(f"/my/{page}").status_code == 403
    assert client.post(f"/my/mandates/{foreign.uid}/end/").status_code == 403
    foreign.refresh_from_db()
    assert foreign.ended_at is None
    noted = set(RefusedAttempt.objects.values_list("kind", "place"))
    assert noted == {("mandates.other_matter", "my:why"), ("mandates.other_matter", "my:wrong"), ("mandates.not_yours", "my:end_mandate")}


def test_a_telephone_code_alone_takes_no_mandate_up_and_gives_none(small_city: SmallCity, volunteer: Resident):
    given = entrusted(small_city.found, volunteer, "benefits")
    client = own_browser(volunteer)
    ResidentAccount.objects.filter(resident=volunteer).update(level="phone")
    for answer in (
        client.post(f"/my/mandates/{given.uid}/act/"),
        client.get("/my/mandates/matter/"),
        client.get(f"/my/mandates/{given.uid}/form/"),
    ):
        assert answer.status_code == 403
        assert "核验身份证" in text(answer)


def test_a_minute_of_refusals_is_one_row(small_city: SmallCity, volunteer: Resident):
    client = own_browser(volunteer)
    with clock.frozen(clock.now().replace(second=1)):
        for _time in range(3):
            client.post(f"/my/mandates/{uuid4()}/act/")
    assert RefusedAttempt.objects.get().times == 3


def test_security_sees_what_was_refused(small_city: SmallCity, local_office: Client):
    local_office.get(f"/office/residents/{small_city.away.uid}/")
    watcher = acts.add_staff(SYSTEM, login="watcher", name="安全员", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=watcher, role="security", valid_from=FIRST_DAY)
    client = Client()
    client.post("/office/sign-in/", {"login": "watcher", "password": PASSWORD})
    page = text(client.get("/admin/security/"))
    assert "盐湖员" in page
    assert "查看授权范围以外的居民" in page


def test_a_letter_about_a_mandate_names_both_sides_the_matter_and_the_last_day(small_city: SmallCity, volunteer: Resident):
    given = entrusted(small_city.found, volunteer, "visit")
    for job in ProcrastinateJob.objects.filter(task_name=react.name, args__reaction="notices.write").order_by("id"):
        react(**job.args)
    assert given.valid_to is not None
    last = given.valid_to - timedelta(days=1)
    for who, title in ((small_city.found, "您授权了他人为您代办"), (volunteer, "您可以为他人代办了")):
        (letter,) = (part for part in text(own_browser(who).get("/my/letters/")).split("<article") if title in part)
        for words in (small_city.found.name, volunteer.name, "申请上门服务", "事情办完", f"{last.year}年{last.month}月{last.day}日"):
            assert words in letter.split("</article>")[0], words
    Mandate.objects.all().delete()
    assert volunteer.name not in text(own_browser(small_city.found).get("/my/letters/"))


def test_a_mandate_of_one_day_is_of_that_day_on_every_page(small_city: SmallCity):
    clerk = _clerk("w-107")
    form = {"matter": "benefits", "agent": "clerk", "name": clerk.name, "number": "w-107"}
    client, who = own_browser(small_city.found), small_city.found
    assert client.post("/my/mandates/matter/", form).status_code == 302
    window, today = _at_window(clerk), clock.today()
    said = f"{today.year}年{today.month}月{today.day}日"
    for page in (client.get("/my/mandates/"), window.get(f"/window/people/{who.uid}/"), window.get(f"/window/people/{who.uid}/mandates/")):
        assert f"{said} 当天有效" in text(page)
        assert f"{said} –" not in text(page)
