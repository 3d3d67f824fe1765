"""`linli circles`: living circles: the network they are measured on, their list, coverage, gaps and plans."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from linli.circles import queries
from linli.circles.acts.computing import compute
from linli.circles.acts.issuing import issue_plan, printed
from linli.circles.acts.networks import take_network
from linli.circles.acts.recording import end_circle, import_circles
from linli.circles.declared import standard
from linli.circles.doubts import doubts_of
from linli.circles.models import Circle, Coverage
from linli.circles.reading import read_circles
from linli.circles.reckoning.figures import NOBODY
from linli.kernel import clock
from linli.kernel.digests import digest
from linli.kernel.viewer import system
from linli.site.command import language

VIEWER = system("circles-command")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
STATES = {"open": ("缺", "open"), "unknown": ("不明", "unknown"), "met": ("达标", "met"), NOBODY: ("不涉及", "not applicable")}
COLUMNS = (
    ("状态", "state"), ("级别（分钟）", "level (min)"), ("业态", "trade"), ("要求", "required"), ("可达数", "in reach"),
    ("最近", "nearest"), ("人群 走不到/合计（其中无法定位）", "group missed/all (of these not located)"),
)  # fmt: skip


@click.group()
def command() -> None:
    """Living circles (便民生活圈): who reaches what on foot, what is missing, one plan per circle (docs/circles.md)."""


@command.command("network", short_help="Take a network snapshot into use.")
@click.argument("file", type=_FILE)
@click.option("--anyway", is_flag=True, help="Also a network that doesn't hold half of the city's homes and circles.")
def network(file: Path, anyway: bool) -> None:
    """Take the network snapshot in FILE (linli reach import) into use; the one in use already changes nothing."""
    row = take_network(VIEWER, file=file, anyway=anyway)
    zh = f"使用中的路网：{row.source}（{row.licence}），{row.nodes} 个路口，{row.links} 条路段，{row.gates} 处门禁，{row.digest}"
    en = f"network in use: {row.source} ({row.licence}), {row.nodes} nodes, {row.links} links, {row.gates} gates, {row.digest}"
    _say(zh, en)


@command.command("import", short_help="Open or change the circles of a YAML file.")
@click.argument("file", type=_FILE)
def import_list(file: Path) -> None:
    """Open or change the circles of a YAML FILE; the same file twice changes nothing, and a circle that is not in it stays.

    A position that is most likely wrong (in water, away from every street, not in its area) is used as stated, and listed.
    """
    found = read_circles(file, standard().kinds)
    done = import_circles(VIEWER, circles=found, source=digest(file.read_bytes()))
    _say(
        f"新增 {done.opened}，更改 {done.changed}，星级 {done.stars}，共 {len(found)} 个生活圈",
        f"{done.opened} opened, {done.changed} changed, {done.stars} stars, {len(found)} circles",
    )
    for one in doubts_of(found):
        _say(f"请核对 {one.code}：{one.words[0]}", f"check {one.code}: {one.words[1]}")


@command.command("end", short_help="A circle is none any more; it stays on record.")
@click.argument("code")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The first day on which it is none any more; today if left out.")
def end(code: str, on: datetime | None) -> None:
    """The circle CODE is none any more: it is no longer computed or ranked, and stays on record with its plan.

    Said again of a circle that is ended, it changes nothing.
    """
    found, day = Circle.objects.filter(code=code).first(), on.date() if on else clock.today()
    if found is None:
        raise click.BadParameter(code, param_hint="CODE")
    if found.ended_on is None:
        row = end_circle(VIEWER, circle=found.uid, on=day)
        _say(f"{row.code} 自 {row.ended_on} 起不再是生活圈", f"{row.code} is no circle any more from {row.ended_on}")
        return
    zh, en = f"{code} 已经自 {found.ended_on} 起不再是生活圈", f"{code} was ended already, from {found.ended_on}"
    if found.ended_on != day and (on is not None or found.ended_on > day):
        raise click.BadParameter(zh if language() == "zh" else en, param_hint="--on")
    _say(zh, en)


@command.command("compute", short_help="Compute coverage, and bring gaps and plans in line.")
@click.option("--recount/--no-recount", default=True, help="Read from the registers who lives where first.")
def compute_all(recount: bool) -> None:
    """Compute coverage of every circle, community and county for today, and bring gaps and plans in line."""
    run = compute(VIEWER, recount=recount)
    _say(
        f"{run.day} 覆盖计算完成：{run.homes} 处住址（{run.unlocated_homes} 处没有坐标，{run.unsnapped_homes} 处接不上路网），"
        f"{run.places} 个场所（{run.unsnapped_places} 个接不上路网，{run.unknown_hours} 个没有营业时间），用时 {run.milliseconds} 毫秒",
        f"coverage of {run.day}: {run.homes} homes ({run.unlocated_homes} without a position, {run.unsnapped_homes} off the network), "
        f"{run.places} places ({run.unsnapped_places} off the network, {run.unknown_hours} without hours), {run.milliseconds} ms",
    )
    click.echo(run.figures)
    if warned := _off(run):
        click.secho(warned[0 if language() == "zh" else 1], fg="red", bold=True, err=True)


@command.command("gaps", short_help="Every circle with what it lacks, or the gap table of one.")
@click.argument("code", required=False)
def gaps(code: str | None) -> None:
    """The gap table of the circle CODE; without one, every circle with how many mandatory norms it meets, the worst first."""
    chinese = language() == "zh"
    if code is None:
        for one in queries.ranking(VIEWER):
            name = one.circle.name_zh if chinese else one.circle.name_en
            words = _standing(one, chinese=chinese)
            click.echo(f"{one.circle.code}  {name}  {words}")
        return
    circle = _named(code)
    click.echo("\t".join(words[0 if chinese else 1] for words in COLUMNS))
    for line in queries.gaps(VIEWER, circle):
        gap, label = line.gap, line.norm.label.text(language())
        state = STATES[line.state][0 if chinese else 1]
        far = line.required.text(language())
        nearest = "—" if gap.minutes is None else f"{gap.minutes} {'分钟' if chinese else 'min'}"
        of = f"{gap.uncovered}/{line.people} ({gap.unlocated})"
        click.echo(f"{state}\t{line.norm.level}\t{label}\t{far}\t{gap.found}\t{nearest}\t{line.group.text(language())} {of}")


@command.command("plan", short_help="Write the plan of one circle as a PDF.")
@click.argument("code")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="the PDF to write")
@click.option("--language", "words", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def plan(code: str, out: Path, words: str) -> None:
    """Write the plan of the circle CODE as it would be printed today, without a number; nothing is kept."""
    out.write_bytes(printed(VIEWER, _named(code), language=words))
    click.echo(out)


@command.command("booklet")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="the PDF to write")
@click.option("--issue", is_flag=True, help="Number it and keep it for good.")
def booklet(out: Path, issue: bool) -> None:
    """Write the booklet of all circles: one map, one plan each."""
    if issue:
        made = issue_plan(VIEWER, circle=None)
        out.write_bytes(bytes(made.pdf))
        click.echo(f"{out}  {queries.said(made)}  {made.digest}")
    else:
        out.write_bytes(printed(VIEWER, None))
        click.echo(out)


@command.command("outside")
def outside() -> None:
    """Communities of the circles' counties that lie in no circle."""
    for one in queries.without_circle(VIEWER):
        click.echo(f"{one.area.code}  {one.area.name}  {one.residents}")


