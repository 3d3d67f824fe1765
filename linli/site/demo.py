"""The demo city: people, lists, programmes, staff and a first screening, set up in steps that survive a kill and cost nothing twice.

What has been done is kept in the state folder together with the database it was done in. Every step also recognises its own
half-finished work (acts have keys, a delivery knows its file), so a step that was cut off goes on where it stopped.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import system
from linli.programmes.acts import publish_ready
from linli.programmes.catalogue import catalogue
from linli.registers import acts, cityareas
from linli.registers.generated import load_population
from linli.registers.generated.files import read_deliveries, write_files
from linli.registers.generated.load import load_people
from linli.registers.imports import Delivery, import_list
from linli.registers.lists import load_lists
from linli.registers.models import Resident, Staff
from linli.screening import acts as screening
from linli.site.children import begin_helper
from linli.vault import keyring

OPERATOR = system("demo")
WORTH_SHARING = 20_000  # residents from which a second process pays for its start
Tell = Callable[[int, int], None]
Words = tuple[str, str]

# login: role, county ("" = the whole city), words. One person for each role, and an officer who sees one county only.
STAFF: dict[str, tuple[str, str, Words]] = {
    "officer": ("officer", "", ("市级业务人员", "officer of the city")),
    "yanhu": ("officer", "140802", ("盐湖区业务人员", "officer of Yanhu district")),
    "clerk": ("clerk", "140802", ("窗口人员", "clerk at a window")),
    "steward": ("steward", "140802001001", ("网格员", "grid worker")),
    "planner": ("planner", "", ("规划人员", "planner")),
    "auditor": ("auditor", "", ("审计人员", "auditor")),
    "administrator": ("administrator", "", ("系统管理员", "administrator")),
    "security": ("security", "", ("安全管理员", "security administrator")),
}


@dataclass(slots=True)
class Demo:
    """The demo's plan and what is done of it. as_of: the day the people's ages and the lists speak of, fixed on the first run."""

    folder: Path
    residents: int
    seed: int
    as_of: date
    database: str
    done: dict[str, float] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """Where it is kept."""
        return self.folder / "demo.json"

    def save(self) -> None:
        """Write it so that a kill leaves the old or the new text."""
        draft = self.file.with_suffix(".new")
        content = {
            "residents": self.residents,
            "seed": self.seed,
            "as_of": self.as_of.isoformat(),
            "database": self.database,
            "done": self.done,
        }
        draft.write_text(json.dumps(content, indent=1), encoding="utf-8")
        draft.replace(self.file)


@dataclass(frozen=True, slots=True)
class Step:
    """One step. run(demo, tell) returns a line in each language on what it brought; tell(done, of) moves the progress bar."""

    name: str
    words: Words
    run: Callable[[Demo, Tell], Words]


def open_demo(state: Path, residents: int | None, seed: int) -> Demo:
    """The demo of this state folder and database: the one begun here before, else a new one. Refuses another number of residents."""
    folder = state / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    database = _database()
    file = folder / "demo.json"
    if file.exists():
        content = json.loads(file.read_text("utf-8"))
        if content["database"] == database:
            if residents not in (None, content["residents"]):
                raise _other_size(content["residents"], residents)
            content["as_of"] = date.fromisoformat(content["as_of"])
            return Demo(folder=folder, **content)
    demo = Demo(folder, residents or 50_000, seed, clock.today(), database)
    demo.save()
    return demo


def steps() -> tuple[Step, ...]:
    """In order; each needs those before it."""
    return (
        Step("areas", ("导入行政区划", "divisions"), _areas),
        Step("people", ("登记居民", "residents"), _people),
        Step("files", ("生成部门名单", "departments' files"), _files),
        Step("lists", ("导入名单", "importing lists"), _lists),
        Step("programmes", ("发布惠民政策事项", "programmes"), _programmes),
        Step("staff", ("添加工作人员", "staff"), _staff),
        Step("screening", ("政策匹配", "screening"), _screening),
    )


def migrate() -> None:
    """Bring the schema up to this release and make the keys where there are none."""
    call_command("migrate", interactive=False, verbosity=0)
    keyring.ensure()


@contextmanager
def timed(demo: Demo, step: Step) -> Iterator[None]:
    """Record the step as done, with its seconds, unless it fails."""
    began = time.monotonic()
    yield
    demo.done[step.name] = round(time.monotonic() - began, 1)
    demo.save()


def sign_ins(demo: Demo) -> dict[str, str]:
    """Password by login. Made by chance once for each demo and kept in a file that only its owner can read."""
    file = demo.folder / "sign-ins.json"
    if not file.exists():
        made = {login: secrets.token_urlsafe(9) for login in STAFF}
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(made, stream, indent=1)
    found: dict[str, str] = json.loads(file.read_text("utf-8"))
    return found


def _database() -> str:
    """What tells this database from one made anew under the same name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.system_identifier::text || '/' || d.oid::text"
            " FROM pg_control_system() s, pg_database d WHERE d.datname = current_database()"
        )
        return str(cursor.fetchone()[0])


def _areas(demo: Demo, tell: Tell) -> Words:
    """The city's own table, and its neighbours' in cities/, because some residents live or study there."""
    own = Path(settings.LINLI_CITY)
    others = (path for path in own.parent.iterdir() if path != own and (path / "areas" / "kinds.yaml").exists())
    folders = [own, *sorted(others)]
    opened = 0
    for number, folder in enumerate(folders, start=1):
        opened += len(cityareas.import_city(OPERATOR, folder / "areas").changes.opened)
        tell(number, len(folders))
    return f"{opened} 个区划", f"{opened} divisions"


