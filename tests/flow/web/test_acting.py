"""Acting for somebody else: never about the wrong person, never past the end of a mandate, and a ward's guardian is who consents."""

from __future__ import annotations

from datetime import timedelta
from importlib import resources
from typing import Any

import pytest
from django.test import Client
from own_browser import number_of, own_browser, slip_of
from place_examples import FIRST_DAY, SYSTEM, identity, person
from web_examples import AID, PASSWORD, SmallCity, born

from linli.casework import acts as casework
from linli.casework.models import Case
from linli.casework.queries import timeline, words_of
from linli.casework.withdrawing import may_withdraw, withdraw
from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.notices.models import Notice, Preference
from linli.notices.queries import INVITING
from linli.notices.reactions import write
from linli.notices.writing import templates
from linli.registers import acts
from linli.registers.models import Mandate, Resident, Staff
from linli.trace.models import Fact
from linli.web.case.cases import steps

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def window(small_city: SmallCity, db: None) -> Client:
    clerk = acts.add_staff(SYSTEM, login="acting-window", name="窗口员", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=clerk, role="clerk", area_code="140882", valid_from=FIRST_DAY)
    client = Client()
    client.post("/office/sign-in/", {"login": "acting-window", "password": PASSWORD})
    return client


@pytest.fixture
def daughter(small_city: SmallCity, db: None) -> Resident:
    """Acts for 测试甲 by a family mandate."""
    who = person("测试女儿", identity=identity(male=False))
    mother = Viewer(f"resident:{small_city.found.uid}", subject=str(small_city.found.uid), level="card")
    acts.grant_mandate(mother, principal=small_city.found, kind="family", agent=who, evidence="本人登录后授权")
    return who


@pytest.fixture
def child(small_city: SmallCity, db: None) -> Resident:
    return person("测试孩子", identity=identity(born(8)), birth_date=born(8))


@pytest.fixture
def father(child: Resident) -> Resident:
    who = person("测试父亲", identity=identity())
    acts.link_family(SYSTEM, resident=child, relative=who, relation="father", valid_from=FIRST_DAY)
    return who


def test_one_persons_consent_opens_nothing_under_anothers_name(window: Client, daughter: Resident, small_city: SmallCity):
    agreed, other = small_city.found, small_city.away
    assert window.post(f"/window/people/{agreed.uid}/consent/", {"matter": "benefits", "evidence": "present"}).status_code == 302
    for rest in ("", "card/"):
        assert window.get(f"/window/people/{agreed.uid}/found/{AID}/{agreed.uid}/{rest}").status_code == 200
        assert window.get(f"/window/people/{other.uid}/found/{AID}/{agreed.uid}/{rest}").status_code == 403
    window.post(f"/window/people/{other.uid}/consent/", {"matter": "benefits", "evidence": "present"})
    assert window.get(f"/window/people/{other.uid}/found/{AID}/{agreed.uid}/card/").status_code == 403
    assert own_browser(daughter).get(f"/my/found/{AID}/{agreed.uid}/card/").status_code == 403


def test_a_form_is_about_whom_it_was_filled_in_for_or_about_nobody(daughter: Resident, small_city: SmallCity):
    mother, client = small_city.found, own_browser(daughter)
    client.post(f"/my/whom/{mother.uid}/")
    assert f'name="whom" value="{mother.uid}"' in text(client.get("/my/visit/"))
    acts.end_mandate(SYSTEM, mandate=Mandate.objects.get())
    for page in ("visit/", "wrong/sex/"):
        answer = client.post(f"/my/{page}", {"key": "k1", "whom": mother.uid, "words": "请上门看看我妈"})
        assert answer.status_code == 409
        assert "没有提交" in text(answer)
        assert "请上门看看我妈" in text(answer)
    assert client.post("/my/letters/reach/", {"whom": mother.uid, "language": "en"}).status_code == 409
    assert not Case.objects.exists()
    assert not Preference.objects.exists()


