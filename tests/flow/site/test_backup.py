"""A backup brings an installation back on another machine, except for whom it must forget; a bad one is refused before it writes."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.db import connection, connections
from django.test import override_settings
from web_examples import OPENED, PASSWORD, SmallCity, build, dispute, prepare_state

from linli.api import acts as api
from linli.api.jobs import send_due
from linli.api.models import Delivery as Call
from linli.casework import timers
from linli.casework.models import Case
from linli.kernel import clock
from linli.kernel.errors import LinliError, Problems
from linli.kernel.viewer import system
from linli.notices import delivering
from linli.notices.models import Delivery
from linli.registers.acts import erase_resident
from linli.registers.models import Resident
from linli.registers.queries import viewer_of
from linli.site.backup import files, keysafe, manifest, restoring, taking
from linli.site.backup.checking import Checked, Opening, check
from linli.site.command.backup import command as backup_command
from linli.site.command.held import command as held_command
from linli.site.command.restore import command as restore_command
from linli.trace.jobs import react
from linli.trace.models import Fact
from linli.vault import is_erased, keyring, reveal
from linli.vault.erasures import list_file
from linli.web.models import ResidentSession

REGISTRY = system("registry")
PASSPHRASE = "only for this test, and long"


@contextmanager
def at(database: str) -> Iterator[None]:
    """The process works on that database of the same server."""
    before = connection.settings_dict["NAME"]
    connections.close_all()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = before


def make(database: str, template: str = "template0") -> None:
    connections.close_all()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}" ENCODING \'UTF8\'')


def drop(database: str) -> None:
    connections.close_all()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def linli(command: Any, *arguments: object) -> Result:
    """A command in this process, in English; what it refuses is raised."""
    return CliRunner().invoke(command, [str(argument) for argument in arguments], catch_exceptions=False, env={"LINLI_LANG": "en"})


def leave_waiting(city: SmallCity) -> None:
    """A text message and a delivery to a webhook that wait, both about the dispute; another dispute's have not been written yet."""
    api.add_webhook(viewer_of(city.officer), address="https://8.8.8.8/hook", types=["casework.case_opened"], role="officer")
    react_to_cases()
    dispute(city.found, "birth_date")


def react_to_cases() -> None:
    """What the worker does after the facts of cases."""
    for name in ("notices.write", "api.tell"):
        facts = list(Fact.objects.filter(type="casework.case_opened", echo_of=None).values_list("id", flat=True))
        react(reaction=name, facts=facts)


@dataclass(frozen=True)
class Kept:
    """A small city in a database of its own and its backup, taken while nobody was erased. erased: somebody who was, afterwards."""

    city: SmallCity
    database: str
    home: Path
    folder: Path
    passphrase: Path
    erasures: Path
    erased: Resident


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Iterator[Kept]:
    home = tmp_path_factory.mktemp("kept")
    passphrase = home / "passphrase"
    passphrase.touch(mode=0o600)
    passphrase.write_text(PASSPHRASE + "\n")
    state = home / "state"
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, override_settings(**prepare_state(state, patch)):
        patch.setattr(keysafe, "COST", 2**10)
        patch.setenv("LINLI_SECRET_KEY", "the secret of the test's first machine")
        patch.setenv("LINLI_ERASURES", str(home / "outside" / "erasures.jsonl"))
        test = str(connection.settings_dict["NAME"])
        assert test.startswith("test_"), "no test with django_db was chosen beside these, so no test database was made"
        database = f"{test}_kept"
        make(database, test)
        with at(database):
            city = build()
            dispute(city.found)
            leave_waiting(city)
            for sessions in (Session, ResidentSession):
                sessions.objects.create(session_key="left-open", session_data="", expire_date="2099-01-01T00:00Z")
            taken = linli(backup_command, home / "backups", "--passphrase-file", passphrase)
            assert taken.exit_code == 0, taken.output
            erase_resident(REGISTRY, resident=city.away, reason="test")
            (folder,) = taking.finished(home / "backups")
            yield Kept(city, database, home, folder, passphrase, list_file(), city.away)
        drop(database)


