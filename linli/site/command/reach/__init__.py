"""`linli reach`: walking networks without Django or a database: import one, how far homes are from places, where places should go."""

from __future__ import annotations

import click

from linli.site.command.reach.compiling import compiling
from linli.site.command.reach.importing import importing
from linli.site.command.reach.nearest import nearest
from linli.site.command.reach.siting import site
from linli.site.command.reach.transit import check, transit


@click.group()
def command() -> None:
    """Walking networks: import one, how far homes are from places on it, and where places should go.

    Lengths are metres, positions WGS-84 inside.
    """


command.add_command(compiling, "compile")
command.add_command(importing)
command.add_command(nearest)
command.add_command(site)
command.add_command(check)
command.add_command(transit)