def test_the_end_of_a_mandate_is_said_and_a_new_one_is_taken_up_by_choice(daughter: Resident, small_city: SmallCity):
    mother, client = small_city.found, own_browser(daughter)
    client.post(f"/my/whom/{mother.uid}/")
    acts.end_mandate(SYSTEM, mandate=Mandate.objects.get())
    assert "委托已经结束" in text(client.get("/my/visit/"))
    assert "委托已经结束" not in text(client.get("/my/visit/"))
    own = Viewer(f"resident:{mother.uid}", subject=str(mother.uid), level="card")
    acts.grant_mandate(own, principal=mother, kind="family", agent=daughter, evidence="本人登录后授权")
    assert "您正在替" not in text(client.get("/my/"))


def test_the_paper_of_a_mandate_that_is_over_says_so(daughter: Resident, small_city: SmallCity):
    given, client = Mandate.objects.get(), own_browser(daughter)
    address = f"/my/mandates/{given.uid}/form/"
    assert "不能再凭它办理" not in text(client.get(address))
    Mandate.objects.update(valid_from=clock.today() - timedelta(days=9), valid_to=clock.today())
    assert "已经失效，不能再凭它办理" in text(client.get(address))
    acts.end_mandate(SYSTEM, mandate=given)
    page = text(client.get(address))
    assert "终止，不能再凭它办理" in page
    assert "签字" not in page


def test_how_somebody_is_written_to_is_not_for_family_to_say(daughter: Resident, small_city: SmallCity):
    client = own_browser(daughter)
    client.post(f"/my/whom/{small_city.found.uid}/")
    assert client.get("/my/letters/reach/").status_code == 403
    sent = client.post("/my/letters/reach/", {"whom": small_city.found.uid, "language": "zh", "refused": ["sms"]})
    assert sent.status_code == 403
    assert "本人或监护人" in text(sent)
    assert not Preference.objects.exists()


def test_a_child_neither_consents_nor_grants_and_its_guardian_does(
    window: Client, child: Resident, father: Resident, small_city: SmallCity
):
    address, other = f"/window/people/{child.uid}/", small_city.away
    for form in ({}, {"guardian": number_of(other)}):
        refused = window.post(f"{address}consent/", {"matter": "benefits", "evidence": "present", **form})
        assert refused.status_code == 400
        assert "监护" in text(refused)
    stranger = {"name": other.name, "identity": number_of(other), "evidence": "present"}
    for kind in ({"kind": "family"}, {"kind": "guardian"}, {"kind": "single_matter", "matter": "visit"}):
        assert window.post(f"{address}mandates/", {**stranger, **kind}).status_code == 400
    assert not Mandate.objects.exists()
    agreed = {"matter": "benefits", "evidence": "present", "guardian": number_of(father)}
    assert window.post(f"{address}consent/", agreed).status_code == 302
    assert Mandate.objects.get().evidence == "监护人到场，当面同意"


def test_a_guardian_is_recorded_from_either_side_and_the_paper_is_no_mandate(window: Client, child: Resident, father: Resident):
    form = {"kind": "ward", "name": child.name, "identity": number_of(child), "evidence": "present"}
    answer = window.post(f"/window/people/{father.uid}/mandates/", form)
    paper = text(window.get(answer["Location"]))
    assert "监护关系记录" in paper
    assert "授权委托书" not in paper
    assert "委托人" not in paper
    assert f"到 {born(8).year + 18}年" in paper
    facts = list(Fact.objects.filter(type="registers.mandate_granted"))
    write(facts)
    assert list(Notice.objects.values_list("recipient", "template")) == [(father.uid, "mandate-received")]


