"""A notice of what isn't paid: put up from the inbox, read, objected to, down by itself; its cases go on, or back a step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from batch_examples import staff
from case_examples import later, on
from django.test import Client
from own_browser import own_browser
from paper_examples import taken
from walk_examples import FIRST, asked, on_list, opened, publish_draft, somebody
from web_examples import PASSWORD, SmallCity, officer

from linli.batches import queries
from linli.batches.acts import noticing, objecting
from linli.batches.models import AnnouncedLine, Announcement, Posted
from linli.casework import acts as casework
from linli.casework.documents import acts as documents
from linli.casework.models import Case, StepTaken
from linli.casework.steps import acts as steps
from linli.entitlements import acts, announcing
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Grant
from linli.registers.models import Resident
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
SLUG = "hard-to-employ"
MONDAY = later(date(2026, 10, 19))
ANSWERS = staff(64, Grant("officer"))
"""Answers objections, and has had no part in anything."""
CLERK = staff(65, Grant("clerk"))
TOLD = {"supervision": "0359-0000000", "objections_to": "盐湖区人社局"}


@pytest.fixture(autouse=True)
def _papers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "take_in", taken)


def unemployed(names: Sequence[str], **known: Any) -> list[Case]:
    """Registered as unemployed and older, accepted and checked."""
    found = []
    for name in names:
        who = somebody(55, name, **({"sex": "male"} | known))
        on_list(who, "unemployment-registration", unemployed_since=date(2026, 5, 1))
        case = asked(who, SLUG, committed=("difficulty",), account=None)
        opened(case)
        steps.pass_on(FIRST, case.uid)
        found.append(Case.objects.get(pk=case.pk))
    return found


def text(response: Any) -> str:
    assert response.status_code == 200, response
    return re.sub(r"\s+", " ", response.content.decode())


def step_of(case: Case) -> str:
    return str(Case.objects.values_list("step", flat=True).get(pk=case.pk))


def test_it_is_put_up_from_the_inbox_read_and_comes_down_by_itself(small_city: SmallCity) -> None:
    with on(MONDAY):
        cases = unemployed(("测试甲", "测试乙"))
        assert {step_of(one) for one in cases} == {"show"}
        officer("county", "经办县", area_code="140802", programme=SLUG)
        office = Client()
        office.post("/office/sign-in/", {"login": "county", "password": PASSWORD})
        begin = f"/batches/notices/new/{SLUG}/?area=140802"
        inbox = text(office.get("/office/inbox/"))
        assert "2 件等着公示" in inbox
        assert f'href="{begin}"' in inbox
        assert f'href="{begin}"' in text(office.get(f"/office/cases/{cases[0].uid}/"))
        page = text(office.get(begin))
        assert "公示 2 件" in page
        assert "测试甲" in page
        assert office.get(f"/batches/notices/new/{SLUG}/?area=140882").status_code == 404
        put_up = office.post(begin, TOLD)
        notice = Announcement.objects.get()
        assert put_up["Location"] == f"/batches/notices/{notice.uid}/"
        assert "等着公示" not in text(office.get("/office/inbox/"))
        assert office.get(begin).status_code == 404, "nothing waits any more"
        assert "撤下的不算公示过，要重新公示才能继续办理" in text(office.get(f"/batches/notices/{notice.uid}/"))
        assert office.get(f"/batches/notices/{notice.uid}/poster/")["Content-Type"] == "application/pdf"
        hung = {"verb": "hung", "place": "村委会门口", "hung_on_0": "2026", "hung_on_1": "10", "hung_on_2": "19"}
        office.post(f"/batches/notices/{notice.uid}/", hung)
        assert Posted.objects.filter(announcement=notice).count() == 1
        public = text(Client().get(f"/announcements/{notice.uid}/"))
        assert "测试甲" in public
        assert "拟同意" in public
        assert f"/announcements/{notice.uid}/" in text(Client().get("/announcements/"))
        assert "正在公示" in text(office.get(f"/office/cases/{cases[0].uid}/"))
        assert Fact.objects.filter(type="batches.notice_up", subject=str(cases[0])).exists(), "the case's history says so"
    last = notice.ends_on
    assert last == date(2026, 10, 26), "five working days after the first"
    with on(later(last)):
        noticing.take_down_due()
        assert {step_of(one) for one in cases} == {"show"}
    with on(later(last + timedelta(days=1))):
        assert noticing.take_down_due() == 1
        assert noticing.take_down_due() == 0
        assert {step_of(one) for one in cases} == {"register"}
        assert not AnnouncedLine.objects.exists()
        assert "测试甲" not in text(Client().get(f"/announcements/{notice.uid}/"))
        acts.decide(FIRST, cases[0].uid, "registered")
        assert Case.objects.get(pk=cases[0].pk).outcome == "registered"


def up(area: str = "") -> Announcement:
    return announcing.put_up(FIRST, programme=SLUG, area=area, **TOLD)


def objected(notice: Announcement, case: Case) -> Case:
    return objecting.object_to(CLERK, announcement=notice.uid, item=case.uid, words="他有工作")


def test_an_objection_that_was_right_sends_the_case_back_and_another_notice_shows_it_again(small_city: SmallCity) -> None:
    with on(MONDAY):
        cases = unemployed(("测试甲", "测试乙", "测试丙"))
        notice = up()
        right, wrong = objected(notice, cases[0]), objected(notice, cases[1])
        with pytest.raises(LinliError):
            casework.answer(FIRST, right.uid, "founded", "signed the case and put up the notice")
        casework.answer(ANSWERS, right.uid, "founded", "已就业")
        assert step_of(cases[0]) == "check"
        assert "测试甲" not in text(Client().get(f"/announcements/{notice.uid}/"))
        assert [line.cells[0] for _number, line in announcing.lines(notice)] == ["测试乙", "测试丙"]
        steps.pass_on(FIRST, cases[0].uid)
        again = up()
        assert [line.cells[0] for _number, line in announcing.lines(again)] == ["测试甲"]
    with on(later(notice.ends_on + timedelta(days=1))):
        Announcement.objects.filter(pk=again.pk).update(ends_on=notice.ends_on + timedelta(days=3))
        noticing.take_down_due()
        assert [step_of(one) for one in cases] == ["show", "show", "register"], "one hangs still, one waits for its answer"
        casework.answer(ANSWERS, wrong.uid, "unfounded", "查无此事")
        assert step_of(cases[1]) == "register"
    with on(later(notice.ends_on + timedelta(days=5))):
        noticing.take_down_due()
        assert step_of(cases[0]) == "register"
    assert not StepTaken.objects.filter(kind="notice", done_at=None).exists()


def test_one_that_is_taken_down_early_waits_again(small_city: SmallCity) -> None:
    with on(MONDAY):
        (case,) = unemployed(("测试甲",))
        notice = up("140802")
        with pytest.raises(LinliError, match=r"批次|公示|notice"):
            up("140802")
        noticing.withdraw(FIRST, announcement=notice.uid)
        assert step_of(case) == "show"
        assert up("140802").pk != notice.pk
        outsider = staff(66, Grant("officer", "140882", SLUG))
        assert not queries.announcements(outsider).exists()


def test_a_resident_objects_and_who_is_of_unknown_age_is_on_the_poster_alone(small_city: SmallCity) -> None:
    with on(MONDAY):
        known, unknown = unemployed(("测试甲", "测试乙"))
        Resident.objects.filter(uid=unknown.subject_uid).update(birth_date=None, birth_known=False)
        notice = up()
        public = text(Client().get(f"/announcements/{notice.uid}/"))
        assert ("测试甲" in public, "测试乙" in public) == (True, False)
        assert "凭编号反映" in public
        me = own_browser(small_city.found)
        line = AnnouncedLine.objects.get(announcement=notice)
        me.post(f"/my/announcements/{notice.uid}/object/{line.position}/", {"words": "他有工作"})
        me.post(f"/my/announcements/{notice.uid}/object/", {"number": "2", "words": "她也有工作"})
        assert list(notice.objections.order_by("id").values_list("about", flat=True)) == [known.pk, unknown.pk]
        assert [number for number, _line in announcing.lines(notice)] == [1, 2]


def test_nobody_is_shown_whom_the_rule_does_not_find(small_city: SmallCity) -> None:
    with on(MONDAY):
        who = somebody(30, "测试丁", sex="male")
        on_list(who, "unemployment-registration", unemployed_since=date(2026, 5, 1), present=False)
        case = asked(who, SLUG, committed=("difficulty",), account=None)
        opened(case)
        steps.pass_on(FIRST, case.uid)
        assert step_of(case) == "register", "there is nothing to show"
        acts.decide(FIRST, case.uid, "refused")


def test_days_that_the_programme_leaves_open_are_asked_for_with_their_document(small_city: SmallCity) -> None:
    changed = [("days: 5, unit: working, place", "days: null, unit: working, place")]
    publish_draft(SLUG, [*changed, ('version: "2026"', 'version: "2026b"'), ("effective_from: 2026-01-01", "effective_from: 2026-02-01")])
    with on(MONDAY):
        unemployed(("测试甲",))
        officer("whole", "经办", programme=SLUG)
        office = Client()
        office.post("/office/sign-in/", {"login": "whole", "password": PASSWORD})
        begin = f"/batches/notices/new/{SLUG}/?area="
        assert "公示天数" in text(office.get(begin))
        office.post(begin, TOLD)
        assert not Announcement.objects.exists()
        office.post(begin, {**TOLD, "notice_days": "3", "notice_days_document": "运人社〔2026〕1号"})
        notice = Announcement.objects.get()
        assert (notice.days, notice.given["notice_days"]["document"]) == (3, "运人社〔2026〕1号")