def _people(demo: Demo, tell: Tell) -> Words:
    """A small city in this process; a larger one side by side in as many as there are processors, county by county."""
    shares = min(os.cpu_count() or 1, 4) if demo.residents >= WORTH_SHARING else 1
    alone = shares == 1
    loaded = [_load_share(demo.residents, demo.seed, demo.as_of, (0, 1))] if alone else _loaded_side_by_side(demo, shares, tell)
    _gather_statistics()
    people, households, employers = (sum(column) for column in zip(*loaded, strict=True))
    return f"{people} 人，{households} 个家庭，{employers} 个单位", f"{people} people, {households} households, {employers} employers"


def _gather_statistics() -> None:
    """Let the planner see what was loaded before the next step asks: autovacuum comes a minute later, and a blind plan takes minutes."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _loaded_side_by_side(demo: Demo, shares: int, tell: Tell) -> list[tuple[int, int, int]]:
    """The bar shows who is registered so far. The first process that fails ends the step once the others have ended."""
    with ProcessPoolExecutor(shares, mp_context=get_context("spawn"), initializer=begin_helper) as pool:
        running = {pool.submit(_load_share, demo.residents, demo.seed, demo.as_of, (k, shares)) for k in range(shares)}
        while wait(running, timeout=1.0).not_done:
            tell(Resident.objects.count(), demo.residents)
        return [future.result() for future in running]


def _load_share(residents: int, seed: int, as_of: date, share: tuple[int, int]) -> tuple[int, int, int]:
    """One process's part of the load."""
    loaded = load_people(OPERATOR, load_population(settings.LINLI_CITY), residents=residents, seed=seed, as_of=as_of, share=share)
    return loaded.residents, loaded.households, loaded.organisations


def _lists_folder(demo: Demo) -> Path:
    return demo.folder / "lists"


def _files(demo: Demo, tell: Tell) -> Words:
    deliveries = write_files(
        load_population(settings.LINLI_CITY),
        load_lists(settings.LINLI_CITY),
        _lists_folder(demo),
        residents=demo.residents,
        seed=demo.seed,
        as_of=demo.as_of,
        progress=lambda file, done: None if file else tell(done, demo.residents),
    )
    return f"{len(deliveries)} 份：{_lists_folder(demo)}", f"{len(deliveries)} files: {_lists_folder(demo)}"


def _lists(demo: Demo, tell: Tell) -> Words:
    """The way any department's file takes: read, matched, merged, traced. The file that is meant to be refused is left to the visitor."""
    declared = load_lists(settings.LINLI_CITY)
    deliveries = [delivery for delivery in read_deliveries(_lists_folder(demo)) if not delivery.refused]
    rows = doubtful = 0
    for number, sent in enumerate(deliveries, start=1):
        delivery = Delivery(_lists_folder(demo) / sent.file, as_of=sent.as_of, area=sent.area)
        report = import_list(OPERATOR, declaration=declared[sent.list_slug], delivery=delivery)
        rows, doubtful = rows + report.rows, doubtful + report.doubtful
        tell(number, len(deliveries))
    _gather_statistics()
    return f"{rows} 行，{doubtful} 行待核", f"{rows} rows, {doubtful} left to a human"


def _programmes(demo: Demo, tell: Tell) -> Words:
    report = publish_ready(viewer=OPERATOR, catalogue=catalogue(settings.LINLI_CITY), demonstration=True)
    tell(1, 1)
    refused = sorted({programme.slug for programme, _ in report.refused})
    held_back = ", ".join(refused)
    return (
        f"发布 {len(report.published)} 个版本；未达发布条件：{held_back or '无'}",
        f"{len(report.published)} versions published; not ready to be: {held_back or 'none'}",
    )


def _staff(demo: Demo, tell: Tell) -> Words:
    passwords = sign_ins(demo)
    for number, (login, (role, area, words)) in enumerate(STAFF.items(), start=1):
        person = Staff.objects.filter(login=login).first()
        if person is None:
            person = acts.add_staff(OPERATOR, login=login, name=f"演示{words[0]}", password=passwords[login])
        acts.place_grant(OPERATOR, staff=person, role=role, area_code=area, valid_from=demo.as_of)
        tell(number, len(STAFF))
    return f"{len(STAFF)} 个账号", f"{len(STAFF)} sign-ins"


def _screening(demo: Demo, tell: Tell) -> Words:
    runs = screening.screen(viewer=OPERATOR, progress=lambda step, done, total: tell(done, total))
    found: Any = sum(run.eligible or 0 for run in runs)
    failed = [run.programme for run in runs if run.state == "failed"]
    return (
        f"{len(runs)} 个事项，找到 {found} 个对象" + (f"；失败：{'、'.join(failed)}" if failed else ""),
        f"{len(runs)} programmes, {found} found" + (f"; failed: {', '.join(failed)}" if failed else ""),
    )


def _other_size(there: int, wanted: int | None) -> LinliError:
    return LinliError(
        "demo.other_size",
        zh="演示城市已按另一个居民数装入",
        en="The demo city was loaded with another number of residents.",
        expected=str(there),
        found=str(wanted),
        remedy_zh="不带 --residents 运行，或换一个 LINLI_STATE 和数据库",
        remedy_en="leave --residents out, or use another LINLI_STATE and database",
    )
