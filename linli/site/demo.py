"""The demo city: people, lists, programmes, staff, screening and cases, set up in steps that survive a kill and cost nothing twice.

What has been done is kept in the state folder together with the database it was done in. Every step also recognises its own
half-finished work (acts have keys, a delivery knows its file), so a step that was cut off goes on where it stopped.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from linli.casework.visits.queries import regulars
from linli.casework.visits.reach import SMALLEST
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import system
from linli.programmes.acts import publish_ready
from linli.programmes.catalogue import catalogue, load_city
from linli.registers import acts, cityareas
from linli.registers.acts.prices import publish_prices
from linli.registers.generated import load_population
from linli.registers.generated.files import read_deliveries, write_files
from linli.registers.generated.load import load_people
from linli.registers.generated.prices import DOCUMENT, SOURCE, made_up_prices
from linli.registers.generated.windows import made_up
from linli.registers.imports import Delivery, import_list
from linli.registers.lists import load_lists
from linli.registers.models import Organisation, Resident, Staff
from linli.screening import acts as screening
from linli.site import demo_cases, demo_plans, demo_town
from linli.site.crew import Crew
from linli.site.database import identity
from linli.vault import keyring

OPERATOR = system("demo")
WORTH_A_ROUND = 5  # people to call on, for whom the steward is given further villages
MOST_VILLAGES = 6
WORTH_SHARING = 20_000  # residents from which helpers pay for their start
Tell = Callable[[int, int], None]
Words = tuple[str, str]

# login: role, county ("" = the whole city), words. One person for each role, an officer who sees one county only, and a colleague
# who publishes what the first officer drafted.
STAFF: dict[str, tuple[str, str, Words]] = {
    "officer": ("officer", "", ("市级业务人员", "officer of the city")),
    "colleague": ("officer", "", ("市级业务人员的同事", "colleague of the officer of the city")),
    "yanhu": ("officer", "140802", ("盐湖区业务人员", "officer of Yanhu district")),
    "clerk": ("clerk", "140802", ("窗口人员", "clerk at a window")),
    "steward": ("steward", "140802005005", ("网格员", "grid worker")),
    "yanhu-steward": (
        "steward",
        "140802",
        ("盐湖区网格员，核实居民对场所的报告", "grid worker of Yanhu: confirms what residents report of places"),
    ),
    "planner": ("planner", "", ("规划人员", "planner")),
    "auditor": ("auditor", "", ("审计人员", "auditor")),
    "administrator": ("administrator", "", ("系统管理员", "administrator")),
    "security": ("security", "", ("安全管理员", "security administrator")),
    "federation": ("officer", "", ("市残联业务人员，审定并编制批次", "officer of the city's federation: decides, makes batches")),
    "finance": ("officer", "", ("市财政局复核人员", "checker at the city's finance bureau")),
    "yanhu-federation": ("officer", "140802", ("盐湖区残联业务人员", "officer of Yanhu's federation")),
    "yongji-federation": ("officer", "140881", ("永济市残联业务人员", "officer of Yongji's federation")),
    "hejin-federation": ("officer", "140882", ("河津市残联业务人员", "officer of Hejin's federation")),
    "yanhu-civil": ("officer", "140802", ("盐湖区民政局业务人员", "officer of Yanhu's civil affairs bureau")),
    "yanhu-finance": ("officer", "140802", ("盐湖区财政局复核人员", "checker at Yanhu's finance bureau")),
    "yanhu-housing": ("officer", "140802", ("盐湖区住建局业务人员", "officer of Yanhu's housing bureau")),
}
# login: the department that they work in, whose cases and signatures are theirs. Its place is the grant's.
DEPARTMENTS = {
    "planner": "运城市商务局",
    "federation": "运城市残疾人联合会",
    "finance": "运城市财政局",
    "yanhu-federation": "盐湖区残疾人联合会",
    "yongji-federation": "永济市残疾人联合会",
    "hejin-federation": "河津市残疾人联合会",
    "yanhu-civil": "盐湖区民政局",
    "yanhu-finance": "盐湖区财政局",
    "yanhu-housing": "盐湖区住房和城乡建设局",
}
WHOLE_CITY = "1408"


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
    """One step. run(demo, crew, tell) returns a line in each language on what it brought; tell(done, of) moves the progress bar.

    begin(demo, crew) hands the step's work to the crew before its turn, as soon as the steps it needs are done.
    """

    name: str
    words: Words
    run: Callable[[Demo, Crew, Tell], Words]
    begin: Callable[[Demo, Crew], None] | None = None
    needs: frozenset[str] = frozenset()


def open_demo(state: Path, residents: int | None, seed: int) -> Demo:
    """The demo of this state folder and database: the one begun here before, else a new one. Refuses another number of residents."""
    folder = state / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    database = identity()
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
    """In order; each needs those before it. What fills the processors longest is begun first and waited for last."""
    return (
        Step("areas", ("导入行政区划", "divisions"), _areas),
        Step("files", ("生成部门名单", "departments' files"), _files),
        Step("programmes", ("发布惠民政策事项", "programmes"), _programmes),
        Step("staff", ("添加工作人员", "staff"), _staff),
        Step("town", ("生成演示城镇和场所", "a town and its places"), _town),
        Step("windows", ("登记服务窗口", "service windows"), _windows),
        Step("prices", ("公布医疗服务价格", "prices of medical services"), _prices),
        Step("people", ("登记居民", "residents"), _people, begin=_begin_people, needs=frozenset({"areas"})),
        Step("homes", ("登记楼栋位置", "where the buildings stand"), _homes),
        Step("lists", ("导入名单", "importing lists"), _lists),
        Step("rounds", ("分配走访范围", "a round to walk"), _rounds),
        Step("screening", ("政策匹配", "screening"), _screening),
        Step("circles", ("计算便民生活圈", "living circles"), _circles, begin=_begin_circles, needs=frozenset({"lists"})),
        Step("plans", ("拟定一图一策", "plans of circles"), _plans),
        Step("cases", ("办理事项和发放批次", "cases and batches"), _cases),
    )


def missing(demo: Demo, crew: Crew) -> Iterator[Step]:
    """The steps that are still to be taken, one by one, with the work of later ones begun as early as may be."""
    begun: set[str] = set()
    for step in steps():
        for later in steps():
            if later.begin and later.needs <= demo.done.keys() and later.name not in demo.done.keys() | begun:
                later.begin(demo, crew)
                begun.add(later.name)
        if step.name not in demo.done:
            yield step


def crew_for(demo: Demo) -> Crew:
    """Helpers, unless little is left to do."""
    heavy = demo.residents >= WORTH_SHARING and "lists" not in demo.done
    return Crew.of_this_machine() if heavy else Crew(0)


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
    """Password by login. Made by chance once for each login and kept in a file that only its owner can read."""
    file = demo.folder / "sign-ins.json"
    found: dict[str, str] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    if new := [login for login in STAFF if login not in found]:
        found |= {login: secrets.token_urlsafe(9) for login in new}
        draft = file.with_suffix(".part")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            json.dump(found, stream, indent=1)
        draft.replace(file)
    return found


def _areas(demo: Demo, crew: Crew, tell: Tell) -> Words:
    """The city's own table, and its neighbours' in cities/, because some residents live or study there."""
    own = Path(settings.LINLI_CITY)
    others = (path for path in own.parent.iterdir() if path != own and (path / "areas" / "kinds.yaml").exists())
    folders = [own, *sorted(others)]
    opened = 0
    for number, folder in enumerate(folders, start=1):
        opened += len(cityareas.import_city(OPERATOR, folder / "areas").changes.opened)
        tell(number, len(folders))
    return f"{opened} 个区划", f"{opened} divisions"


def _people(demo: Demo, crew: Crew, tell: Tell) -> Words:
    """The bar shows who is registered so far."""
    loaded = crew.finish("people", _load_share, _shares(demo, crew), lambda _: tell(Resident.objects.count(), demo.residents))
    people, households, employers = (sum(column) for column in zip(*loaded, strict=True))
    return f"{people} 人，{households} 个家庭，{employers} 个单位", f"{people} people, {households} households, {employers} employers"


def _begin_people(demo: Demo, crew: Crew) -> None:
    crew.begin("people", _load_share, _shares(demo, crew))


def _shares(demo: Demo, crew: Crew) -> list[tuple[int, int, date, tuple[int, int]]]:
    """County by county, as many counties at a time as there are helpers."""
    parts = max(crew.helpers, 1)
    return [(demo.residents, demo.seed, demo.as_of, (part, parts)) for part in range(parts)]


def _load_share(residents: int, seed: int, as_of: date, share: tuple[int, int]) -> tuple[int, int, int]:
    """One process's part of the load."""
    loaded = load_people(OPERATOR, load_population(settings.LINLI_CITY), residents=residents, seed=seed, as_of=as_of, share=share)
    return loaded.residents, loaded.households, loaded.organisations


