"""The form of an encrypted file: what goes in comes out, and nothing that was cut, moved or swapped does."""

from __future__ import annotations

import io
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kernel.digests import digest
from linli.kernel.errors import LinliError
from linli.kernel.ids import uuid7
from linli.vault.files import streams
from linli.vault.files.streams import key_named, seal_stream, unseal_stream
from linli.vault.sealing import DataKey
from linli.vault.suites import current_suite

SMALL = 64  # bytes of a portion here, so that files of several are cheap


@pytest.fixture(autouse=True)
def _small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PORTION", SMALL)


def a_key(subject: UUID | None = None) -> DataKey:
    suite = current_suite()
    return DataKey(subject or uuid7(), 1, suite, suite.new_key())


def sealed(key: DataKey, plain: bytes) -> bytes:
    out = io.BytesIO()
    address, size = seal_stream(key, io.BytesIO(plain), out)
    assert (digest(out.getvalue()), len(out.getvalue())) == (address, size)
    return out.getvalue()


def opened(key: DataKey, content: bytes) -> bytes:
    source = io.BytesIO(content)
    _, generation, salt = key_named(source)
    assert generation == key.generation
    return b"".join(unseal_stream(key, salt, source))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(plain=st.binary(max_size=4 * SMALL))
def test_what_was_sealed_is_opened_and_never_looks_alike(plain: bytes) -> None:
    key = a_key()
    first, second = sealed(key, plain), sealed(key, plain)
    assert opened(key, first) == opened(key, second) == plain
    assert first != second


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_changed_byte_and_a_cut_are_found(data: st.DataObject) -> None:
    key = a_key()
    content = sealed(key, b"x" * (3 * SMALL))
    place = data.draw(st.integers(0, len(content) - 1))
    changed = bytearray(content)
    changed[place] ^= data.draw(st.integers(1, 255))
    for wrong in (bytes(changed), content[:place]):
        with pytest.raises((LinliError, AssertionError)):
            opened(key, wrong)


def test_portions_do_not_change_places_files_or_owners() -> None:
    subject = uuid7()
    key = a_key(subject)
    plain = bytes(range(SMALL)) + b"y" * SMALL + b"z" * SMALL
    one, other = sealed(key, plain), sealed(key, plain)
    head = one.index(b"\n") + 1
    whole = SMALL + 28
    portions = [one[head + i * whole : head + (i + 1) * whole] for i in range(3)]
    strangers = other[other.index(b"\n") + 1 :][:whole]
    for wrong in ([1, 0, 2], [0, 0, 1, 2], [0, 2], [0, 1]):
        with pytest.raises(LinliError):
            opened(key, one[:head] + b"".join(portions[i] for i in wrong))
    with pytest.raises(LinliError):
        opened(key, one[:head] + strangers + b"".join(portions[1:]))
    with pytest.raises(LinliError):
        opened(DataKey(uuid7(), 1, key.suite, key.key), one)


@pytest.mark.parametrize(
    "head", [b"", b"no file of ours\n", b"linli-file.1 rot13 1 00\n", b"linli-file.1 aes256gcm one 00\n", b"\xff" * 300]
)
def test_a_file_of_another_form_is_refused(head: bytes) -> None:
    with pytest.raises(LinliError):
        key_named(io.BytesIO(head))
