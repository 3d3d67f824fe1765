"""The installation's secrets in a file of their own, sealed to a passphrase or to the public key of a recipient.

With a recipient the machine that takes backups cannot open them: it knows the public key only. Sources: scrypt RFC 7914,
X25519 RFC 7748, HKDF RFC 5869; the cipher is that of the installation's suite (AES-256-GCM, or SM4-GCM with LINLI_CRYPTO=sm).
"""

from __future__ import annotations

import base64
import hmac
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from linli.kernel.digests import canonical
from linli.kernel.errors import LinliError, Place
from linli.site.backup.manifest import write_synced
from linli.trace.seals import KEY_FILE as SEAL_KEY
from linli.vault import keyring
from linli.vault.suites import BY_CIPHER, UnreadableError, current_suite

FORMAT = "linli-keys.1"
SECRET = "secret"
COST = 2**17  # scrypt: 128 MB and about half a second for each guess (OWASP's first choice)
SHORTEST = 12


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """document: the vault's key document; secret: LINLI_SECRET_KEY; seal_key: what signs seals, in hex."""

    document: str
    secret: str
    seal_key: str

    def fingerprints(self) -> dict[str, str]:
        """A short digest of each secret by its name, by which it is recognised and from which it can't be guessed: all are random."""
        ring = json.loads(self.document)
        named = {f"{use}.{number}": value for use, of in ring.items() for number, value in of.items()}
        named |= {SECRET: self.secret, SEAL_KEY: self.seal_key}
        return {name: hmac.digest(value.encode(), b"linli backup fingerprint", "sha256")[:8].hex() for name, value in named.items()}


@dataclass(frozen=True, slots=True, repr=False)
class Lock:
    """What the keys are sealed to: one of the two."""

    passphrase: str = ""
    recipient: str = ""


def gathered(state: Path) -> Secrets:
    """The secrets of this installation as they are in use now."""
    return Secrets(keyring.keyring().document(), os.environ["LINLI_SECRET_KEY"], (state / SEAL_KEY).read_text("ascii").strip())


def seal(secrets: Secrets, lock: Lock) -> bytes:
    """The content of the sealed file."""
    suite = current_suite()
    header: dict[str, Any] = {"format": FORMAT, "cipher": suite.cipher}
    if lock.recipient:
        ephemeral = X25519PrivateKey.generate()
        header |= {"recipient": lock.recipient, "ephemeral": ephemeral.public_key().public_bytes_raw().hex()}
        key = _agreed(ephemeral.exchange(_public(lock.recipient)), header)
    else:
        header |= {"salt": os.urandom(16).hex(), "cost": COST}
        key = _stretched(lock.passphrase, header)
    body = suite.seal(key[: suite.key_bytes], json.dumps(asdict(secrets)).encode(), canonical(header))
    return (json.dumps({**header, "body": base64.b64encode(body).decode()}, indent=1) + "\n").encode()


def unseal(file: Path, *, passphrase: str = "", private_key: str = "") -> Secrets:
    """Open the sealed file; a wrong passphrase or key and an altered file are refused alike."""
    try:
        header = json.loads(file.read_text("utf-8"))
        body, suite = base64.b64decode(header.pop("body"), validate=True), BY_CIPHER[header["cipher"]]
        if header["format"] != FORMAT:
            raise ValueError(header["format"])
        if "recipient" in header:
            ephemeral = X25519PublicKey.from_public_bytes(bytes.fromhex(header["ephemeral"]))
            key = _agreed(_private(private_key, file).exchange(ephemeral), header)
        else:
            key = _stretched(passphrase, header)
        return Secrets(**json.loads(suite.open(key[: suite.key_bytes], body, canonical(header))))
    except UnreadableError:
        raise _refused(file, "口令或私钥不对，或文件已被改动", "A wrong passphrase or private key, or an altered file.") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _refused(file, "不是封存的密钥文件", f"Not a file of sealed keys ({type(error).__name__}).") from None


def new_recipient(file: Path) -> str:
    """Make a recipient's key pair: the private key goes into the file (0600), the public key is returned in hex."""
    private = X25519PrivateKey.generate()
    write_synced(file, private.private_bytes_raw().hex().encode() + b"\n")
    return private.public_key().public_bytes_raw().hex()


def lock_of(passphrase_file: Path | None, recipient: str | None) -> Lock | None:
    """The lock that the options name; None for none."""
    if recipient:
        _public(recipient)
        return Lock(recipient=recipient)
    return Lock(passphrase=passphrase_in(passphrase_file)) if passphrase_file else None


def passphrase_in(file: Path) -> str:
    """The first line of a file that only its owner reads."""
    lines = only_own(file).splitlines()
    passphrase = lines[0].strip() if lines else ""
    if len(passphrase) < SHORTEST:
        raise _refused(file, f"口令少于 {SHORTEST} 个字符", f"The passphrase has fewer than {SHORTEST} characters.")
    return passphrase


def only_own(file: Path) -> str:
    """The text of a file of secrets; refused where other accounts can read it."""
    if file.stat().st_mode & 0o077:
        raise _refused(file, "其他用户可以读取这个文件，先运行 chmod 600", "Other users can read the file: chmod 600 first.")
    return file.read_text("utf-8")


def _stretched(passphrase: str, header: dict[str, Any]) -> bytes:
    cost = int(header["cost"])
    if cost > 2**20:
        raise ValueError("a cost that would fill the memory")
    return Scrypt(salt=bytes.fromhex(header["salt"]), length=32, n=cost, r=8, p=1).derive(passphrase.encode())


def _agreed(shared: bytes, header: dict[str, Any]) -> bytes:
    both = bytes.fromhex(header["ephemeral"]) + bytes.fromhex(header["recipient"])
    return HKDF(algorithm=SHA256(), length=32, salt=both, info=b"linli backup keys").derive(shared)


def _public(recipient: str) -> X25519PublicKey:
    try:
        return X25519PublicKey.from_public_bytes(bytes.fromhex(recipient))
    except ValueError:
        raise LinliError(
            "backup.bad_recipient",
            zh="接收方公钥不正确",
            en="The recipient's public key is malformed.",
            expected=("64 位十六进制数字", "64 hexadecimal digits"),
            found=repr(recipient[:80]),
            remedy_zh="用 linli backup new-key 打印的公钥",
            remedy_en="use the public key that linli backup new-key printed",
        ) from None


def _private(text: str, file: Path) -> X25519PrivateKey:
    if not text.strip():
        raise _refused(file, "密钥是用接收方公钥封存的，需要私钥文件", "The keys are sealed to a recipient: the private key is needed.")
    return X25519PrivateKey.from_private_bytes(bytes.fromhex(text.strip()))


def _refused(file: Path, zh: str, en: str) -> LinliError:
    return LinliError(
        "backup.keys",
        zh=zh,
        en=en,
        place=Place(file=str(file)),
        remedy_zh="见 docs/operate/backup.md“密钥”",
        remedy_en="see docs/operate/backup.md, Keys",
    )
