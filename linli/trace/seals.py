"""Seals: the heads of all shared chains at one moment, signed, kept outside the database.

A chain alone cannot tell that its last facts and its head were rewritten together; a seal can. With LINLI_CRYPTO=aes a seal is
signed with Ed25519: anyone holding the public key can check it. With LINLI_CRYPTO=sm it carries an HMAC-SM3, since SM2 signatures
are not in our library: only who holds the key can check it. Bulk chains are covered by their anchors.
"""

from __future__ import annotations

import hmac
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import connection

from linli.kernel import clock
from linli.kernel.digests import canonical, default_algorithm
from linli.kernel.errors import LinliError, Place

KEY_FILE = "trace-seal.key"
FORMAT = "linli-seal.1"


@dataclass(frozen=True, slots=True)
class Seal:
    """heads: chain -> (number of facts, hash of the last one); facts: all facts then, bulk chains included."""

    sealed_at: datetime
    heads: dict[int, tuple[int, str]]
    facts: int


def take(state: Path, out: Path) -> Seal:
    """Write a signed seal of the shared chains to `out`. One query; the key is made in `state` (0600) the first time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT chain, seq, hash, (SELECT count(*) FROM trace_fact) FROM trace_head ORDER BY chain")
        found = cursor.fetchall()
    seal = Seal(clock.now(), {chain: (seq, hash_) for chain, seq, hash_, _ in found}, found[0][3] if found else 0)
    body = {
        "format": FORMAT,
        "sealed_at": seal.sealed_at.isoformat(),
        "facts": seal.facts,
        "heads": {str(chain): {"seq": seq, "hash": hash_} for chain, (seq, hash_) in seal.heads.items()},
    }
    out.write_text(json.dumps(signed(body, state), indent=1) + "\n")
    return seal


def read(file: Path, *, state: Path, public_key: str | None = None) -> Seal:
    """Read a seal and check its signature against `public_key` (hex), else against this installation's key."""
    try:
        body = json.loads(file.read_text())
        signature, signer = body.pop("signature"), body.pop("public_key", None)
        heads = {int(chain): (int(head["seq"]), str(head["hash"])) for chain, head in body["heads"].items()}
        seal = Seal(datetime.fromisoformat(body["sealed_at"]), heads, int(body["facts"]))
        algorithm, value = signature.split(":", 1)
        genuine = _genuine(body, algorithm, bytes.fromhex(value), signer, public_key, state)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refused(file, "不是封存文件", "Not a seal.", f"{type(error).__name__}: {error}") from None
    if not genuine or body["format"] != FORMAT:
        raise _refused(file, "封存文件的签名不符", "The signature of the seal does not fit.", signature[:40])
    return seal


def signed(body: dict[str, Any], state: Path) -> dict[str, Any]:
    """A document with this installation's signature (and public key) added; the key is made in `state` (0600) the first time."""
    return {**body, **_sign(body, _key_or_new(state))}


def is_genuine(document: dict[str, Any], *, state: Path, public_key: str | None = None) -> bool:
    """Whether a signed document is as it was signed, by `public_key` (hex) or else by this installation's key."""
    body = dict(document)
    signer = body.pop("public_key", None)
    try:
        algorithm, value = str(body.pop("signature")).split(":", 1)
        return _genuine(body, algorithm, bytes.fromhex(value), signer, public_key, state)
    except (KeyError, ValueError):
        return False


def public_key(state: Path) -> str:
    """The public key, in hex, that auditors keep to check this installation's Ed25519 seals."""
    return Ed25519PrivateKey.from_private_bytes(_key(state)).public_key().public_bytes_raw().hex()


def _sign(body: dict[str, Any], key: bytes) -> dict[str, str]:
    if default_algorithm() == "sm3":
        return {"signature": f"hmac-sm3:{hmac.new(key, canonical(body), 'sm3').hexdigest()}"}
    private = Ed25519PrivateKey.from_private_bytes(key)
    signer = private.public_key().public_bytes_raw().hex()
    return {"public_key": signer, "signature": f"ed25519:{private.sign(canonical({**body, 'public_key': signer})).hex()}"}


def _genuine(body: dict[str, Any], algorithm: str, signature: bytes, signer: str | None, trusted: str | None, state: Path) -> bool:
    if algorithm == "hmac-sm3":
        return hmac.compare_digest(hmac.new(_key(state), canonical(body), "sm3").digest(), signature)
    if algorithm != "ed25519" or signer != (trusted or public_key(state)):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer)).verify(signature, canonical({**body, "public_key": signer}))
    except InvalidSignature:
        return False
    return True


def _key(state: Path) -> bytes:
    """The 32-byte sealing key of this installation; raises LinliError if no seal was ever taken here."""
    file = state / KEY_FILE
    if not file.exists():
        raise _refused(file, "本机没有封存密钥", "There is no sealing key here.", "no key file")
    return bytes.fromhex(file.read_text().strip())


def _key_or_new(state: Path) -> bytes:
    """The sealing key, made on first use in a file that only its owner reads."""
    file = state / KEY_FILE
    if not file.exists():
        state.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=state)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(os.urandom(32).hex())
        with suppress(FileExistsError):  # another process made it first: its key stands
            os.link(draft, file)
        os.unlink(draft)
    return _key(state)


def _refused(file: Path, zh: str, en: str, found: str) -> LinliError:
    return LinliError(
        "trace.bad_seal",
        zh=zh,
        en=en,
        place=Place(file=str(file)),
        expected=(f"由本系统签名的 {FORMAT} 文件", f"a {FORMAT} file signed by this installation"),
        found=found,
        remedy_zh="使用原始封存文件；异地核验时用 --public-key 给出公钥",
        remedy_en="use the original file; elsewhere give the public key with --public-key",
    )