@pytest.fixture
def machine(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any) -> Iterator[Path]:
    """Another machine: an empty database and an empty state folder, which is returned."""
    monkeypatch.setenv("LINLI_KEY_FILE", str(tmp_path / "keys.json"))
    monkeypatch.setenv("LINLI_ERASURES", str(tmp_path / "erasures.jsonl"))
    monkeypatch.setenv("LINLI_SECRET_KEY", "made by the new machine")
    (tmp_path / "secret").write_text("made by the new machine")
    database = f"{kept.database}_back"
    with django_db_blocker.unblock(), override_settings(LINLI_STATE=tmp_path):
        make(database)
        with at(database):
            yield tmp_path
        drop(database)


def checked(folder: Path, passphrase: str = PASSPHRASE) -> Checked:
    return check(folder, Opening(passphrase))


def restored(kept: Kept, *more: object) -> Result:
    return linli(restore_command, kept.folder, "--passphrase-file", kept.passphrase, "--erasures", kept.erasures, *more)


def test_an_installation_comes_back_and_whoever_was_erased_since_stays_erased(kept: Kept, machine: Path) -> None:
    if os.geteuid() == 0:  # whoever has the folder gets what root puts there
        os.chown(machine, 65534, 65534)
    result = restored(kept)
    assert result.exit_code == 0, result.output
    assert "erased again by the list: 1" in result.output
    assert "0 findings" in result.output
    assert "LINLI_SECRET_KEY" not in result.output
    person = Resident.objects.get(uid=kept.city.found.uid)
    assert reveal(REGISTRY, purpose="registers.match", subject=person.uid, fields={"phone": person.phone_cipher}) == {
        "phone": "12500000000"
    }
    assert is_erased(kept.erased.uid)
    assert Resident.objects.get(uid=kept.erased.uid).name == ""
    assert authenticate(login="officer", password=PASSWORD) is not None
    assert Case.objects.count() == 2
    assert not Session.objects.exists()
    assert not ResidentSession.objects.exists()
    people = list((machine / "screening").rglob("people.parquet"))
    assert people
    assert all(str(kept.erased.uid) not in pl.read_parquet(path)["person_id"].cast(pl.String).to_list() for path in people)
    assert (machine / "keys.json").stat().st_mode & 0o777 == 0o600
    assert (machine / "secret").read_text() == "the secret of the test's first machine"
    assert not (machine / files.UNDER_WAY).exists()
    assert {path.stat().st_uid for path in machine.rglob("*")} == {machine.stat().st_uid}
    with pytest.raises(LinliError, match="can't be restored into"):
        restored(kept)


