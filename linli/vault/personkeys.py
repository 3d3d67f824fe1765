"""The keys of persons: made on first use, fetched for one call, never kept in memory between calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from linli.kernel.errors import LinliError, Place
from linli.vault.keyring import Keyring, keyring
from linli.vault.sealing import DataKey, unwrap, wrap
from linli.vault.suites import BY_CIPHER, Suite, current_suite

_BULK = 500
"""From this many new keys on, COPY is cheaper than INSERT with parameters."""

_INSERT_ARRAYS = """
INSERT INTO vault_personkey (subject, generation, suite, wrapped, wrapping_generation)
SELECT * FROM unnest(%s::uuid[], %s::int2[], %s::text[], %s::bytea[], %s::int2[])
ON CONFLICT (subject, generation) DO NOTHING"""
_INSERT_COPIED = """
INSERT INTO vault_personkey (subject, generation, suite, wrapped, wrapping_generation)
SELECT subject, generation, suite, wrapped, wrapping_generation FROM vault_newkey
ON CONFLICT (subject, generation) DO NOTHING"""

Row = tuple[UUID, int, str, bytes | None, int]


def writing_keys(subjects: Sequence[UUID]) -> dict[UUID, DataKey]:
    """The key each subject's new ciphertexts are written with, made where missing. One query, and a few more where keys are made.

    An erased person is refused: nothing may be written for them again.
    """
    suite, ring = current_suite(), keyring()
    found, highest = _usable(_rows(subjects), suite, ring)
    missing = [subject for subject in dict.fromkeys(subjects) if subject not in found]
    if missing:
        made = {subject: DataKey(subject, highest.get(subject, 0) + 1, suite, suite.new_key()) for subject in missing}
        if _insert(list(made.values()), ring) == len(made):
            return found | made
        # Another transaction made one of these keys first, and then theirs is the one that counts.
        found.update(_usable(_rows(missing), suite, ring)[0])
    return found


def reading_keys_of(subjects: Iterable[UUID]) -> dict[UUID, dict[tuple[str, int], DataKey]]:
    """Every key of each person by (cipher, generation). One query. Raises vault.erased when one of them was erased."""
    ring = keyring()
    keys: dict[UUID, dict[tuple[str, int], DataKey]] = defaultdict(dict)
    for row in _rows(list(subjects)):
        data_key = _unwrapped(row, ring)
        keys[data_key.subject][(data_key.suite.cipher, data_key.generation)] = data_key
    return keys


def _usable(rows: Iterable[Row], suite: Suite, ring: Keyring) -> tuple[dict[UUID, DataKey], dict[UUID, int]]:
    newest: dict[UUID, Row] = {}
    highest: dict[UUID, int] = {}
    for row in rows:
        subject, generation, cipher = row[:3]
        refuse_erased(row)
        highest[subject] = max(generation, highest.get(subject, 0))
        if cipher == suite.cipher and generation >= newest.get(subject, row)[1]:
            newest[subject] = row
    return {subject: _unwrapped(row, ring) for subject, row in newest.items()}, highest


def refuse_erased(row: Row) -> bytes:
    """The wrapped key of a row, unless it was destroyed."""
    subject, _, _, wrapped, _ = row
    if wrapped is None:
        raise LinliError(
            "vault.erased",
            zh="此人的数据已被删除，密钥已销毁",
            en="This person was erased; the key is destroyed.",
            place=Place(field=str(subject)),
            remedy_zh="如需重新办理，请作为新居民登记",
            remedy_en="register them as a new resident if they come back",
        )
    return wrapped


def _unwrapped(row: Row, ring: Keyring) -> DataKey:
    wrapped = refuse_erased(row)
    subject, generation, cipher, _, wrapping_generation = row
    suite = BY_CIPHER[cipher]
    return unwrap(suite, ring.key("wrapping", wrapping_generation, suite), wrapped, subject, generation)


def _rows(subjects: Sequence[UUID]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject, generation, suite, wrapped, wrapping_generation FROM vault_personkey WHERE subject = ANY(%s)",
            [list(subjects)],
        )
        return [(subject, generation, suite, wrapped and bytes(wrapped), by) for subject, generation, suite, wrapped, by in cursor]


def _insert(made: Sequence[DataKey], ring: Keyring) -> int:
    """Store new keys and return how many were not there before."""
    by = ring.newest("wrapping")
    key_of = {suite: ring.key("wrapping", by, suite) for suite in {data_key.suite for data_key in made}}
    rows = [(k.subject, k.generation, k.suite.cipher, wrap(k.suite, key_of[k.suite], k), by) for k in made]
    with connection.cursor() as cursor:
        if len(rows) < _BULK:
            cursor.execute(_INSERT_ARRAYS, [list(column) for column in zip(*rows, strict=True)])
        else:
            _copy(cursor, rows)
            cursor.execute(_INSERT_COPIED)
        return int(cursor.rowcount)


def _copy(cursor: CursorWrapper, rows: Sequence[tuple[UUID, int, str, bytes, int]]) -> None:
    cursor.execute(
        "CREATE TEMP TABLE IF NOT EXISTS vault_newkey"
        " (subject uuid, generation int2, suite text, wrapped bytea, wrapping_generation int2) ON COMMIT DROP;"
        " TRUNCATE vault_newkey"
    )
    with cursor.copy("COPY vault_newkey FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["uuid", "int2", "text", "bytea", "int2"])
        for row in rows:
            copy.write_row(row)
