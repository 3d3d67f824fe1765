"""Whether a backup can be restored: whole, genuine, made by no newer release, and its keys at hand. Writes nothing."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from linli.kernel.errors import LinliError, Place, Problems
from linli.site.backup import keysafe, manifest
from linli.site.backup.keysafe import Secrets
from linli.site.backup.manifest import KEYS, Manifest
from linli.trace import seals
from linli.vault import keyring


@dataclass(frozen=True, slots=True, repr=False)
class Opening:
    """What opens the keys: a passphrase or a recipient's private key; file: where the sealed keys are, if not in the backup."""

    passphrase: str = ""
    private_key: str = ""
    file: Path | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Checked:
    """A backup without fault. secrets: None where the keys could not be opened, because nothing to open them with was given."""

    folder: Path
    manifest: Manifest
    secrets: Secrets | None


def check(folder: Path, opening: Opening, *, public_key: str | None = None) -> Checked:
    """Read every byte once. Raises Problems with all that is damaged, else the LinliError of the first other fault."""
    made, document = manifest.read(folder)
    refuse_newer(made, folder)
    faults = list(manifest.damaged(folder, made, elsewhere=(KEYS,)))
    if faults:
        raise Problems(faults)
    secrets = _secrets(folder, made, opening)
    _require_genuine(folder, document, secrets, public_key)
    return Checked(folder, made, secrets)


def refuse_newer(made: Manifest, folder: Path) -> None:
    """Refuse a backup with migrations that this release does not know."""
    unknown = sorted(set(made.migrations) - known_migrations())
    if unknown:
        raise LinliError(
            "backup.newer",
            zh="备份来自更新的版本",
            en="A newer release made this backup.",
            place=Place(file=str(folder)),
            expected=(f"{version('linli')} 版已有的数据库迁移", f"migrations known to release {version('linli')}"),
            found=(f"{made.release} 版，含 {', '.join(unknown[:3])}", f"release {made.release} with {', '.join(unknown[:3])}"),
            remedy_zh="先安装那个版本再恢复",
            remedy_en="install that release first, then restore",
        )


def known_migrations() -> set[str]:
    """ "app.name" of every migration of this release."""
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}


def _secrets(folder: Path, made: Manifest, opening: Opening) -> Secrets | None:
    """The keys that fit the backup: those of this machine, else those opened from the sealed file."""
    own = _own()
    sealed = opening.file or folder / KEYS
    if opening.passphrase or opening.private_key:
        opened = keysafe.unseal(sealed, passphrase=opening.passphrase, private_key=opening.private_key)
        return _fitting(opened, made, sealed)
    return own if own and made.keys.items() <= own.fingerprints().items() else None


def _own() -> Secrets | None:
    """This machine's keys; None where it has none yet."""
    try:
        return keysafe.gathered(Path(settings.LINLI_STATE))
    except FileNotFoundError:
        return None
    except LinliError as error:
        if error.code == "vault.no_keys":
            return None
        raise


def _fitting(secrets: Secrets, made: Manifest, file: Path) -> Secrets:
    lacking = made.keys.items() - secrets.fingerprints().items()
    if lacking:
        others = ", ".join(sorted(name for name, _ in lacking))
        raise LinliError(
            "backup.other_keys",
            zh="密钥不属于这份备份",
            en="These keys do not belong to this backup.",
            place=Place(file=str(file)),
            expected=", ".join(sorted(made.keys)),
            found=(f"{others} 的密钥不同", f"others for {others}"),
            remedy_zh="用与这份备份同时封存的密钥文件",
            remedy_en="use the sealed keys that were taken with this backup",
        )
    return secrets


def _require_genuine(folder: Path, document: dict[str, Any], secrets: Secrets | None, public_key: str | None) -> None:
    """Whoever alters a part and its digest in the manifest can't sign it. Without keys and public key nothing is claimed."""
    if secrets is None and public_key is None:
        return
    with tempfile.TemporaryDirectory() as empty:
        if secrets is not None:
            manifest.write_synced(Path(empty) / seals.KEY_FILE, secrets.seal_key.encode())
        genuine = seals.is_genuine(document, state=Path(empty), public_key=public_key)
    if not genuine:
        raise LinliError(
            "backup.forged",
            zh="清单的签名不符，备份被改动过",
            en="The manifest's signature does not fit: the backup was altered.",
            place=Place(file=str(folder / manifest.FILE)),
            expected=("由制作备份的系统签名的清单", "a manifest signed by the installation that took the backup"),
            remedy_zh="改用另一份备份，并查明是谁改动了这一份",
            remedy_en="use another backup, and find out who altered this one",
        )


def key_document_fits(secrets: Secrets) -> bool:
    """Whether this machine already has these keys, or has none; False where it has others."""
    try:
        ring = keyring.keyring()
    except LinliError as error:
        if error.code == "vault.no_keys":
            return True
        raise
    own = Secrets(ring.document(), secrets.secret, secrets.seal_key)
    return secrets.fingerprints().items() <= own.fingerprints().items()
