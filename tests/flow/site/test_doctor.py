"""`linli doctor` on a sound installation says so; each thing that is broken is named, with what to do."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import OperationalError, connection
from web_examples import prepare_state

from linli.casework.models import Case, Task
from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.registers.models import Staff, StaffGrant
from linli.site.backup import files
from linli.site.command.doctor import command
from linli.site.doctor import database, guards, machine
from linli.site.doctor.examining import examine
from linli.site.doctor.findings import FAIL, OK, WARN, Finding
from linli.trace import seals
from linli.trace.models import Parked
from linli.vault import keyring, protect

pytestmark = pytest.mark.django_db


@pytest.fixture
def sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> SimpleNamespace:
    """An installation fit for real use: .state is its folder; .patch, .settings and .sql(statement) break it."""
    state, city = tmp_path / "state", tmp_path / "city"
    for name, value in prepare_state(state, monkeypatch).items():
        setattr(settings, name, value)
    settings.LINLI_DEMO, settings.LINLI_HTTPS, settings.LINLI_SECOND_FACTOR = False, True, "required"
    real = Path(settings.LINLI_CITY)
    settings.LINLI_CITY, settings.SECRET_KEY = city, "kQ7w-9dTz_4mXv1LsR8hYbN3cUe6PjGaF0oI2"
    monkeypatch.setenv("LINLI_ERASURES", str(tmp_path / "elsewhere" / "erasures.jsonl"))
    monkeypatch.setenv("LINLI_SMS", "https://sms.example/send")
    (city / "calendar").mkdir(parents=True)
    for name in ("purposes.yaml", "casework.yaml"):
        shutil.copy(real / name, city)
    for year in (clock.today().year, clock.today().year + 1):
        (city / "calendar" / f"{year}.yaml").write_text(f"year: {year}\nholidays: []\nworked: []\n")
    monkeypatch.setattr(machine, "missing_fonts", tuple)
    (state / "seals").mkdir()
    seals.take(state, state / "seals" / "today.json")
    backup_of(state, tmp_path)
    durable = dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit"), "on")  # the tests' own server waits for no disk
    found = database.server_settings() | durable | {"shared_buffers": "65536", "TimeZone": "UTC"}
    monkeypatch.setattr(database, "server_settings", lambda: found)

    def sql(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    sql("INSERT INTO procrastinate_workers DEFAULT VALUES")
    sql("CREATE ROLE linli_doctor_test; GRANT linli_doctor_test TO CURRENT_USER")
    sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO linli_doctor_test; SET LOCAL ROLE linli_doctor_test")
    return SimpleNamespace(state=state, city=city, patch=monkeypatch, settings=settings, sql=sql, server=found)


def backup_of(state: Path, folder: Path, hours: int = 1) -> None:
    note = {"folder": str(folder), "taken_at": (clock.now() - timedelta(hours=hours)).isoformat()}
    (state / files.NOTE).write_text(json.dumps(note))


def examined() -> tuple[int, dict[str, Finding]]:
    result = CliRunner().invoke(command, ["--json"], catch_exceptions=False)
    report = json.loads(result.output)
    assert report["state"] == (OK, WARN, FAIL)[result.exit_code]
    return result.exit_code, {one["check"]: Finding(**one) for one in report["checks"]}


def test_a_sound_installation_is_sound(sound: SimpleNamespace) -> None:
    code, found = examined()
    assert {name: one for name, one in found.items() if one.state != OK} == {}
    assert code == 0
    assert set(found) == {name for name, _ in (*machine.CHECKS, *database.OF_SERVER, *database.OF_SCHEMA)} | {"database"}


def test_the_guards_are_those_that_the_migrations_make() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal")
        made = {(table, name) for table, name in cursor.fetchall() if not table.startswith("procrastinate_")}
        cursor.execute("SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'x'")
        assert set(cursor.fetchall()) == guards._named(guards.EXCLUSIONS)
    assert made == guards._named(guards.TRIGGERS)


def _as_owner(sound: SimpleNamespace, statement: str) -> None:
    sound.sql("RESET ROLE")
    sound.sql(statement)
    sound.sql("SET LOCAL ROLE linli_doctor_test")


def _queued(minutes: int, status: str = "todo") -> Callable[[SimpleNamespace], None]:
    at = f"now() - interval '{minutes} minutes'"
    columns = "(queue_name, task_name, status, scheduled_at)"
    return lambda sound: _as_owner(sound, f"INSERT INTO procrastinate_jobs {columns} VALUES ('default', 'x', '{status}', {at})")


def _parked(sound: SimpleNamespace) -> None:
    sound.sql("RESET ROLE")
    Parked.objects.create(reaction="x", fact=1, error="x", first_seen=clock.now(), last_seen=clock.now())
    sound.sql("SET LOCAL ROLE linli_doctor_test")


def _rotated(sound: SimpleNamespace) -> None:
    sound.sql("RESET ROLE")
    protect(uuid7(), {"phone": "12500000000"})
    keyring.store(keyring.keyring().with_new("wrapping"))
    sound.sql("SET LOCAL ROLE linli_doctor_test")


def _lost_generation(sound: SimpleNamespace) -> None:
    _rotated(sound)
    keyring.store(keyring.keyring().without("wrapping", 1))


def _nobody_there(sound: SimpleNamespace) -> None:
    """A steward's task where nobody has a grant, and one there that is done."""
    sound.sql("RESET ROLE")
    now = clock.now()
    for place, done in (("140802002001", None), ("140882100201", now)):
        said = {"area_code": place, "opened_at": now, "opened_by": "staff:x", "due_at": now}
        case = Case.objects.create(kind="home_visit", subject=f"resident:{uuid7()}", receipt=place, **said)
        desk = {"area_code": place, "desk_code": place, "due_at": now, "warn_at": now}
        Task.objects.create(case=case, role="steward", done_at=done, **desk)
    sound.sql("SET LOCAL ROLE linli_doctor_test")


