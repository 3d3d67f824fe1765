"""`linli opendata`: publish the city's counts for everyone, list what was published, write one publication as files."""

from __future__ import annotations

from pathlib import Path

import click

from linli.insight import csvw, opendata
from linli.kernel.errors import LinliError
from linli.kernel.viewer import system
from linli.site.command import language

OPERATOR = system("operator")


def _say(zh: str, en: str) -> None:
    click.echo(zh if language() == "zh" else en)


@click.group()
def command() -> None:
    """Open data: counts by programme, quarter and county, small ones left out."""


@command.command()
def publish() -> None:
    """Publish, once a month at the most, where anything differs from the newest publication. A worker does the same by itself."""
    if opendata.declared() is None:
        _say("本市没有写明开放数据的最小数，不公布", "the city's open-data.yaml states no smallest count: nothing is published")
        return
    last = opendata.publications().first()
    if last is not None and not opendata.due(last):
        _say("本月已经公布过；每月公布一次", "it was published this month already; that is done once a month")
        return
    row = opendata.publish(OPERATOR)
    if row is None:
        _say("与上次公布的相同，没有变化", "the same as was published last; nothing changed")
    else:
        _say(f"已公布 {row.rows} 行：{row.digest}", f"published {row.rows} rows: {row.digest}")


@command.command(name="list")
def list_() -> None:
    """Every publication, the newest first."""
    for row in opendata.publications().defer("table", "metadata"):
        click.echo(f"{row.uid}  {row.made_at.isoformat()}  {row.rows}  {row.digest}")


@command.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def write(folder: Path) -> None:
    """Write the newest publication into FOLDER: the table, and its description beside it."""
    row = opendata.publications().first()
    if row is None:
        raise LinliError(
            "insight.nothing_published",
            zh="还没有公布过开放数据",
            en="No open data have been published yet.",
            remedy_zh="先运行 linli opendata publish",
            remedy_en="run linli opendata publish first",
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in ((csvw.TABLE, row.table), (csvw.METADATA, row.metadata)):
        (folder / name).write_bytes(text.encode())
    _say(f"已写入 {folder}", f"written to {folder}")
