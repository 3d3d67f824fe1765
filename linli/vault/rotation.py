"""Renewing the installation's keys: rewrap every person's key under the newest generation. No ciphertext and no fact changes.

The order, each step safe to repeat: add a generation to the key document · distribute it to every process · rewrap · retire the old one.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import connection, transaction

from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.vault.keyring import Keyring, Use, keyring
from linli.vault.models import KeyEvent, PersonKey
from linli.vault.sealing import unwrap, wrap
from linli.vault.suites import BY_CIPHER

_CHUNK = 5_000


def record(viewer: Viewer, *, what: str, use: Use, generation: int) -> None:
    """Journal a change of the key document."""
    KeyEvent.objects.create(at=clock.now(), actor=viewer.actor, what=what, use=use, generation=generation)


def rewrap(viewer: Viewer, *, progress: Callable[[int], None] = lambda _: None) -> int:
    """Wrap every person's key that is under an older generation again, in transactions of 5,000; how many were rewrapped.

    Locks the rows of one chunk at a time; may be stopped and started again.
    """
    ring = keyring()
    newest = ring.newest("wrapping")
    total = after = 0
    while True:
        rewrapped, after = _rewrap_chunk(ring, newest, after)
        if not rewrapped:
            break
        total += rewrapped
        progress(total)
    if total:
        KeyEvent.objects.create(at=clock.now(), actor=viewer.actor, what="rewrapped", use="wrapping", generation=newest, persons=total)
    return total


def _rewrap_chunk(ring: Keyring, newest: int, after: int) -> tuple[int, int]:
    """Rewrap the next keys by id; how many, and the last id."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, subject, generation, suite, wrapped, wrapping_generation FROM vault_personkey"
            " WHERE id > %s AND wrapped IS NOT NULL AND wrapping_generation <> %s ORDER BY id LIMIT %s FOR UPDATE",
            [after, newest, _CHUNK],
        )
        renewed = [(row[0], _renewed(ring, newest, *row[1:])) for row in cursor.fetchall()]
        cursor.execute(
            "UPDATE vault_personkey k SET wrapped = n.wrapped, wrapping_generation = %s"
            " FROM unnest(%s::bigint[], %s::bytea[]) AS n (id, wrapped) WHERE k.id = n.id",
            [newest, [key_id for key_id, _ in renewed], [wrapped for _, wrapped in renewed]],
        )
    return len(renewed), renewed[-1][0] if renewed else after


def _renewed(ring: Keyring, newest: int, subject: UUID, generation: int, cipher: str, wrapped: bytes, by: int) -> bytes:
    suite = BY_CIPHER[cipher]
    data_key = unwrap(suite, ring.key("wrapping", by, suite), bytes(wrapped), subject, generation)
    return wrap(suite, ring.key("wrapping", newest, suite), data_key)


def outdated() -> int:
    """How many persons' keys are wrapped by an older generation."""
    return PersonKey.objects.filter(wrapped__isnull=False).exclude(wrapping_generation=keyring().newest("wrapping")).count()


def without_generation(generation: int) -> Keyring:
    """The key document without an old wrapping generation; refused while a person's key still needs it."""
    in_use = PersonKey.objects.filter(wrapping_generation=generation, wrapped__isnull=False).count()
    if in_use:
        raise LinliError(
            "vault.generation_in_use",
            zh="仍有居民密钥使用这一代密钥",
            en="Persons' keys are still wrapped by this generation.",
            place=Place(field=f"wrapping.{generation}"),
            found=f"{in_use} keys",
            remedy_zh="先运行 linli vault keys rewrap",
            remedy_en="first run: linli vault keys rewrap",
        )
    return keyring().without("wrapping", generation)
