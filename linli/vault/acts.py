"""What the vault does: seal, reveal with a purpose, erase. (Rotation of the installation's keys is in rotation.py.)

The vault lies below the trace, so its acts record no facts: the act that calls them does, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction

from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.vault import erasures
from linli.vault.models import NO_SUITE, Access, KeyEvent, PersonKey
from linli.vault.personkeys import reading_keys_of, writing_keys
from linli.vault.purpose import require_purpose
from linli.vault.sealing import DataKey, parsed, seal, unreadable, unseal

Subject = UUID | str


def protect(subject: Subject, fields: Mapping[str, str]) -> dict[str, str]:
    """Ciphertexts of the fields under the person's own key, made on first use. Empty values are left out."""
    return protect_many([(subject, fields)])[0]


def protect_many(people: Sequence[tuple[Subject, Mapping[str, str]]]) -> list[dict[str, str]]:
    """protect() of many persons, in order; at most four statements. Hand it tens of thousands at a time, not millions."""
    identified = [(as_uuid(subject), fields) for subject, fields in people]
    with transaction.atomic():
        keys = writing_keys([subject for subject, _ in identified])
    return [{field: seal(keys[subject], field, text) for field, text in fields.items() if text} for subject, fields in identified]


def reveal(viewer: Viewer, *, purpose: str, subject: Subject, fields: Mapping[str, str | None], place: str = "") -> dict[str, str]:
    """Plaintexts of the given ciphertexts of one person; leaves an Access row.

    Refuses an undeclared purpose, a field or role the purpose does not cover, an erased person, an altered ciphertext.
    Which persons the viewer may see at all is the caller's query. Two statements.
    """
    return reveal_many(viewer, purpose=purpose, people=[(subject, fields)], place=place)[0]


def reveal_many(
    viewer: Viewer, *, purpose: str, people: Sequence[tuple[Subject, Mapping[str, str | None]]], place: str = ""
) -> list[dict[str, str]]:
    """reveal() of several persons, in order, with one Access row each; two statements. A person without ciphertexts yields {}."""
    identified = [(as_uuid(subject), {name: text for name, text in fields.items() if text}) for subject, fields in people]
    for subject, fields in identified:
        require_purpose(purpose, viewer, subject, frozenset(fields))
    at = clock.now()
    Access.objects.bulk_create(
        Access(at=at, subject=subject, fields=sorted(fields), purpose=purpose, actor=viewer.actor, place=place)
        for subject, fields in identified
        if fields
    )
    keys = reading_keys_of(subject for subject, fields in identified if fields)
    return [{name: _opened(keys, subject, name, text) for name, text in fields.items()} for subject, fields in identified]


def note_readings(viewer: Viewer, *, purposes: Sequence[str], people: Mapping[UUID, frozenset[str]], place: str = "") -> None:
    """Record that sensitive values which are no ciphertexts were shown: one Access row a person, under the first purpose that fits.

    Raises Refused where none of the purposes covers the fields and admits the viewer. One statement.
    """
    at, rows = clock.now(), []
    for subject, fields in people.items():
        purpose = _first_fitting(viewer, purposes, subject, fields)
        rows.append(Access(at=at, subject=subject, fields=sorted(fields), purpose=purpose, actor=viewer.actor, place=place))
    Access.objects.bulk_create(rows)


def _first_fitting(viewer: Viewer, purposes: Sequence[str], subject: UUID, fields: frozenset[str]) -> str:
    for slug in purposes[:-1]:
        try:
            return require_purpose(slug, viewer, subject, fields).slug
        except Refused:
            continue
    return require_purpose(purposes[-1], viewer, subject, fields).slug


def erase(viewer: Viewer, *, subject: Subject) -> None:
    """Destroy every key of the person, now and for the future; a second time changes nothing. Call it inside the act that empties the rows.

    Locks the person's key rows. When the transaction commits the person is added to the erasure list, outside the database.
    """
    uid = as_uuid(subject)
    at = clock.now()
    with transaction.atomic():
        # A person without a key gets a destroyed one, so that none can be made for them later.
        PersonKey.objects.bulk_create(
            [PersonKey(subject=uid, generation=1, suite=NO_SUITE, wrapped=None, wrapping_generation=0, destroyed_at=at)],
            ignore_conflicts=True,
        )
        PersonKey.objects.filter(subject=uid, wrapped__isnull=False).update(wrapped=None, destroyed_at=at)
        KeyEvent.objects.create(at=at, actor=viewer.actor, what="erased", use="person", subject=uid, persons=1)
        transaction.on_commit(lambda: erasures.append({uid: at}))


def as_uuid(subject: Subject) -> UUID:
    """A subject's uid, given as UUID or text."""
    try:
        return subject if isinstance(subject, UUID) else UUID(subject)
    except ValueError:
        raise LinliError(
            "vault.bad_subject",
            zh="不是有效的编号",
            en="Not a uid.",
            expected="a UUID",
            expected_zh="一个编号（UUID）",
            found=repr(subject),
            remedy_zh="使用居民的 uid",
            remedy_en="use the resident's uid",
        ) from None


def _opened(keys: Mapping[UUID, Mapping[tuple[str, int], DataKey]], subject: UUID, field: str, ciphertext: str) -> str:
    suite, generation, _ = parsed(ciphertext, field)
    data_key = keys.get(subject, {}).get((suite.cipher, generation))
    if data_key is None:
        raise unreadable(field)
    return unseal(data_key, field, ciphertext)
