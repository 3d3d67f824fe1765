"""linli areas: check and import division tables, look names and addresses up."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path

import click
from django.conf import settings

from linli.kernel import clock
from linli.kernel.digests import digest
from linli.kernel.errors import LinliError
from linli.kernel.viewer import system
from linli.registers import acts, queries
from linli.registers.acts.areas import Changes
from linli.registers.cityareas import import_city, read_successors
from linli.registers.divisions import Division, Kind, check, read_kinds, read_rows, undeclared
from linli.registers.models import Area, Staff
from linli.site.command import language

DAY = click.DateTime(formats=["%Y-%m-%d"])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
LEVELS = {"province": "省级", "prefecture": "地级", "county": "县级", "township": "乡级", "village": "村级"}
KINDS = {"statutory": "法定", "functional_zone": "功能区", "statistical": "统计用", "special": "特殊"}


@click.group()
def command() -> None:
    """Administrative divisions: check and import tables, look names and addresses up."""


def _say(zh: str, en: str) -> None:
    click.echo(zh if language() == "zh" else en)


def _day(chosen: datetime | None) -> date:
    return chosen.date() if chosen else clock.today()


@command.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--kinds", type=FILE, help="kinds.yaml of the city; of a folder its own if left out.")
def check_files(files: tuple[Path, ...], kinds: Path | None) -> None:
    """Check every code of one table, given in one or several csv or xlsx files, or as a city's areas/ folder."""
    if len(files) == 1 and files[0].is_dir():
        own = files[0] / "kinds.yaml"
        files, kinds = (files[0] / "divisions.csv",), kinds or (own if own.is_file() else None)
    declared = read_kinds(kinds).kinds if kinds else {}
    divisions = check((row for file in files for row in read_rows(file)), declared)
    _summary(list(divisions.values()))
    _guessed(undeclared(divisions, declared), divisions)


def _summary(divisions: list[Division]) -> None:
    levels = Counter(division.level for division in divisions)
    for level, chinese in LEVELS.items():
        if levels[level]:
            kinds = Counter(division.kind for division in divisions if division.level == level)
            listed = ", ".join(f"{kinds[kind]} {word}" for kind, word in _words(KINDS) if kinds[kind])
            _say(f"{chinese}：{levels[level]}（{listed}）", f"{level}: {levels[level]} ({listed})")


def _words(words: dict[str, str]) -> list[tuple[str, str]]:
    return [(word, chinese if language() == "zh" else word) for word, chinese in words.items()]


def _guessed(codes: list[str], divisions: dict[str, Division]) -> None:
    for code in codes:
        division = divisions[code]
        _say(
            f"提示：{code} {division.name} 不是法定区划，kinds.yaml 没有说明，按“{KINDS[division.kind]}”处理",
            f"note: {code} {division.name} is no ordinary division and kinds.yaml does not name it; taken as {division.kind}",
        )


@command.command("import")
@click.option("--city", type=click.Path(exists=True, file_okay=False, path_type=Path), help="City folder; default LINLI_CITY.")
@click.option("--table", multiple=True, type=FILE, help="A newer table instead of the city's own; may be given several times.")
@click.option("--on", type=DAY, help="The day on which --table holds.")
@click.option("--kinds", type=FILE, help="kinds.yaml for --table.")
@click.option("--successors", type=FILE, help="csv code,successor for codes that --table no longer has.")
def import_table(city: Path | None, table: tuple[Path, ...], on: datetime | None, kinds: Path | None, successors: Path | None) -> None:
    """Import the city's table, or a newer one on a day. The same twice changes nothing."""
    viewer = system("areas-import")
    if not table:
        done = import_city(viewer, (city or settings.LINLI_CITY) / "areas")
        _report(done.changes, done.places)
        _guessed(done.city.guessed, dict(done.city.divisions))
        return
    if on is None:
        raise click.UsageError("--table needs --on DAY")
    declared = read_kinds(kinds).kinds if kinds else _present_kinds()
    divisions = check((row for file in table for row in read_rows(file)), declared)
    changes = acts.import_divisions(
        viewer,
        divisions=divisions,
        valid_from=on.date(),
        file_digest=digest(b"".join(file.read_bytes() for file in table)),
        successors=read_successors(successors) if successors else {},
    )
    _report(changes, 0)
    _guessed(undeclared(divisions, declared), divisions)


