"""Administration: who may do what is given by others, ends by itself, and can be read back; three roles are held alone."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from place_examples import FIRST_DAY, SYSTEM, identity, person
from web_examples import AID, PASSWORD, SmallCity

from linli.casework import acts as casework
from linli.casework.models import Task
from linli.casework.workplaces import work_in
from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.registers import acts, queries
from linli.registers.models import Staff, StaffGrant
from linli.trace.models import Fact
from linli.web.frame.menu import page_words
from linli.web.office import accounts, recorded

pytestmark = pytest.mark.django_db


def staff(login: str, role: str, area: str = "") -> Staff:
    added = acts.add_staff(SYSTEM, login=login, name=f"测试{login}", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=added, role=role, area_code=area, valid_from=FIRST_DAY)
    return added


def signed_in(login: str) -> Client:
    client = Client()
    assert client.post("/office/sign-in/", {"login": login, "password": PASSWORD}).status_code == 302
    return client


@pytest.fixture
def root(small_city: SmallCity, db: None) -> Staff:
    return staff("root", "administrator")


@pytest.fixture
def admin(root: Staff) -> Client:
    return signed_in("root")


def text(response) -> str:
    return response.content.decode()


def test_an_account_is_added_granted_and_signs_in(admin: Client):
    page = text(admin.post("/admin/staff/add/", {"login": "newcomer", "name": "新来的"}))
    password = page.split('<dd class="figures">')[1].split("<")[0]
    added = Staff.objects.get(login="newcomer")
    given = {"role": "officer", "area": "140802", "programme": AID, "valid_from": str(clock.today())}
    assert admin.post(f"/admin/staff/{added.uid}/grants/", given).status_code == 302
    page = text(admin.get(f"/admin/staff/{added.uid}/"))
    for wanted in ("盐湖区", "扶残助学", "授予权限", "测试root", "新增工作人员"):
        assert wanted in page
    assert Client().post("/office/sign-in/", {"login": "newcomer", "password": password})["Location"] == "/office/"
    row = StaffGrant.objects.get(staff=added)
    assert admin.post(f"/admin/staff/{added.uid}/grants/{row.pk}/end/").status_code == 302
    assert queries.viewer_of(added).grants == ()
    assert "终止权限" in text(admin.get(f"/admin/staff/{added.uid}/"))


def test_the_department_is_entered_by_an_administrator_and_not_changed_under_a_grant_of_two(admin: Client, root: Staff):
    added = acts.add_staff(SYSTEM, login="newcomer", name="新来的", password=PASSWORD)
    page, change = f"/admin/staff/{added.uid}/", f"/admin/staff/{added.uid}/department/"
    assert "没有登记部门" in text(admin.get(page))
    admin.post(change, {"department": "nobody", "area": ""})
    assert Staff.objects.get(pk=added.pk).organisation is None
    for department, area, name in (("finance", "", "运城市财政局"), ("civil-affairs", "140802", "盐湖区民政局")):
        assert admin.post(change, {"department": department, "area": area}).status_code == 302
        works = Staff.objects.get(pk=added.pk).organisation
        assert works is not None
        assert (works.name, works.area_code) == (name, area or "1408")
    assert "盐湖区民政局" in text(admin.get("/admin/staff/"))
    own = text(signed_in("newcomer").get("/admin/account/"))
    assert "盐湖区民政局" in own
    assert "测试root" in own
    acts.place_grant(SYSTEM, staff=added, role="officer", valid_from=FIRST_DAY)
    assert "先终止该授权" in text(admin.post(change, {"department": "finance", "area": ""}, follow=True))
    assert Staff.objects.get(pk=added.pk).organisation == works
    with pytest.raises(Refused):
        work_in(Viewer(root.actor, queries.viewer_of(root).grants), staff=root, department="finance")


def test_who_somebody_is_is_checked_by_number_and_keeps_them_from_their_own_matters(admin: Client, small_city: SmallCity):
    number, born = identity(date(1990, 1, 1)), date(1990, 1, 1)
    who = person("测试本人", identity=number, birth_date=born)
    page = f"/admin/staff/{small_city.officer.uid}/"
    assert "还没有核对本人身份" in text(admin.get(page))
    wrong = admin.post(f"{page}person/", {"identity": identity(born)})
    assert wrong.status_code == 400
    assert "人口登记里没有这个身份证号" in text(wrong)
    assert admin.post(f"{page}person/", {"identity": number}).status_code == 302
    assert "已核对本人身份" in text(admin.get(page))
    case = casework.open_home_visit(Viewer(f"resident:{who.uid}", subject=str(who.uid), level="phone"), who.uid)
    Task.objects.filter(case=case).update(role="officer")
    shown = text(signed_in("officer").get(f"/office/cases/{case.uid}/"))
    assert "这件事关系到您本人或家人" in shown
    assert 'name="outcome"' not in shown


def test_refused_grants_say_why(admin: Client, small_city: SmallCity):
    page = f"/admin/staff/{small_city.officer.uid}/grants/"
    boxes = text(admin.get(page))
    for place, part in enumerate((clock.today().year, clock.today().month, clock.today().day)):
        assert re.search(rf'name="valid_from_{place}"[^>]*value="{part}"', boxes)
    given = {"role": "auditor", "area": "", "programme": "", "valid_from": str(clock.today())}
    assert "专人担任" in text(admin.post(page, given))
    assert "行政区划代码" in text(admin.post(page, {**given, "role": "clerk", "area": "999999"}))


def test_nobody_changes_their_own_rights(admin: Client, root: Staff):
    own = f"/admin/staff/{root.uid}/"
    given = {"role": "administrator", "area": "140802", "programme": "", "valid_from": str(clock.today())}
    assert "不能给自己授权" in text(admin.post(f"{own}grants/", given))
    assert admin.post(f"{own}active/", {"active": "0"}).status_code == 403
    with pytest.raises(Refused):
        acts.place_grant(queries.viewer_of(root), staff=root, role="officer", valid_from=FIRST_DAY)


def test_the_last_administrator_stays(root: Staff):
    grant = StaffGrant.objects.get(staff=root)
    for remove in (
        lambda: acts.end_grant(SYSTEM, grant=grant, on=clock.today()),
        lambda: acts.set_active(SYSTEM, staff=root, active=False),
    ):
        with pytest.raises(LinliError, match="last administrator"):
            remove()
    staff("second", "administrator")
    acts.end_grant(SYSTEM, grant=grant, on=clock.today())
    assert queries.viewer_of(root).grants == ()


@pytest.mark.parametrize("one", ["administrator", "security", "auditor"])
@pytest.mark.parametrize("other", ["administrator", "security", "auditor", "officer", "clerk", "steward", "planner"])
def test_who_gives_who_watches_and_who_works_are_different_people(small_city: SmallCity, one: str, other: str):
    held = staff("held", one)
    tomorrow = clock.today() + timedelta(days=1)
    for_one = {"staff": held, "role": other, "area_code": "140802", "valid_from": tomorrow}
    if one == other:
        acts.place_grant(SYSTEM, **for_one)  # type: ignore[arg-type]
        return
    with pytest.raises(LinliError, match="held alone"):
        acts.place_grant(SYSTEM, **for_one)  # type: ignore[arg-type]
    working = staff("working", other)
    with pytest.raises(LinliError, match="held alone"):
        acts.place_grant(SYSTEM, staff=working, role=one, valid_from=tomorrow)


def test_a_countys_administrator_sees_and_grants_in_the_county(small_city: SmallCity):
    staff("yanhu-root", "administrator", "140802")
    far = staff("far", "clerk", "140882")
    client = signed_in("yanhu-root")
    page = text(client.get("/admin/staff/"))
    assert "测试far" not in page
    assert "盐湖员" in page
    assert client.get(f"/admin/staff/{far.uid}/").status_code == 404
    given = {"role": "clerk", "area": "140882", "programme": "", "valid_from": str(clock.today())}
    assert client.post(f"/admin/staff/{small_city.local.uid}/grants/", given).status_code == 200
    assert not StaffGrant.objects.filter(staff=small_city.local, role="clerk").exists()
    assert client.get("/admin/staff/add/").status_code == 403
    assert client.post(f"/admin/staff/{small_city.local.uid}/password/").status_code == 403


def test_closing_an_account_ends_what_it_can_do_at_once(admin: Client, small_city: SmallCity):
    officer = signed_in("officer")
    admin.post(f"/admin/staff/{small_city.officer.uid}/active/", {"active": "0"})
    assert officer.get("/office/").status_code == 302
    assert Client().post("/office/sign-in/", {"login": "officer", "password": PASSWORD}).status_code == 403


def test_security_sees_sessions_failures_and_keys_and_ends_a_session(small_city: SmallCity):
    staff("guard", "security")
    officer = signed_in("officer")
    Client().post("/office/sign-in/", {"login": "local", "password": "no"})
    guard = signed_in("guard")
    page = text(guard.get("/admin/security/"))
    for wanted in ("测试员", "盐湖员", "加封个人密钥", "正在使用"):
        assert wanted in page
    uid = small_city.officer.sessions.get(ended_at=None).uid
    assert guard.post(f"/admin/security/sessions/{uid}/end/").status_code == 302
    assert officer.get("/office/").status_code == 302


def test_an_auditor_reads_the_trace_and_who_read_whom_by_ids_alone(small_city: SmallCity, office: Client):
    run = small_city.run.uid
    office.post(f"/office/runs/{run}/subjects/{small_city.found.uid}/")
    staff("watcher", "auditor")
    client = signed_in("watcher")
    page = text(client.get("/admin/audit/", {"subject": f"resident:{small_city.found.uid}"}))
    assert "登记居民" in page
    assert "测试甲" not in page
    reads = text(client.get("/admin/audit/reads/", {"subject": f"resident:{small_city.found.uid}"}))
    assert "说明政策匹配结果" in reads
    assert "测试员" in reads
    assert "测试甲" not in reads
    assert str(small_city.found.uid) not in re.search(r"<tbody>(.*?)</tbody>", reads, re.S).group(1)  # type: ignore[union-attr]
    one = re.search(r'href="(\?subject=%23\d+)"', reads)
    assert one
    assert "说明政策匹配结果" in text(client.get(f"/admin/audit/reads/{one.group(1)}"))
    assert "这不是编号" in text(client.get("/admin/audit/reads/?subject=%23999999999"))
    assert "这不是编号" in text(client.get("/admin/audit/reads/", {"subject": "测试甲"}))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_an_auditor_reads_is_in_words(small_city: SmallCity, language: str):
    """Kinds of subjects, channels, jobs and programmes by their names; no key of the house, no whole id, no digest in what is shown."""
    staff("watcher", "auditor")
    client = signed_in("watcher")
    client.cookies["linli_language"] = language
    page = text(client.get("/admin/audit/"))
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.S)
    assert body
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", body.group(1))  # not in an address either
    of = re.search(r'href="(\?subject=%23\d+)"', body.group(1))
    assert of
    assert len(re.findall(r"<tr>", text(client.get(f"/admin/audit/{of.group(1)}")))) < len(re.findall(r"<tr>", page))
    shown = re.sub(r"<[^>]+>", " ", body.group(1))
    assert not re.search(
        r"[0-9a-f]{8}-[0-9a-f]{4}-|sha256|sm3:|\b[a-z]+_[a-z]+\b|notices\.deliver|\b(resident|programme|run|template):", shown
    )
    assert ("居民 …" if language == "zh" else "resident …") in shown
    told = recorded.Told([], {})
    sent = Fact(type="notices.sent", subject="resident:0190c0de-0000-7001-8000-000000000148", payload={"channel": "sms", "template": "a-b"})
    with translation.override("zh-hans"):
        assert told.payload(sent) == "短信"
        assert told.subject(f"programme:{AID}") == "政策 扶残助学圆梦工程"
        assert accounts.actor_words("system:notices.deliver", {}) == "系统（发送通知）"
        assert [page_words(one) for one in ("office:notices_home", "api-v1:list_quality", "my:take_up", "my:why")] == [
            "通知",
            "开放接口",
            "请家人代办",
            "我的",
        ]
        assert recorded.refusal_words("viewer.not_granted") == "没有这项权限"


def test_the_number_of_queries_of_a_page_is_fixed(admin: Client, root: Staff):
    def queries_of(page: str) -> int:
        admin.get(page)
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert admin.get(page).status_code == 200
        return len(found)

    pages = ["/admin/staff/", f"/admin/staff/{root.uid}/", "/admin/account/"]
    before = [queries_of(page) for page in pages]
    for number in range(4):
        staff(f"more{number}", "clerk", "140802")
    StaffGrant.objects.filter(staff__login="more1").update(programme_slug=AID)
    assert [queries_of(page) for page in pages] == before
    assert max(before) <= 16