def _officer(sound: SimpleNamespace) -> None:
    """Somebody works whose identity nobody has checked."""
    sound.sql("RESET ROLE")
    row = Staff.objects.create(login="unchecked", name="测试账号")
    StaffGrant.objects.create(staff=row, role="officer", valid_from=clock.today())
    sound.sql("SET LOCAL ROLE linli_doctor_test")


def _exposed(path: str) -> Callable[[SimpleNamespace], None]:
    def break_it(sound: SimpleNamespace) -> None:
        (sound.state / path).touch()
        (sound.state / path).chmod(0o640)

    return break_it


def _folder(name: str, mode: int) -> Callable[[SimpleNamespace], None]:
    def break_it(sound: SimpleNamespace) -> None:
        (sound.state / name).mkdir(exist_ok=True)
        (sound.state / name).chmod(mode)

    return break_it


def _letter(sound: SimpleNamespace, name: str) -> None:
    (sound.city / "letters").mkdir()
    (sound.city / "letters" / name).write_text("zh: 回执\n")


def _no_purpose(sound: SimpleNamespace, slug: str) -> None:
    file = sound.city / "purposes.yaml"
    file.write_text(file.read_text("utf-8").replace(f"\n{slug}:\n", "\nother.purpose:\n"), "utf-8")


def _no_calendar(year: int) -> Callable[[SimpleNamespace], None]:
    return lambda sound: (sound.city / "calendar" / f"{year}.yaml").unlink()


def _provisional(sound: SimpleNamespace, year: int) -> None:
    (sound.city / "calendar" / f"{year}.yaml").write_text(f"year: {year}\nprovisional: true\nholidays: []\nworked: []\n")


def _disk(free: float) -> Callable[[SimpleNamespace], None]:
    usage = SimpleNamespace(free=int(free * machine.GIGABYTE), total=100 * machine.GIGABYTE)
    return lambda sound: sound.patch.setattr(machine.shutil, "disk_usage", lambda path: usage)


def _skewed(seconds: int) -> Callable[[SimpleNamespace], None]:
    now = clock.now
    return lambda sound: sound.patch.setattr(database.clock, "now", lambda: now() + timedelta(seconds=seconds))


def _old_seal(sound: SimpleNamespace) -> None:
    then = (clock.now() - timedelta(days=4)).timestamp()
    os.utime(sound.state / "seals" / "today.json", (then, then))


def _setting(**changed: Any) -> Callable[[SimpleNamespace], None]:
    return lambda sound: [setattr(sound.settings, name, value) for name, value in changed.items()] and None


