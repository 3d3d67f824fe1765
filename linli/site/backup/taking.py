"""Taking a backup while people go on working: one folder named after the moment, whole or not there at all.

Order, and why. First the erasure list is completed and the trace is witnessed and sealed: the dump then has at least what the seal
states. Then the database, in one snapshot that the manifest's figures are read in as well. Then the files: a row refers to files
that were there before it was committed, so files copied later leave no row of the dump without its files. Then the keys, sealed.
The manifest comes last, is signed, and only then the folder gets its name.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.registers.models import Resident
from linli.site.backup import files, keysafe, manifest, tools
from linli.site.backup.keysafe import Lock, Secrets
from linli.site.backup.manifest import DATABASE, FILES, KEYS, SEAL, Manifest
from linli.site.environment import exclusively
from linli.trace import seals, witness
from linli.trace.jobs import WITNESS
from linli.trace.models import Fact
from linli.trace.verify import snapshot
from linli.vault import erasures
from linli.vault.models import PersonKey

NAME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z")
Tell = Callable[[str, str], None]

BUSY = LinliError(
    "backup.busy",
    zh="另一个进程正在往这个目录备份",
    en="Another process is taking a backup into this folder.",
    expected=("同一时间只进行一次", "one at a time"),
    remedy_zh="等它完成后再运行",
    remedy_en="run again when it has ended",
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A finished backup: its folder, its manifest, how many files it holds, and the older ones that made room."""

    folder: Path
    manifest: Manifest
    files: int
    removed: list[str]


def take(root: Path, *, lock: Lock | None, keep: int | None, tell: Tell) -> Taken:
    """Write a backup into a new folder below `root`, then delete the oldest finished ones beyond `keep`. lock None: without the keys.

    Writers wait for nothing (pg_dump's locks exclude schema changes only). Memory does not depend on the size of the database.
    What a killed one left behind is cleared by the next.
    """
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = Path(settings.LINLI_STATE)
    with exclusively(root / ".lock", BUSY):
        for rest in root.glob(".*.unfinished"):
            shutil.rmtree(rest)
        moment = clock.now()
        name = moment.astimezone(UTC).strftime("%Y-%m-%dT%H%M%SZ")
        draft = root / f".{name}.unfinished"
        draft.mkdir(mode=0o700)
        try:
            made, number = _write(draft, replace(_blank(), name=name, taken_at=moment), state, lock, tell)
            draft.rename(root / name)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        manifest.sync(root)
        _note(state, root / name, made)
        return Taken(root / name, made, number, _rotate(root, keep))


def _blank() -> Manifest:
    city = Path(settings.LINLI_CITY).name
    return Manifest("", clock.now(), city, version("linli"), tools.server_major(), [], {}, 0, {})


def _write(draft: Path, begun: Manifest, state: Path, lock: Lock | None, tell: Tell) -> tuple[Manifest, int]:
    erasures.complete()
    erasures.append({})  # makes the list where nobody was erased yet: a restore asks for it
    erased = len(erasures.read(erasures.list_file()))
    witness.take(WITNESS)
    seals.take(state, draft / SEAL)
    files.hand_over(state, erasures.list_file(), state / seals.KEY_FILE)
    tell("导出数据库", "dumping the database")
    migrations, figures = _dump(draft / DATABASE, begun.server)
    tell("复制文件", "copying files")
    number, _ = files.pack(state, draft / FILES)
    secrets = keysafe.gathered(state)
    if lock is not None:
        manifest.write_synced(draft / KEYS, keysafe.seal(secrets, lock))
    tell("计算摘要", "taking digests")
    for path in draft.iterdir():
        path.chmod(0o600)
        manifest.sync(path)
    parts = {path.name: manifest.part_of(path) for path in sorted(draft.iterdir())}
    made = _complete(begun, migrations, figures, erased, secrets, parts)
    manifest.write(made, draft, state)
    manifest.sync(draft)
    return made, number


def _complete(
    begun: Manifest, migrations: list[str], figures: dict[str, int], erased: int, secrets: Secrets, parts: dict[str, manifest.Part]
) -> Manifest:
    return replace(begun, migrations=migrations, figures=figures, erasures=erased, keys=secrets.fingerprints(), parts=parts)


def _dump(target: Path, server: int) -> tuple[list[str], dict[str, int]]:
    """Dump the database and read the manifest's figures in the same snapshot."""
    with snapshot():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            exported = str(cursor.fetchone()[0])
        tools.run("pg_dump", "--format=custom", "--compress=1", f"--file={target}", f"--snapshot={exported}", at_least=server)
        return applied_migrations(), figures_now()


def applied_migrations() -> list[str]:
    """ "app.name" of every migration that the database has."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def figures_now() -> dict[str, int]:
    """What a restored database is compared by. Three counts."""
    return {
        "facts": Fact.objects.count(),
        "residents": Resident.objects.count(),
        "keys": PersonKey.objects.count(),
    }


def _note(state: Path, folder: Path, made: Manifest) -> None:
    """Leave word of the newest backup for `linli doctor`."""
    draft = state / f"{files.NOTE}.new"
    draft.write_text(json.dumps({"folder": str(folder.resolve()), "taken_at": made.taken_at.isoformat()}) + "\n", "utf-8")
    files.hand_over(state, draft)
    draft.replace(state / files.NOTE)


def finished(root: Path) -> list[Path]:
    """The finished backups below a folder, oldest first."""
    return sorted(path for path in root.iterdir() if NAME.fullmatch(path.name) and (path / manifest.FILE).exists())


def _rotate(root: Path, keep: int | None) -> list[str]:
    """Delete the oldest; the manifest goes first, so that a kill leaves no half backup that looks whole."""
    old = finished(root)[:-keep] if keep else []
    for folder in old:
        (folder / manifest.FILE).unlink()
        shutil.rmtree(folder)
    return [folder.name for folder in old]
