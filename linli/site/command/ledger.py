"""`linli ledger`: verify the book, print an account's statement, print the trial balance."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

import click

from linli.kernel import clock
from linli.kernel.money import yuan_text
from linli.ledger import queries
from linli.ledger.facts import TRANSFERS
from linli.ledger.verify import Discrepancy, Read, verify_book
from linli.site.command import language
from linli.trace.findings import Finding
from linli.trace.verify import snapshot
from linli.trace.witness import verify_logs

_DAY = click.DateTime(formats=["%Y-%m-%d"])


def _say(zh: str, en: str) -> None:
    click.echo(zh if language() == "zh" else en)


def _amount(unit: str, amount: int) -> str:
    return yuan_text(amount) if unit == "fen" else f"{amount:,} min"


@click.group()
def command() -> None:
    """The book: one ledger for yuan and hours."""


@command.command()
def verify() -> None:
    """Check every chain, balance, transfer and hold, and what the trace has witnessed. Exit code 1 if anything was found."""
    read, found = Read(), 0
    newer: dict[str, int] = {}
    with snapshot():
        findings: Iterator[Discrepancy | Finding] = chain(verify_book(read=read), verify_logs(only=TRANSFERS, newer=newer))
        for one in findings:
            found += 1
            click.echo(one.text(language()))
    _say(
        f"核验 {read.transfers} 笔账（其中 {newer[TRANSFERS]} 笔尚未见证）：发现 {found} 处问题",
        f"verified {read.transfers} transfers ({newer[TRANSFERS]} of them not yet witnessed): {found} findings",
    )
    if found:
        sys.exit(1)


@command.command()
@click.argument("account")
@click.option("--from", "start", type=_DAY, required=True, help="first day")
@click.option("--to", "end", type=_DAY, required=True, help="last day")
@click.option("--by", type=click.Choice(["event", "posted"]), default="event", show_default=True, help="which of the two days counts")
def statement(account: str, start: datetime, end: datetime, by: str) -> None:
    """The statement of ACCOUNT over some days, with its opening and closing balance."""
    when: queries.When = "event_at" if by == "event" else "posted_at"
    told = queries.statement(account, start=start.date(), end=end.date(), when=when)
    _say(f"期初余额 {_amount(told.unit, told.opening)}", f"opening {_amount(told.unit, told.opening)}")
    for line in told.lines:
        moment = getattr(line, when).astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
        click.echo(f"{moment}  {_amount(told.unit, line.amount):>20}  {_amount(told.unit, line.balance):>20}  {line.kind}  {line.transfer}")
    _say(f"期末余额 {_amount(told.unit, told.closing)}", f"closing {_amount(told.unit, told.closing)}")


@command.command()
@click.option("--at", "end", type=_DAY, help="a day; today if left out")
def trial(end: datetime | None) -> None:
    """Every account's balance at the end of a day; each unit sums to zero."""
    sums: dict[str, int] = {}
    for row in queries.trial_balance(end=end.date() if end else None):
        sums[row.unit] = sums.get(row.unit, 0) + row.balance
        click.echo(f"{_amount(row.unit, row.balance):>24}  {row.code}")
    for unit, total in sums.items():
        _say(f"合计（{unit}）{_amount(unit, total)}", f"sum ({unit}) {_amount(unit, total)}")
