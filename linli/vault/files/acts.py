"""Keep, read, forget and sweep encrypted files. The file is on the disk before its row is committed; a row never lacks its file.

Like the vault's other acts they record no facts: the act that calls them does, in the same transaction.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import BinaryIO, cast
from uuid import UUID

from django.db import transaction

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.vault.files.shelf import shelf
from linli.vault.files.streams import key_named, seal_stream, unseal_stream
from linli.vault.models import Access, StoredFile
from linli.vault.personkeys import reading_keys_of, writing_keys
from linli.vault.purpose import require_purpose
from linli.vault.sealing import unreadable

FIELD = "document"
"""What a purpose of purposes.yaml has to cover for a file to be read."""
IN_MEMORY = 4 * 2**20
UNCLAIMED = timedelta(days=1)
"""How long a file without a row is left: longer than any transaction that is about to name it."""
_SWEPT_AT_ONCE = 500


def keep(subject: UUID, content: bytes | BinaryIO, media: str) -> StoredFile:
    """Encrypt a file under the person's key and keep it; its address is the digest of the ciphertext, so each call makes another.

    Call it inside the act that records what it is: if that fails, the file is swept a day later. Two statements and, in a folder of this
    machine, four syncs. Raises LinliError "vault.erased" for an erased person.
    """
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    with transaction.atomic(), tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spooled:
        data_key = writing_keys([subject])[subject]
        sealed = cast(BinaryIO, spooled)
        address, size = seal_stream(data_key, source, sealed)
        sealed.seek(0)
        shelf().put(address, sealed, size)
        return StoredFile.objects.create(address=address, subject=subject, media=media, size=size, stored_at=clock.now())


def read(viewer: Viewer, *, purpose: str, subject: UUID, address: str, place: str = "") -> Iterator[bytes]:
    """A file's plaintext in portions; leaves an Access row. Whether the viewer may see this document at all is the caller's query.

    Refused before the first portion: an undeclared purpose, a role that it does not admit, an erased person, a file that is missing or
    of somebody else.
    """
    require_purpose(purpose, viewer, subject, frozenset({FIELD}))
    keys = reading_keys_of([subject]).get(subject, {})
    source = shelf().open(address)
    try:
        suite, generation, salt = key_named(source)
        data_key = keys.get((suite.cipher, generation))
        if data_key is None:
            raise unreadable(FIELD)
    except LinliError:
        source.close()
        raise
    Access.objects.create(at=clock.now(), subject=subject, fields=[FIELD], purpose=purpose, actor=viewer.actor, place=place)
    return _closing(source, unseal_stream(data_key, salt, source))


def _closing(source: BinaryIO, portions: Iterator[bytes]) -> Iterator[bytes]:
    with source:
        yield from portions


def forget(subject: UUID) -> int:
    """Take an erased person's files away: their rows at once, the files after the commit; how many. What stays behind is swept.

    Without the key, which the erasure destroyed, the files are noise already.
    """
    rows = StoredFile.objects.filter(subject=subject)
    addresses = list(rows.values_list("address", flat=True))
    rows.delete()

    def remove() -> None:
        kept = shelf()
        for address in addresses:
            kept.remove(address)

    transaction.on_commit(remove, robust=True)
    return len(addresses)


def sweep() -> int:
    """Take away files that no row names and that are older than a day: of acts that failed after the file was written. How many."""
    kept, before, removed = shelf(), clock.now() - UNCLAIMED, 0
    old = (address for address, since in kept.present() if since < before)
    while portion := list(islice(old, _SWEPT_AT_ONCE)):
        named = set(StoredFile.objects.filter(address__in=portion).values_list("address", flat=True))
        for address in portion:
            if address not in named:
                kept.remove(address)
                removed += 1
    return removed
