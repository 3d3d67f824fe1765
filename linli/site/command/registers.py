"""`linli registers`: the city's lists, their deliveries, doubtful rows, verification, and the register on a day."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import click
from django.conf import settings
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from linli.insight import lists as insight
from linli.kernel import clock
from linli.kernel.errors import LinliError, Problems
from linli.kernel.viewer import system
from linli.papers import annotate, write_table
from linli.papers.writing import Value
from linli.registers import snapshot
from linli.registers.acts import verification
from linli.registers.acts.guards import resident_of
from linli.registers.imports import deliver, doubts, undo
from linli.registers.imports.mapping import read_mapping
from linli.registers.imports.report import ImportReport
from linli.registers.lists import find_list, load_list, load_lists
from linli.registers.models import Doubtful
from linli.registers.queries import lists as list_queries
from linli.registers.queries import rosters
from linli.site.command import language

OPERATOR = system("registers.operator")
STEPS = {"read": ("读取", "reading"), "match": ("匹配", "matching"), "merge": ("合并", "merging"), "trace": ("留痕", "tracing")}


def _say(zh: str, en: str) -> str:
    return zh if language() == "zh" else en


def _day(context: click.Context, parameter: click.Parameter, value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise click.BadParameter(_say("应为 2026-11-01 形式的日期", "write it as 2026-11-01")) from None


@click.group()
def command() -> None:
    """Register lists as departments send them: check, import, undo, resolve doubts, verify."""


@command.command("list")
def list_lists() -> None:
    """Every list of the city: owner, freshness, records, quality of the newest delivery."""
    table = Table(box=None)
    headers = (
        ("名单", "list"),
        ("名称", "name"),
        ("截至", "as of"),
        ("有效期内", "fresh"),
        ("在册", "records"),
        ("错误‰", "wrong ‰"),
        ("未登记‰", "unknown ‰"),
        ("待核", "doubtful"),
    )
    for zh, en in headers:
        table.add_column(_say(zh, en), no_wrap=True)
    people = list_queries.subjects(OPERATOR)
    for one in insight.own(OPERATOR):
        row, told = one.standing, one.standing.declaration
        fresh = _say("是", "yes") if row.is_fresh else _say("否", "no")
        numbers = (people.get(told.slug, 0), row.per_mille("errors"), row.per_mille("unknown"), one.doubtful)
        shown = ("–" if number is None else str(number) for number in numbers)
        table.add_row(told.slug, _say(told.zh, told.en), str(row.newest.as_of) if row.newest else "–", fresh, *shown)
    Console(width=None if sys.stdout.isatty() else 160).print(table)


@command.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...]) -> None:
    """Check list declarations: the files named, or all of the city's."""
    found = [load_list(path) for path in paths] if paths else list(load_lists(Path(settings.LINLI_CITY)).values())
    for declaration in found:
        facts = ", ".join(declaration.facts)
        click.echo(f"{declaration.slug}: {_say(declaration.zh, declaration.en)} → {facts}")


@command.command("hires")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--as-of", callback=_day, help="the day of the rosters (default: today)")
def hires(out: Path, as_of: date | None) -> None:
    """Count from the insured rosters whom each employer took on and lost in a year, into OUT (xlsx or csv) for the list employer-hires."""
    declaration = find_list(load_lists(Path(settings.LINLI_CITY)), "employer-hires")
    counted = rosters.hires(as_of or clock.today())
    headers = [column.zh for column in declaration.columns]
    rows: Iterator[list[Value]] = ([one.employer, one.insured, one.joined, one.gone, one.net] for one in counted)
    written = write_table(out, headers, rows, sheet=declaration.zh)
    click.echo(_say(f"{written} 个单位：{out}", f"{written} employers: {out}"))


