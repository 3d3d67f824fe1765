"""`linli city`: the ground that a city stands on: a made-up town for a demo."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from django.conf import settings

from linli.kernel import clock
from linli.registers.generated.town import make_town, write_town
from linli.site.command import language


@click.group()
def command() -> None:
    """A city's ground: make up a town (docs/circles.md)."""


@command.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Another seed, another town.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day round which dates are drawn; today if left out.")
@click.option("--district", default="", help="Code of the county or district; the first that has a position if left out.")
def generate(out: Path, seed: int, as_of: datetime | None, district: str) -> None:
    """Write a made-up town into OUT: streets, gates, river, railway, places, homes, circles. The same seed, the same town."""
    town = make_town(Path(settings.LINLI_CITY), district=district, seed=seed, as_of=as_of.date() if as_of else clock.today())
    write_town(town, out)
    places, circles = len(town.places), len(town.circles["circles"])
    zh, en = f"{places} 处场所，{circles} 个生活圈（演示数据）", f"{places} places, {circles} circles (made up)"
    click.echo(zh if language() == "zh" else en)
