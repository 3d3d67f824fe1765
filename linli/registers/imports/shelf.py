"""Where the files of uploads lie: outside the web root and the database, under names of our own, readable by this installation only.

A folder each: the file as it came, what its first rows hold, what the check found, how far the work is. All of it is personal data
in clear and goes with the folder.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from linli.kernel.errors import LinliError, Place

LARGEST = 200 * 2**20
"""Bytes of a file; a million rows of a list are about 60 MB."""


def home() -> Path:
    """The folder of all uploads."""
    folder = Path(settings.LINLI_STATE) / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def folder_of(uid: UUID) -> Path:
    """The folder of one upload; it need not exist."""
    return home() / str(uid)


def file_of(uid: UUID) -> Path:
    """The file as it came. Its name says nothing, not even what kind of file it claims to be."""
    return folder_of(uid) / "file"


def marked_of(uid: UUID) -> Path:
    """The annotated copy."""
    return folder_of(uid) / "marked.xlsx"


def keep(uid: UUID, chunks: Iterable[bytes]) -> Path:
    """Store a file as it comes in. Raises LinliError beyond the largest size, OSError on a full disk, and then nothing is kept."""
    folder_of(uid).mkdir(mode=0o700)
    path, size = file_of(uid), 0
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > LARGEST:
                    raise too_large()
                file.write(chunk)
    except (OSError, LinliError):
        erase(uid)
        raise
    return path


def too_large() -> LinliError:
    """The file is beyond the largest size."""
    most = LARGEST // 2**20
    return LinliError(
        "imports.too_large",
        zh=f"文件超过 {most} MB",
        en=f"The file is larger than {most} MB.",
        place=Place(field="file"),
        expected=f"≤ {most} MB",
        remedy_zh="去掉图片和多余的工作表，或分成几个文件",
        remedy_en="remove pictures and other sheets, or split it into several files",
    )


def write(uid: UUID, name: str, lines: Iterable[Any]) -> None:
    """JSON values, one a line, whole or not at all."""
    path = folder_of(uid) / name
    draft = path.with_suffix(".part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    draft.replace(path)


def read(uid: UUID, name: str, start: int = 0, limit: int | None = None) -> list[Any]:
    """Lines of what write() stored, from the start-th; none where it stored nothing."""
    path = folder_of(uid) / name
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in islice(file, start, None if limit is None else start + limit)]


def tell(uid: UUID, step: str, share: float) -> None:
    """How far the work is. Beside the database, whose transaction shows nothing before it ends; lost with the process, as it should be."""
    write(uid, "progress", [[step, round(share, 3)]])


def told(uid: UUID) -> tuple[str, float]:
    """The last that tell() was told; ("", 0.0) before anything was."""
    for step, share in read(uid, "progress"):
        return str(step), float(share)
    return "", 0.0


def erase(uid: UUID) -> None:
    """Remove everything of an upload."""
    shutil.rmtree(folder_of(uid), ignore_errors=True)


def present() -> Iterator[tuple[UUID, float]]:
    """Every upload that has a folder, with the time of its last change in seconds since 1970."""
    for folder in home().iterdir():
        yield UUID(folder.name), folder.stat().st_mtime