@command.command("import")
@click.argument("slug", metavar="LIST")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as-of", callback=_day, help="the day the file speaks of (default: today)")
@click.option("--area", help="division code that the file covers (default: what the list covers)")
@click.option("--sheet", help="the sheet to read")
@click.option("--mapping", type=click.Path(path_type=Path), help="YAML file: list column: file header")
@click.option("--errors", type=click.Path(path_type=Path), help="write an annotated copy with every problem here")
@click.option("--partial", is_flag=True, help="additions only: nobody loses a fact by not being in the file")
@click.option("--skip-wrong", is_flag=True, help="leave rows with wrong cells to a human instead of refusing the file")
@click.option("--accept-drop", is_flag=True, help="allow it to end more than half of the list's records")
@click.option("--dry-run", is_flag=True, help="do everything, then take it back")
def import_file(
    slug: str,
    file: Path,
    as_of: date | None,
    area: str | None,
    sheet: str | None,
    mapping: Path | None,
    errors: Path | None,
    partial: bool,
    skip_wrong: bool,
    accept_drop: bool,
    dry_run: bool,
) -> None:
    """Import a delivery of LIST from an xlsx or csv FILE."""
    delivery = deliver.Delivery(
        path=file,
        as_of=as_of,
        area=area,
        whole=not partial,
        mapping=read_mapping(mapping) if mapping else {},
        sheet=sheet,
        skip_wrong=skip_wrong,
        accept_drop=accept_drop,
        dry_run=dry_run,
    )
    declaration = find_list(load_lists(Path(settings.LINLI_CITY)), slug)
    try:
        with _progress() as tell:
            report = deliver.import_list(OPERATOR, declaration=declaration, delivery=delivery, progress=tell)
    except deliver.DeliveryRefused as refused:
        _refused(refused, file, sheet, errors)
    except LinliError as problem:
        if errors is not None and problem.place and problem.place.line:
            with suppress(LinliError):  # a file that can't be read at all can't be copied either
                annotate(file, errors, [problem], sheet=sheet)
        raise
    _tell(report, file, sheet, errors, dry_run)


