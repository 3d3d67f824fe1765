"""`linli places`: the city's places (场所), from a list."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from django.conf import settings

from linli.circles.doubts import doubted_places
from linli.kernel import clock
from linli.kernel.digests import digest
from linli.kernel.viewer import system
from linli.registers import acts
from linli.registers.categories import categories
from linli.registers.places import FORM, read_places
from linli.site.command import language


@click.group()
def command() -> None:
    """Places (场所): shops, stalls, care, green spaces: where they are and when they are open (docs/registers.md)."""


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day from which the list holds; today if left out.")
@click.option("--whole", is_flag=True, help="The list has all places: those of earlier lists that it no longer names are closed.")
def import_list(file: Path, on: datetime | None, whole: bool) -> None:
    """Open or change the places of an xlsx or csv FILE; the same file twice changes nothing.

    A position that is most likely wrong (in water, away from every street) is used as stated, and listed.
    """
    found = read_places(file, categories(settings.LINLI_CITY))
    day = on.date() if on else clock.today()
    done = acts.import_places(system("places-import"), places=found, on=day, file_digest=digest(file.read_bytes()), whole=whole)
    zh, en = (
        f"新增 {done.opened}，更改 {done.changed}，关闭 {done.closed}，保留人工登记 {done.kept}，共 {len(found)} 行",
        f"{done.opened} opened, {done.changed} changed, {done.closed} closed, {done.kept} kept as people say, {len(found)} rows",
    )
    click.echo(zh if language() == "zh" else en)
    for word, code, name in done.changes:
        if word == "kept":
            click.echo(f"  {code} {name}：保留人工登记" if language() == "zh" else f"  {code} {name}: kept as people say")
    doubts = doubted_places(found)
    rows = FORM.rows(file)[1] if doubts else []
    for number, one in doubts:
        zh, en = f"请核对 第 {rows[number]} 行 {one.found}：{one.zh}", f"check row {rows[number]} {one.found}: {one.en}"
        click.echo(f"{zh}（{one.remedy_zh}）" if language() == "zh" else f"{en} ({one.remedy_en})")
