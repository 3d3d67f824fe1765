"""The officers' inbox and the page of a case: what a grant shows, answers, several at once, and a fixed number of queries."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from place_examples import FIRST_DAY, SYSTEM
from web_examples import AID, OPENED, PASSWORD, SmallCity, dispute, officer

from linli.casework.models import Case, Task
from linli.casework.queries import matter_label, subject_matter
from linli.kernel import clock
from linli.kernel.looks import one_look
from linli.programmes.models import ProgrammeVersion
from linli.registers import acts
from linli.registers.models import Record, Situation
from linli.web.case.cases import stepped, steps_of

pytestmark = pytest.mark.django_db
LEVEL = "disability_level"


def text(response) -> str:
    return response.content.decode()


def fields(page: str) -> dict[str, str]:
    """What the form of a page carries."""
    return dict(re.findall(r'<input type="hidden" name="(version|key)" value="([^"]*)"', page))


@pytest.fixture
def case(small_city: SmallCity) -> Case:
    return dispute(small_city.found)


def test_the_inbox_says_what_is_due_when_in_words(office: Client, case: Case):
    with clock.frozen(OPENED):
        page = text(office.get("/office/inbox/"))
    for wanted in ("残疾等级", "测试甲", "绿灯 · 还剩 10 个工作日", "2026年12月4日", "运城市残疾人联合会", "乡镇（街道）"):
        assert wanted in page
    with clock.frozen(OPENED.replace(month=12, day=9)):
        office.post("/office/sign-in/", {"login": "officer", "password": PASSWORD})
        assert "红灯 · 已超期 3 个工作日" in text(office.get("/office/inbox/"))
    office.post("/office/sign-in/", {"login": "officer", "password": PASSWORD})
    office.cookies["linli_language"] = "en"
    with clock.frozen(OPENED):
        assert "Green" in text(office.get("/office/inbox/"))


def test_filters_narrow_the_list_and_nonsense_narrows_nothing(office: Client, case: Case):
    with clock.frozen(OPENED):
        assert "测试甲" in text(office.get("/office/inbox/?kind=fact_dispute&level=township&colour=green"))
        assert "测试甲" not in text(office.get("/office/inbox/?kind=home_visit"))
        assert "测试甲" not in text(office.get("/office/inbox/?mine=1"))
        assert "测试甲" in text(office.get("/office/inbox/?kind=x&level=y&colour=z&after=%00"))


def test_an_officer_corrects_a_fact_with_the_answer(office: Client, small_city: SmallCity, case: Case):
    address = f"/office/cases/{case.uid}/"
    page = text(office.get(address))
    for wanted in ("证上写的是二级", "名单上现在是：一级", "本人", '<option value="2">二级</option>'):
        assert wanted in page
    told = {"outcome": "corrected", "value": "2", "valid_from_0": "2023", "valid_from_1": "6", "valid_from_2": "30", **fields(page)}
    answered = office.post(address, told)
    assert answered.status_code == 302
    page = text(office.get(address))
    assert "已更正" in page
    assert "办结" in page
    assert Record.objects.get(resident=small_city.found, list_slug=case.list_slug, known_to=None).data[LEVEL] == 2
    assert office.post(address, told).status_code == 302  # sent again: nothing more happens
    assert Case.objects.get(pk=case.pk).outcome == "corrected"


def registered(case: Case, told: dict[str, str]) -> tuple[int, str]:
    """A clerk of the city answers a dispute about the population register."""
    clerk = Client()
    clerk.post("/office/sign-in/", {"login": "register", "password": PASSWORD})
    address = f"/office/cases/{case.uid}/"
    page = text(clerk.get(address))
    answered = clerk.post(address, {"outcome": "corrected", **told, **fields(page)})
    return answered.status_code, page if answered.status_code == 302 else text(answered)


def test_a_clerk_corrects_the_population_register_with_the_answer(small_city: SmallCity):
    clerk = acts.add_staff(SYSTEM, login="register", name="登记员", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=clerk, role="clerk", area_code="1408", valid_from=FIRST_DAY)
    who = small_city.undecided
    for fact, value, choice in (("sex", "female", '<option value="female">女</option>'), ("hukou_type", "unified", "居民户口")):
        state, page = registered(dispute(who, fact), {"value": value})
        assert state == 302
        assert choice in page
    lives = dispute(who, "living_area")
    since = {"valid_from_0": "2026", "valid_from_1": "3", "valid_from_2": "8"}
    state, page = registered(lives, {"value": "无此村", **since})
    assert state == 400
    assert "登记的是：" in page
    assert "盐湖区东城街道" in page
    assert registered(lives, {"value": "河津市", **since})[0] == 302
    who.refresh_from_db()
    assert (who.sex, who.hukou_type) == ("female", "unified")
    now = Situation.objects.get(resident=who, kind="lives", known_to=None, valid_to=None)
    assert (now.area_code, str(now.valid_from)) == ("140882", "2026-03-08")
    same = dispute(who, "birth_date")
    born = {f"value_{part}": str(number) for part, number in enumerate((who.birth_date.year, who.birth_date.month, who.birth_date.day))}
    assert "没有更正" in registered(same, born)[1]


def test_a_wrong_answer_is_shown_beside_its_field_and_changes_nothing(office: Client, case: Case):
    address = f"/office/cases/{case.uid}/"
    carried = fields(text(office.get(address)))
    page = office.post(address, {"outcome": "kept", "words": "", **carried})
    assert page.status_code == 400
    assert "请写明理由" in text(page)
    Case.objects.filter(pk=case.pk).update(opened_at=clock.now())  # the small city was built after it was opened
    page = office.post(address, {"outcome": "corrected", **carried})
    assert "还没有更正" in text(page)
    assert office.post(address, {"outcome": "corrected", "value": "9", **carried}).status_code == 400
    assert Case.objects.get(pk=case.pk).status == "open"


def test_who_is_struck_off_the_list_is_recorded_so(office: Client, small_city: SmallCity, case: Case):
    address = f"/office/cases/{case.uid}/"
    today = clock.today()
    day = {f"valid_from_{part}": str(value) for part, value in enumerate((today.year, today.month, today.day))}
    told = {"outcome": "corrected", "listed": "no", **day, **fields(text(office.get(address)))}
    assert office.post(address, told).status_code == 302
    rows = Record.objects.filter(resident=small_city.found, list_slug=case.list_slug, known_to=None).order_by("valid_from")
    assert [row.present for row in rows] == [True, False]


def test_a_task_is_taken_and_given_back(office: Client, case: Case):
    office.post(f"/office/cases/{case.uid}/hold/", {"verb": "take"})
    assert "测试甲" in text(office.get("/office/inbox/?mine=1"))
    office.post(f"/office/cases/{case.uid}/hold/", {"verb": "release"})
    assert "测试甲" not in text(office.get("/office/inbox/?mine=1"))


def test_what_a_grant_does_not_cover_is_not_there(local_office: Client, case: Case):
    inbox = text(local_office.get("/office/inbox/"))
    assert "测试甲" not in inbox
    assert "读入外部系统的答复" in inbox
    assert local_office.get(f"/office/cases/{case.uid}/").status_code == 404
    assert local_office.post(f"/office/cases/{case.uid}/hold/", {"verb": "take"}).status_code == 404
    page = local_office.post("/office/inbox/bulk/", {"verb": "take", "case": str(case.uid), "confirm": "1"})
    assert "没有选择" in text(page)
    assert Case.objects.get(pk=case.pk).task.taken_by == ""


def test_several_are_answered_alike_after_a_preview(office: Client, small_city: SmallCity, case: Case):
    other = dispute(small_city.away)
    chosen = {"case": [str(case.uid), str(other.uid), "nonsense"], "verb": "keep"}
    preview = text(office.post("/office/inbox/bulk/", chosen))
    assert preview.count('name="case"') == 2
    assert all(who.name in preview for who in (small_city.away, small_city.found))
    assert Case.objects.filter(status="open").count() == 2
    refused = office.post("/office/inbox/bulk/", {**chosen, "confirm": "1", "words": ""})
    assert refused.status_code == 400
    told = {**chosen, "confirm": "1", "words": "鉴定结论为一级", **fields(preview)}
    for _again in range(2):
        office.post("/office/inbox/bulk/", told)
    assert set(Case.objects.values_list("outcome", flat=True)) == {"kept"}


def test_the_number_of_queries_does_not_grow_with_the_list(office: Client, small_city: SmallCity, case: Case):
    counted = []
    for more in ((), (small_city.away, small_city.undecided)):
        for who in more:
            dispute(who)
        with clock.frozen(OPENED), CaptureQueriesContext(connection) as queries:
            office.get("/office/inbox/")
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_a_case_page_has_a_fixed_number_of_queries(office: Client, case: Case):
    counted = []
    for verb in ("take", "release", "take"):
        office.post(f"/office/cases/{case.uid}/hold/", {"verb": verb})
        with CaptureQueriesContext(connection) as queries:
            office.get(f"/office/cases/{case.uid}/")
        counted.append(len(queries))
    assert len(set(counted)) == 1


def test_an_officer_elsewhere_finds_an_empty_inbox(small_city: SmallCity, case: Case):
    officer("elsewhere", "外县员", area_code="140826")
    client = Client()
    client.post("/office/sign-in/", {"login": "elsewhere", "password": PASSWORD})
    assert "没有符合条件的待办" in text(client.get("/office/inbox/"))


def test_who_may_not_hand_in_answers_finds_no_way_there(small_city: SmallCity):
    auditor = acts.add_staff(SYSTEM, login="watcher", name="审计员", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=auditor, role="auditor", area_code="1408", valid_from=FIRST_DAY)
    client = Client()
    client.post("/office/sign-in/", {"login": "watcher", "password": PASSWORD})
    page = client.get("/office/inbox/")
    assert (page.status_code, "office/answers" in text(page)) == (200, False)
    assert client.get("/office/answers/").status_code == 403


def test_after_an_answer_the_next_case_of_the_same_list_opens(office: Client, small_city: SmallCity, case: Case):
    later, taken = dispute(small_city.away), dispute(small_city.undecided)
    Task.objects.filter(case=taken).update(taken_by=small_city.local.actor)
    kept = {"outcome": "kept", "words": "与证件一致"}
    narrowed = "?kind=fact_dispute"
    page = text(office.get("/office/inbox/" + narrowed))
    first = f"/office/cases/{case.uid}/{narrowed}"
    assert first in page
    on = office.post(first, {**kept, **fields(text(office.get(first))), "then": "next"})
    assert on["Location"] == f"/office/cases/{later.uid}/{narrowed}"
    page = text(office.get(on["Location"]))
    assert "这是下一件" in page
    assert "办下一件" not in page  # a colleague has taken what is left
    done = office.post(on["Location"], {**kept, **fields(page), "then": "next"})
    assert done["Location"] == f"/office/inbox/{narrowed}"
    assert "没有下一件了" in text(office.get(done["Location"]))


def test_a_programme_published_in_the_office_has_its_name_and_steps(office: Client, small_city: SmallCity):
    row = ProgrammeVersion.objects.filter(slug=AID).latest("effective_from")
    ProgrammeVersion.objects.create(**{
        field.name: getattr(row, field.name) for field in ProgrammeVersion._meta.fields if field.name not in ("id", "uid")
    } | {"slug": "office-made", "source": row.source.replace(AID, "office-made"), "digest": "office-made"})  # fmt: skip
    one = Case(kind="application", programme="office-made", programme_version=row.version, step=None)
    steps = steps_of("office-made")
    assert steps == steps_of(AID)
    assert ("office-made", row.zh) in [(slug, label.zh) for slug, label in stepped()]
    assert matter_label(one).zh == f"{row.zh} · 待受理"
    one.step = steps[1][0]
    assert matter_label(one).zh == f"{row.zh} · {steps[1][1].zh}"
    assert subject_matter(one).zh == row.zh
    page = text(office.get("/office/inbox/?programme=office-made"))
    assert re.search(r'value="office-made"\s+selected', page)
    with one_look(), CaptureQueriesContext(connection) as once:
        assert len({matter_label(one).zh for _ in range(20)}) == 1
    assert len(once) <= 2