@contextmanager
def _progress() -> Iterator[deliver.Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        tasks = {step: shown.add_task(_say(*words), total=1.0, visible=False) for step, words in STEPS.items()}

        def tell(step: str, share: float) -> None:
            shown.update(tasks[step], completed=share, visible=True)

        yield tell


def _refused(refused: deliver.DeliveryRefused, file: Path, sheet: str | None, errors: Path | None) -> None:
    """Say how many cells are wrong and where; the annotated copy holds them all. Always raises."""
    report = refused.report
    if errors is None:
        raise Problems(refused.problems[:50])
    annotate(file, errors, report.notes, sheet=sheet)
    raise LinliError(
        "imports.wrong_cells",
        zh=f"{report.wrong} 行有错误单元格，未写入任何数据；标注见 {errors}",
        en=f"{report.wrong} rows have wrong cells; nothing was written. They are marked in {errors}.",
        remedy_zh="改正后重新导入，或用 --skip-wrong 把这些行留给人工处理",
        remedy_en="correct them and import again, or leave those rows to a human with --skip-wrong",
    )


def _tell(report: ImportReport, file: Path, sheet: str | None, errors: Path | None, dry_run: bool) -> None:
    if report.repeated:
        click.echo(
            _say(f"此前已导入过同一文件（{report.uid}），没有变化", f"the same file was imported before ({report.uid}): nothing changed")
        )
        return
    if errors is not None and report.notes:
        annotate(file, errors, report.notes, sheet=sheet)
    counts = (
        ("行", "rows", report.rows),
        ("已匹配", "matched", report.matched),
        ("新增", "began", report.opened),
        ("变更", "changed", report.changed),
        ("退出", "ended", report.closed),
        ("未变", "unchanged", report.unchanged),
        ("待核", "doubtful", report.doubtful),
        ("未登记", "unknown", report.unknown),
        ("有错", "wrong", report.wrong),
        ("重复行", "repeated rows", report.same),
    )
    click.echo("  ".join(f"{_say(zh, en)} {number}" for zh, en, number in counts))
    click.echo(
        _say("试运行，未写入", "dry run: nothing was written") if dry_run else _say(f"导入编号 {report.uid}", f"import {report.uid}")
    )


@command.command("imports")
@click.argument("slug", required=False, default="")
def list_imports(slug: str) -> None:
    """Deliveries, newest first."""
    for row in list_queries.deliveries(OPERATOR, list_slug=slug)[:50]:
        state = _say("已撤销", "undone") if row.undone_at else _say("有效", "in force")
        click.echo(
            f"{row.uid}  {row.list_slug}  {row.as_of}  {row.area_code}  {row.rows}  +{row.opened} ~{row.changed} -{row.closed}  {state}"
        )


@command.command("undo")
@click.argument("uid", type=click.UUID)
def undo_one(uid: UUID) -> None:
    """Take an import back, while nothing later depends on it."""
    row = undo.undo_import(OPERATOR, delivery=str(uid))
    click.echo(_say(f"已撤销 {row.uid}（{row.list_slug}）", f"undone: {row.uid} ({row.list_slug})"))


@command.group(invoke_without_command=True)
@click.pass_context
def doubtful(context: click.Context) -> None:
    """Rows left to a human: list them, or resolve and dismiss."""
    if context.invoked_subcommand is None:
        for row in doubts.open_doubtful(OPERATOR)[:200]:
            place = _say(f"第{row.row}行", f"row {row.row}")
            said = f"{row.name} {row.birth_date or ''}".strip() or json.dumps(row.data, ensure_ascii=False)
            click.echo(f"{row.uid}  {row.list_slug}  {place}  {row.reason}  {said}  → {', '.join(_meant(row))}")


def _meant(row: Doubtful) -> Iterator[str]:
    """Whom a doubtful row may speak of, or does."""
    for one in row.candidates.all():
        yield f"{one.resident.uid} {one.resident.name} {one.resident.birth_date}"
    if row.organisation is not None:
        yield f"{row.organisation.uid} {row.organisation.name}"
    if row.household is not None:
        yield str(row.household)


@doubtful.command()
@click.argument("uid")
@click.option("--as", "resident", help="uid of the resident it speaks of")
@click.option("--believed", is_flag=True, help="of rows that contradict each other about an organisation or household, this one is right")
@click.option("--new", is_flag=True, help="somebody not registered yet; give --identity from their card")
@click.option("--identity", help="identity number, with --new")
@click.option("--area", default="", help="division code where they are registered, with --new")
def resolve(uid: str, resident: str | None, believed: bool, new: bool, identity: str | None, area: str) -> None:
    """Say whose row it is, or that it is the right one."""
    if [resident is not None, believed, new].count(True) != 1 or (new and not identity):
        ways = ("用 --as 居民编号、--believed，或 --new --identity 号码", "use --as UID, --believed, or --new --identity NUMBER")
        raise click.UsageError(_say(*ways))
    if believed:
        row = doubts.believe_doubtful(OPERATOR, doubt=uid)
    elif new:
        row = doubts.register_doubtful(OPERATOR, doubt=uid, identity=identity or "", area_code=area)
    else:
        row = doubts.resolve_doubtful(OPERATOR, doubt=uid, resident=resident or "")
    click.echo(_say(f"已处理 {row.uid}", f"resolved: {row.uid}"))


@doubtful.command()
@click.argument("uid")
def dismiss(uid: str) -> None:
    """Say that the row speaks of nobody here."""
    row = doubts.dismiss_doubtful(OPERATOR, doubt=uid)
    click.echo(_say(f"已排除 {row.uid}", f"dismissed: {row.uid}"))


@command.command()
@click.argument("slug", metavar="LIST")
@click.argument("resident")
def verify(slug: str, resident: str) -> None:
    """Ask the authority of LIST about one RESIDENT (uid) and keep the answer until it expires."""
    record = verification.verify(OPERATOR, resident=resident_of(resident), list_slug=slug)
    if record is not None:
        answer = _say("在册", "on the list") if record.present else _say("不在册", "not on the list")
        click.echo(f"{answer}  {record.authority}  {record.valid_from} – {record.expires_on}")


@command.command("snapshot")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--as-of", callback=_day, help="the day (default: today)")
@click.option("--known-at", type=click.DateTime(), help="with what was known then, Shanghai time (default: now)")
@click.option("--area", default="", help="only people registered or living in this division")
def write_snapshot(folder: Path, as_of: date | None, known_at: datetime | None, area: str) -> None:
    """Write the register on a day as Parquet files that `linli rules eval` reads. No names in them."""
    instant = known_at.replace(tzinfo=clock.SHANGHAI) if known_at else None
    if folder.exists() and any(folder.iterdir()) and not (folder / snapshot.MANIFEST).exists():
        raise click.UsageError(_say("目标文件夹不是快照，且不为空", "the folder is neither empty nor a snapshot"))
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task(_say("居民", "residents"), total=None)
        info = snapshot.write(
            folder,
            as_of=as_of or clock.today(),
            known_at=instant,
            area=area,
            progress=lambda done, total: shown.update(task, completed=done, total=total),
        )
    click.echo(f"{info.folder}  {info.rows}  {info.digest}")
