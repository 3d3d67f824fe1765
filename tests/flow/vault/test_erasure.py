"""Destroying a key erases the person; a restored backup is caught up with the list."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from linli.kernel.errors import LinliError
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Grant, Viewer, system
from linli.vault import accesses_of, erase, erasures, is_erased, protect, reveal
from linli.vault.models import Access, KeyEvent, PersonKey

pytestmark = pytest.mark.django_db

OFFICER = Viewer("staff:officer", (Grant("officer"),))


def erased(subject: UUID) -> None:
    erase(system("test"), subject=subject)


def test_after_erasure_nothing_opens_and_nothing_is_sealed_again() -> None:
    subject, other = uuid7(), uuid7()
    sealed, untouched = protect(subject, {"phone": "13800000000"}), protect(other, {"phone": "13900000000"})
    erased(subject)
    assert is_erased(subject)
    assert not is_erased(other)
    with pytest.raises(LinliError) as unreadable:
        reveal(OFFICER, purpose="screening.contact", subject=subject, fields=sealed)
    with pytest.raises(LinliError) as unwritable:
        protect(subject, {"phone": "13700000000"})
    assert unreadable.value.code == unwritable.value.code == "vault.erased"
    assert reveal(OFFICER, purpose="screening.contact", subject=other, fields=untouched) == {"phone": "13900000000"}


def test_a_person_without_a_key_can_be_erased_for_the_future() -> None:
    subject = uuid7()
    erased(subject)
    with pytest.raises(LinliError):
        protect(subject, {"phone": "1"})


def test_erasing_twice_changes_nothing() -> None:
    subject = uuid7()
    protect(subject, {"phone": "1"})
    erased(subject)
    before = list(PersonKey.objects.values())
    erased(subject)
    assert list(PersonKey.objects.values()) == before


def test_the_list_is_written_when_the_erasure_commits(django_capture_on_commit_callbacks: object) -> None:
    subject = uuid7()
    with django_capture_on_commit_callbacks() as callbacks:  # type: ignore[operator]
        erased(subject)
    assert not erasures.list_file().exists()
    for callback in callbacks:
        callback()
    assert set(erasures.read(erasures.list_file())) == {subject}
    assert erasures.list_file().stat().st_mode & 0o777 == 0o600


def test_a_line_lost_in_a_crash_is_added_later_once() -> None:
    subjects = {uuid7(), uuid7()}
    for subject in subjects:
        erased(subject)
    assert erasures.complete() == 2
    assert erasures.complete() == 0
    assert set(erasures.read(erasures.list_file())) == subjects


@pytest.mark.parametrize("line", ["", "{", "[]", '{"subject": "x", "erased_at": "2026-01-01"}', json.dumps({"subject": str(UUID(int=7))})])
def test_a_broken_list_stops_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text(json.dumps({"subject": str(uuid7()), "erased_at": "2026-01-01T00:00:00+00:00"}) + f"\n{line}\n")
    with pytest.raises(LinliError) as error:
        erasures.read(path)
    assert error.value.place is not None
    assert error.value.place.line == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE vault_personkey SET suite = 'none'",
        "UPDATE vault_personkey SET subject = gen_random_uuid()",
        "DELETE FROM vault_personkey",
        "TRUNCATE vault_personkey",
        "UPDATE vault_access SET actor = 'nobody'",
        "DELETE FROM vault_access",
        "TRUNCATE vault_access",
        "UPDATE vault_keyevent SET actor = 'nobody'",
        "DELETE FROM vault_keyevent",
        "TRUNCATE vault_keyevent",
    ],
)
def test_keys_and_reads_cannot_be_rewritten_behind_the_vault(statement: str) -> None:
    subject = uuid7()
    sealed = protect(subject, {"phone": "13800000000"})
    reveal(OFFICER, purpose="screening.contact", subject=subject, fields=sealed)
    KeyEvent.objects.create(at=Access.objects.get().at, actor="test", what="rotated", use="index", generation=2)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert accesses_of(subject).get().actor == "staff:officer"


def test_a_destroyed_key_cannot_be_put_back() -> None:
    subject = uuid7()
    protect(subject, {"phone": "1"})
    wrapped = PersonKey.objects.get().wrapped
    erased(subject)
    with pytest.raises(DatabaseError), transaction.atomic():
        PersonKey.objects.update(wrapped=wrapped, destroyed_at=None)
