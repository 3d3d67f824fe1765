"""`linli fund`: open a fund of a published programme with what was promised to it, allocate money that has arrived, see what is left."""

from __future__ import annotations

import click

from linli.kernel.money import fen_from_yuan, yuan_text
from linli.kernel.viewer import system
from linli.ledger.models import Fund
from linli.ledger.queries import fund_figures
from linli.settlement.acts import funding
from linli.site.command import language

OPERATOR = system("operator")


def _say(zh: str, en: str) -> None:
    click.echo(zh if language() == "zh" else en)


@click.group()
def command() -> None:
    """Money that a programme pays from. A fund is called PROGRAMME.FUND, as in disabled-student-aid.provincial."""


@command.command(name="open")
@click.argument("slug")
@click.option("--promised", type=str, required=True, help="yuan that were promised to it")
def open_(slug: str, promised: str) -> None:
    """Open the fund SLUG of a programme that is in force. Once; nothing can be paid from it before money is allocated."""
    names = funding.open_declared(OPERATOR, slug=slug, promised_fen=fen_from_yuan(promised)).label
    _say(f"已设立 {slug}：{names.zh}", f"opened {slug}: {names.en}")


@command.command(name="allocate")
@click.argument("slug")
@click.option("--yuan", type=str, required=True, help="what has arrived")
@click.option("--document", type=str, required=True, help="number of the document that allots it; the same one counts once")
def allocate_(slug: str, yuan: str, document: str) -> None:
    """Enter money that has arrived in the fund SLUG. Refused beyond what was promised."""
    done = funding.enter_arrived(OPERATOR, slug=slug, fen=fen_from_yuan(yuan), document=document)
    if done.fresh:
        _say("已拨入", "allocated")
    else:
        _say("这份文件的资金以前已经拨入，没有变化", "the money of this document was allocated before; nothing changed")


@command.command()
def show() -> None:
    """Every fund: promised, allocated, committed to what was approved, free."""
    for slug in Fund.objects.order_by("slug").values_list("slug", flat=True):
        found = fund_figures(slug)
        promised = sum(source.promised_fen for source in found.sources)
        arrived = sum(source.allocated_fen for source in found.sources)
        parts = (promised, arrived, found.committed_fen, found.free_fen)
        click.echo("  ".join((f"{slug:<40}", *(f"{yuan_text(part):>18}" for part in parts))))