def test_a_letter_about_a_ward_names_the_ward_as_long_as_the_register_does(child: Resident, father: Resident):
    casework.open_dispute(SYSTEM, child.uid, "disability_level", "应为二级")
    write(list(Fact.objects.filter(subject=f"resident:{child.uid}", type="casework.case_opened")))
    assert Notice.objects.get().recipient == father.uid
    client = own_browser(father)
    page = text(client.get("/my/letters/"))
    assert f"<dt>您监护的人</dt><dd>{child.name}</dd>" in page
    acts.erase_resident(SYSTEM, resident=child, reason="测试")
    assert "您监护的人" not in text(client.get("/my/letters/"))


def test_a_guardian_who_was_written_to_counts_as_invited():
    """The letter about a ward has words of its own; the city's figures count it like any other."""
    for template in ("screening-found", "screening-found-for-ward", "screening-lost-for-ward"):
        assert template in {one.slug for one in templates()}
    assert set(INVITING) == {one.slug for one in templates() if one.when.get("change") == "found"}
    assert all(f"'{slug}'" in (resources.files("linli.insight") / "sql" / "take_up.sql").read_text() for slug in INVITING)


def test_whoever_a_case_is_about_sees_who_asked_and_takes_it_back(daughter: Resident, small_city: SmallCity):
    mother = small_city.found
    agent = Viewer(f"resident:{daughter.uid}", subject=str(daughter.uid), acts_for=(str(mother.uid),), level="card")
    case = casework.open_dispute(agent, mother.uid, "disability_level", "应为二级")
    client = own_browser(mother)
    own = {"key": "mine", "whom": mother.uid, "words": "我觉得没有错"}
    again = text(client.post("/my/wrong/disability_level/", own))
    assert "我觉得没有错" in again
    assert f"/my/cases/{case.uid}/" in again
    assert f"由 {daughter.name} 提出" in text(client.get("/my/"))
    assert daughter.name in text(client.get(f"/my/cases/{case.uid}/"))
    assert [one.who for one in steps(case, timeline(case))] == [f"代办人 {daughter.name}"]
    stranger = own_browser(small_city.away)
    assert stranger.post(f"/my/cases/{case.uid}/", {"withdraw": "1"}).status_code == 404
    assert "本人撤回" in text(client.post(f"/my/cases/{case.uid}/", {"withdraw": "1"}, follow=True))
    case.refresh_from_db()
    assert (case.status, case.outcome) == ("closed", "withdrawn")


def test_a_guardian_takes_back_what_was_asked_at_a_window_and_not_what_an_office_asked_for(
    window: Client, child: Resident, father: Resident
):
    guardian = Viewer(f"resident:{father.uid}", subject=str(father.uid), acts_for=(str(child.uid),), level="card")
    neighbour = acts.add_staff(SYSTEM, login="acting-steward", name="楼长", password=PASSWORD)
    for asked_by, takes in ((neighbour, False), (Staff.objects.get(login="acting-window"), True)):
        case = casework.open_home_visit(Viewer(f"staff:{asked_by.uid}", (Grant("steward"), Grant("clerk"))), child.uid, "请来看看孩子")
        assert may_withdraw(guardian, case) is takes
        assert ("opened" in words_of(guardian, case)) is takes
        own = Viewer(f"resident:{child.uid}", subject=str(child.uid), level="phone")
        assert may_withdraw(own, case)
        withdraw(guardian if takes else own, case.uid)


def test_a_slip_is_typed_with_the_number_on_one_form_as_often_as_it_takes(small_city: SmallCity):
    who = small_city.found
    code, client = slip_of(who), Client()
    for _again in range(3):
        page = client.post("/my/sign-in/", {"contact": number_of(who)})
        assert page.status_code == 200
        assert 'name="code"' in text(page)
    assert client.post("/my/sign-in/code/", {"contact": number_of(who), "code": code})["Location"] == "/my/"


def test_what_is_left_out_is_named(small_city: SmallCity):
    page = text(own_browser(small_city.found).post("/my/mandates/matter/", {"name": ""}))
    assert "对方姓名：这个字段是必填项" in page
