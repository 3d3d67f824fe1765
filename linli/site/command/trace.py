"""`linli trace`: verify the chains and the rows behind them, seal them, look at a timeline, retry parked facts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from django.conf import settings

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.ledger.verify import Discrepancy, verify_book
from linli.site.command import language
from linli.trace import deep, queries, sealed, seals, witness
from linli.trace.facts import words_of
from linli.trace.findings import Finding
from linli.trace.jobs import WITNESS, retry_parked
from linli.trace.verify import Tally, snapshot, verify_chains


def _say(zh: str, en: str) -> None:
    click.echo(zh if language() == "zh" else en)


@click.group()
def command() -> None:
    """Verify, seal and read the trace."""


@command.command()
@click.option("--deep", "with_rows", is_flag=True, help="also compare rows, witnessed logs, keys and files with the facts")
@click.option("--seal", "seal_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="a seal taken earlier")
@click.option("--public-key", help="the public key (hex) that the seal must be signed with")
@click.option("--chain", "only", type=click.IntRange(0, 2**31 - 1), help="one chain only")
def verify(with_rows: bool, seal_file: Path | None, public_key: str | None, only: int | None) -> None:
    """Find every fact altered, removed, moved or inserted behind the system. Exit code 1 if anything was found."""
    seal = seals.read(seal_file, state=Path(settings.LINLI_STATE), public_key=public_key) if seal_file else None
    tally, found = Tally(), 0
    if only is not None and not queries.chain_exists(only):
        raise LinliError(
            "trace.no_chain",
            zh="没有这条链",
            en="There is no such chain.",
            found=str(only),
            remedy_zh="不加 --chain 核验全部",
            remedy_en="leave out --chain to verify all",
        )
    with snapshot():
        for finding in verify_chains(seal=seal, only=only, tally=tally):
            found += 1
            click.echo(finding.text(language()))
        for behind in _behind_the_chains(tally) if with_rows else ():
            found += 1
            click.echo(behind.text(language()))
    _say(
        f"核验 {tally.facts} 条留痕（{tally.chains} 条链）、{tally.rows} 个数据行：发现 {found} 处问题",
        f"verified {tally.facts} facts in {tally.chains} chains and {tally.rows} rows: {found} findings",
    )
    if found:
        sys.exit(1)


def _behind_the_chains(tally: Tally) -> Iterator[Finding | Discrepancy]:
    """The rows, the keys, the files, the book and the logs; says at the end how much of the logs is not witnessed yet."""
    yield from deep.verify_rows(tally=tally)
    yield from sealed.verify_keys()
    yield from sealed.verify_files()
    yield from verify_book()
    newer: dict[str, int] = {}
    yield from witness.verify_logs(newer=newer)
    for log, rows in newer.items():
        if rows:
            _say(f"日志 {log}：{rows} 条尚未见证", f"log {log}: {rows} rows not yet witnessed")


@command.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="where to write the seal: keep it outside")
def seal(out: Path) -> None:
    """Write the signed heads of all chains to a file; a tail cut off later is found with `verify --seal`."""
    for log in witness.take(WITNESS):
        _say(f"日志 {log} 正被长时间写入，本次未见证", f"log {log} is being written by a long transaction: not witnessed this time")
    taken = seals.take(Path(settings.LINLI_STATE), out)
    _say(f"已封存 {taken.facts} 条留痕：{out}", f"sealed {taken.facts} facts: {out}")


@command.command("public-key")
def public_key() -> None:
    """The key (hex) that an auditor keeps to check this installation's seals elsewhere."""
    click.echo(seals.public_key(Path(settings.LINLI_STATE)))


@command.command()
@click.argument("subject")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1, 100_000))
def timeline(subject: str, limit: int) -> None:
    """Everything recorded about SUBJECT ("resident:<id>"), oldest first."""
    for fact in queries.timeline(subject, limit=limit):
        moment = fact.recorded_at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        click.echo(f"{moment}  {fact.id:>8}  {words_of(fact.type, language())}  {fact.actor}  {fact.chain}/{fact.seq}")


@command.group(invoke_without_command=True)
@click.pass_context
def parked(context: click.Context) -> None:
    """List the facts that a reaction could not handle; `parked retry ID` tries one again."""
    if context.invoked_subcommand is not None:
        return
    for one in queries.parked():
        moment = one.last_seen.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        click.echo(f"{one.pk:>6}  {one.reaction}  fact {one.fact}  ×{one.attempts}  {moment}  {one.error.splitlines()[0]}")


@parked.command()
@click.argument("parked_id", metavar="ID", type=int)
def retry(parked_id: int) -> None:
    """Hand a parked fact to its reaction again, now."""
    retry_parked(parked_id)
    _say("已处理", "handled")
