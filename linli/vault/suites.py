"""Two families of algorithms behind one shape: AES-256-GCM with HMAC-SHA-256, and SM4-GCM with HMAC-SM3.

Sources: NIST SP 800-38D (GCM), FIPS 198-1 (HMAC), GB/T 32907 (SM4), GB/T 32905 (SM3), GB/T 15852.2 (MAC from a hash).
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from linli.kernel.errors import LinliError

_NONCE, _TAG = 12, 16


class UnreadableError(Exception):
    """The key, the ciphertext or what it is bound to does not fit; GCM can't tell which."""


@dataclass(frozen=True, slots=True)
class Suite:
    """cipher and mac: the names written into every ciphertext and token; key_bytes: length of a cipher key."""

    name: str
    cipher: str
    mac: str
    key_bytes: int
    hash_name: str

    def new_key(self) -> bytes:
        """A random cipher key."""
        return os.urandom(self.key_bytes)

    def seal(self, key: bytes, plaintext: bytes, bound_to: bytes) -> bytes:
        """nonce ‖ ciphertext ‖ tag. `bound_to` is authenticated and not stored."""
        nonce = os.urandom(_NONCE)
        if self.cipher == "aes256gcm":
            return nonce + AESGCM(key).encrypt(nonce, plaintext, bound_to)
        encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound_to)
        sealed = encryptor.update(plaintext) + encryptor.finalize()
        return nonce + sealed + encryptor.tag

    def open(self, key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
        """The plaintext; raises UnreadableError unless key, bytes and binding are all the ones it was sealed with."""
        nonce, body, tag = sealed[:_NONCE], sealed[_NONCE:-_TAG], sealed[-_TAG:]
        if len(sealed) < _NONCE + _TAG:
            raise UnreadableError
        try:
            if self.cipher == "aes256gcm":
                return AESGCM(key).decrypt(nonce, body + tag, bound_to)
            decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
            decryptor.authenticate_additional_data(bound_to)
            return decryptor.update(body) + decryptor.finalize()
        except InvalidTag:
            raise UnreadableError from None

    def authenticate(self, key: bytes, message: bytes) -> bytes:
        """The keyed digest of a message (32 bytes)."""
        return hmac.digest(key, message, self.hash_name)

    def derive(self, secret: bytes, label: str, length: int) -> bytes:
        """A key of up to 32 bytes for one use, from an installation's secret: HMAC of the label, cut to length."""
        return self.authenticate(secret, f"linli {label} {self.cipher}".encode())[:length]


SUITES = {
    "aes": Suite("aes", "aes256gcm", "hmac-sha256", 32, "sha256"),
    "sm": Suite("sm", "sm4gcm", "hmac-sm3", 16, "sm3"),
}
BY_CIPHER = {suite.cipher: suite for suite in SUITES.values()}


def current_suite() -> Suite:
    """The suite new ciphertexts are written in: LINLI_CRYPTO=aes (default) or sm. Older ones stay readable."""
    name = os.environ.get("LINLI_CRYPTO", "aes")
    if name not in SUITES:
        raise LinliError(
            "vault.unknown_suite",
            zh="LINLI_CRYPTO 不是已知的算法套件",
            en="LINLI_CRYPTO is not a known suite.",
            expected=("aes 或 sm", "aes or sm"),
            found=repr(name),
            remedy_zh="设为 aes（AES/SHA-256）或 sm（SM4/SM3）",
            remedy_en="set it to aes (AES/SHA-256) or sm (SM4/SM3)",
        )
    return SUITES[name]
