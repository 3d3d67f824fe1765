"""The window: any county's person is found or registered, acted for with consent only, and gets what they were told on paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from own_browser import number_of
from place_examples import BUILDING, FIRST_DAY, SYSTEM, VILLAGE, identity, person
from web_examples import AID, PASSWORD, SmallCity, born, certify

from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts
from linli.registers.models import Resident, ResidentAccount, Staff
from linli.registers.queries.residents import residents
from linli.screening import acts as screening
from linli.trace.queries import timeline
from linli.web.programme.shelf import shelf

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def window(small_city: SmallCity, db: None) -> Client:
    """A browser in which a clerk of 河津市 has signed in; the people of the small city are mostly registered elsewhere."""
    clerk = acts.add_staff(SYSTEM, login="window", name="窗口员", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=clerk, role="clerk", area_code="140882", valid_from=FIRST_DAY)
    client = Client()
    client.post("/office/sign-in/", {"login": "window", "password": PASSWORD})
    return client


def agreed(window: Client, who: Resident, matter: str = "benefits") -> None:
    assert window.post(f"/window/people/{who.uid}/consent/", {"matter": matter, "evidence": "present"}).status_code == 302


def test_the_window_is_for_clerks(small_city: SmallCity, office: Client):
    for page in ("", "register/", "lacking/", f"people/{small_city.found.uid}/"):
        assert Client().get(f"/window/{page}").status_code == 302
        assert office.get(f"/window/{page}").status_code == 403


def test_a_person_of_another_county_is_found_by_number_or_by_name_and_birth_date(window: Client, small_city: SmallCity):
    who = small_city.found
    assert window.post("/window/", {"identity": number_of(who)})["Location"] == f"/window/people/{who.uid}/"
    day = {f"birth_date_{place}": part for place, part in enumerate((who.birth_date.year, who.birth_date.month, who.birth_date.day))}
    assert f"/window/people/{who.uid}/" in text(window.post("/window/", {"name": who.name, **day}))
    assert "登记中没有这个人" in text(window.post("/window/", {"identity": identity()}))
    assert window.post("/window/", {"name": who.name}).status_code == 400


def test_somebody_of_another_county_is_registered_and_kept_by_it(window: Client):
    number = identity()
    begun = text(window.post("/window/register/", {"begin": "1", "identity": number, "name": "测试新来"}))
    assert f'value="{number}"' in begun
    assert 'value="测试新来"' in begun
    form = {"name": "测试新来", "identity": number, "county": "140802", "phone": "", "key": "one"}
    first = window.post("/window/register/", form)
    assert window.post("/window/register/", {**form, "key": "two"})["Location"] == first["Location"]
    assert residents(Viewer("staff:x", (Grant("clerk", "140802"),))).filter(name="测试新来").count() == 1
    wrong = window.post("/window/register/", {**form, "identity": number[:17] + ("0" if number[17] != "0" else "1")})
    assert wrong.status_code == 400


def test_nothing_is_read_or_asked_for_without_consent(window: Client, small_city: SmallCity):
    who = small_city.found
    assert "扶残助学圆梦工程" not in text(window.get(f"/window/people/{who.uid}/"))
    for page in (f"found/{AID}/{who.uid}/", f"found/{AID}/{who.uid}/card/", "visit/", "wrong/sex/"):
        assert window.get(f"/window/people/{who.uid}/{page}").status_code == 403


def test_with_consent_the_clerk_sees_prints_and_disputes_until_it_is_done(window: Client, small_city: SmallCity):
    who = small_city.found
    agreed(window, who)
    assert "扶残助学圆梦工程" in text(window.get(f"/window/people/{who.uid}/"))
    assert "/wrong/has_disability_certificate/" in text(window.get(f"/window/people/{who.uid}/found/{AID}/{who.uid}/"))
    assert "明白卡" in text(window.get(f"/window/people/{who.uid}/found/{AID}/{who.uid}/card/"))
    asked = window.post(f"/window/people/{who.uid}/wrong/has_disability_certificate/", {"words": "证已注销", "key": "k1"})
    assert asked.status_code == 302
    opened = [fact for fact in timeline(f"resident:{who.uid}") if fact.type == "registers.mandate_granted"]
    assert opened[-1].payload["on_behalf_of"] == f"resident:{who.uid}"
    assert window.post(f"/window/people/{who.uid}/done/").status_code == 302
    assert window.get(f"/window/people/{who.uid}/found/{AID}/{who.uid}/").status_code == 403


def test_consent_to_one_matter_is_none_to_another_and_is_over_tomorrow(window: Client, small_city: SmallCity):
    who = small_city.found
    agreed(window, who, "visit")
    assert window.get(f"/window/people/{who.uid}/visit/").status_code == 200
    assert window.get(f"/window/people/{who.uid}/found/{AID}/{who.uid}/").status_code == 403
    agreed(window, who)
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert window.get(f"/window/people/{who.uid}/visit/").status_code in (302, 403)


def test_a_card_is_checked_and_a_slip_lets_the_person_in(window: Client, small_city: SmallCity):
    who = small_city.found
    wrong = window.post(f"/window/people/{who.uid}/check-card/", {"identity": identity(), "phone": ""})
    assert wrong.status_code == 400
    assert "证件号码与登记的不一致" in text(wrong)
    window.post(f"/window/people/{who.uid}/check-card/", {"identity": number_of(who), "phone": ""})
    assert ResidentAccount.objects.get(resident=who).level == "card"
    asking = f"/window/people/{who.uid}/code/"
    assert "照证件填号码" in text(window.get(asking))
    assert window.post(asking).status_code == 400
    assert "证件号码与登记的不一致" in text(window.post(asking, {"identity": identity()}))
    slip = text(window.post(asking, {"identity": number_of(who)}))
    code = slip.split('<p class="amount">')[1].split("<")[0]
    resident = Client()
    assert resident.post("/my/sign-in/code/", {"contact": number_of(who), "code": code})["Location"] == "/my/"
    printed = [fact for fact in timeline(f"resident:{who.uid}") if fact.type == "registers.code_issued"]
    assert [fact.actor for fact in printed] == [Staff.objects.get(login="window").actor]
    page = text(resident.get("/my/readings/"))
    assert "用窗口打印的验证码登录，由 窗口员 打印" in page
    assert "我的账号什么时候登录过" not in text(resident.get("/my/readings/?after=9"))


def test_people_who_lack_one_thing_are_those_of_the_clerks_own_area(window: Client, small_city: SmallCity):
    """Whether somebody studies, and at which level, is said by one list: one thing. The undecided of the small city lack several."""
    lives = [acts.Lives("registered", VILLAGE, FIRST_DAY), acts.Lives("lives", BUILDING, FIRST_DAY)]
    who = person("测试缺一", identity=identity(born(20)), situations=lives, relations_known=True)
    acts.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(who, "head")], valid_from=FIRST_DAY)
    certify(who)
    screening.screen(viewer=SYSTEM, slugs=[AID])
    clerk = acts.add_staff(SYSTEM, login="yanhu-window", name="盐湖窗口", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=clerk, role="clerk", area_code="140802", valid_from=FIRST_DAY)
    client = Client()
    client.post("/office/sign-in/", {"login": "yanhu-window", "password": PASSWORD})
    page = text(client.get(f"/window/lacking/?programme={AID}"))
    assert who.name in page
    assert small_city.undecided.name not in page
    assert who.name not in text(window.get(f"/window/lacking/?programme={AID}"))


def test_everything_that_a_window_takes_in_is_begun_there_whether_found_or_not(window: Client, small_city: SmallCity):
    who, slug = small_city.found, "unemployment-registration"
    page = f"/window/people/{who.uid}/"
    assert f"{page}apply/{slug}/" not in text(window.get(page))
    agreed(window, who)
    listed = text(window.get(page))
    wanted = {one.slug for one in shelf() if one.way is not None and one.way.window}
    assert slug in wanted
    assert {one for one in wanted if f"{page}apply/{one}/" in listed} == wanted
    assert f"{page}apply/{slug}/" in text(window.get(page, {"q": "shiye"}))
    assert window.get(f"{page}apply/{slug}/").status_code == 200


def test_a_programmes_page_leads_a_clerk_to_the_window_with_it(window: Client, small_city: SmallCity, pytestconfig: pytest.Config):
    if pytestconfig.pluginmanager.hasplugin("as_role"):
        pytest.skip("a clerk is signed in at the officers' site alone, and programmes' pages are the public one's")
    slug, who = "unemployment-registration", small_city.found
    assert f"/window/?apply={slug}" in text(window.get(f"/programmes/{slug}/"))
    assert "/window/" not in text(Client().get(f"/programmes/{slug}/"))
    assert f'name="apply" value="{slug}"' in text(window.get(f"/window/?apply={slug}"))
    assert window.post("/window/", {"identity": number_of(who), "apply": slug})["Location"] == f"/window/people/{who.uid}/?apply={slug}"
    asked = {"matter": "benefits", "evidence": "present", "apply": slug}
    found = window.post(f"/window/people/{who.uid}/consent/", asked)["Location"]
    assert found.endswith(f"?apply={slug}")
    assert f"/window/people/{who.uid}/apply/{slug}/" in text(window.get(found))