YEAR = clock.today().year
BREAKS: list[tuple[str, str, str, Callable[[SimpleNamespace], Any]]] = [
    ("locale", FAIL, "ascii", lambda sound: sound.patch.setattr(machine.sys, "getfilesystemencoding", lambda: "ascii")),
    ("keys", FAIL, "0640", _exposed("keys.json")),
    ("keys", FAIL, "no keys", lambda sound: (sound.state / "keys.json").unlink()),
    ("state-folder", FAIL, "trace-seal.key", _exposed("trace-seal.key")),
    ("state-folder", FAIL, "secret", _exposed("secret")),
    *[("state-folder", FAIL, f"/{name}", _folder(name, 0o750)) for name in machine.PRIVATE_FOLDERS],
    ("state-folder", FAIL, "can change", _folder("static", 0o777)),
    ("secret-key", FAIL, "weak", _setting(SECRET_KEY="short")),
    ("secret-key", FAIL, "weak", _setting(SECRET_KEY="a" * 60)),
    ("switches", FAIL, "DEBUG", _setting(DEBUG=True)),
    ("switches", FAIL, "any name", _setting(ALLOWED_HOSTS=["*"])),
    ("switches", FAIL, "LINLI_HTTPS", _setting(LINLI_HTTPS=False)),
    ("switches", FAIL, "second factor", _setting(LINLI_SECOND_FACTOR="optional")),
    ("switches", WARN, "demo", _setting(LINLI_DEMO=True)),
    ("disk", WARN, "3.0 GB", _disk(3)),
    ("disk", FAIL, "0.1 GB", _disk(0.1)),
    ("purposes", FAIL, "settlement.payee", lambda sound: _no_purpose(sound, "settlement.payee")),
    ("promises", WARN, "lacks: award_look (the", lambda sound: _no_promise(sound, "award_look")),
    ("promises", FAIL, "lacks: home_visit", lambda sound: _no_promise(sound, "home_visit")),
    ("letters", FAIL, "Noto Serif", lambda sound: sound.patch.setattr(machine, "missing_fonts", lambda: ("Noto Serif CJK SC",))),
    ("letters", FAIL, "receipt.yaml", lambda sound: _letter(sound, "receipt.yaml")),
    ("calendar", FAIL, str(YEAR), _no_calendar(YEAR)),
    ("calendar", WARN, f"{YEAR + 1} are not", lambda sound: (_no_calendar(YEAR + 1)(sound), _on_the(sound, 10, 5))),
    ("calendar", WARN, f"{YEAR} are still", lambda sound: (_provisional(sound, YEAR), _on_the(sound, 3, 1))),
    ("calendar", WARN, f"{YEAR + 1} are still", lambda sound: (_provisional(sound, YEAR + 1), _on_the(sound, 11, 15))),
    ("sms", WARN, "reach nobody", lambda sound: sound.patch.delenv("LINLI_SMS")),
    ("sms", FAIL, "token", lambda sound: sound.patch.setenv("LINLI_SMS_TOKEN_FILE", "/nowhere/token")),
    ("seal", WARN, "never", lambda sound: (sound.state / "seals" / "today.json").unlink()),
    ("seal", WARN, "today.json", _old_seal),
    ("backup", WARN, "never", lambda sound: (sound.state / files.NOTE).unlink()),
    ("backup", WARN, "30 hours", lambda sound: backup_of(sound.state, sound.state, 30)),
    ("backup", WARN, "no longer there", lambda sound: backup_of(sound.state, sound.state / "gone")),
    ("backup", FAIL, "300 hours", lambda sound: backup_of(sound.state, sound.state, 300)),
    ("restore", FAIL, "cut off", lambda sound: (sound.state / files.UNDER_WAY).touch()),
    ("erasures", WARN, "beside", lambda sound: sound.patch.delenv("LINLI_ERASURES")),
    ("postgresql", FAIL, "PostgreSQL", lambda sound: sound.patch.setattr(database, "FLOOR", 99)),
    ("durability", FAIL, "fsync", lambda sound: sound.server.update(fsync="off")),
    ("durability", FAIL, "synchronous_commit", lambda sound: sound.server.update(synchronous_commit="off")),
    ("tuning", WARN, "Europe/Paris", lambda sound: sound.server.update(TimeZone="Europe/Paris")),
    ("tuning", WARN, "128 MB", lambda sound: sound.server.update(shared_buffers="16384")),
    ("clock", WARN, "10.0 s", _skewed(10)),
    ("clock", FAIL, "database", _skewed(-300)),
    ("migrations", FAIL, "to apply", lambda sound: _as_owner(sound, "DELETE FROM django_migrations WHERE app = 'casework'")),
    (
        "migrations",
        FAIL,
        "newer",
        lambda sound: _as_owner(sound, "INSERT INTO django_migrations (app, name, applied) VALUES ('casework', '9999_later', now())"),
    ),
    ("extensions", FAIL, "pg_trgm", lambda sound: _as_owner(sound, "DROP EXTENSION pg_trgm CASCADE")),
    ("role", WARN, "could remove", lambda sound: sound.sql("RESET ROLE")),
    (
        "guards",
        FAIL,
        "off: trace_fact trace_fact_keep",
        lambda sound: _as_owner(sound, "ALTER TABLE trace_fact DISABLE TRIGGER trace_fact_keep"),
    ),
    ("guards", FAIL, "vault_access_keep", lambda sound: _as_owner(sound, "ALTER TABLE vault_access DISABLE TRIGGER ALL")),
    (
        "guards",
        FAIL,
        "off: vault_keyevent",
        lambda sound: _as_owner(sound, "ALTER TABLE vault_keyevent ENABLE REPLICA TRIGGER vault_keyevent_keep"),
    ),
    (
        "guards",
        FAIL,
        "missing: vault_personkey vault_personkey_keep",
        lambda sound: _as_owner(sound, "DROP TRIGGER vault_personkey_keep ON vault_personkey"),
    ),
    (
        "guards",
        FAIL,
        "missing: registers_record record_one_per_person",
        lambda sound: _as_owner(sound, "ALTER TABLE registers_record DROP CONSTRAINT record_one_per_person"),
    ),
    ("wrapped-keys", WARN, "older", _rotated),
    ("wrapped-keys", FAIL, "lacks generation 1", _lost_generation),
    ("worker", FAIL, "none", lambda sound: _as_owner(sound, "DELETE FROM procrastinate_workers")),
    (
        "worker",
        FAIL,
        "heartbeat",
        lambda sound: _as_owner(sound, "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"),
    ),
    ("queue", WARN, "20 minutes", _queued(20)),
    ("queue", FAIL, "90 minutes", _queued(90)),
    ("queue", WARN, "1 failed", _queued(1, "failed")),
    ("parked", WARN, "1 facts", _parked),
    ("desks", WARN, "1 places have open tasks and nobody: 140802002001", _nobody_there),
    ("own-matters", WARN, "1 of 1 officers", _officer),
]