def test_a_restore_that_was_cut_off_goes_on_where_it_was(kept: Kept, machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(restoring.erased, "replay", cut)
        with pytest.raises((KeyboardInterrupt, SystemExit)):
            restoring.restore(checked(kept.folder), erasure_list=kept.erasures, tell=lambda *_: None)
    assert (machine / files.UNDER_WAY).exists()
    assert not is_erased(kept.erased.uid)
    result = restored(kept)
    assert result.exit_code == 0, result.output
    assert is_erased(kept.erased.uid)
    assert not (machine / files.UNDER_WAY).exists()


def test_what_waited_to_be_sent_waits_for_a_person_and_clocks_that_ran_out_give_a_day(kept: Kept, machine: Path) -> None:
    restored_on = OPENED + timedelta(days=60)
    with clock.frozen(restored_on):
        result = restored(kept)
        assert result.exit_code == 0, result.output
        assert "held back: 1 messages, 1 webhook deliveries, 0 mailings" in result.output
        assert "2 clocks ran out" in result.output
        assert (timers.fire_due(), send_due(), delivering.deliver_due(9)) == (0, 0, 0)
        react_to_cases()  # of the dispute whose letter the backup did not have yet
        assert (send_due(), delivering.deliver_due(9)) == (0, 0)
        assert "2 messages, 2 webhook deliveries" in linli(held_command).output
        failed = Fact.objects.filter(type="notices.failed", payload__error="notices.restored")
        assert failed.count() == 2
        (whole,) = Fact.objects.filter(type="trace.restored")
        assert whole.payload["backup"] == kept.folder.name
        assert (whole.payload["messages"], whole.payload["timers"]) == (1, 2)
        assert "released: 2 messages" in linli(held_command, "release", "messages").output
        assert "released: 2 webhook" in linli(held_command, "release", "webhooks").output
        assert "0 messages, 0 webhook" in linli(held_command).output
        assert Fact.objects.filter(type="notices.sent_again").count() == 2
        assert set(Delivery.objects.values_list("status", flat=True)) == {"waiting"}
        assert set(Call.objects.values_list("status", flat=True)) == {"waiting"}
        dispute_after(kept)
    with clock.frozen(restored_on + timedelta(days=1, minutes=1)):
        assert timers.fire_due() == 3


def dispute_after(kept: Kept) -> None:
    """What happens after a restore goes out by itself."""
    dispute(kept.city.undecided)
    react_to_cases()
    assert Delivery.objects.filter(status="waiting").count() == 3


@pytest.mark.parametrize("part", [manifest.DATABASE, manifest.FILES, manifest.SEAL, manifest.KEYS])
@pytest.mark.parametrize("damage", ["altered", "shortened", "missing"])
def test_a_damaged_backup_is_refused_by_the_name_of_the_damaged_part(kept: Kept, tmp_path: Path, part: str, damage: str) -> None:
    folder = Path(shutil.copytree(kept.folder, tmp_path / kept.folder.name))
    file = folder / part
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(content if damage == "altered" else content[:-1])
    with pytest.raises((Problems, LinliError), match=part.replace(".", r"\.")):
        checked(folder)


def test_a_manifest_made_to_fit_an_altered_dump_is_refused(kept: Kept, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(kept.folder, tmp_path / kept.folder.name))
    (folder / manifest.DATABASE).write_bytes(b"another database")
    document = json.loads((folder / manifest.FILE).read_text())
    part = manifest.part_of(folder / manifest.DATABASE)
    document["parts"][manifest.DATABASE] = {"bytes": part.bytes, "digest": part.digest}
    (folder / manifest.FILE).write_text(json.dumps(document))
    with pytest.raises(LinliError, match="was altered"):
        checked(folder)


def test_a_folder_without_its_manifest_is_no_backup(kept: Kept, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(kept.folder, tmp_path / kept.folder.name))
    (folder / manifest.FILE).unlink()
    with pytest.raises(LinliError, match="not a finished backup"):
        checked(folder)


def test_a_newer_release_is_refused(kept: Kept, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(kept.folder, tmp_path / kept.folder.name))
    document = json.loads((folder / manifest.FILE).read_text())
    document["migrations"].append("registers.9999_of_tomorrow")
    (folder / manifest.FILE).write_text(json.dumps(document))
    with pytest.raises(LinliError, match="9999_of_tomorrow"):
        checked(folder)


def test_keys_open_with_their_passphrase_only(kept: Kept, machine: Path) -> None:
    with pytest.raises(LinliError, match="wrong passphrase"):
        checked(kept.folder, PASSPHRASE + "!")
    with pytest.raises(LinliError, match="no keys that fit"):
        linli(restore_command, kept.folder, "--erasures", kept.erasures)
    assert PASSPHRASE.encode() not in (kept.folder / manifest.KEYS).read_bytes()
    secret = json.loads((kept.home / "state" / "keys.json").read_text())["wrapping"]["1"]
    assert all(secret.encode() not in path.read_bytes() for path in kept.folder.iterdir())
    assert not (machine / "keys.json").exists()


@pytest.mark.parametrize("suite", ["aes", "sm"])
def test_keys_sealed_to_a_recipient_open_with_the_private_key_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suite: str) -> None:
    monkeypatch.setenv("LINLI_CRYPTO", suite)
    secrets = keysafe.Secrets(keyring.new_keyring().document(), "signs sessions", "ab" * 32)
    file = tmp_path / "keys.sealed"
    file.write_bytes(keysafe.seal(secrets, keysafe.Lock(recipient=keysafe.new_recipient(tmp_path / "private"))))
    keysafe.new_recipient(tmp_path / "other")
    opened = keysafe.unseal(file, private_key=keysafe.only_own(tmp_path / "private"))
    assert opened.document == secrets.document
    assert opened.fingerprints() == secrets.fingerprints()
    for wrong in (keysafe.only_own(tmp_path / "other"), ""):
        with pytest.raises(LinliError):
            keysafe.unseal(file, private_key=wrong)
    sealed = json.loads(file.read_text())
    file.write_text(json.dumps(sealed | {"recipient": sealed["ephemeral"]}))
    with pytest.raises(LinliError):
        keysafe.unseal(file, private_key=keysafe.only_own(tmp_path / "private"))


