"""`linli reach compile`: compile the engine for this machine once, so that nobody waits for it later."""

from __future__ import annotations

import click

from linli.reach.compiling import compile_all


@click.command()
def compiling() -> None:
    """Compile the walking engine for this machine, once after an installation; done before, it takes a second or two."""
    compile_all()
