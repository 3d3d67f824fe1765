"""One plan per circle on its pages: drafted, completed, adopted, issued; who may do what; nothing is closed by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from circle_examples import employed, signed, text, town
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from listed_place_examples import day
from place_examples import SYSTEM
from town_examples import opened, shop
from web_examples import officer

from linli.circles.acts.computing import compute
from linli.circles.acts.plans import escalate
from linli.circles.models import Action, Circle, IssuedPlan, Plan
from linli.kernel.clock import today
from linli.kernel.codes import spoken
from linli.registers import acts

__all__ = ["town"]
pytestmark = pytest.mark.django_db
SAVE = {"verb": "save", "title_zh": "设修鞋点", "title_en": "a cobbler", "owner": "东城街道", "budget_fen": "1200.50"}


@pytest.fixture
def planner(town: None) -> Client:
    works = acts.register_organisation(SYSTEM, name="东城街道", area_code="140802", kind="department")
    acts.place_staff(SYSTEM, staff=officer("street", "街道干部", area_code="140802"), name=works.name, area_code="140802")
    return employed("yanhu-planner", "planner", "140802")


def address(code: str, page: str = "plan/") -> str:
    return f"/city/circles/{Circle.objects.get(code=code).uid}/{page}"


def drafted(client: Client, code: str = "A") -> Action:
    assert client.post(address(code, "plan/step/"), {"verb": "draft"}).status_code == 302
    return Action.objects.get(plan__circle__code=code, gap__norm="repair-15")


def completed(client: Client, code: str = "A") -> None:
    for one in Action.objects.filter(plan__circle__code=code, state="proposed"):
        given = {**SAVE, **day("due_on", today() + timedelta(days=30))}
        assert client.post(f"/city/circles/actions/{one.uid}/", given)["Location"] == address(code)


def test_a_plan_is_drafted_completed_and_adopted_and_its_action_closes_by_computation_alone(planner: Client):
    action = drafted(planner)
    page = text(planner.get(address("A")))
    assert "多于 5/10 人走不到" in page
    officer("yanhu", "盐湖干部", area_code="140802")
    assert "6/10 人走不到" in text(signed("yanhu").get(address("A")))
    refused = text(planner.post(address("A", "plan/step/"), {"verb": "adopt"}, follow=True))
    assert "责任单位" in refused
    assert Plan.objects.get().state == "draft"
    completed(planner)
    action.refresh_from_db()
    assert (action.owner, action.budget_fen) == ("东城街道", 120050)
    planner.post(address("A", "plan/step/"), {"verb": "adopt"})
    assert Plan.objects.get().state == "adopted"
    planner.post(f"/city/circles/actions/{action.uid}/", {"verb": "done", **day("done-on")})
    action.refresh_from_db()
    assert (action.state, action.done_on) == ("open", today())
    assert "等重新计算" in text(planner.get(address("A")))
    opened(shop("R2", "repair", 100))
    compute(SYSTEM)
    assert Action.objects.get(pk=action.pk).state == "open"  # of two people nobody knows where they live
    planner.post(f"/city/circles/actions/{action.uid}/", {"verb": "drop"})
    planner.post(f"/city/circles/actions/{action.uid}/", {"verb": "close"})
    assert Action.objects.get(pk=action.pk).state == "open"


def test_the_owner_is_chosen_of_departments_where_somebody_works_or_meant(planner: Client):
    action = drafted(planner)
    page = f"/city/circles/actions/{action.uid}/"
    assert '<option value="东城街道">' in planner.get(page).content.decode()
    completed(planner)
    planner.post(page, {**SAVE, "owner": "没有这个局", **day("due_on", today())})
    shown = text(planner.get(address("A")))
    assert "没有人在这里工作：没有这个局" in shown
    refused = text(planner.post(address("A", "plan/step/"), {"verb": "adopt"}, follow=True))
    assert "没有人在“没有这个局”工作" in refused
    assert Plan.objects.get().state == "draft"
    planner.post(address("A", "plan/step/"), {"verb": "adopt", "unstaffed": "1"})
    assert Plan.objects.get().state == "adopted"
    again = planner.post(page, {**SAVE, "owner": "也没有", **day("due_on", today())})
    assert (again.status_code, "仍然由它办" in text(again)) == (400, True)
    planner.post(page, {**SAVE, "owner": "也没有", "unstaffed": "on", **day("due_on", today())})
    action.refresh_from_db()
    assert action.owner == "也没有"
    late = text(planner.post(page, {**SAVE, **day("due_on", today() - timedelta(days=1))}))
    assert "的完成期限没有写或不正确" in late
    assert "的预算没有写或不正确" in text(planner.post(page, {**SAVE, "budget_fen": "-5", **day("due_on", today())}))


def test_an_overdue_action_stands_on_the_list_of_all(planner: Client):
    action = drafted(planner)
    completed(planner)
    planner.post(address("A", "plan/step/"), {"verb": "adopt"})
    assert "没有逾期的措施" in text(planner.get("/city/circles/plans/"))
    Action.objects.filter(pk=action.pk).update(due_on=today() - timedelta(days=3))
    page = text(planner.get("/city/circles/plans/"))
    assert "逾期 3 天" in page
    assert "设修鞋点" in page
    assert "1 项逾期" in text(planner.get("/city/circles/"))


def test_an_issued_plan_is_a_pdf_that_stays_as_it_was(planner: Client):
    drafted(planner)
    completed(planner)
    planner.post(address("A", "plan/step/"), {"verb": "issue"})
    assert not IssuedPlan.objects.exists()
    planner.post(address("A", "plan/step/"), {"verb": "adopt"})
    planner.post(address("A", "plan/step/"), {"verb": "issue"})
    found = IssuedPlan.objects.get()
    answer = planner.get(f"/city/circles/issued/{found.uid}/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert answer.content == bytes(found.pdf)
    assert planner.get(address("A", "plan/preview/")).content.startswith(b"%PDF")
    assert "号" in text(planner.get(address("A")))


def test_officers_follow_auditors_read_and_another_county_sees_nothing(planner: Client):
    action = drafted(planner)
    completed(planner)
    planner.post(address("A", "plan/step/"), {"verb": "adopt"})
    officer("yanhu", "盐湖干部", area_code="140802")
    officer("hejin", "河津干部", area_code="140882")
    own, abroad, auditor = signed("yanhu"), signed("hejin"), employed("looker", "auditor", "140802")
    for client, status in ((own, 200), (auditor, 200), (abroad, 403)):
        assert client.get(address("A")).status_code == status
    assert abroad.get(f"/city/circles/actions/{action.uid}/").status_code == 404
    assert "设修鞋点" not in text(abroad.get("/city/circles/plans/"))
    for client in (own, auditor, abroad):
        for verb in ("draft", "adopt", "issue"):
            assert client.post(address("B", "plan/step/"), {"verb": verb}).status_code in (403, 404)
    assert auditor.post(f"/city/circles/actions/{action.uid}/", {"verb": "done", **day("done-on")}).status_code == 403
    assert own.post(f"/city/circles/actions/{action.uid}/", {"verb": "done", **day("done-on")}).status_code == 302
    assert own.post("/city/circles/plans/booklet/", {"verb": "issue"}).status_code == 403
    assert not Plan.objects.filter(circle__code="B").exists()


def test_the_pages_take_as_many_queries_for_many_actions_as_for_few(planner: Client):
    def queries(page: str) -> int:
        with CaptureQueriesContext(connection) as told:
            assert planner.get(page).status_code == 200
        return len(told)

    drafted(planner)
    few = queries(address("A"))
    planner.post(address("A", "plan/step/"), {"verb": "draft", "advisory": "1"})
    assert Action.objects.count() > 5
    assert queries(address("A")) == few


def test_an_overdue_action_stands_where_each_finds_what_waits_for_them(planner: Client):
    drafted(planner)
    completed(planner)
    planner.post(address("A", "plan/step/"), {"verb": "adopt"})
    officer("yanhu", "盐湖干部", area_code="140802")
    office = signed("yanhu")
    assert "设修鞋点" not in text(office.get("/office/inbox/"))
    escalate(SYSTEM, day=today() + timedelta(days=38))
    Action.objects.update(due_on=today() - timedelta(days=8))
    for client, page in ((office, "/office/inbox/"), (planner, "/city/")):
        shown = text(client.get(page))
        assert "逾期 8 天；已报县（市、区）商务主管部门" in shown
        assert "设修鞋点" in shown
        with CaptureQueriesContext(connection) as one:
            client.get(page)
        first = Action.objects.filter(state="open").count()
        assert first > 1
        Action.objects.filter(pk__in=list(Action.objects.values_list("pk", flat=True)[1:])).update(rung=0)
        with CaptureQueriesContext(connection) as other:
            client.get(page)
        assert len(one) == len(other)
        Action.objects.update(rung=2)


def test_anybody_verifies_an_issued_plan_by_its_code_and_its_pdf(planner: Client):
    drafted(planner)
    completed(planner)
    planner.post(address("A", "plan/step/"), {"verb": "adopt"})
    planner.post(address("A", "plan/step/"), {"verb": "issue"})
    made = IssuedPlan.objects.get()
    page = f"/verify/{spoken(made.code)}/"
    shown = text(Client().get(page))
    assert "是我们出具的文书" in shown
    assert "〕1号" in shown
    assert "已印发，不再更改" in shown
    for content, words in ((bytes(made.pdf), "一字不差"), (bytes(made.pdf)[:-1], "不一样")):
        sent = SimpleUploadedFile("plan.pdf", content, "application/pdf")
        assert words in text(Client().post(page, {"file": sent}))
