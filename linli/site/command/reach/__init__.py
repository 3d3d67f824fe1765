"""`linli reach`: walking networks without Django or a database: import one, and how far homes are from places on it."""

from __future__ import annotations

import click

from linli.site.command.reach.importing import importing
from linli.site.command.reach.nearest import nearest


@click.group()
def command() -> None:
    """Walking networks: import one, and how far homes are from places on it. Lengths are metres, positions WGS-84 inside."""


command.add_command(importing)
command.add_command(nearest)