def test_a_list_older_than_the_backup_or_none_is_refused_before_anything_is_written(kept: Kept, machine: Path) -> None:
    whole = checked(kept.folder)
    demanding = Checked(whole.folder, replace(whole.manifest, erasures=2), whole.secrets)
    for erasures in (kept.erasures, machine / "nowhere.jsonl", None):
        with pytest.raises(LinliError, match="would come back"):
            restoring.restore(demanding, erasure_list=erasures, tell=lambda *_: None)
    assert sorted(path.name for path in machine.iterdir()) == ["secret"]


def test_keys_of_another_installation_are_never_overwritten(kept: Kept, machine: Path) -> None:
    keyring.write(keyring.new_keyring(), machine / "keys.json")
    before = (machine / "keys.json").read_text()
    with pytest.raises(LinliError, match="another installation"):
        restored(kept)
    assert (machine / "keys.json").read_text() == before


def test_a_backup_leaves_out_what_it_must_and_makes_room(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = kept.home / "state"
    for name in (
        "downloads/list.xlsx",
        "imports/1/file",
        "sms.jsonl",
        "static/x.css",
        "metrics/counter.db",
        "screening/unfinished-1/part",
        "a later part/of it",
    ):
        (state / name).parent.mkdir(parents=True, exist_ok=True)
        (state / name).write_text("x")
    names = {str(path.relative_to(state)) for path in files.kept(state)}
    assert "a later part/of it" in names
    assert any(name.startswith("screening/runs/") for name in names)
    assert not {name for name in names if name.startswith(("downloads", "imports", "metrics", "sms", "static", "screening/unfinished"))}
    assert not names & {"keys.json", "secret", "trace-seal.key", "erasures.jsonl"}
    root = tmp_path / "backups"
    (root / ".2026-01-01T000000Z.unfinished").mkdir(parents=True)
    (root / "notes of the operator").mkdir()
    made = []
    for _ in range(3):
        made.append(taking.take(root, lock=None, keep=2, tell=lambda *_: None))
        made[-1].folder.rename(root / f"2026-01-0{len(made)}T000000Z")
    taking.take(root, lock=None, keep=2, tell=lambda *_: None)
    assert taking.finished(root)[0].name == "2026-01-03T000000Z"
    assert len(taking.finished(root)) == 2
    assert (root / "notes of the operator").exists()
    assert not list(root.glob(".*.unfinished"))
    before = taking.finished(root)

    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "pack", no_room)
    with pytest.raises(OSError, match="No space"):
        taking.take(root, lock=None, keep=1, tell=lambda *_: None)
    assert taking.finished(root) == before  # the older ones stay, and nothing looks like a newer one
    assert not list(root.glob(".*.unfinished"))


def test_an_archive_that_reaches_out_of_the_state_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    for number, name in enumerate(("../out", "/tmp/linli-out", "screening/../../out", "keys.json")):
        archive = tmp_path / f"{number}.tar"
        with tarfile.open(archive, "w") as tar:
            info = tar.gettarinfo(tmp_path / "x", arcname="x")
            info.name = name
            with (tmp_path / "x").open("rb") as stream:
                tar.addfile(info, stream)
        with pytest.raises(LinliError, match="can't go into"):
            files.unpack(archive, tmp_path / "state")


@pytest.mark.django_db
def test_how_the_keys_are_kept_has_to_be_said(tmp_path: Path) -> None:
    with pytest.raises(LinliError, match="how the keys"):
        linli(backup_command, tmp_path / "backups")
    weak = tmp_path / "weak"
    weak.touch(mode=0o600)
    weak.write_text("short\n")
    with pytest.raises(LinliError, match="fewer than"):
        linli(backup_command, tmp_path / "backups", "--passphrase-file", weak)
    weak.chmod(0o644)
    with pytest.raises(LinliError, match="Other users"):
        linli(backup_command, tmp_path / "backups", "--passphrase-file", weak)
    assert not (tmp_path / "backups").exists()
