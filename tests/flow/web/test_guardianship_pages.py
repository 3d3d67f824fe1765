"""A guardianship on paper as people meet it: at the window, in the county's inbox, on both sides' pages; and what a ward gave before."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from own_browser import WINDOW, number_of, own_browser
from place_examples import FIRST_DAY, SYSTEM, identity, person
from web_examples import PASSWORD, SmallCity

from linli.casework import acts as casework
from linli.casework.guardianships import open_guardianship
from linli.casework.models import Case
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.registers import acts
from linli.registers.acts.guardianships import Paper
from linli.registers.matters import BENEFITS
from linli.registers.models import Guardianship, Mandate, Resident, ResidentAccount
from linli.registers.queries.accounts import covers, errand_of, errands_of, viewer_of_resident

pytestmark = pytest.mark.django_db
SHOWN = Paper("appointment", "测居监〔2025〕3号", "测试社区居民委员会", date(2025, 3, 1), date(2025, 3, 1))
PAGE = {
    "side": "ward", "document": "appointment", "number": SHOWN.number, "organ": SHOWN.organ, "key": "k1",
    **{f"{field}_{part}": value for field in ("issued_on", "valid_from") for part, value in enumerate((2025, 3, 1))},
}  # fmt: skip


def text(response: Any) -> str:
    return str(response.content.decode())


def staff(login: str, role: str, area: str) -> Client:
    one = acts.add_staff(SYSTEM, login=login, name=f"测试{login}", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=one, role=role, area_code=area, valid_from=FIRST_DAY)
    client = Client()
    client.post("/office/sign-in/", {"login": login, "password": PASSWORD})
    return client


@pytest.fixture
def guardian(small_city: SmallCity, db: None) -> Resident:
    return person("测试监护人", identity=identity())


def guarded(ward: Resident, guardian: Resident) -> Case:
    case = open_guardianship(WINDOW, ward=ward, guardian=guardian, paper=SHOWN)
    return casework.answer(SYSTEM, case.uid, "confirmed")


def own(who: Resident) -> Viewer:
    acts.check_card(WINDOW, resident=who, identity=number_of(who))
    return viewer_of_resident(ResidentAccount.objects.get(resident=who))


def test_from_the_window_to_the_countys_confirmation_and_its_end(small_city: SmallCity, guardian: Resident):
    ward = small_city.found
    window, county = staff("窗口", "clerk", "140882"), staff("县里", "officer", "140802")
    address = f"/window/people/{ward.uid}/guardianship/"
    assert "凭判决书等文件登记" in text(window.get(f"/window/people/{ward.uid}/mandates/"))
    assert window.get(address).status_code == 200
    wrong = {**PAGE, "name": guardian.name, "identity": number_of(small_city.away)}
    assert window.post(address, wrong).status_code == 400
    form = {**PAGE, "name": guardian.name, "identity": number_of(guardian)}
    for _twice in range(2):
        page = text(window.post(address, form, follow=True))
    assert "确认以前没有效力" in page
    assert "等待县（市、区）确认" in page
    assert SHOWN.number not in page
    case = Case.objects.get()
    hers, theirs = own_browser(guardian), own_browser(ward)
    for client, name in ((hers, ward.name), (theirs, guardian.name)):
        page = text(client.get("/my/mandates/"))
        assert "等待县（市、区）确认" in page
        assert name in page
    assert hers.post(f"/my/whom/{ward.uid}/").status_code in (302, 403)
    assert "您正在替" not in text(hers.get("/my/"))
    assert "监护登记确认" in text(county.get("/office/inbox/"))
    page = text(county.get(f"/office/cases/{case.uid}/"))
    assert SHOWN.number in page
    assert SHOWN.organ in page
    answered = county.post(f"/office/cases/{case.uid}/", {"outcome": "confirmed", "words": "", "version": case.version, "key": "a1"})
    assert answered.status_code == 302
    hers.post(f"/my/whom/{ward.uid}/")
    assert "您正在替" in text(hers.get("/my/"))
    paper = Guardianship.objects.get()
    end = f"/office/guardianships/{paper.uid}/"
    assert end in text(county.get(f"/office/residents/{ward.uid}/"))
    assert staff("邻县", "officer", "140882").get(end).status_code == 403
    assert county.post(end, {"reasons": ""}).status_code == 400
    assert "已经撤销" in text(county.post(end, {"reasons": "判决已撤销监护人资格"}, follow=True))
    assert "您正在替" not in text(hers.get("/my/"))
    for client in (hers, theirs):
        assert "判决已撤销监护人资格" in text(client.get("/my/mandates/"))


def test_the_paper_of_the_record_names_what_was_shown(small_city: SmallCity, guardian: Resident):
    guarded(small_city.found, guardian)
    made = Mandate.objects.get()
    page = text(own_browser(guardian).get(f"/my/mandates/{made.uid}/form/"))
    assert f"指定监护决定 {SHOWN.number}" in page


@pytest.fixture
def given(small_city: SmallCity, guardian: Resident) -> tuple[Resident, Resident, Mandate, Mandate]:
    """(ward, agent, family mandate, single-matter mandate), all given before there was a guardian."""
    ward, agent = small_city.found, person("测试侄女", identity=identity(male=False))
    viewer = own(ward)
    lasting = acts.grant_mandate(viewer, principal=ward, kind="family", agent=agent, evidence="本人登录后授权")
    single = acts.grant_mandate(viewer, principal=ward, kind="single_matter", agent=agent, matter=BENEFITS, evidence="本人登录后委托")
    return ward, agent, lasting, single


def opened(agent: Resident, ward: Resident, single: Mandate) -> tuple[bool, bool, bool, bool]:
    viewer = own(agent)
    try:
        errand_of(viewer, single.uid)
        taken = True
    except Refused:
        taken = False
    return viewer.acts_for_resident(ward.uid), covers(viewer, ward, BENEFITS), bool(errands_of(viewer)), taken


def test_what_a_ward_gave_before_opens_nothing_until_the_guardian_agrees(
    guardian: Resident, given: tuple[Resident, Resident, Mandate, Mandate]
):
    ward, agent, lasting, single = given
    assert opened(agent, ward, single) == (True, True, True, True)
    guarded(ward, guardian)
    assert opened(agent, ward, single) == (False, False, False, False)
    with pytest.raises(LinliError):
        acts.agree_mandate(own(ward), mandate=lasting, guardian=ward)
    with pytest.raises(LinliError):
        acts.agree_mandate(own(agent), mandate=lasting, guardian=agent)
    with pytest.raises(LinliError):
        acts.agree_mandate(own(agent), mandate=lasting, guardian=guardian)
    acts.agree_mandate(own(guardian), mandate=single, guardian=guardian)
    assert opened(agent, ward, single) == (False, True, True, True)
    acts.agree_mandate(own(guardian), mandate=lasting, guardian=guardian)
    assert opened(agent, ward, single) == (True, True, True, True)


def test_a_minors_old_mandate_rests_too_and_opens_nothing(small_city: SmallCity, given: tuple[Resident, Resident, Mandate, Mandate]):
    ward, agent, _lasting, single = given
    Resident.objects.filter(pk=ward.pk).update(birth_date=date(2020, 1, 1))
    assert opened(agent, ward, single) == (False, False, False, False)


def test_guardian_and_agent_see_that_it_rests_and_the_guardian_decides(
    guardian: Resident, given: tuple[Resident, Resident, Mandate, Mandate]
):
    ward, agent, lasting, single = given
    guarded(ward, guardian)
    hers, theirs = own_browser(guardian), own_browser(agent)
    rests = "等监护人同意，现在不能凭它办理"
    assert rests in text(theirs.get("/my/mandates/"))
    page = text(hers.get("/my/mandates/"))
    assert "我监护的人请谁代办" in page
    assert agent.name in page
    assert theirs.post(f"/my/mandates/{lasting.uid}/agree/").status_code != 302 or not _agreed(lasting)
    assert hers.post(f"/my/mandates/{lasting.uid}/agree/").status_code == 302
    assert hers.post(f"/my/mandates/{single.uid}/end/").status_code == 302
    assert _agreed(lasting)
    single.refresh_from_db()
    assert single.ended_at is not None
    assert rests not in text(theirs.get("/my/mandates/"))


def test_at_a_window_the_guardian_agrees_by_their_card(guardian: Resident, given: tuple[Resident, Resident, Mandate, Mandate]):
    ward, agent, lasting, _single = given
    guarded(ward, guardian)
    window = staff("窗口", "clerk", "140882")
    address = f"/window/people/{ward.uid}/mandates/{lasting.uid}/agree/"
    assert address in text(window.get(f"/window/people/{ward.uid}/mandates/"))
    for other in (agent, ward):
        assert window.post(address, {"guardian": number_of(other)}).status_code == 409
        assert not _agreed(lasting)
    assert window.post(address, {"guardian": number_of(guardian)}).status_code == 302
    assert _agreed(lasting)


def _agreed(mandate: Mandate) -> bool:
    mandate.refresh_from_db()
    return mandate.agreed_by_id is not None


def test_no_paper_is_read_by_its_number_alone(small_city: SmallCity, office: Client):
    assert office.get(f"/office/guardianships/{UUID(int=7)}/").status_code == 403


def test_the_pages_take_as_many_queries_for_three_wards_as_for_one(small_city: SmallCity, guardian: Resident):
    window, hers = staff("窗口", "clerk", "140882"), own_browser(guardian)
    addresses = ((hers, "/my/mandates/"), (window, f"/window/people/{guardian.uid}/mandates/"))
    taken = []
    for ward in (small_city.found, small_city.away, small_city.undecided):
        acts.grant_mandate(
            own(ward), principal=ward, kind="family", agent=person("测试亲戚", identity=identity()), evidence="本人登录后授权"
        )
        guarded(ward, guardian)
        taken.append([])
        for client, address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            taken[-1].append(len(queries))
    assert taken[0] == taken[1] == taken[2]
