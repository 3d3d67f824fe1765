"""Ciphertexts: "<cipher>.<generation of the person's key>:<base64>", bound to the person and the field.

A ciphertext moved to another person or another field does not open. Nothing here touches the database.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from uuid import UUID

from linli.kernel.errors import LinliError, Place
from linli.vault.suites import BY_CIPHER, Suite, UnreadableError


@dataclass(frozen=True, slots=True, repr=False)
class DataKey:
    """A person's unwrapped key. Lives for one call only."""

    subject: UUID
    generation: int
    suite: Suite
    key: bytes


def seal(data_key: DataKey, field: str, plaintext: str) -> str:
    """The text to store."""
    sealed = data_key.suite.seal(data_key.key, plaintext.encode(), _binding(data_key.subject, field))
    return f"{data_key.suite.cipher}.{data_key.generation}:{base64.b64encode(sealed).decode()}"


def unseal(data_key: DataKey, field: str, ciphertext: str) -> str:
    """The plaintext; an altered, swapped or foreign ciphertext is refused."""
    suite, generation, body = parsed(ciphertext, field)
    if (suite, generation) != (data_key.suite, data_key.generation):
        raise unreadable(field)
    try:
        return suite.open(data_key.key, body, _binding(data_key.subject, field)).decode()
    except UnreadableError:
        raise unreadable(field) from None


def parsed(ciphertext: str, field: str) -> tuple[Suite, int, bytes]:
    """Suite, key generation and raw bytes of a ciphertext."""
    head, _, body = ciphertext.partition(":")
    cipher, _, generation = head.partition(".")
    try:
        return BY_CIPHER[cipher], int(generation), base64.b64decode(body, validate=True)
    except (KeyError, ValueError, binascii.Error):
        raise unreadable(field) from None


def wrap(suite: Suite, wrapping_key: bytes, data_key: DataKey) -> bytes:
    """The person's key, sealed under the installation's key and bound to person and generation."""
    return suite.seal(wrapping_key, data_key.key, _wrap_binding(data_key.subject, data_key.generation))


def unwrap(suite: Suite, wrapping_key: bytes, wrapped: bytes, subject: UUID, generation: int) -> DataKey:
    """The reverse of wrap(); a wrong installation key is named as such."""
    try:
        return DataKey(subject, generation, suite, suite.open(wrapping_key, wrapped, _wrap_binding(subject, generation)))
    except UnreadableError:
        raise LinliError(
            "vault.wrong_key",
            zh="密钥文件与数据库不匹配",
            en="The key document does not belong to this database.",
            place=Place(field=f"wrapping key of {subject}"),
            remedy_zh="使用该数据库对应的密钥文件",
            remedy_en="use the key document this database was written with",
        ) from None


def unreadable(field: str) -> LinliError:
    """Refusal of a ciphertext that does not belong where it was found."""
    return LinliError(
        "vault.unreadable",
        zh="密文已被改动，或不属于此人此字段",
        en="The ciphertext was altered, or belongs to another person or field.",
        place=Place(field=field),
        remedy_zh="运行 linli trace verify --deep 查找被改动的记录",
        remedy_en="run: linli trace verify --deep, to find the altered row",
    )


def _binding(subject: UUID, field: str) -> bytes:
    return f"{subject}|{field}".encode()


def _wrap_binding(subject: UUID, generation: int) -> bytes:
    return f"person key|{subject}|{generation}".encode()
