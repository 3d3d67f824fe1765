"""`linli windows`: the city's service windows, from a list."""

from __future__ import annotations

from pathlib import Path

import click
from django.conf import settings

from linli.kernel.digests import digest
from linli.kernel.viewer import system
from linli.programmes.catalogue import catalogue
from linli.registers import acts
from linli.registers.windows import read_windows
from linli.site.command import language


@click.group()
def command() -> None:
    """Service windows (便民服务窗口): where they are, when they are open, what they do (docs/registers.md)."""


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_list(file: Path) -> None:
    """Open or change the windows of an xlsx or csv FILE; the same file twice changes nothing, and who is not in it stays."""
    found = read_windows(file, frozenset(catalogue(settings.LINLI_CITY).slugs))
    done = acts.import_windows(system("windows-import"), windows=found, source=digest(file.read_bytes()))
    zh, en = (
        f"新增 {done.opened}，更改 {done.changed}，共 {len(found)} 行",
        f"{done.opened} opened, {done.changed} changed, {len(found)} rows",
    )
    click.echo(zh if language() == "zh" else en)