def _lists_folder(demo: Demo) -> Path:
    return demo.folder / "lists"


def _files(demo: Demo, crew: Crew, tell: Tell) -> Words:
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


def _lists(demo: Demo, crew: Crew, tell: Tell) -> Words:
    """The way any department's file takes: read, matched, merged, traced. The file that is meant to be refused is left to the visitor.

    Different lists are merged side by side, the longest first; the deliveries of one list one after the other.
    """
    rows: dict[str, int] = defaultdict(int)
    for sent in read_deliveries(_lists_folder(demo)):
        rows[sent.list_slug] += sent.rows
    slugs = sorted(rows, key=lambda slug: -rows[slug])
    brought = crew.finish("lists", _import, [(_lists_folder(demo), slug) for slug in slugs], lambda ended: tell(ended, len(slugs)))
    read, doubtful = (sum(column) for column in zip(*brought, strict=True))
    return f"{read} 行，{doubtful} 行待核", f"{read} rows, {doubtful} left to a human"


def _import(folder: Path, slug: str) -> tuple[int, int]:
    """Every delivery of one list; returns rows read and rows left to a human."""
    declared = load_lists(settings.LINLI_CITY)[slug]
    rows = doubtful = 0
    for sent in read_deliveries(folder):
        if sent.list_slug == slug and not sent.refused:
            report = import_list(OPERATOR, declaration=declared, delivery=Delivery(folder / sent.file, as_of=sent.as_of, area=sent.area))
            rows, doubtful = rows + report.rows, doubtful + report.doubtful
    return rows, doubtful


