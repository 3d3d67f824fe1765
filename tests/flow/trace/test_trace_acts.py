"""An act is all or nothing: rows, facts and jobs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from trace_examples import CLERK, LOADED, NOTED, codes, note

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.trace import AlreadyDone, FactType, act, bulk_act, queries, reaction
from linli.trace.models import Fact, Head

pytestmark = pytest.mark.usefixtures("empty_trace")
WATCHED = FactType("example.watched", version=1, schema={"type": "object"}, zh="关注", en="watched")


@reaction(WATCHED, LOADED, name="example.watch")
def watch(facts: object) -> None:
    """Nothing to do: these tests look at the jobs."""


def _jobs() -> list[dict[str, object]]:
    return [job.args for job in ProcrastinateJob.objects.filter(task_name="trace.react").order_by("id")]


def _write_and_fail() -> None:
    with act(CLERK, key="failing") as a:
        a.record(WATCHED, subject="case:1", rows=[Group.objects.create(name="x")])
        a.result = 1 // 0


def test_an_act_that_fails_leaves_no_row_no_fact_and_no_job() -> None:
    with pytest.raises(ZeroDivisionError):
        _write_and_fail()
    assert (Group.objects.count(), Fact.objects.count(), _jobs()) == (0, 0, [])
    with act(CLERK, key="failing") as a:
        a.record(WATCHED, subject="case:1")
    assert Fact.objects.count() == 1


def test_a_fact_says_who_what_when_and_where() -> None:
    happened = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
    with clock.frozen(datetime(2026, 9, 2, tzinfo=UTC)), act(Viewer("staff:7"), occurred_at=happened) as a:
        a.record(NOTED, subject="case:1", payload={"note": "来访"}, area="140802001003G001", also=["home:3"])
    fact, echo = Fact.objects.order_by("id")
    assert (fact.type, fact.version, fact.actor, fact.subject, fact.area) == ("example.noted", 1, "staff:7", "case:1", "140802001003G001")
    assert (fact.occurred_at, fact.recorded_at) == (happened, datetime(2026, 9, 2, tzinfo=UTC))
    assert (echo.subject, echo.echo_of, echo.payload) == ("home:3", fact.id, fact.payload)
    assert queries.timeline("home:3") == [echo]
    assert queries.facts_of(NOTED) == [fact]


def test_inner_acts_join_the_outer_one_and_keep_their_own_viewer() -> None:
    with act(Viewer("staff:1")) as outer:
        outer.record(NOTED, subject="case:1")
        with act(Viewer("staff:2")) as inner:
            inner.record(NOTED, subject="case:2")
        assert not Fact.objects.exists()
    assert [fact.actor for fact in Fact.objects.order_by("id")] == ["staff:1", "staff:2"]


def test_an_inner_act_that_fails_takes_back_only_itself() -> None:
    with act(CLERK) as outer:
        outer.record(NOTED, subject="case:1")
        with pytest.raises(ZeroDivisionError):
            _write_and_fail()
        outer.record(NOTED, subject="case:2")
    assert [fact.subject for fact in Fact.objects.order_by("id")] == ["case:1", "case:2"]
    assert (Group.objects.count(), _jobs(), codes()) == (0, [], set())


def test_a_key_is_used_once_and_answers_with_the_first_result() -> None:
    with act(CLERK, key="order-1") as a:
        a.record(NOTED, subject="case:1")
        a.result = {"receipt": "R-1"}
    for _ in range(2):
        with pytest.raises(AlreadyDone) as done, act(CLERK, key="order-1") as a:
            a.record(NOTED, subject="case:1")
        assert done.value.result == {"receipt": "R-1"}
    assert Fact.objects.count() == 1


def test_one_job_per_reaction_carries_the_facts_of_the_act() -> None:
    with act(CLERK) as a:
        for number in range(1500):
            a.record(WATCHED, subject=f"case:{number}", also=["home:1"] if number < 3 else [])
            a.record(NOTED, subject=f"case:{number}")
    wanted = list(Fact.objects.filter(type=WATCHED.name, echo_of=None).order_by("id").values_list("id", flat=True))
    assert [job["reaction"] for job in _jobs()] == ["example.watch"] * 2
    assert [fact for job in _jobs() for fact in job["facts"]] == wanted  # type: ignore[attr-defined]
    assert codes() == set()


def test_a_bulk_act_reacts_to_its_anchor_alone() -> None:
    with bulk_act(CLERK, LOADED, subject="list:1", payload={"n": 9}, area="1408") as bulk:
        bulk.extend((WATCHED, f"case:{number}", {}, {}) for number in range(9))
        bulk.act.result = {"rows": 9}
    (anchor,) = queries.facts_of(LOADED)
    assert anchor.payload["n"] == 9
    assert anchor.payload["bulk"]["count"] == 9
    assert [job["facts"] for job in _jobs()] == [[anchor.id]]
    assert [fact.subject for fact in queries.bulk_facts(anchor)] == [f"case:{number}" for number in range(9)]


def test_an_empty_bulk_act_is_anchored_without_a_chain() -> None:
    with bulk_act(CLERK, LOADED, subject="list:1") as bulk:
        bulk.extend([])
    (anchor,) = queries.facts_of(LOADED)
    assert anchor.payload == {"bulk": {"chain": None, "root": None, "count": 0}}
    assert list(queries.bulk_facts(anchor)) == []
    assert codes() == set()


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"payload": {"note": 7}}, "trace.bad_payload"),
        ({"payload": {"other": "x"}}, "trace.bad_payload"),
        ({"payload": {"bulk": {"chain": 1}}}, "trace.bad_payload"),
        ({"payload": {"note": "身份证11010519491231002X，已核"}}, "trace.personal_data"),
        ({"subject": "case 1"}, "trace.bad_subject"),
        ({"subject": "case"}, "trace.bad_subject"),
        ({"also": ["home"]}, "trace.bad_subject"),
        ({"area": "14x"}, "areas.bad_code"),
    ],
)
def test_what_is_not_declared_is_refused_and_nothing_is_written(fault: dict[str, object], code: str) -> None:
    arguments: dict[str, object] = {"subject": "case:1", **fault}
    with pytest.raises(LinliError) as refusal, act(CLERK) as a:
        a.record(NOTED, rows=[Group.objects.create(name="x")], **arguments)  # type: ignore[arg-type]
    assert refusal.value.code == code
    assert (Group.objects.count(), Fact.objects.count()) == (0, 0)


def test_a_number_that_is_no_identity_number_may_be_recorded() -> None:
    note("case:1", "订单 110105194912310029")
    assert Fact.objects.count() == 1


def test_a_type_is_declared_once() -> None:
    assert FactType("example.noted", version=1, schema=NOTED.schema, zh="记录", en="noted") == NOTED
    with pytest.raises(ValueError, match="declared twice"):
        FactType("example.noted", version=1, schema={}, zh="记录", en="noted")


def test_facts_cannot_be_saved_or_deleted_as_objects() -> None:
    note("case:1")
    fact = Fact.objects.get()
    with pytest.raises(TypeError):
        fact.save()
    with pytest.raises(TypeError):
        fact.delete()


def test_the_model_names_every_column_of_the_table() -> None:
    for model in (Fact, Head):
        with connection.cursor() as cursor:
            stored = {column.name for column in connection.introspection.get_table_description(cursor, model._meta.db_table)}
        assert stored == {field.column for field in model._meta.concrete_fields}
