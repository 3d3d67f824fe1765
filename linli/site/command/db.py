"""`linli db`: the private PostgreSQL and the schema."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping

import click

from linli.site import environment
from linli.site.cluster import Cluster, environment_with


@click.group()
def command() -> None:
    """The private PostgreSQL of a laptop or a demo, and the schema of any database."""


@command.command()
def up() -> None:
    """Make the private cluster if there is none, start it to stay, print its address."""
    cluster = Cluster.of(environment.state_folder())
    cluster.up(stay=True)
    click.echo(cluster.url())


@command.command()
def down() -> None:
    """Stop the private cluster."""
    stopped = Cluster.of(environment.state_folder()).down()
    click.echo("stopped" if stopped else "was not running")


@command.command()
def migrate() -> None:
    """Bring the schema up to this release."""
    environment.prepare()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=1)


@command.command()
@click.option("--prefix", default="linli", show_default=True, help="Roles are PREFIX_public, PREFIX_office and PREFIX_worker.")
@click.option("--print", "only_print", is_flag=True, help="Write the statements and change nothing.")
def roles(prefix: str, only_print: bool) -> None:
    """Give the database roles their rights and no others; run it as the tables' owner after each `linli db migrate`."""
    environment.prepare()
    from linli.site import roles

    if only_print:
        click.echo("\n".join(f"{statement};" for statement in roles.statements(prefix)))
        return
    given = roles.grant(prefix)
    click.echo(f"{len(given)} statements: {', '.join(f'{prefix}_{role}' for role in roles.ROLES)}")


@command.command(context_settings={"ignore_unknown_options": True})
@click.option("--passing", is_flag=True, help="A cluster of its own that is emptied when it stops and waits for no disk: for tests.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, required=True)
def run(arguments: tuple[str, ...], passing: bool) -> None:
    """Run a command with a database: the one that DATABASE_URL names, else the private cluster, stopped afterwards unless others use it.

    Signals are the command's to answer: Ctrl-C reaches it from the terminal, and termination is passed on.
    """
    environment.ensure_secret()
    if os.environ.get("DATABASE_URL"):
        click.echo("linli db run: DATABASE_URL is set, so the command uses that server and none is started", err=True)
        sys.exit(_run(arguments, os.environ))
    state = environment.state_folder()
    cluster = Cluster.of(state / "tests", passing=True) if passing else Cluster.of(state)
    with cluster.held_up():
        code = _run(arguments, environment_with(cluster, os.environ))
    sys.exit(code)


def _run(arguments: tuple[str, ...], environ: Mapping[str, str]) -> int:
    """Its exit code, as a shell would tell it."""
    signal.signal(signal.SIGINT, lambda *_: None)
    process = subprocess.Popen(arguments, env=environ)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    code = process.wait()
    return code if code >= 0 else 128 - code
