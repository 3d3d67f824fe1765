"""The erasure list: who was erased and when, in a file outside the database and its backups, one JSON object a line.

A restored backup brings destroyed keys back; replaying this list destroys them again. Lines hold uids, no other data.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from linli.kernel.errors import LinliError, Place
from linli.vault.models import PersonKey


def list_file() -> Path:
    """LINLI_ERASURES, else erasures.jsonl in the state folder. In production name a file on another disk."""
    named = os.environ.get("LINLI_ERASURES")
    return Path(named) if named else Path(settings.LINLI_STATE) / "erasures.jsonl"


def append(erased: Mapping[UUID, datetime], path: Path | None = None) -> None:
    """Add persons to the list and sync it to disk; locks the file, creates it with mode 0600."""
    path = path or list_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps({"subject": str(uid), "erased_at": at.isoformat()}) + "\n" for uid, at in erased.items())
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())


def complete(path: Path | None = None) -> int:
    """Append everybody whom the database knows as erased and the list lacks; how many were added.

    A crash between commit and append loses a line: this closes the gap, run nightly and before every backup.
    """
    path = path or list_file()
    listed = read(path) if path.exists() else {}
    gone = PersonKey.objects.filter(destroyed_at__isnull=False).values_list("subject", "destroyed_at")
    missing = {uid: at for uid, at in gone.iterator() if uid not in listed and at is not None}
    if missing:
        append(missing, path)
    return len(missing)


def read(path: Path) -> dict[UUID, datetime]:
    """The persons on a list. A broken line stops everything: skipping it could leave an erased person readable."""
    erased: dict[UUID, datetime] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            entry = json.loads(line)
            erased[UUID(entry["subject"])] = datetime.fromisoformat(entry["erased_at"])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise LinliError(
                "vault.bad_erasure_list",
                zh="删除名单中有一行无法读取",
                en="A line of the erasure list can't be read.",
                place=Place(file=str(path), line=number),
                expected='{"subject": uid, "erased_at": time}',
                found=repr(line[:80]),
                remedy_zh="从另一份副本修复该行后重试",
                remedy_en="mend the line from another copy and run again",
            ) from None
    return erased
