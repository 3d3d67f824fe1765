"""Where an archive is written: a folder, or one zip with the same files; each is digested while it is written, none is held in memory.

The same content gives the same bytes: files in the order in which they are added, with no time of their own.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from linli.archives.check import MANIFEST
from linli.kernel.errors import LinliError

_EPOCH = (1980, 1, 1, 0, 0, 0)
_PACKED = (".jpg", ".pdf")
_IN_MEMORY = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Added:
    """One file of an archive. path: from its root, with /; size in bytes; sha256 in hexadecimal."""

    path: str
    size: int
    sha256: str


class Place(Protocol):
    """Where files go."""

    def put(self, path: str, portions: Iterable[bytes]) -> None:
        """Write one file."""


class Disk:
    """A folder that is new or empty; only its owner may read it. Raises LinliError for one that holds anything."""

    def __init__(self, root: Path) -> None:
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise LinliError(
                "archives.not_empty",
                zh="文件夹不是空的，没有写入",
                en="The folder is not empty; nothing was written.",
                expected=("新的或空的文件夹", "a new or empty folder"),
                found=str(root),
                remedy_zh="换一个文件夹",
                remedy_en="name another one",
            )
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root = root

    def put(self, path: str, portions: Iterable[bytes]) -> None:
        """Write one file."""
        target = self._root / path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        target.touch(mode=0o600)
        with target.open("wb") as file:
            for portion in portions:
                file.write(portion)


class Zip:
    """One zip. Memory: about 0.6 kB a file, for the list at its end."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)

    def put(self, path: str, portions: Iterable[bytes]) -> None:
        """Write one file."""
        info = zipfile.ZipInfo(path, _EPOCH)
        info.external_attr = 0o600 << 16
        info.compress_type = zipfile.ZIP_STORED if path.endswith(_PACKED) else zipfile.ZIP_DEFLATED
        with self._zip.open(info, "w") as file:
            for portion in portions:
                file.write(portion)

    def close(self) -> None:
        """Write the list at the end."""
        self._zip.close()


class Folder:
    """An archive that is being written; the manifest, one line a file as sha256sum writes it, comes last."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._manifest = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by finish()
        self.files = 0

    def add(self, path: str, portions: Iterable[bytes]) -> Added:
        """Write a file and note it in the manifest."""
        digest, size = hashlib.sha256(), 0

        def passing() -> Iterable[bytes]:
            nonlocal size
            for portion in portions:
                digest.update(portion)
                size += len(portion)
                yield portion

        self._place.put(path, passing())
        found = Added(path, size, digest.hexdigest())
        self._manifest.write(f"{found.sha256}  {path}\n".encode())
        self.files += 1
        return found

    def finish(self) -> str:
        """Write the manifest; returns its digest, "sha256:…", which stands for the whole."""
        digest = hashlib.sha256()
        self._manifest.seek(0)

        def lines() -> Iterable[bytes]:
            while block := self._manifest.read(2**18):
                digest.update(block)
                yield block

        self._place.put(MANIFEST, lines())
        self._manifest.close()
        return f"sha256:{digest.hexdigest()}"
