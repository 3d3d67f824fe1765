"""What a batch's page shows is counted once and kept, and never older than a fresh count, whoever changes what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest
from batch_examples import AID, THIRD, Roll, checked, item_of, to_checking
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from linli.agreements.models import Award
from linli.batches import blocks, kept, queries
from linli.batches.acts import gathering
from linli.batches.models import Batch, Changed, Check, Excluded, Item
from linli.casework.models import Case, Document
from linli.kernel import clock
from linli.registers.models import Resident


def fresh(batch: Batch) -> blocks.Counts:
    return blocks.counts_of(batch, queries.programme_of(batch))


def with_document(item: Item) -> None:
    told = {"subject": item.person, "digest": "sha256:1", "media": "image/jpeg", "bytes": 1, "given_by": "x"}
    Document.objects.create(case=item.award.case, material="x", given_at=clock.now(), **told)


CHANGES: dict[str, tuple[str, Callable[[Item], object]]] = {
    "died": ("died", lambda item: Resident.objects.filter(uid=item.person).update(deceased_on="2026-10-01")),
    "alive again": ("", lambda item: Resident.objects.filter(uid=item.person).update(deceased_on=None)),
    "erased": ("erased", lambda item: Resident.objects.filter(uid=item.person).update(erased_at=clock.now(), name="")),
    "not erased": ("", lambda item: Resident.objects.filter(uid=item.person).update(erased_at=None)),
    "no account": ("no_account", lambda item: Award.objects.filter(pk=item.award_id).update(account_cipher="")),
    "an account": ("", lambda item: Award.objects.filter(pk=item.award_id).update(account_cipher="x")),
    "ended": ("award_ended", lambda item: Award.objects.filter(pk=item.award_id).update(state="ended", ending="annulled")),
    "in force": ("", lambda item: Award.objects.filter(pk=item.award_id).update(state="active", ending="")),
    "opened again": ("check_open", lambda item: Check.objects.filter(item=item).update(result="", done_at=None)),
    "a finding": ("finding_open", lambda item: Check.objects.filter(item=item).update(result="finding")),
    "passed": ("", lambda item: Check.objects.filter(item=item).update(result="passed")),
    "not looked at": ("unchecked_document", with_document),
    "taken away": ("", lambda item: Document.objects.filter(case=item.award.case).delete()),
    "excluded": ("excluded", lambda item: Excluded.objects.create(item=item, version="2023", day=clock.today())),
    "not excluded": ("", lambda item: Excluded.objects.filter(item=item).delete()),
    "taken off": ("", lambda item: gathering.remove(THIRD, item=item.uid, reason="mistake")),
}


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_is_what_a_fresh_count_finds_after_every_change(roll: Roll):
    batch = to_checking(roll.batch())
    checked(batch)
    item = item_of(batch, roll.awards[5])
    before = kept.counted(batch)
    assert before == fresh(batch)
    for name, (code, change) in CHANGES.items():
        change(item)
        now = kept.counted(batch)
        assert now == fresh(batch), name
        assert set(now.blocked) == ({code} if code else set()), name
        with CaptureQueriesContext(connection) as again:
            assert kept.counted(batch) == now
        assert len(again) == 1, name
    assert sum(count for count, _ in kept.counted(batch).levels.values()) == 11
    _seen_only_once_committed(batch, roll)


def _seen_only_once_committed(batch: Batch, roll: Roll) -> None:
    """A change that is not committed yet is not in the kept counts, and in them as soon as it is, though its number is an older one."""
    other = item_of(batch, roll.awards[6])
    with transaction.atomic():
        Award.objects.filter(pk=other.award_id).update(account_cipher="")
        _elsewhere(lambda: Case.objects.filter(pk=other.award.case_id).update(version=2))  # a later number, committed before
        seen: list[blocks.Counts] = []
        _elsewhere(lambda: seen.append(kept.counted(batch)))
        assert seen[0].blocked == {}
    assert kept.counted(batch).blocked == {"no_account": 1}


def _elsewhere(do: Callable[[], object]) -> None:
    def run() -> None:
        do()
        connections.close_all()

    thread = Thread(target=run)
    thread.start()
    thread.join()


@pytest.mark.django_db
def test_what_transactions_noted_is_forgotten_after_a_day(roll: Roll):
    roll.batch()
    assert set(Changed.objects.values_list("programme", flat=True)) >= {AID}
    Changed.objects.filter(programme=AID).update(at=timezone.now() - timedelta(hours=25))
    Changed.objects.create(programme="other", xid=1, at=timezone.now())
    kept.forget()
    assert list(Changed.objects.exclude(programme="").values_list("programme", flat=True)) == ["other"]
