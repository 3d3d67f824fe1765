"""Clocks of cases: on time, one level at a time up to the city, once, and a failing one waits alone."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from case_examples import CITY, COUNTY, DUE, FACT, OPENED, Town, build, later, on
from django.db import connection, connections, transaction

from linli.casework import acts, clockwork, opening, timers
from linli.casework.models import Case, Task, Timer
from linli.kernel.clock import SHANGHAI
from linli.trace import queries as trace

OTHERS_END = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
NIGHT_AFTER = later(DUE) + timedelta(hours=15)  # midnight, when the due day is over


@pytest.fixture
def case(town: Town) -> Case:
    with on(OPENED):
        return acts.open_dispute(town.self, town.who.uid, FACT)


def fired(moment) -> int:
    with on(moment):
        return timers.fire_due()


def levels(case: Case) -> list[str]:
    return [fact.payload["to_level"] for fact in trace.timeline(str(case)) if fact.type == "casework.escalated"]


@pytest.mark.django_db
def test_a_late_task_goes_up_one_level_at_a_time_and_stays_at_the_top(case: Case):
    assert fired(later(DUE, 23)) == 0
    assert fired(NIGHT_AFTER) == 1
    task = Task.objects.get(case=case)
    assert (task.desk_code, task.level, task.due_at.astimezone(SHANGHAI).date()) == ("140802", 1, date(2026, 10, 21))
    assert fired(NIGHT_AFTER) == 0
    assert fired(later(date(2026, 10, 22))) == 1
    assert Task.objects.get(case=case).desk_code == "1408"
    assert fired(later(date(2026, 10, 28))) == 1
    assert levels(case) == ["county", "prefecture"]
    assert not Timer.objects.filter(done_at=None).exists()
    assert Case.objects.get(pk=case.pk).due_at == case.due_at  # what was promised to the person stays


@pytest.mark.django_db
def test_an_answered_case_climbs_no_more_and_says_that_it_was_late(case: Case):
    fired(NIGHT_AFTER)
    with on(later(date(2026, 10, 20))):
        acts.answer(COUNTY, case.uid, "kept", "理由")
    assert fired(later(date(2026, 10, 28))) == 0
    assert trace.timeline(str(case))[-1].payload["on_time"] is False


@pytest.mark.django_db
def test_after_a_long_stop_a_task_climbs_from_the_day_it_is_noticed(case: Case):
    assert fired(later(date(2026, 11, 2))) == 1
    assert Task.objects.get(case=case).due_at.astimezone(SHANGHAI).date() == date(2026, 11, 5)


@pytest.mark.django_db
def test_a_taken_task_is_free_again_at_the_higher_desk(case: Case):
    acts.take(COUNTY, case.uid)
    fired(NIGHT_AFTER)
    assert acts.take(CITY, case.uid).task.taken_by == CITY.actor


@pytest.mark.django_db
def test_a_failing_timer_waits_alone_with_its_error(town: Town, case: Case, monkeypatch: pytest.MonkeyPatch):
    with on(OPENED):
        other = acts.open_dispute(town.self, town.who.uid, "disability_kind")
    real = acts.escalate

    def failing(viewer, uid):
        if uid == case.uid:
            raise RuntimeError("broken case")
        return real(viewer, uid)

    monkeypatch.setattr(acts, "escalate", failing)
    assert fired(NIGHT_AFTER) == 2
    assert levels(other) == ["county"]
    assert levels(case) == []
    waiting = Timer.objects.get(case=case)
    assert "broken case" in waiting.error
    assert (waiting.done_at, waiting.attempts) == (None, 1)
    assert waiting.next_at - NIGHT_AFTER == timers.FIRST_PAUSE
    monkeypatch.undo()
    assert fired(NIGHT_AFTER + timers.FIRST_PAUSE) == 1
    assert levels(case) == ["county"]


def test_a_kind_is_declared_once():
    with pytest.raises(ValueError, match="twice"):
        timers.timer(opening.DUE)(lambda case: None)


@pytest.mark.django_db(transaction=True)
def test_timers_that_another_process_holds_are_skipped_and_all_fire_once():
    town = build()
    with on(OPENED):
        cases = [acts.open_dispute(town.self, who, fact) for who, fact in ((town.who.uid, FACT), (town.who.uid, "disability_kind"))]

    def fire() -> None:
        fired(NIGHT_AFTER)
        connections.close_all()

    with transaction.atomic():
        Timer.objects.select_for_update().get(case=cases[0])
        fire_beside = threading.Thread(target=fire)
        fire_beside.start()
        fire_beside.join()
    assert (levels(cases[0]), levels(cases[1])) == ([], ["county"])
    several = [threading.Thread(target=fire) for _ in range(4)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    assert (levels(cases[0]), levels(cases[1])) == (["county"], ["county"])


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_the_workers_clock_fires_what_is_due_and_outlives_a_broken_connection():
    town = build()
    with on(OPENED):
        case = acts.open_dispute(town.self, town.who.uid, FACT)
    with clockwork.running():
        eventually(lambda: levels(case) == ["county"])
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        Timer.objects.filter(done_at=None).update(next_at=OPENED)
        Task.objects.update(due_at=OPENED)
        eventually(lambda: levels(case) == ["county", "prefecture"])


def eventually(happened) -> None:
    pause = threading.Event()
    for _ in range(600):
        if happened():
            return
        pause.wait(0.05)
    pytest.fail("it never happened")


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_who_answer_at_once_one_is_refused():
    town = build()
    with on(OPENED):
        case = acts.open_dispute(town.self, town.who.uid, FACT)
    barrier, problems = threading.Barrier(2), []

    def answer(viewer, words: str) -> None:
        barrier.wait()
        try:
            acts.answer(viewer, case.uid, "kept", words)
        except acts.LinliError as problem:
            problems.append(problem.code)
        connections.close_all()

    both = [threading.Thread(target=answer, args=(viewer, words)) for viewer, words in ((COUNTY, "甲"), (CITY, "乙"))]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert problems == ["casework.answered_already"]
    assert [fact.type for fact in trace.timeline(str(case))].count("casework.closed") == 1


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_one_who_sends_the_same_form_twice_at_once_opens_one_case():
    town = build()
    barrier, found = threading.Barrier(2), []

    def ask() -> None:
        barrier.wait()
        with on(OPENED):
            found.append(acts.open_dispute(town.self, town.who.uid, FACT, key="form").pk)
        connections.close_all()

    both = [threading.Thread(target=ask) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert found[0] == found[1]
    assert Case.objects.count() == 1
