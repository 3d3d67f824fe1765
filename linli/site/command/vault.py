"""`linli vault`: the installation's keys, their rotation, and the erasure list."""

from __future__ import annotations

from pathlib import Path

import click
from rich.progress import Progress

from linli.kernel.viewer import system
from linli.registers.acts.renewal import outdated_tokens, renew_tokens
from linli.site.backup import erased
from linli.vault import erasures, keyring, rotation

VIEWER = system("command-line")


@click.group()
def command() -> None:
    """Keys, rotation and erasure (docs/decisions/0002-keys.md)."""


@command.group()
def keys() -> None:
    """The key document, which never enters the database."""


@keys.command("new")
@click.option("--file", "path", type=click.Path(path_type=Path), help="Where to write it; default LINLI_KEY_FILE or the state folder.")
def new(path: Path | None) -> None:
    """Make the first key document (mode 0600). Refuses to overwrite one."""
    target = path or keyring.key_file()
    keyring.write(keyring.new_keyring(), target)
    click.echo(f"{target}: keep a copy in a safe place; without it nothing encrypted can be read")


@keys.command("rotate")
@click.option("--index", is_flag=True, help="Renew the key of the blind index instead of the wrapping key.")
def rotate(index: bool) -> None:
    """Add a generation that writes from now on; older ones still read. Then run `rewrap`, or `renew-index`."""
    use: keyring.Use = "index" if index else "wrapping"
    ring = keyring.keyring().with_new(use)
    keyring.store(ring)
    rotation.record(VIEWER, what="rotated", use=use, generation=ring.newest(use))
    click.echo(f"{use}: generation {ring.newest(use)} writes now")


@keys.command("rewrap")
def rewrap() -> None:
    """Wrap every person's key under the newest generation. May be stopped and started again."""
    with Progress() as progress:
        task = progress.add_task("rewrap", total=rotation.outdated())
        total = rotation.rewrap(VIEWER, progress=lambda done: progress.update(task, completed=done))
    click.echo(f"{total} keys rewrapped")


@keys.command("renew-index")
def renew_index() -> None:
    """Recompute the stored index tokens with the newest index key. May be stopped and started again."""
    with Progress() as progress:
        task = progress.add_task("renew", total=outdated_tokens())
        total = renew_tokens(VIEWER, progress=lambda done: progress.update(task, completed=done))
    click.echo(f"{total} residents renewed")


@keys.command("retire")
@click.argument("generation", type=int)
def retire(generation: int) -> None:
    """Drop an old wrapping generation from the key document; refused while a person's key needs it."""
    ring = rotation.without_generation(generation)
    keyring.store(ring)
    rotation.record(VIEWER, what="retired", use="wrapping", generation=generation)
    click.echo(f"generation {generation} is gone")


@command.command("erase-list")
def erase_list() -> None:
    """Bring the erasure list up to date; run it nightly and before every backup."""
    added = erasures.complete()
    click.echo(f"{erasures.list_file()}: {added} added")


@command.command("replay-erasures")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def replay_erasures(file: Path) -> None:
    """After a restore: erase again everybody on the list whose key came back. May be run twice."""
    click.echo(f"{len(erased.replay(file))} erased again")