def _programmes(demo: Demo, crew: Crew, tell: Tell) -> Words:
    report = publish_ready(viewer=OPERATOR, catalogue=catalogue(settings.LINLI_CITY), demonstration=True)
    tell(1, 1)
    refused = sorted({programme.slug for programme, _ in report.refused})
    held_back = ", ".join(refused)
    return (
        f"发布 {len(report.published)} 个版本；未达发布条件：{held_back or '无'}",
        f"{len(report.published)} versions published; not ready to be: {held_back or 'none'}",
    )


def _windows(demo: Demo, crew: Crew, tell: Tell) -> Words:
    """Made-up windows round the counties' seats, and townships where those stand; a city without positions has none."""
    city = Path(settings.LINLI_CITY)
    if not (city / "areas" / "positions.csv").exists():
        return "没有区划位置，不生成窗口", "no positions of areas, so none"
    stands = demo_town.centres(demo.seed, demo.as_of)
    made = made_up(city, load_city(city).hotline.phone, catalogue(city).slugs, stands)
    acts.position_areas(OPERATOR, positions=made.townships, source="demo")
    opened = acts.import_windows(OPERATOR, windows=made.windows, source="demo").opened
    tell(1, 1)
    return f"{opened} 个窗口（演示）", f"{opened} windows (made up)"


def _town(demo: Demo, crew: Crew, tell: Tell) -> Words:
    """A city without positions or categories of places has none."""
    if not demo_town.has_town():
        return "没有区划位置或场所类别，不生成", "no positions of areas or categories of places, so none"
    opened = demo_town.enter_places(OPERATOR, demo.folder / "town", seed=demo.seed, as_of=demo.as_of)
    tell(1, 1)
    return f"{opened} 处场所（演示）", f"{opened} places (made up)"


def _homes(demo: Demo, crew: Crew, tell: Tell) -> Words:
    housed = demo_town.house(OPERATOR, seed=demo.seed, as_of=demo.as_of) if demo_town.has_town() else 0
    tell(1, 1)
    return f"{housed} 栋楼", f"{housed} buildings"


def _circles(demo: Demo, crew: Crew, tell: Tell) -> Words:
    ((circles, gaps),) = crew.finish("circles", _measure, _town_of(demo))
    tell(1, 1)
    return f"{circles} 个生活圈，{gaps} 项缺口", f"{circles} circles, {gaps} gaps"