def _report(changes: Changes, places: int) -> None:
    opened, closed, corrected = len(changes.opened), len(changes.closed), len(changes.corrected)
    if not changes and not places:
        _say("没有变化", "nothing has changed")
        return
    _say(
        f"新增 {opened}，终止 {closed}，更正 {corrected}，网格、楼栋和小组 {places}",
        f"{opened} opened, {closed} closed, {corrected} corrected, {places} grids, buildings and groups",
    )


@command.command("tree")
@click.argument("code")
@click.option("--depth", default=1, show_default=True, help="How many levels below CODE.")
@click.option("--on", type=DAY, help="The day; default today.")
def tree(code: str, depth: int, on: datetime | None) -> None:
    """Print what lies below a code."""
    rows = list(queries.subtree(code, _day(on)))
    if not rows or rows[0].code != code:
        raise LinliError(
            "areas.unknown_code",
            zh="区划表中没有这个代码",
            en="The table has no such code on that day.",
            found=code,
            remedy_zh="用 linli areas resolve 查代码",
            remedy_en="look it up with linli areas resolve",
        )
    order = ["province", "prefecture", "county", "township", "village", "building"]
    ranks = {level: min(index, 5) for index, level in enumerate(order)} | {"grid": 5, "group": 5}
    for area in rows:
        below = ranks[area.level] - ranks[rows[0].level]
        if below <= depth:
            kind = "" if area.kind == "statutory" else f"  [{dict(_words(KINDS))[area.kind]}]"
            click.echo(f"{'  ' * below}{area.code} {area.name}{kind}")


@command.command("resolve")
@click.argument("text")
@click.option("--on", type=DAY, help="The day; default today.")
def resolve(text: str, on: datetime | None) -> None:
    """Find a place name in the table; a name outside it is a warning with the place that was likely meant."""
    day = _day(on)
    found = queries.resolve_area(text, day)
    for area in found.areas:
        click.echo(f"{area.code} {queries.full_name(area.code, day)}")
    if found.areas:
        return
    _say(f"警告：“{text}”不在本市区划表中", f"warning: {text} is not in this city's division table")
    for suggestion in found.likely:
        name, code = queries.full_name(suggestion.area.code, day), suggestion.area.code
        _say(f"很可能是：{name}（{code}），差 {suggestion.distance} 个字", f"very likely: {name} ({code}), {suggestion.distance} differing")


@command.command("address")
@click.argument("text")
@click.option("--on", type=DAY, help="The day; default today.")
def address(text: str, on: datetime | None) -> None:
    """Find the one building or group, grid and steward of an address on a day."""
    day = _day(on)
    found = queries.resolve_address(text, day)
    stewards = queries.stewards_of(found.place_code, day)
    click.echo(f"{found.place_code} {found.name} {found.unit}".rstrip())
    _say(
        f"网格 {found.grid_code}，网格员 {_named(stewards.grid_worker)}",
        f"grid {found.grid_code}, grid worker {_named(stewards.grid_worker)}",
    )
    _say(f"楼栋管家 {_named(stewards.steward)}", f"steward {_named(stewards.steward)}")


def _named(staff: Staff | None) -> str:
    return staff.name if staff else "–"


def _present_kinds() -> dict[str, Kind]:
    """The kinds of the table that is in force: a newer table keeps them unless --kinds says otherwise."""
    rows = Area.objects.filter(valid_to=None).exclude(kind="statutory")
    return {area.code: Kind(area.kind, area.administering_code) for area in rows}
