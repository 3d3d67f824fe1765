"""The installation's secrets, which never enter the database: LINLI_KEYS (json), LINLI_KEY_FILE, or keys.json in the state folder.

The document holds numbered generations of two 256-bit secrets, base64: `wrapping` wraps the keys of persons, `index` keys the
blind index. The highest generation writes, every generation listed reads. Suite keys are derived from them (Suite.derive).
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from django.conf import settings

from linli.kernel.errors import LinliError, Place
from linli.vault.suites import Suite

Use = Literal["wrapping", "index"]
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """Secrets by use and generation. repr is left out so that a traceback never prints one."""

    wrapping: Mapping[int, bytes]
    index: Mapping[int, bytes]

    def newest(self, use: Use) -> int:
        """The generation that writes."""
        return max(self._of(use))

    def generations(self, use: Use) -> tuple[int, ...]:
        """Every generation that reads, newest first."""
        return tuple(sorted(self._of(use), reverse=True))

    def key(self, use: Use, generation: int, suite: Suite) -> bytes:
        """The suite's key of that generation; a generation that was retired or never given is named in the error."""
        secrets = self._of(use)
        if generation not in secrets:
            raise self._missing(use, generation)
        return suite.derive(secrets[generation], use, suite.key_bytes if use == "wrapping" else 32)

    def _missing(self, use: Use, generation: int) -> LinliError:
        held = ", ".join(map(str, sorted(self._of(use))))
        return LinliError(
            "vault.key_missing",
            zh="密钥文件中没有这一代密钥",
            en="The key document lacks this generation.",
            place=Place(field=f"{use}.{generation}"),
            expected=(f"{use} 第 {generation} 代", f"{use} generation {generation}"),
            found=(f"有第 {held} 代", f"generations {held}"),
            remedy_zh="恢复包含该代密钥的密钥文件",
            remedy_en="restore the key document that still holds it",
        )

    def _of(self, use: Use) -> Mapping[int, bytes]:
        return self.wrapping if use == "wrapping" else self.index

    def with_new(self, use: Use) -> Keyring:
        """A copy with one more generation of that use, which writes from now on."""
        grown = {**self._of(use), self.newest(use) + 1: os.urandom(_SECRET_BYTES)}
        return Keyring(grown, self.index) if use == "wrapping" else Keyring(self.wrapping, grown)

    def without(self, use: Use, generation: int) -> Keyring:
        """A copy that lacks a generation; the newest can't be dropped."""
        if generation == self.newest(use):
            raise LinliError(
                "vault.newest_key",
                zh="正在使用的最新密钥不能停用",
                en="The newest generation writes and can't be retired.",
                place=Place(field=f"{use}.{generation}"),
                remedy_zh="先轮换出新一代密钥",
                remedy_en="rotate to a new generation first",
            )
        kept = {number: secret for number, secret in self._of(use).items() if number != generation}
        if generation not in self._of(use):
            raise self._missing(use, generation)
        return Keyring(kept, self.index) if use == "wrapping" else Keyring(self.wrapping, kept)

    def document(self) -> str:
        """The JSON document, to be kept outside the database and its backups."""
        uses: dict[str, Mapping[int, bytes]] = {"wrapping": self.wrapping, "index": self.index}
        plain = {use: {str(number): base64.b64encode(secret).decode() for number, secret in sorted(of.items())} for use, of in uses.items()}
        return json.dumps(plain, indent=2) + "\n"


def new_keyring() -> Keyring:
    """Fresh secrets, generation 1 of each use."""
    return Keyring({1: os.urandom(_SECRET_BYTES)}, {1: os.urandom(_SECRET_BYTES)})


def key_file() -> Path:
    """Where the key document is read from when LINLI_KEYS is not set."""
    named = os.environ.get("LINLI_KEY_FILE")
    return Path(named) if named else Path(settings.LINLI_STATE) / "keys.json"


def keyring() -> Keyring:
    """The installation's secrets. One read of a small file unless LINLI_KEYS is set; the parsed form is kept."""
    given = os.environ.get("LINLI_KEYS")
    if given:
        return _parsed(given, "LINLI_KEYS")
    path = key_file()
    if not path.exists():
        raise LinliError(
            "vault.no_keys",
            zh="没有找到密钥",
            en="There are no keys.",
            place=Place(file=str(path)),
            expected=(
                "LINLI_KEYS、LINLI_KEY_FILE，或状态文件夹中的 keys.json",
                "LINLI_KEYS, LINLI_KEY_FILE or keys.json in the state folder",
            ),
            remedy_zh="运行 linli vault keys new 生成密钥文件",
            remedy_en="run: linli vault keys new",
        )
    if path.stat().st_mode & 0o077:
        raise LinliError(
            "vault.keys_exposed",
            zh="密钥文件可被其他用户读取",
            en="Other users can read the key file.",
            place=Place(file=str(path)),
            expected="mode 0600",
            found=f"mode {path.stat().st_mode & 0o777:04o}",
            remedy_zh=f"chmod 600 {path}",
            remedy_en=f"chmod 600 {path}",
        )
    return _parsed(path.read_text(), str(path))


def write(ring: Keyring, path: Path, *, replace: bool = False) -> None:
    """Write the document with mode 0600, synced and renamed into place; refuses to overwrite unless told."""
    if path.exists() and not replace:
        raise LinliError(
            "vault.keys_exist",
            zh="密钥文件已存在，覆盖会使已加密的数据无法读取",
            en="The key file exists; overwriting it would make everything encrypted unreadable.",
            place=Place(file=str(path)),
            remedy_zh="如需更换密钥，请用 linli vault keys rotate",
            remedy_en="to change keys run: linli vault keys rotate",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(ring.document())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def ensure() -> bool:
    """Make the key file where neither it nor LINLI_KEYS exists: for the demo and for tests. Whether it was made."""
    if os.environ.get("LINLI_KEYS") or key_file().exists():
        return False
    write(new_keyring(), key_file())
    return True


def store(ring: Keyring) -> None:
    """Replace the key file; keys given in LINLI_KEYS can't be changed from here."""
    if os.environ.get("LINLI_KEYS"):
        raise LinliError(
            "vault.keys_in_environment",
            zh="密钥由环境变量 LINLI_KEYS 提供，无法在此更换",
            en="The keys come from LINLI_KEYS and can't be changed from here.",
            expected=("密钥文件", "a key file"),
            remedy_zh="把密钥文档存入文件，用 LINLI_KEY_FILE 指定后重试",
            remedy_en="put the document into a file, name it in LINLI_KEY_FILE, and run again",
        )
    write(ring, key_file(), replace=True)


@lru_cache(maxsize=4)
def _parsed(text: str, source: str) -> Keyring:
    try:
        document = json.loads(text)
        return Keyring(_secrets(document["wrapping"]), _secrets(document["index"]))
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise LinliError(
            "vault.bad_keys",
            zh="密钥文件格式不正确",
            en="The key document is malformed.",
            place=Place(file=source),
            expected='{"wrapping": {"1": base64 of 32 bytes}, "index": {"1": …}}',
            found=type(error).__name__,
            remedy_zh="恢复备份的密钥文件",
            remedy_en="restore the key document from its safe copy",
        ) from None


def _secrets(plain: dict[str, str]) -> Mapping[int, bytes]:
    secrets = {int(number): base64.b64decode(text, validate=True) for number, text in plain.items()}
    if not secrets or any(number < 1 or len(secret) != _SECRET_BYTES for number, secret in secrets.items()):
        raise ValueError("generations count from 1 and hold 32 bytes each")
    return MappingProxyType(secrets)
