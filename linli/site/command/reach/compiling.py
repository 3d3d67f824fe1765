"""`linli reach compile`: compile the searches on foot once, so that nobody waits for it later."""

from __future__ import annotations

import click


@click.command()
def compiling() -> None:
    """Compile the searches for this machine, once after an installation; done before, it takes a second."""
    from linli.reach.search.compiling import load_all  # numba is loaded for this command only

    load_all()