def _begin_circles(demo: Demo, crew: Crew) -> None:
    """While policies are matched with people."""
    crew.begin("circles", _measure, _town_of(demo))


def _town_of(demo: Demo) -> list[tuple[Path, date]]:
    return [(demo.folder / "town", demo.as_of)]


def _measure(folder: Path, as_of: date) -> tuple[int, int]:
    return demo_town.measure(OPERATOR, folder, as_of=as_of)


def _plans(demo: Demo, crew: Crew, tell: Tell) -> Words:
    """See demo_plans. A city without circles has none."""
    made = demo_plans.plan(demo.as_of)
    tell(1, 1)
    return ("已拟过", "done before") if made is None else (f"{made} 个方案（演示）", f"{made} plans (made up)")


def _prices(demo: Demo, crew: Crew, tell: Tell) -> Words:
    """Made-up prices, whose document says so wherever one is shown."""
    made = made_up_prices()
    first = demo.as_of.replace(month=1, day=1)
    publish_prices(OPERATOR, prices=made, document=DOCUMENT, effective_from=first, file_name="", source=SOURCE, area=WHOLE_CITY)
    tell(1, 1)
    return f"{len(made)} 项价格（演示）", f"{len(made)} prices (made up)"


def _staff(demo: Demo, crew: Crew, tell: Tell) -> Words:
    passwords = sign_ins(demo)
    for number, (login, (role, area, words)) in enumerate(STAFF.items(), start=1):
        person = Staff.objects.filter(login=login).first()
        if person is None:
            name = f"演示{words[0].partition('，')[0]}"
            works = _department(login, area)
            person = acts.add_staff(OPERATOR, login=login, name=name, password=passwords[login], organisation=works, temporary=True)
        acts.place_grant(OPERATOR, staff=person, role=role, area_code=area, valid_from=demo.as_of)
        tell(number, len(STAFF))
    return f"{len(STAFF)} 个账号", f"{len(STAFF)} sign-ins"


def _department(login: str, area: str) -> Organisation | None:
    """The department that a sign-in works in, registered once; None for who works in none."""
    if (name := DEPARTMENTS.get(login)) is None:
        return None
    place = area or WHOLE_CITY
    return acts.register_organisation(OPERATOR, name=name, area_code=place, kind="department", generated=True, key=f"demo:{login}")


def _rounds(demo: Demo, crew: Crew, tell: Tell) -> Words:
    """The steward's villages: in a small city one village may have nobody to call on, so theirs are those with most, of one district
    where that has any."""
    role, own, _words = STAFF["steward"]
    living: Counter[str] = Counter(code[:SMALLEST] for code in regulars(demo.as_of) if len(code) >= SMALLEST)
    near = sorted(living, key=lambda code: (code != own, code[:6] != own[:6], -living[code], code))
    chosen: list[str] = []
    while near and len(chosen) < MOST_VILLAGES and sum(living[code] for code in chosen) < WORTH_A_ROUND:
        chosen.append(near.pop(0))
    steward = Staff.objects.get(login="steward")
    for number, code in enumerate(chosen, start=1):
        acts.place_grant(OPERATOR, staff=steward, role=role, area_code=code, valid_from=demo.as_of)
        tell(number, len(chosen))
    people = sum(living[code] for code in chosen)
    return f"{len(chosen)} 个村（社区），{people} 人要走访", f"{len(chosen)} villages, {people} people to call on"


def _screening(demo: Demo, crew: Crew, tell: Tell) -> Words:
    runs = screening.screen(viewer=OPERATOR, progress=lambda step, done, total: tell(done, total))
    found: Any = sum(run.eligible or 0 for run in runs)
    failed = [run.programme for run in runs if run.state == "failed"]
    return (
        f"{len(runs)} 个事项，找到 {found} 个对象" + (f"；失败：{'、'.join(failed)}" if failed else ""),
        f"{len(runs)} programmes, {found} found" + (f"; failed: {', '.join(failed)}" if failed else ""),
    )


def _cases(demo: Demo, crew: Crew, tell: Tell) -> Words:
    """See demo_cases. A city without that county's people has none."""
    brought = demo_cases.walk()
    tell(1, 1)
    if brought is None:
        return "已办过", "done before"
    return f"{brought.cases} 件申请，{brought.batches} 个发放批次", f"{brought.cases} applications, {brought.batches} batches"


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
