"""Rows behind the facts: what an act changed is digested, what anyone else changed is named."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from trace_examples import CLERK, LOADED, NOTED, behind_the_trace, note

from linli.kernel.digests import algorithm_of, default_algorithm
from linli.trace import act, bulk_act, rows
from linli.trace.deep import verify_rows
from linli.trace.findings import Finding
from linli.trace.models import Fact
from linli.trace.verify import Tally

pytestmark = pytest.mark.usefixtures("empty_trace")


def _found() -> list[tuple[str, str]]:
    """(code, row) of the example rows; other stages' rows are not this test's business."""
    return [(finding.code, finding.row) for finding in verify_rows() if finding.row.startswith("auth.group:")]


def _group(name: str) -> Group:
    with act(CLERK) as a:
        group = Group.objects.create(name=name)
        a.record(NOTED, subject=f"group:{group.pk}", rows=[group])
    return group


def test_rows_that_only_acts_changed_are_in_order() -> None:
    first, second = _group("甲"), _group('乙 "b"\nc')
    with act(CLERK) as a:
        first.name = "丙"
        first.save()
        a.record(NOTED, subject="group:1", rows=[first])
        a.record(NOTED, subject="group:2", rows=[(Group, second.pk)])
        second.delete()
    tally = Tally()
    assert [finding for finding in verify_rows(tally=tally) if finding.row.startswith("auth.group")] == []
    assert tally.rows >= 1


def test_the_digest_is_of_the_row_when_the_act_ended() -> None:
    with act(CLERK) as a:
        group = Group.objects.create(name="before")
        a.record(NOTED, subject="group:1", rows=[group])
        Group.objects.update(name="after")
    assert _found() == []
    assert algorithm_of(rows.row_digest(group)) == default_algorithm()


def test_an_altered_a_deleted_and_an_inserted_row_are_named() -> None:
    altered, deleted, kept = _group("altered"), _group("deleted"), _group("kept")
    last = Fact.objects.filter(digests__has_key=f"auth.group:{altered.pk}").latest("id")
    behind_the_trace("UPDATE auth_group SET name = 'changed' WHERE id = %s", altered.pk)
    behind_the_trace("DELETE FROM auth_group WHERE id = %s", deleted.pk)
    inserted = Group.objects.create(name="inserted")
    found = {finding.row: finding for finding in verify_rows()}
    assert found[f"auth.group:{altered.pk}"] == Finding("row_altered", last.chain, last.seq, last.id, row=f"auth.group:{altered.pk}")
    assert found[f"auth.group:{deleted.pk}"].code == "row_deleted"
    assert found[f"auth.group:{inserted.pk}"].code == "row_unrecorded"
    assert f"auth.group:{kept.pk}" not in found


def test_a_row_put_back_after_its_deletion_is_named() -> None:
    group = _group("gone")
    key = group.pk
    with act(CLERK) as a:
        a.record(NOTED, subject="group:1", rows=[group])
        Group.objects.filter(pk=key).delete()
    assert _found() == []
    Group.objects.create(pk=key, name="gone")
    assert _found() == [("row_unrecorded", f"auth.group:{key}")]


def test_bulk_rows_are_digested_in_the_stream_and_later_acts_supersede_them() -> None:
    Group.objects.bulk_create(Group(name=f"group {number}") for number in range(30))
    with bulk_act(CLERK, LOADED, subject="list:groups") as bulk:
        bulk.extend((NOTED, f"group:{name}", {}, digests) for digests, (name,) in _without_spaces())
    assert _found() == []
    group = Group.objects.get(name="group 7")
    group.name = "renamed"
    group.save()
    note("group:7", rows=(group,))
    assert _found() == []
    Group.objects.filter(name="group 8").update(name="eight")
    assert [code for code, _ in _found()] == ["row_altered"]


def _without_spaces() -> list[tuple[dict[str, str], tuple[str]]]:
    return [(digests, (name.replace(" ", ""),)) for digests, (name,) in rows.with_digests(Group.objects.all(), "name")]


def test_one_row_and_a_stream_of_rows_give_the_same_digest() -> None:
    group = _group('a "quoted" 名字\nwith %s and \\ and {}')
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'Asia/Shanghai'; SET LOCAL datestyle = 'German'; SET LOCAL extra_float_digits = 0")
    ((digests, _),) = rows.with_digests(Group.objects.filter(pk=group.pk))
    assert digests == {f"auth.group:{group.pk}": rows.row_digest(group)}
    assert _found() == []


def test_only_saved_rows_of_declared_models_can_be_named() -> None:
    with pytest.raises(ValueError, match="without a key"):
        rows.ref(Group(name="unsaved"))
    with pytest.raises(ValueError, match="not a digested model"):
        rows.ref((Fact, 1))
    with pytest.raises(ValueError, match="no such fields"):
        rows.digested(Group, exclude=["title"])
