"""Where encrypted files lie: a port, and the folder LINLI_STATE/files that fulfils it where nothing else is configured.

A file's address is the digest of its ciphertext ("sha256:…"): it says nothing of what is inside, two people's copies of one paper have
nothing in common, and everybody who has the file can tell whether it is whole without any key. A file is never changed.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from linli.kernel.errors import LinliError, Place

_ADDRESS = re.compile(r"(sha256|sm3):([0-9a-f]{64})")
_NAME = re.compile(r"(sha256|sm3)-([0-9a-f]{64})")
UNFINISHED = ".part"  # which linli.site.backup leaves out


class Shelf(Protocol):
    """Keeps files of bytes under addresses. Every adapter is run through tests/unit/vault/shelves.py."""

    def put(self, address: str, source: BinaryIO, size: int) -> None:
        """Keep it, whole and on the disk before this returns; where one of this address is kept, nothing changes."""
        ...

    def open(self, address: str) -> BinaryIO:
        """The file from its beginning. Raises LinliError "vault.no_file" where there is none."""
        ...

    def remove(self, address: str) -> None:
        """Take it away; nothing where there is none."""
        ...

    def present(self) -> Iterator[tuple[str, datetime]]:
        """Every address, in order, with the time since when it is kept."""
        ...


class Folder:
    """Files in a folder of this machine: ab/cd/sha256-abcd…, readable by the service's account alone."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, address: str, source: BinaryIO, size: int) -> None:
        """Written beside, synced, renamed, and the folder synced."""
        path = self._path(address)
        if path.exists():
            return
        for folder in (self._root, path.parent.parent, path.parent):
            folder.mkdir(mode=0o700, exist_ok=True)  # one by one: parents=True leaves those above to the umask
        descriptor, draft = tempfile.mkstemp(dir=path.parent, suffix=UNFINISHED)  # mode 0600
        try:
            with os.fdopen(descriptor, "wb") as out:
                shutil.copyfileobj(source, out)
                out.flush()
                os.fsync(out.fileno())
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        for folder in (path.parent, path.parent.parent, self._root):
            _sync(folder)

    def open(self, address: str) -> BinaryIO:
        """The file itself."""
        try:
            return self._path(address).open("rb")
        except FileNotFoundError:
            raise no_file(address) from None

    def remove(self, address: str) -> None:
        """Its folders stay: another file may be on its way into them."""
        self._path(address).unlink(missing_ok=True)

    def present(self) -> Iterator[tuple[str, datetime]]:
        """One folder's names in memory at a time. Drafts of a day ago, of processes that died, are taken away on the way."""
        for folder in sorted(self._root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                try:
                    since = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                except FileNotFoundError:
                    continue
                if found := _NAME.fullmatch(path.name):
                    yield f"{found[1]}:{found[2]}", since
                elif path.name.endswith(UNFINISHED) and (datetime.now(UTC) - since).days >= 1:
                    path.unlink(missing_ok=True)

    def _path(self, address: str) -> Path:
        algorithm, digest = parts_of(address)
        return self._root / digest[:2] / digest[2:4] / f"{algorithm}-{digest}"


def shelf() -> Shelf:
    """The installation's: settings.LINLI_FILES names the function that makes it."""
    made: Shelf = import_string(settings.LINLI_FILES)()
    return made


def folder() -> Folder:
    """LINLI_STATE/files."""
    return Folder(Path(settings.LINLI_STATE) / "files")


def parts_of(address: str) -> tuple[str, str]:
    """Algorithm and hexadecimal digest. Raises LinliError for anything else: an address becomes part of a path."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise no_file(address)
    return found[1], found[2]


def no_file(address: str) -> LinliError:
    """Nothing is kept at this address."""
    return LinliError(
        "vault.no_file",
        zh="文件不在存放处",
        en="The file is not where it is kept.",
        place=Place(field=address[:80]),
        remedy_zh="运行 linli doctor 核对文件，从备份放回缺少的",
        remedy_en="run: linli doctor, and put missing files back from a backup",
    )


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
