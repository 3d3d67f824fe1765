"""The form of an encrypted file: a line that names suite, the person's key and a salt, then sealed portions of equal length.

Each portion is bound to the person, to the salt, to its place and to whether it is the last: one that was left out, doubled, moved to
another place, another file or another person does not open, nor does a file that was cut off. Memory: one portion.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO
from uuid import UUID

from linli.kernel.digests import default_algorithm, hasher
from linli.vault.sealing import DataKey, unreadable
from linli.vault.suites import BY_CIPHER, Suite, UnreadableError

FORMAT = "linli-file.1"
PORTION = 256 * 2**10
_OVERHEAD = 28  # nonce and tag, of both suites
_LONGEST_HEAD = 200


def seal_stream(data_key: DataKey, source: BinaryIO, out: BinaryIO) -> tuple[str, int]:
    """Write the source, encrypted; returns the digest ("sha256:…") and the number of the bytes written."""
    salt = os.urandom(16).hex()
    head = _head(data_key.suite.cipher, data_key.generation, salt)
    algorithm = default_algorithm()
    state, size = hasher(algorithm, head), len(head)
    out.write(head)
    for place, portion, last in _portions(source, PORTION):
        sealed = data_key.suite.seal(data_key.key, portion, _bound(data_key.subject, salt, place, last))
        state.update(sealed)
        size += len(sealed)
        out.write(sealed)
    return f"{algorithm}:{state.hexdigest()}", size


def _head(cipher: str, generation: int, salt: str) -> bytes:
    """The first line. A file whose line is spelled in any other way is not one of ours."""
    return f"{FORMAT} {cipher} {generation} {salt}\n".encode()


def key_named(source: BinaryIO) -> tuple[Suite, int, str]:
    """Suite, generation of the person's key, and salt, from a file's first line; the rest is left to be read."""
    head = source.readline(_LONGEST_HEAD)
    try:
        form, cipher, generation, salt = head.decode("ascii").split()
        if form != FORMAT or head != _head(cipher, int(generation), salt):
            raise ValueError(form)
        return BY_CIPHER[cipher], int(generation), salt
    except (ValueError, KeyError):
        raise unreadable("file") from None


def unseal_stream(data_key: DataKey, salt: str, source: BinaryIO) -> Iterator[bytes]:
    """The plaintext in portions, each of them checked before it is given out. Raises LinliError at the first that does not fit."""
    for place, sealed, last in _portions(source, PORTION + _OVERHEAD):
        try:
            yield data_key.suite.open(data_key.key, sealed, _bound(data_key.subject, salt, place, last))
        except UnreadableError:
            raise unreadable("file") from None


def _portions(source: BinaryIO, length: int) -> Iterator[tuple[int, bytes, bool]]:
    """(place, bytes, whether it is the last); one empty portion of an empty source."""
    place, portion = 0, source.read(length)
    while True:
        following = source.read(length)
        yield place, portion, not following
        if not following:
            return
        place, portion = place + 1, following


def _bound(subject: UUID, salt: str, place: int, last: bool) -> bytes:
    return f"{subject}|file|{salt}|{place}|{'last' if last else 'more'}".encode()
