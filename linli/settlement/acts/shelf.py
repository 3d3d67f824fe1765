"""Where the files of large answers wait for the worker: outside web root and database, by their digest, readable by this installation only.

References, amounts and the last signs of accounts in clear: each goes as soon as its rows are read.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection
from pathlib import Path

from django.conf import settings

_A_DAY = 86_400


def home() -> Path:
    """The folder of all of them."""
    folder = Path(settings.LINLI_STATE) / "answers"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def path_of(digest: str) -> Path:
    """Where the file of a digest "sha256:…" lies; it need not exist."""
    return home() / digest.partition(":")[2]


def keep(path: Path, digest: str) -> None:
    """Keep a file, whole or not at all."""
    target = path_of(digest)
    draft = target.with_suffix(".part")
    with path.open("rb") as source, os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        shutil.copyfileobj(source, file)
    draft.replace(target)


def drop(digest: str) -> None:
    """Its rows are read, or it was refused."""
    path_of(digest).unlink(missing_ok=True)


def sweep(waiting: Collection[str]) -> int:
    """Take away what is older than a day and of no digest that waits: of acts that failed after the file was written. How many."""
    names = {path_of(digest).name for digest in waiting}
    gone = [one for one in home().iterdir() if one.name not in names and time.time() - one.stat().st_mtime > _A_DAY]
    for one in gone:
        one.unlink(missing_ok=True)
    return len(gone)
