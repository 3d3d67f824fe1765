"""`linli answers`: what another system (a bank, the insurance bureau) decided about forwarded cases, read from its table."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from linli.entitlements.answerfile import VERDICTS, take_answers
from linli.kernel.viewer import system
from linli.site.command import language

OPERATOR = system("operator")


@click.group()
def command() -> None:
    """Answers to forwarded cases."""


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def read(file: Path) -> None:
    """Deal with FILE (csv in UTF-8 or GB18030, or xlsx) row by row. A refused row is named with its reason; then it exits with 1.

    Columns: receipt and outcome, or 回执编号 and 办理结果; if there is one, the other side's own number (number, 对方编号).
    Reading the same file again changes nothing.
    """
    lines = take_answers(OPERATOR, file)
    for one in lines:
        if one.problem is not None:
            click.echo(one.problem.text(language()))
    counts = Counter(one.verdict for one in lines)
    applied, same, refused = (counts[verdict] for verdict in VERDICTS)
    if language() == "zh":
        click.echo(f"已采用 {applied} 行，没有变化 {same} 行，没有采用 {refused} 行")
    else:
        click.echo(f"{applied} taken, {same} unchanged, {refused} refused")
    raise SystemExit(1 if refused else 0)
