"""What a backup consists of: every part with size and digest, the versions it needs, the figures it must come back with; signed.

The manifest is written last and the folder gets its name with it: a folder without one is the rest of a backup that was cut off.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from linli.kernel.digests import algorithm_of, default_algorithm, hasher
from linli.kernel.errors import LinliError, Place
from linli.trace import seals

FORMAT = "linli-backup.1"
FILE = "manifest.json"
DATABASE, FILES, SEAL, KEYS = "database.dump", "files.tar", "seal.json", "keys.sealed"
PORTION = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the backup."""

    bytes: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """migrations: "app.name" of all that were applied. figures: rows that the restored database must have. keys: fingerprints by name.

    erasures: persons on the erasure list at that moment; a list with fewer is older than the backup.
    """

    name: str
    taken_at: datetime
    city: str
    release: str
    server: int
    migrations: list[str]
    figures: dict[str, int]
    erasures: int
    keys: dict[str, str]
    parts: dict[str, Part] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The form that is signed and stored."""
        return {"format": FORMAT, **asdict(self), "taken_at": self.taken_at.isoformat()}


def write(manifest: Manifest, folder: Path, state: Path) -> None:
    """Sign it and write it into the folder, synced."""
    write_synced(folder / FILE, (json.dumps(seals.signed(manifest.document(), state), indent=1) + "\n").encode())


def read(folder: Path) -> tuple[Manifest, dict[str, Any]]:
    """The manifest and the signed document it came from. Refuses a folder that is no finished backup of a known form."""
    file = folder / FILE
    try:
        document = json.loads(file.read_text("utf-8"))
        known = {name: document[name] for name in Manifest.__dataclass_fields__}
        if document["format"] != FORMAT:
            raise _unreadable(file, str(document["format"]))
        known["taken_at"] = datetime.fromisoformat(known["taken_at"])
        known["parts"] = {name: Part(**part) for name, part in known["parts"].items()}
    except FileNotFoundError:
        raise _unreadable(file, "no manifest") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(file, type(error).__name__) from None
    return Manifest(**known), document


def part_of(file: Path) -> Part:
    """Size and digest of a file, read in portions."""
    return Part(file.stat().st_size, _digest(file, default_algorithm()))


def damaged(folder: Path, manifest: Manifest, *, elsewhere: tuple[str, ...] = ()) -> Iterator[LinliError]:
    """Every part that is missing or not as it was written. elsewhere: parts that may be kept in another place."""
    for name, part in manifest.parts.items():
        file = folder / name
        if not file.exists():
            if name not in elsewhere:
                yield _damaged(file, f"{part.bytes} bytes", "nothing")
            continue
        size = file.stat().st_size
        if size != part.bytes:
            yield _damaged(file, f"{part.bytes} bytes", f"{size} bytes")
        elif (found := _digest(file, algorithm_of(part.digest))) != part.digest:
            yield _damaged(file, part.digest, found)


def write_synced(file: Path, content: bytes) -> None:
    """Write a new file that only its owner reads, and sync it to disk."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def sync(path: Path) -> None:
    """Have the disk hold a file's content, or a folder's names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(file: Path, algorithm: str) -> str:
    state = hasher(algorithm)
    with file.open("rb") as stream:
        while portion := stream.read(PORTION):
            state.update(portion)
    return f"{algorithm}:{state.hexdigest()}"


def _damaged(file: Path, expected: str, found: str) -> LinliError:
    return LinliError(
        "backup.damaged",
        zh="备份不完整或已损坏",
        en="The backup is incomplete or damaged.",
        place=Place(file=str(file)),
        expected=expected,
        found=found,
        remedy_zh="改用另一份备份，或从异地副本重新复制这个文件",
        remedy_en="use another backup, or copy this file again from the copy elsewhere",
    )


def _unreadable(file: Path, found: str) -> LinliError:
    return LinliError(
        "backup.not_one",
        zh="这不是一份完整的备份",
        en="This is not a finished backup.",
        place=Place(file=str(file)),
        expected=(f"带有 {FORMAT} 清单的文件夹", f"a folder with a {FORMAT} manifest"),
        found=found,
        remedy_zh="指定备份目录里以时间命名的一个子目录",
        remedy_en="name one of the folders with a time for a name inside the backup folder",
    )
