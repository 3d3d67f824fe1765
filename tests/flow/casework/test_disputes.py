"""A disputed fact from the receipt to the answer: who may dispute, who may answer, what “corrected” means, and what is recorded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from case_examples import (
    CITY,
    CLERK,
    COLLEAGUE,
    COUNTY,
    DUE,
    FACT,
    LIST,
    ONE_PROGRAMME,
    OPENED,
    OTHER_COUNTY,
    Town,
    later,
    on,
    refused,
    resident,
    staff,
)  # fmt: skip
from place_examples import FIRST_DAY, SYSTEM, VILLAGE

from linli import vault
from linli.casework import acts, inbox, queries, unmanned
from linli.casework.corrections import Correction
from linli.casework.models import Case, Timer, Words
from linli.kernel import clock
from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import Refused
from linli.kernel.viewer import Grant
from linli.registers import acts as registers
from linli.registers.acts.records import record_change
from linli.registers.models import Organisation, Record, Staff, StaffGrant
from linli.registers.queries import viewer_of
from linli.trace import queries as trace
from linli.trace.deep import verify_rows
from linli.trace.sealed import verify_keys

pytestmark = pytest.mark.django_db
LEVEL_TWO = Correction(True, FIRST_DAY, {"disability_level": 2})


def opened(town: Town, **more) -> Case:
    with on(OPENED):
        return acts.open_dispute(town.self, town.who.uid, FACT, "证上写的是二级", **more)


def test_a_dispute_goes_to_the_lists_owner_in_the_persons_area_with_a_due_day_in_working_days(town: Town):
    case = opened(town)
    assert case.department == "运城市残疾人联合会"
    assert (case.task.role, case.task.desk_code) == ("officer", "140802002")
    assert case.due_at.astimezone(SHANGHAI).date() == DUE
    (fact,) = trace.timeline(str(case))
    assert fact.type == "casework.case_opened"
    assert fact.payload == {
        "case": str(case.uid), "receipt": case.receipt, "kind": "fact_dispute", "list": LIST, "fact": FACT, "due": str(DUE),
    }  # fmt: skip


def test_what_a_person_wrote_is_ciphertext_and_each_reading_of_it_is_listed_to_them(town: Town):
    case = opened(town)
    assert "二级" not in Words.objects.get(case=case).cipher
    assert queries.words_of(COUNTY, case) == {"opened": "证上写的是二级"}
    assert vault.accesses_of(town.who.uid).latest("id").purpose == "casework.answer"
    assert queries.words_of(town.self, case) == {"opened": "证上写的是二级"}


def test_a_correction_is_stated_with_the_answer_and_screens_the_person_again(town: Town):
    case = opened(town)
    with on(later(DUE)):
        done = acts.answer(COUNTY, case.uid, "corrected", correction=LEVEL_TWO)
    assert (done.status, done.outcome) == ("closed", "corrected")
    record = Record.objects.get(resident=town.who, list_slug=LIST, known_to=None)
    assert record.data == {"disability_kind": "visual", "disability_level": 2}
    assert [fact.type for fact in trace.timeline(str(case))] == ["casework.case_opened", "casework.answered", "casework.closed"]
    assert trace.timeline(str(case))[-1].payload["on_time"] is True
    assert "registers.record_changed" in {fact.type for fact in trace.timeline(f"resident:{town.who.uid}")}
    assert Timer.objects.get(case=case).done_at is not None


def test_corrected_is_refused_while_nothing_was_corrected_and_accepted_once_it_was(town: Town):
    case = opened(town)
    with on(later(DUE)):
        with refused("casework.nothing_corrected"):
            acts.answer(COUNTY, case.uid, "corrected")
        with refused("casework.same_as_before"):
            acts.answer(COUNTY, case.uid, "corrected", correction=Correction(True, FIRST_DAY, {"disability_level": 1}))
        record_change(COUNTY, subject=town.who, list_slug=LIST, valid_from=FIRST_DAY, present=False)
        assert acts.answer(COUNTY, case.uid, "corrected").status == "closed"


def test_who_is_not_on_the_list_any_more_can_be_said_too(town: Town):
    case = opened(town)
    with on(later(DUE)):
        acts.answer(COUNTY, case.uid, "corrected", correction=Correction(False, later(DUE).date()))
    rows = Record.objects.filter(resident=town.who, list_slug=LIST, known_to=None).order_by("valid_from")
    assert [row.present for row in rows] == [True, False]


def test_the_population_register_is_a_clerks_task_and_its_own_acts_correct_it(town: Town):
    clerk = staff(9, Grant("clerk", "140802"))
    with on(OPENED):
        case = acts.open_dispute(town.self, town.who.uid, "birth_date")
    assert (case.task.role, case.department) == ("clerk", "")
    with refused("casework.no_case"):
        acts.answer(COUNTY, case.uid, "kept", "理由")
    with on(later(DUE)):
        with refused("casework.not_correctable"):
            acts.answer(clerk, case.uid, "corrected", correction=LEVEL_TWO)
        registers.correct_resident(clerk, resident=town.who, changes={"hukou_type": "agricultural"})
        assert acts.answer(clerk, case.uid, "corrected").outcome == "corrected"


def test_keeping_a_fact_needs_reasons_and_the_person_reads_them(town: Town):
    case = opened(town)
    with refused("casework.no_reasons"):
        acts.answer(COUNTY, case.uid, "kept", "  ")
    acts.answer(COUNTY, case.uid, "kept", "鉴定结论为一级")
    assert queries.words_of(town.self, case)["answered"] == "鉴定结论为一级"


def test_who_may_dispute_for_whom(town: Town):
    for viewer in (CLERK, COUNTY, CITY, resident(town.other, acts_for=(str(town.who.uid),))):
        case = acts.open_dispute(viewer, town.who.uid, FACT)
        assert case.on_behalf_of == f"resident:{town.who.uid}"
        assert trace.timeline(str(case))[0].payload["on_behalf_of"] == case.on_behalf_of
        acts.answer(CITY, case.uid, "kept", "理由")
    for viewer in (OTHER_COUNTY, resident(town.other), ONE_PROGRAMME):
        with pytest.raises(Refused):
            acts.open_dispute(viewer, town.who.uid, FACT)
    with pytest.raises(Refused):  # a telephone code alone shows progress only
        acts.open_dispute(resident(town.who, level="phone"), town.who.uid, FACT)


def test_one_open_dispute_for_one_fact_and_a_retry_with_the_key_is_the_same_case(town: Town):
    case = opened(town, key="k1")
    assert opened(town, key="k1") == case
    with refused("casework.open_already"):
        opened(town, key="k2")
    assert Case.objects.count() == 1


def test_a_key_is_its_makers_alone(town: Town):
    case = opened(town, key="k1")
    acts.answer(COUNTY, case.uid, "kept", "理由", key="k1")
    assert acts.answer(COUNTY, case.uid, "kept", "理由", key="k1").pk == case.pk
    with refused("casework.answered_already"):
        acts.answer(COLLEAGUE, case.uid, "kept", "理由", key="k1")


@pytest.mark.parametrize("viewer", [OTHER_COUNTY, CLERK, ONE_PROGRAMME, staff(10)])
def test_what_a_grant_does_not_cover_is_not_there(town: Town, viewer):
    case = opened(town)
    for attempt in (
        lambda: acts.answer(viewer, case.uid, "kept", "理由"),
        lambda: acts.take(viewer, case.uid),
        lambda: queries.case(viewer, case.uid),
    ):
        with refused("casework.no_case"):
            attempt()
    assert queries.cases_of(viewer, town.who.uid) == []


def test_a_member_of_a_department_does_its_own_tasks_only(town: Town):
    case = opened(town)
    viewers = {}
    for login, name in (("disabled", "盐湖区残疾人联合会"), ("education", "盐湖区教育局")):
        office = Organisation.objects.create(name=name, kind="department", area_code="140802")
        who = registers.add_staff(SYSTEM, login=login, name="测试员", password="a-long-test-password-7")
        Staff.objects.filter(pk=who.pk).update(organisation=office)
        registers.place_grant(SYSTEM, staff=who, role="officer", area_code="140802", valid_from=FIRST_DAY)
        viewers[login] = viewer_of(who)
    with refused("casework.no_case"):
        acts.take(viewers["education"], case.uid)
    assert acts.take(viewers["disabled"], case.uid).task.taken_by == viewers["disabled"].actor


def test_a_task_is_taken_by_one_and_given_back(town: Town):
    case = opened(town)
    acts.take(COUNTY, case.uid, key="t")
    acts.take(COUNTY, case.uid, key="t")
    with refused("casework.taken"):
        acts.take(COLLEAGUE, case.uid)
    acts.release(COLLEAGUE, case.uid)
    assert acts.take(COLLEAGUE, case.uid).task.taken_by == COLLEAGUE.actor
    assert [fact.payload.get("change") for fact in trace.timeline(str(case))] == [None, "taken", "released", "taken"]


def test_an_answer_written_on_an_older_state_is_refused(town: Town):
    case = opened(town)
    with refused("casework.changed_meanwhile"):
        acts.answer(COUNTY, case.uid, "kept", "理由", version=case.version + 1)


def test_bulk_answers_report_each_case_and_a_repeated_call_repeats_nothing(town: Town):
    first = opened(town)
    with on(OPENED):
        second = acts.open_dispute(town.self, town.who.uid, "disability_kind")
    acts.answer(CITY, second.uid, "kept", "理由")
    for _attempt in range(2):
        done = acts.keep_many(COUNTY, [first.uid, second.uid], "同一理由", key="bulk")
        assert [one.problem and one.problem.code for one in done] == [None, "casework.answered_already"]
    assert Words.objects.filter(part="answered").count() == 2


def test_a_due_day_in_a_year_without_calendar_is_refused_and_nothing_is_left(town: Town):
    with on(clock.now().replace(year=2027, month=12, day=30)), refused("workdays.undeclared_year"):
        acts.open_dispute(town.self, town.who.uid, FACT)
    assert not Case.objects.exists()


def test_a_rating_is_given_once_by_the_person_and_the_rate_of_answers_stands_beside_the_score(town: Town):
    case = opened(town)
    with refused("casework.not_to_rate"):
        acts.rate(town.self, case.uid, 4)
    acts.answer(COUNTY, case.uid, "kept", "理由")
    assert queries.satisfaction(COUNTY) == queries.Satisfaction(1, 0, None)
    with refused("casework.no_case"):
        acts.rate(resident(town.other), case.uid, 4)
    with refused("casework.bad_score"):
        acts.rate(town.self, case.uid, 6)
    acts.rate(town.self, case.uid, 4, "清楚", key="r")
    acts.rate(town.self, case.uid, 4, "清楚", key="r")
    with refused("casework.not_to_rate"):
        acts.rate(town.self, case.uid, 5)
    found = queries.satisfaction(COUNTY)
    assert (found.invited, found.answered, found.score, found.per_mille) == (1, 1, 400, 1000)
    assert queries.satisfaction(OTHER_COUNTY).invited == 0


def test_an_erased_persons_cases_lose_their_words_and_their_village(town: Town):
    case = opened(town)
    registers.erase_resident(SYSTEM, resident=town.who, reason="test")
    acts.forget(SYSTEM, town.who.uid)
    row = Case.objects.get(pk=case.pk)
    assert (row.status, row.area_code, row.task.area_code) == ("closed", "140802", "140802")
    assert not Words.objects.exists()
    assert not [finding for finding in (*verify_rows(), *verify_keys()) if "casework" in str(finding)]


def test_rows_of_cases_are_covered_by_the_trace(town: Town):
    case = opened(town)
    Case.objects.filter(pk=case.pk).update(due_at=case.due_at + timedelta(days=9))
    assert any(f"casework.case:{case.pk}" in str(finding) for finding in verify_rows())


def test_a_visit_is_the_stewards_where_the_person_lives(town: Town):
    from case_examples import GRID, STEWARD

    with on(OPENED):
        case = acts.open_home_visit(resident(town.who, level="phone"), town.who.uid, "想请人来看看")
    assert case.task.desk_code == VILLAGE
    assert acts.take(STEWARD, case.uid).task.taken_by == STEWARD.actor
    assert queries.case(GRID, case.uid).pk == case.pk
    assert acts.answer(STEWARD, case.uid, "visited").outcome == "visited"


def test_unknown_facts_and_too_long_words_are_refused(town: Town):
    with refused("casework.unknown_fact"):
        acts.open_dispute(town.self, town.who.uid, "no_such_fact")
    with refused("casework.too_many_words"):
        acts.open_dispute(town.self, town.who.uid, FACT, "长" * 1001)
    with refused("casework.unknown_outcome"):
        acts.answer(COUNTY, opened(town).uid, "visited")


def posted(name: str, role: str, area: str) -> StaffGrant:
    who = Staff.objects.create(login=name, name=name)
    return StaffGrant.objects.create(staff=who, role=role, area_code=area, valid_from=FIRST_DAY)


def test_a_visit_where_no_steward_is_lies_at_once_with_the_officers_above(town: Town):
    from case_examples import STEWARD

    posted("city", "officer", "")
    posted("county", "officer", "140802")
    with on(OPENED):
        case = acts.open_home_visit(resident(town.who, level="phone"), town.who.uid)
        assert case.task.desk_code == "140802"
        assert [item.case for item in inbox.inbox(COUNTY, inbox.Choice(level="county", kind="home_visit")).items] == [case.uid]
        assert [item.case for item in inbox.inbox(CITY, inbox.Choice(kind="home_visit")).items] == [case.uid]
        assert inbox.inbox(OTHER_COUNTY, inbox.Choice(kind="home_visit")).items == ()
        assert queries.case(STEWARD, case.uid).pk == case.pk  # one who comes later has it too
        assert acts.answer(COUNTY, case.uid, "visited").outcome == "visited"


def test_a_visit_moves_up_when_its_steward_goes_and_a_place_without_anybody_is_named(town: Town):
    steward = posted("steward", "steward", VILLAGE)
    with on(OPENED):
        case = acts.open_home_visit(resident(town.who, level="phone"), town.who.uid)
        assert case.task.desk_code == VILLAGE
        assert inbox.inbox(COUNTY).items == ()
        assert (unmanned.hand_up_all(), unmanned.unstaffed()) == (0, [])
        StaffGrant.objects.filter(pk=steward.pk).update(valid_to=FIRST_DAY)
        assert (unmanned.hand_up_all(), unmanned.unstaffed()) == (0, [case.task.area_code])
        posted("county", "officer", "140802")
        assert (unmanned.hand_up_all(), unmanned.unstaffed()) == (1, [])
        assert unmanned.hand_up_all() == 0
        assert [item.case for item in inbox.inbox(COUNTY).items] == [case.uid]
    assert trace.timeline(str(case))[-1].type == "casework.handed_up"
