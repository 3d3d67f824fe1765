"""`linli bank`: have accounts checked at the bank before they are paid to, and read what it answered."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click

from linli.kernel.viewer import system
from linli.settlement import acts, queries
from linli.settlement.models import AccountAnswer
from linli.settlement.words import CHECK_VERDICTS
from linli.site.command import language

OPERATOR = system("operator")


def _say(zh: str, en: str) -> None:
    click.echo(zh if language() == "zh" else en)


@click.group()
def command() -> None:
    """Files for banks and from them. A layout says whether its bank checks accounts (docs/payments.md)."""


@command.command("ask-accounts")
@click.argument("batch", type=click.UUID)
@click.option("--layout", required=True, help="the bank's, with a section check")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="where to write the file: it holds account numbers"
)
def ask_accounts(batch: UUID, layout: str, out: Path) -> None:
    """Write the file that asks about every account of BATCH that no bank has confirmed."""
    made = acts.fill_inquiry(inquiry=acts.make_inquiry(OPERATOR, batch=batch, layout=layout).uid)
    out.touch(mode=0o600)
    if made.count:
        made = acts.hand_over_inquiry(OPERATOR, inquiry=made.uid, path=out)
    _say(f"{made.number}：{made.count} 个账户，{out}", f"{made.number}: {made.count} accounts, {out}")


@command.command("read-accounts")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--layout", required=True, help="the bank's")
def read_accounts(file: Path, layout: str) -> None:
    """Read the bank's answer FILE, row by row; each row that is refused is named with its reason."""
    answer = acts.receive_accounts(OPERATOR, layout=layout, path=file, name=file.name)
    while acts.apply_account_answers(answer=answer.uid):
        pass
    for verdict, count in queries.verdicts(answer).items():
        click.echo(f"{count:>8}  {CHECK_VERDICTS[verdict].text(language())}")
    for row in _refused(answer):
        click.echo(row)


def _refused(answer: AccountAnswer) -> list[str]:
    found, after = [], 0
    while rows := queries.refused_rows(answer, after=after):
        after = rows[-1].line
        found += [f"{row.line}: {row.reference} {CHECK_VERDICTS[row.verdict].text(language())}" for row in rows]
    return found