def _no_promise(sound: SimpleNamespace, kind: str) -> None:
    file = sound.city / "casework.yaml"
    file.write_text("".join(line for line in file.read_text().splitlines(keepends=True) if not line.startswith(f"{kind}:")))


def _on_the(sound: SimpleNamespace, month: int, day: int) -> None:
    today = clock.today().replace(month=month, day=day)
    sound.patch.setattr(machine, "clock", SimpleNamespace(now=clock.now, today=lambda: today, SHANGHAI=clock.SHANGHAI))


@pytest.mark.parametrize(("month", "day"), [(9, 30), (11, 14)])
def test_a_year_far_off_or_not_announced_yet_is_no_warning(sound: SimpleNamespace, month: int, day: int) -> None:
    _on_the(sound, month, day)
    _provisional(sound, YEAR + 1) if month == 11 else _no_calendar(YEAR + 1)(sound)
    assert machine.calendar().state == OK


@pytest.mark.parametrize(("check", "state", "named", "break_it"), BREAKS, ids=[f"{check}-{named}" for check, _, named, _ in BREAKS])
def test_what_is_broken_is_named(sound: SimpleNamespace, check: str, state: str, named: str, break_it: Callable[[Any], Any]) -> None:
    break_it(sound)
    code, found = examined()
    assert found[check].state == state, found[check]
    assert named in found[check].en
    assert found[check].remedy_zh
    assert found[check].remedy_en
    others = {name for name, one in found.items() if one.state != OK} - {check}
    assert others <= CONSEQUENCES.get(named, set()), others
    assert code == (1 if state == WARN else 2)


CONSEQUENCES = {"no keys": {"wrapped-keys"}, "0640": {"wrapped-keys"}}
"""What rests on the broken thing and can't be well without it."""


def test_without_a_database_the_rest_is_still_told(sound: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> None:
        raise OperationalError("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "ensure_connection", refused)
        found = list(examine())
    assert found[-1].check == "database"
    assert found[-1].state == FAIL
    assert "connection refused" in found[-1].en
    assert len(found) == len(machine.CHECKS) + 1


def test_for_people_each_check_is_one_line_in_their_language(sound: SimpleNamespace) -> None:
    backup_of(sound.state, sound.state, 300)
    lines = CliRunner().invoke(command, env={"LINLI_LANG": "zh"}).output.splitlines()
    assert next(line for line in lines if "backup" in line).startswith("✗ backup: 最近一次在 300 小时前")
    assert all(line[0] in "✓!✗" for line in lines)
