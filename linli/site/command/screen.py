"""`linli screen`: run a screening, compare two runs, replay an old one, explain one person."""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import Any
from uuid import UUID

import click
from django.conf import settings
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from linli.kernel import clock
from linli.kernel.dates import day_from_text
from linli.kernel.errors import LinliError
from linli.kernel.money import yuan_text
from linli.kernel.viewer import system
from linli.programmes.models import ProgrammeVersion
from linli.programmes.naming import naming
from linli.programmes.queries import programme_of
from linli.screening import acts, comparing, explaining, replaying
from linli.screening.models import Run
from linli.site.command import language

OPERATOR = "screening.operator"


def _say(zh: str, en: str) -> str:
    return zh if language() == "zh" else en


def _day(context: click.Context, parameter: click.Parameter, value: str | None) -> date | None:
    try:
        return day_from_text(value) if value else None
    except ValueError:
        raise click.BadParameter(_say("应为 2026-11-01 形式的日期", "write it as 2026-11-01")) from None


class Group(click.Group):
    """`linli screen SLUG` and `linli screen --all` mean `linli screen run …`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(cls=Group)
def command() -> None:
    """Policy finds people: run, list, compare, replay, explain."""


@command.command()
@click.argument("slugs", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="every live programme")
@click.option("--as-of", callback=_day, help="the day the question is asked for (default: today)")
@click.option("--known-at", type=click.DateTime(), help="with what was known then, Shanghai time (default: now)")
def run(slugs: tuple[str, ...], everything: bool, as_of: date | None, known_at: datetime | None) -> None:
    """Screen one or more programmes, or --all of them."""
    if everything == bool(slugs):
        raise click.UsageError(_say("请给出事项标识，或使用 --all", "name programmes, or use --all"))
    moment = known_at.replace(tzinfo=clock.SHANGHAI) if known_at else None
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task(_say("政策匹配", "screening"), total=None)

        def tell(step: str, done: int, total: int) -> None:
            words = {"snapshot": _say("读取名册", "reading registers"), "evaluate": _say("逐条计算", "evaluating")}
            shown.update(task, description=words.get(step, step), completed=done, total=total)

        runs = acts.screen(viewer=system(OPERATOR), slugs=None if everything else slugs, as_of=as_of, known_at=moment, progress=tell)
    _print(runs)
    if any(one.state == "failed" for one in runs):
        sys.exit(1)


@command.command("list")
@click.option("--limit", default=20, show_default=True)
def list_runs(limit: int) -> None:
    """The latest runs."""
    _print(list(Run.objects.order_by("-id")[:limit]))


def _print(runs: list[Run]) -> None:
    headings = (
        ("run", "programme", "as of", "state", "eligible", "undecided", "not eligible", "newly found", "newly lost")
        if language() != "zh"
        else ("运行", "事项", "截至", "状态", "符合", "待定", "不符合", "新增", "退出")
    )
    table = Table(box=None, pad_edge=False)
    for index, heading in enumerate(headings):
        table.add_column(heading, no_wrap=True, justify="right" if index > 3 else "left")
    for one in runs:
        figures = (one.eligible, one.undecided, one.not_eligible, one.newly_found, one.newly_lost)
        table.add_row(str(one.uid), one.programme, str(one.as_of), one.state, *map(str, figures))
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(table)
    for one in runs:
        if one.error:
            console.print(f"{one.programme}: {one.error}", markup=False)


def _run(uid: str) -> Run:
    try:
        return Run.objects.get(uid=UUID(uid))
    except (ValueError, Run.DoesNotExist):
        raise LinliError(
            "screening.no_run",
            zh="没有这次运行",
            en="There is no such run.",
            found=uid,
            remedy_zh="运行 linli screen list 查看编号",
            remedy_en="see the ids with: linli screen list",
        ) from None


@command.command()
@click.argument("run_id")
def replay(run_id: str) -> None:
    """Run an old run again from what it kept; exit code 1 if its digest comes out differently."""
    outcome = replaying.replay(_run(run_id))
    click.echo(f"{_say('原摘要', 'recorded')}: {outcome.run.verdict_digest}")
    click.echo(f"{_say('重算摘要', 'replayed')}: {outcome.digest}  ({outcome.tombstones} {_say('条保留', 'tombstones')})")
    click.echo(_say("一致", "same") if outcome.same else _say("不一致", "different"))
    sys.exit(0 if outcome.same else 1)


@command.command()
@click.argument("before")
@click.argument("after")
@click.option("--limit", default=50, show_default=True, help="rows to print")
def compare(before: str, after: str, limit: int) -> None:
    """Who is newly found or lost between two runs of a programme, with the fact that changed."""
    old, new = _run(before), _run(after)
    if old.programme != new.programme:
        raise click.UsageError(_say("两次运行不是同一事项", "the runs are of two programmes"))
    shown = list(comparing.between(old, new))
    console = Console()
    for one in shown[:limit]:
        causes: list[Any] = [f"{change.who}.{change.fact}: {change.before} → {change.after}" for change in one.changes]
        console.print(f"{one.subject}  {one.before} → {one.after}  {'; '.join(causes or one.other_causes)}", markup=False)
    found = sum(one.after == "eligible" for one in shown)
    console.print(_say(f"新增 {found}，退出 {len(shown) - found}", f"newly found {found}, newly lost {len(shown) - found}"))


@command.command()
@click.argument("slug")
@click.argument("subject")
@click.option("--as-of", callback=_day)
@click.option("--known-at", type=click.DateTime(), help="with what was known then, Shanghai time")
def explain(slug: str, subject: str, as_of: date | None, known_at: datetime | None) -> None:
    """Why a programme does or doesn't find one subject."""
    try:
        uid = UUID(subject)
    except ValueError:
        raise click.BadParameter(_say("应为对象的编号", "give the subject's id")) from None
    moment = known_at.replace(tzinfo=clock.SHANGHAI) if known_at else None
    found = explaining.reasons(system(OPERATOR), slug, uid, as_of=as_of, known_at=moment)
    click.echo(found.explanation.text(language()))
    if found.explanation.verdict.amount_fen is not None:
        click.echo(yuan_text(found.explanation.verdict.amount_fen))


@command.command()
@click.argument("run_id")
def rule(run_id: str) -> None:
    """The rule that a run used, in words."""
    one = _run(run_id)
    version = ProgrammeVersion.objects.get(slug=one.programme, version=one.programme_version)
    click.echo(programme_of(version).words(language(), naming(settings.LINLI_CITY)))
