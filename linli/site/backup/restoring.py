"""Putting an installation back from a backup into an empty database; a run that was killed is simply run again.

The database comes back in one transaction. A note in the state folder, made before anything is written and removed at the very end,
says which backup is being put into which database: with it a second run goes on, and `linli doctor` says that nobody may sign in yet.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.management import call_command
from django.db import connection

from linli.kernel.errors import LinliError, Place
from linli.registers.encoding import require_chinese
from linli.registers.models import Upload
from linli.site.backup import erased, files, held_back, manifest, tools
from linli.site.backup.checking import Checked, key_document_fits
from linli.site.backup.keysafe import SECRET, Secrets
from linli.site.backup.manifest import DATABASE, FILES, SEAL, Manifest
from linli.site.backup.taking import Tell, applied_migrations, figures_now
from linli.site.database import identity
from linli.site.environment import exclusively
from linli.trace import deep, sealed, seals, witness
from linli.trace.findings import Finding
from linli.trace.verify import Tally, snapshot, verify_chains
from linli.vault import erasures, keyring
from linli.web.models import Download

PATIENCE_SECONDS = 5.0

BUSY = LinliError(
    "restore.busy",
    zh="另一个进程正在恢复到这个数据目录",
    en="Another process is restoring into this state folder.",
    expected=("同一时间只进行一次", "one at a time"),
    remedy_zh="等它结束",
    remedy_en="wait until it has ended",
)


@dataclass(slots=True)
class Restored:
    """What was found. again: how many persons were erased again; held: what does not leave the house by itself (hold_back).

    other_secret: LINLI_SECRET_KEY of the environment is not the backup's, so what was signed before (webhooks, links) does not hold.
    """

    figures: dict[str, int]
    upgraded: int
    again: int
    held: dict[str, int]
    other_secret: bool
    tally: Tally
    findings: list[Finding] = field(default_factory=list)


def restore(checked: Checked, *, erasure_list: Path | None, tell: Tell) -> Restored:
    """Put the keys, the files and the database back, erase again whom the list names, and verify all against the backup's seal.

    erasure_list None: the operator states that nobody was erased since. Refused before anything is written: a database that holds
    anything or has other clients, an older server, keys of another installation, an erasure list that is older than the backup.
    """
    made, secrets, state = checked.manifest, _require_secrets(checked), Path(settings.LINLI_STATE)
    _refuse_old_list(erasure_list, made)
    with exclusively(state / "restore.lock", BUSY):
        files.hand_over(state, state / "restore.lock")
        loaded = _loaded_before(made, state)
        _require_ready(made, loaded=loaded)
        _require_room(secrets, state)
        _note(made, state)
        other_secret = _other_secret_given(secrets, state)
        _put_keys(secrets, state)
        if not loaded:
            tell("放回文件", "putting files back")
            files.unpack(checked.folder / FILES, state)
            tell("载入数据库", "loading the database")
            connection.close()
            options = ("--single-transaction", "--no-owner", "--no-privileges", "--no-comments")
            tools.run("pg_restore", *options, str(checked.folder / DATABASE), at_least=made.server)
        return _finish(checked, state, erasure_list, other_secret, tell)


def _finish(checked: Checked, state: Path, erasure_list: Path | None, other_secret: bool, tell: Tell) -> Restored:
    """What follows once the database is there; every step may be repeated."""
    made = checked.manifest
    upgraded = len(_migrated(made))
    figures = _compared(made)
    _end_sessions()
    Download.objects.all().delete()  # their files are not kept, nor those of uploads: both are made again in a minute
    Upload.objects.all().delete()
    if erasure_list is not None:
        tell("重新执行删除名单", "replaying the erasure list")
    again = erased.replay(erasure_list, since=made.taken_at) if erasure_list else []
    files.hand_over(state, *(state / "screening").rglob("*"), *(path for path in [erasures.list_file()] if path.exists()))
    held = held_back.hold_back(made.name, made.taken_at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    tell("逐行核验", "verifying row by row")
    tally = Tally()
    findings = _verified(checked.folder / SEAL, state, tally)
    (state / files.UNDER_WAY).unlink()
    return Restored(figures, upgraded, len(again), held, other_secret, tally, findings)


def _end_sessions() -> None:
    """Of staff and of residents: one that was ended since must not live again."""
    for model in apps.get_models():
        if issubclass(model, AbstractBaseSession):
            model._default_manager.all().delete()


def _migrated(made: Manifest) -> list[str]:
    """Bring an older release's schema up to this one; what was added."""
    call_command("migrate", interactive=False, verbosity=0)
    return sorted(set(applied_migrations()) - set(made.migrations))


def _compared(made: Manifest) -> dict[str, int]:
    """Refuse a database that came back with less than was dumped."""
    found = figures_now()
    if any(found[name] < number for name, number in made.figures.items()):
        raise LinliError(
            "restore.less",
            zh="载入的数据比备份时少",
            en="The database came back with less than was dumped.",
            expected=str(made.figures),
            found=str(found),
            remedy_zh="清空数据库后再恢复一次，或改用另一份备份",
            remedy_en="restore into an empty database again, or use another backup",
        )
    return found


def _verified(seal: Path, state: Path, tally: Tally) -> list[Finding]:
    """Everything that `linli trace verify --deep --seal` finds."""
    taken = seals.read(seal, state=state)
    with snapshot():
        return [
            *verify_chains(seal=taken, tally=tally),
            *deep.verify_rows(tally=tally),
            *sealed.verify_keys(),
            *sealed.verify_files(),
            *witness.verify_logs(),
        ]


