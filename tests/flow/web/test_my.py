"""The resident's portal: signing in by code, what each level shows, why, the card, who read the data, mandates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from own_browser import WINDOW, number_of, own_browser
from place_examples import FIRST_DAY, SYSTEM, identity, person
from web_examples import AID, SmallCity

from linli import vault
from linli.casework.models import Case
from linli.kernel import clock
from linli.registers import acts
from linli.registers.models import Mandate, Organisation, Staff
from linli.registers.queries.accounts import viewer_of_resident
from linli.web.person import mine

pytestmark = pytest.mark.django_db
PHONE = "12500007777"


class Telephones:
    """Keeps what would have been sent; named by the settings, so one for the class."""

    sent: list[tuple[str, str]] = []

    def send(self, phone: str, text: str) -> None:
        Telephones.sent.append((phone, text))


@pytest.fixture(autouse=True)
def telephones(settings: Any) -> type[Telephones]:
    settings.LINLI_CODE_SENDER = f"{__name__}.Telephones"
    Telephones.sent = []
    return Telephones


def text(response: Any) -> str:
    return str(response.content.decode())


def test_every_page_asks_to_sign_in_first(small_city: SmallCity, client: Client):
    for page in ("", "letters/", "readings/", "mandates/", "visit/", "wrong/sex/", f"found/{AID}/{small_city.found.uid}/"):
        assert client.get(f"/my/{page}")["Location"] == "/my/sign-in/"


def test_a_telephone_code_shows_progress_and_says_how_to_see_more(small_city: SmallCity, client: Client):
    person("测试老人", identity=identity(), phone=PHONE)
    page = text(client.post("/my/sign-in/", {"contact": PHONE}))
    assert "填验证码" in page
    ((phone, message),) = Telephones.sent
    assert phone == PHONE
    code = next(part for part in message.replace("，", " ").split() if part.isdecimal() and len(part) == 6)
    assert client.post("/my/sign-in/code/", {"contact": PHONE, "code": code})["Location"] == "/my/"
    assert "办理进度" in text(client.get("/my/"))
    for page in ("readings/", "mandates/", "letters/", "wrong/sex/"):
        response = client.get(f"/my/{page}")
        assert response.status_code == 403
        assert "核验身份证" in text(response)


def test_an_unknown_telephone_gets_the_same_page(small_city: SmallCity, client: Client):
    assert "填验证码" in text(client.post("/my/sign-in/", {"contact": "12500008888"}))
    assert Telephones.sent == []
    response = client.post("/my/sign-in/code/", {"contact": "12500008888", "code": "000000"})
    assert response.status_code == 403
    assert "验证码不对" in text(response)


def test_the_person_sees_what_was_found_why_and_on_paper(small_city: SmallCity):
    who = small_city.found
    client = own_browser(who)
    assert "扶残助学圆梦工程" in text(client.get("/my/"))
    why = text(client.get(f"/my/found/{AID}/{who.uid}/"))
    assert "残疾" in why
    assert "/my/wrong/has_disability_certificate/" in why
    card = text(client.get(f"/my/found/{AID}/{who.uid}/card/"))
    assert "<svg" in card
    assert "tel:" in card


def test_nobody_reads_another_persons_reasons(small_city: SmallCity):
    client = own_browser(small_city.found)
    response = client.get(f"/my/found/{AID}/{small_city.away.uid}/")
    assert response.status_code == 403
    assert small_city.away.name not in text(response)


def test_this_is_wrong_goes_to_the_department_and_shows_its_clock(small_city: SmallCity):
    client = own_browser(small_city.found)
    page = text(client.get("/my/wrong/has_disability_certificate/"))
    key = page.split('name="key" value="')[1].split('"')[0]
    sent = {"key": key, "whom": small_city.found.uid, "words": "证已经注销"}
    for _twice in range(2):
        assert client.post("/my/wrong/has_disability_certificate/", sent).status_code == 302
    home = text(client.get("/my/"))
    assert home.count("回执编号") >= 1
    assert "答复" in home


def test_a_look_by_an_officer_is_listed_with_its_purpose(small_city: SmallCity, office: Client):
    office.post(f"/office/runs/{small_city.run.uid}/subjects/{small_city.found.uid}/")
    page = text(own_browser(small_city.found).get("/my/readings/"))
    assert "测试员" in page
    assert "说明政策匹配结果" in page
    branch = Organisation.objects.create(name="盐湖区残疾人联合会", kind="department", area_code="140802")
    Staff.objects.filter(login="officer").update(organisation=branch)
    client = own_browser(small_city.found)
    client.cookies["linli_language"] = "en"
    english = text(client.get("/my/readings/"))
    assert "Yanhu District" in english
    assert "残疾人联合会" not in english


def test_family_sees_and_acts_once_authorised_and_no_longer_when_it_ends(small_city: SmallCity):
    mother, daughter = small_city.found, person("测试女儿", identity=identity(male=False))
    hers, daughters = own_browser(mother), own_browser(daughter)
    form = {"kind": "family", "name": daughter.name, "identity": number_of(daughter)}
    assert hers.post("/my/mandates/", form)["Location"] == "/my/mandates/"
    assert mother.name in text(daughters.get("/my/"))
    daughters.post(f"/my/whom/{mother.uid}/")
    assert "扶残助学圆梦工程" in text(daughters.get("/my/"))
    assert daughters.get("/my/letters/").status_code == 200
    given = Mandate.objects.get()
    hers.post(f"/my/mandates/{given.uid}/end/")
    assert "扶残助学圆梦工程" not in text(daughters.get("/my/"))


def test_a_guardian_lives_the_wards_pages_by_the_wards_name_until_the_register_says_otherwise(small_city: SmallCity):
    guardian, ward = person("测试监护", identity=identity()), small_city.found
    link = acts.link_family(SYSTEM, resident=ward, relative=guardian, relation="guardian", valid_from=FIRST_DAY)
    acts.grant_mandate(WINDOW, principal=ward, agent=guardian, kind="guardian", evidence="监护关系证明")
    client = own_browser(guardian)
    client.post(f"/my/whom/{ward.uid}/")
    home = text(client.get("/my/"))
    for wanted in (f"为{ward.name}找到 1 项", f"{ward.name}的事", "扶残助学圆梦工程", "谁看过信息"):
        assert wanted in home
    assert "为您找到" not in home
    assert "请家人代办" not in home
    why = text(client.get(f"/my/found/{AID}/{ward.uid}/"))
    assert "这条不对" in why
    assert clock.today().isoformat() not in why
    assert ward.name in text(client.get(f"/my/found/{AID}/{ward.uid}/card/"))
    assert f"{ward.name}的信件" in text(client.get("/my/letters/"))
    assert f"谁看过{ward.name}的信息" in text(client.get("/my/readings/"))
    assert "您自己的页面" in text(client.get("/my/mandates/"))
    client.post("/my/wrong/disability_level/", {"words": "等级不对", "key": "guardian-1", "whom": ward.uid})
    opened = Case.objects.get(subject=f"resident:{ward.uid}", fact="disability_level")
    assert (opened.opened_by, opened.on_behalf_of) == (f"resident:{guardian.uid}", f"resident:{ward.uid}")
    assert client.get(f"/my/cases/{opened.uid}/").status_code == 200
    acts.end_family_link(SYSTEM, link=link, on=clock.today())
    assert ward.name not in text(client.get("/my/"))
    assert client.get(f"/my/cases/{opened.uid}/").status_code in (403, 404)


def test_a_stranger_cannot_turn_to_somebody(small_city: SmallCity):
    client = own_browser(small_city.undecided)
    client.post(f"/my/whom/{small_city.found.uid}/")
    assert "您正在替" not in text(client.get("/my/"))


def test_a_wrong_name_and_a_wrong_number_are_answered_alike(small_city: SmallCity):
    client = own_browser(small_city.found)
    for name, number in (("别的名字", number_of(small_city.away)), (small_city.away.name, identity())):
        response = client.post("/my/mandates/", {"kind": "family", "name": name, "identity": number})
        assert response.status_code == 400
        assert "没有找到这样一位居民或工作人员" in text(response)


def test_a_session_left_alone_for_half_an_hour_is_over(small_city: SmallCity):
    client = own_browser(small_city.found)
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        assert client.get("/my/")["Location"] == "/my/sign-in/"


def test_the_number_of_queries_of_the_home_page_is_fixed(small_city: SmallCity):
    client = own_browser(small_city.found)
    client.get("/my/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get("/my/")
    number = len(one)
    daughter = person("测试女儿", identity=identity(male=False))
    viewer = viewer_of_resident(acts.check_card(WINDOW, resident=small_city.found, identity=number_of(small_city.found)))
    acts.grant_mandate(viewer, principal=small_city.found, kind="family", agent=daughter, evidence="本人授权")
    with CaptureQueriesContext(connection) as again:
        client.get("/my/")
    assert len(again) == number <= 15


def test_the_page_of_a_finding_and_its_card_say_what_to_do_next(small_city: SmallCity):
    who = small_city.found
    client = own_browser(who)
    for page in (f"/my/found/{AID}/{who.uid}/", f"/my/found/{AID}/{who.uid}/card/"):
        shown = text(client.get(page))
        for words in ("请带上", "到哪里办", "什么时候", "问谁", "盐湖区东城街道办事处", "任何一个便民服务窗口", "运城市残疾人联合会"):
            assert words in shown, (page, words)
        assert "请打下面的电话问" not in shown
    why = text(client.get(f"/my/found/{AID}/{who.uid}/"))
    assert "怎么办" in why
    assert 'href="/my/visit/"' in why


def test_the_day_of_the_screening_is_not_given_as_the_day_of_entitlement(small_city: SmallCity):
    home = text(own_browser(small_city.found).get("/my/"))
    assert "匹配为符合；从哪天起享受，以审核为准" in home
    assert "起符合" not in home


def test_looks_alike_of_one_day_are_one_row_and_ones_own_stand_apart(small_city: SmallCity, office: Client):
    who = small_city.found
    for _again in range(3):
        office.post(f"/office/runs/{small_city.run.uid}/subjects/{who.uid}/")
    own_view = viewer_of_resident(acts.check_card(WINDOW, resident=who, identity=number_of(who)))
    vault.reveal(own_view, purpose="self.view", subject=who.uid, fields={"identity": who.identity_cipher})
    client = own_browser(who)
    page, own = text(client.get("/my/readings/")), text(client.get("/my/readings/?own=1"))
    rows = [row for row in page.split("<tr>") if "说明政策匹配结果" in row and "测试员" in row]
    assert len(rows) == len({row.split('data-label="看了什么">')[1].split("</td>")[0] for row in rows}) >= 1
    assert "这一天共 3 次" in rows[0]
    assert rows[0].split("</details>")[0].count("<li>") == 3
    assert ("本人查阅" in page, "本人查阅" in own, "测试员" in own) == (False, True, False)


def test_rows_of_looks_page_on_by_their_last_look(small_city: SmallCity, monkeypatch: pytest.MonkeyPatch):
    who = small_city.found
    monkeypatch.setattr(mine, "READINGS", 1)
    viewer = viewer_of_resident(acts.check_card(WINDOW, resident=who, identity=number_of(who)))
    for reader, purpose in ((SYSTEM, "registers.match"), (WINDOW, "registers.service"), (SYSTEM, "registers.match")):
        vault.reveal(reader, purpose=purpose, subject=who.uid, fields={"identity": who.identity_cipher})
    (first,) = mine.readings(viewer, who)
    (second,) = mine.readings(viewer, who, before=first.id)
    assert len(first.times) >= 2
    assert second.purpose != first.purpose
