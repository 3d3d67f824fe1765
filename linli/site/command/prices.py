"""`linli prices`: the price list of medical services: publish a version, ask for a day, withdraw."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import click
from django.conf import settings

from linli.kernel import clock
from linli.kernel.digests import digest
from linli.kernel.errors import LinliError
from linli.kernel.money import yuan_text
from linli.kernel.viewer import system
from linli.programmes.catalogue import catalogue
from linli.registers.acts.prices import publish_prices, withdraw_prices
from linli.registers.models import PriceVersion
from linli.registers.prices import GRADES, read_prices
from linli.registers.queries.prices import price_on, price_versions
from linli.site.command import language

DAY = click.DateTime(formats=["%Y-%m-%d"])
GRADE_WORDS = {level: words for words, level in GRADES.items()}


def _say(zh: str, en: str) -> None:
    click.echo(zh if language() == "zh" else en)


@click.group()
def command() -> None:
    """Prices of medical services (医疗服务价格): published versions, and what an item costs on a day (docs/registers.md)."""


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--document", required=True, help="the document that publishes them, with its number")
@click.option("--from", "first", type=DAY, required=True, help="first day of the prices whose row says none")
def publish(file: Path, document: str, first: date) -> None:
    """Publish the prices of an xlsx or csv FILE. Overlaps are refused; the same file again changes nothing."""
    version = publish_prices(
        system("prices-import"),
        prices=read_prices(file),
        document=document,
        effective_from=_date(first),
        file_name=file.name,
        source=digest(file.read_bytes()),
        area=catalogue(settings.LINLI_CITY).city.area,
    )
    _say(f"已发布：{version.items} 项，版本 {version.uid}", f"published: {version.items} prices, version {version.uid}")


@command.command("at")
@click.argument("code")
@click.option("--on", "day", type=DAY, help="the day of the service, today if left out")
@click.option("--grade", "level", type=click.Choice(["1", "2", "3"]), default=None, help="grade of the hospital")
def at(code: str, day: date | None, level: str | None) -> None:
    """What the item CODE costs on a day. Exits with 1 where nothing is published for it."""
    on = _date(day) if day else clock.today()
    row = price_on(code, on, level or "")
    if row is None:
        _say(f"{on} 没有公布 {code} 的价格", f"no price of {code} is published for {on}")
        raise SystemExit(1)
    grade = f"，{GRADE_WORDS[row.level]}医院" if row.level else "", f", grade {row.level}" if row.level else ""
    _say(
        f"{row.name}：{yuan_text(row.fen)} 元/{row.unit}{grade[0]}（{row.version.document}，{row.valid_from} 起）",
        f"{row.name}: {yuan_text(row.fen)} yuan / {row.unit}{grade[1]} ({row.version.document}, from {row.valid_from})",
    )


@command.command("list")
def versions() -> None:
    """Every version, the newest first."""
    for row in price_versions():
        state = ("已撤回", "withdrawn") if row.withdrawn_at else ("有效", "in force")
        _say(
            f"{row.uid}  {row.effective_from}  {row.items} 项  {state[0]}  {row.document}",
            f"{row.uid}  {row.effective_from}  {row.items} prices  {state[1]}  {row.document}",
        )


@command.command("withdraw")
@click.argument("version", type=click.UUID)
@click.option("--reason", required=True, help="why it was a mistake")
def withdraw(version: UUID, reason: str) -> None:
    """Withdraw a VERSION that was published by mistake; none of its prices holds from now on."""
    try:
        row = withdraw_prices(system("prices-import"), version=version, reason=reason, area=catalogue(settings.LINLI_CITY).city.area)
    except PriceVersion.DoesNotExist:
        raise LinliError(
            "prices.no_version",
            zh="没有这个版本",
            en="There is no such version.",
            found=str(version),
            remedy_zh="运行 linli prices list 查看",
            remedy_en="see `linli prices list`",
        ) from None
    _say(f"已撤回：{row.document}", f"withdrawn: {row.document}")


def _date(given: date) -> date:
    """click gives a datetime."""
    return date(given.year, given.month, given.day)