def _require_secrets(checked: Checked) -> Secrets:
    if checked.secrets is not None:
        return checked.secrets
    raise LinliError(
        "restore.no_keys",
        zh="没有能打开这份备份的密钥",
        en="There are no keys that fit this backup.",
        place=Place(file=str(checked.folder)),
        expected=(
            "--passphrase-file 或 --key-file，或本系统自己的密钥",
            "--passphrase-file or --key-file, or this installation's own keys",
        ),
        remedy_zh="给出封存密钥时的口令文件，或接收方的私钥文件",
        remedy_en="give the passphrase's file, or the recipient's private key",
    )


def _refuse_old_list(erasure_list: Path | None, made: Manifest) -> None:
    """A list that lacks persons whom the backup's own list had would let erased persons come back."""
    if erasure_list is None and made.erasures == 0:
        return
    listed = len(erasures.read(erasure_list)) if erasure_list and erasure_list.exists() else None
    if listed is None or listed < made.erasures:
        raise LinliError(
            "restore.erasures",
            zh="缺少最新的删除名单：已删除的人会重新出现",
            en="The newest erasure list is missing: people who were erased would come back.",
            place=Place(file=str(erasure_list or erasures.list_file())),
            expected=(f"{made.erasures} 人或以上", f"{made.erasures} persons or more"),
            found=("没有名单", "no list") if listed is None else str(listed),
            remedy_zh="用 --erasures 指定数据库之外保存的最新名单；从未删除过任何人时用 --nobody-erased",
            remedy_en="name the newest list, kept outside the database, with --erasures, or say --nobody-erased if nobody ever was",
        )


def _loaded_before(made: Manifest, state: Path) -> bool:
    """Whether an earlier run put this backup's data into this database and was cut off afterwards."""
    note = state / files.UNDER_WAY
    try:
        return bool(json.loads(note.read_text("utf-8")) == _word(made)) and not _empty()
    except FileNotFoundError:
        return False
    except ValueError:
        return False  # cut off in the middle of the note: nothing else was written


def _word(made: Manifest) -> dict[str, str]:
    return {"backup": made.name, "dump": made.parts[DATABASE].digest, "database": identity()}


def _note(made: Manifest, state: Path) -> None:
    draft = state / f"{files.UNDER_WAY}.new"
    draft.write_text(json.dumps(_word(made)) + "\n", "utf-8")
    draft.replace(state / files.UNDER_WAY)


def _empty() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
            " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"
        )
        return not cursor.fetchone()[0]


def _require_ready(made: Manifest, *, loaded: bool) -> None:
    """The database is there, understands Chinese, is new enough, empty, and nobody else's."""
    require_chinese(connection)
    major = tools.server_major()
    if major < made.server:
        raise _unready(f"PostgreSQL {made.server} 或更新", f"PostgreSQL {made.server} or newer", str(major))
    if not loaded and not _empty():
        raise _unready("空的数据库", "an empty database", "tables")
    others = _other_clients()
    if others:
        raise _unready("没有其他程序连接", "no other client", f"{others} sessions")


def _other_clients() -> int:
    """Sessions of other clients; those of a run that was just killed are given a moment to end."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            others = int(cursor.fetchone()[0])
        if not others or time.monotonic() > end:
            return others
        time.sleep(0.2)


def _unready(zh: str, en: str, found: str) -> LinliError:
    return LinliError(
        "restore.database",
        zh=f"这个数据库不能用来恢复，需要{zh}",
        en="This database can't be restored into.",
        expected=en,
        found=found,
        remedy_zh="停止网站和后台进程，用 createdb 新建一个数据库，让 DATABASE_URL 指向它",
        remedy_en="stop web and worker, make a new one with createdb, and let DATABASE_URL name it",
    )


def _require_room(secrets: Secrets, state: Path) -> None:
    """Keys that are already here stay; others than the backup's are never overwritten."""
    seal_key = state / seals.KEY_FILE
    other_seal = seal_key.exists() and seal_key.read_text("ascii").strip() != secrets.seal_key
    if other_seal or not key_document_fits(secrets):
        raise LinliError(
            "restore.other_keys",
            zh="这台机器上已有另一套密钥",
            en="This machine has keys of another installation.",
            place=Place(file=str(seal_key if other_seal else keyring.key_file())),
            remedy_zh="用 LINLI_STATE 指定一个空目录后再恢复",
            remedy_en="name an empty folder with LINLI_STATE and restore again",
        )


def _put_keys(secrets: Secrets, state: Path) -> None:
    """Write the keys that are missing. The secret of sessions and signatures is the backup's own, unless the environment gives one."""
    if not os.environ.get("LINLI_KEYS") and not keyring.key_file().exists():
        _write_secret(state, keyring.key_file(), secrets.document)
    if not (state / seals.KEY_FILE).exists():
        _write_secret(state, state / seals.KEY_FILE, secrets.seal_key)
    _write_secret(state, state / SECRET, secrets.secret)


def _other_secret_given(secrets: Secrets, state: Path) -> bool:
    given, file = os.environ["LINLI_SECRET_KEY"], state / SECRET
    return given != secrets.secret and not (file.exists() and file.read_text("ascii").strip() == given)


def _write_secret(state: Path, target: Path, text: str) -> None:
    """In one step, readable by the service's account only."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(target.name + ".new")
    draft.unlink(missing_ok=True)
    manifest.write_synced(draft, text.encode())
    files.hand_over(state, draft)
    draft.replace(target)