def _off(run: Coverage) -> tuple[str, str] | None:
    """What to look at where every tenth home that has a position, or more, is off the network."""
    placed = run.homes - run.unlocated_homes
    if 10 * run.unsnapped_homes < placed or not run.unsnapped_homes:
        return None
    return (
        f"警告：有坐标的 {placed} 处住址里，{run.unsnapped_homes} 处接不上使用中的路网（{run.network.source}）。"
        "住在那里的人算不出来，所在生活圈的要求会待定。检查路网是不是本市的：linli city network",
        f"WARNING: of {placed} homes that have a position {run.unsnapped_homes} are off the network in use ({run.network.source}). "
        "Nothing can be told of who lives there, so norms of their circles may be unknown. Is it this city's? linli city network",
    )


def _named(code: str) -> Circle:
    found = queries.circles(VIEWER).filter(code=code).first()
    if found is None:
        raise click.BadParameter(code, param_hint="CODE")
    return found


def _standing(one: queries.Ranked, *, chinese: bool) -> str:
    if chinese:
        return f"达标 {one.met}/{one.asked}，缺 {one.open}，不明 {one.unknown}，不涉及 {one.idle}"
    return f"{one.met}/{one.asked} met, {one.open} open, {one.unknown} unknown, {one.idle} not applicable"


def _say(zh: str, en: str) -> None:
    click.echo(zh if language() == "zh" else en)
