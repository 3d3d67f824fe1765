"""Reactions: at least once, their effects once, and a poisoned fact set aside alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError
from procrastinate.contrib.django.models import ProcrastinateJob
from trace_examples import CLERK, NOTED, behind_the_trace

from linli.kernel.errors import LinliError
from linli.trace import FactType, act, queries, reaction
from linli.trace.jobs import react, retry_parked
from linli.trace.models import Fact, Parked, Reacted

pytestmark = pytest.mark.usefixtures("empty_trace")
CAUSED = FactType("example.caused", version=1, schema={"type": "object"}, zh="引起", en="caused")
FOLLOWED = FactType("example.followed", version=1, schema={"type": "object"}, zh="跟进", en="followed")


class Trouble:
    """What the reaction meets: subjects it fails on, and whether the database is down for it."""

    poisoned: frozenset[str] = frozenset()
    down = False


@pytest.fixture(autouse=True)
def no_trouble() -> None:
    Trouble.poisoned, Trouble.down = frozenset(), False


@reaction(CAUSED, name="example.follow")
def follow(facts: Sequence[Fact]) -> None:
    """One group and one fact for each cause."""
    for cause in facts:
        with act(CLERK) as a:
            group = Group.objects.create(name=cause.subject)
            a.record(FOLLOWED, subject=cause.subject, rows=[group])
        if cause.subject in Trouble.poisoned:
            raise ValueError(f"cannot follow {cause.subject}\nDETAIL: nothing")
        if Trouble.down:
            raise OperationalError("the connection was lost")


def _cause(*subjects: str) -> list[int]:
    with act(CLERK) as a:
        for subject in subjects:
            a.record(CAUSED, subject=subject)
    return list(Fact.objects.filter(type=CAUSED.name).order_by("id").values_list("id", flat=True))


def _followed() -> list[str]:
    return [fact.subject for fact in queries.facts_of(FOLLOWED)]


def _run_jobs() -> None:
    """What the worker does with the jobs of these tests, in this process and this transaction."""
    for job in ProcrastinateJob.objects.filter(task_name=react.name).order_by("id"):
        react(**job.args)


def test_a_fact_is_followed_once_however_often_its_job_runs() -> None:
    facts = _cause("case:1", "case:2")
    for _ in range(3):
        _run_jobs()
    assert _followed() == ["case:1", "case:2"]
    assert sorted(Reacted.objects.values_list("fact", flat=True)) == facts
    assert Group.objects.count() == 2
    assert {fact.actor for fact in queries.facts_of(FOLLOWED)} == {CLERK.actor}


def test_a_job_that_was_cut_off_goes_on_where_it_stopped() -> None:
    facts = _cause("case:1", "case:2", "case:3")
    react(reaction="example.follow", facts=facts[:2])
    _run_jobs()
    assert _followed() == ["case:1", "case:2", "case:3"]


def test_a_poisoned_fact_is_parked_alone_and_the_others_go_on() -> None:
    Trouble.poisoned = frozenset({"case:2"})
    facts = _cause("case:1", "case:2", "case:3")
    _run_jobs()
    assert _followed() == ["case:1", "case:3"]
    (one,) = queries.parked()
    assert (one.reaction, one.fact, one.attempts) == ("example.follow", facts[1], 1)
    assert "ValueError" in one.error
    assert "cannot follow case:2" in one.error
    assert not Group.objects.filter(name="case:2").exists(), "what a failed handler wrote is gone"


def test_a_parked_fact_is_counted_at_each_try_and_freed_when_it_succeeds() -> None:
    Trouble.poisoned = frozenset({"case:2"})
    _cause("case:2")
    _run_jobs()
    one = Parked.objects.get()
    with pytest.raises(LinliError, match="failed again"):
        retry_parked(one.pk)
    assert Parked.objects.get().attempts == 2
    Trouble.poisoned = frozenset()
    retry_parked(one.pk)
    assert _followed() == ["case:2"]
    assert not Parked.objects.exists()
    with pytest.raises(LinliError, match="no such parked fact"):
        retry_parked(one.pk)


def test_a_lost_database_parks_nothing_so_that_the_job_is_tried_again() -> None:
    Trouble.down = True
    _cause("case:1")
    with pytest.raises(OperationalError):
        _run_jobs()
    assert (Parked.objects.count(), Reacted.objects.count(), _followed()) == (0, 0, [])
    Trouble.down = False
    _run_jobs()
    assert _followed() == ["case:1"]


def test_a_reaction_this_release_does_not_know_fails_its_job_and_nothing_else() -> None:
    with pytest.raises(LinliError, match="No such reaction"):
        react(reaction="example.unknown", facts=[1])


def test_facts_of_other_types_bring_no_job() -> None:
    with act(CLERK) as a:
        a.record(NOTED, subject="case:1", also=["case:2"])
    assert not ProcrastinateJob.objects.filter(task_name=react.name).exists()


def test_a_reaction_is_declared_once() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        reaction(CAUSED, name="example.follow")(follow)


@pytest.fixture(autouse=True)
def _no_jobs(empty_trace: None) -> None:
    behind_the_trace("DELETE FROM procrastinate_jobs")
