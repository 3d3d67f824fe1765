"""`linli draw`: recompute a published draw, and make the commitment that a department publishes; needs neither Django nor a database."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from linli.kernel import clock
from linli.kernel.digests import ALGORITHMS
from linli.sampling import commit as make_commitment
from linli.sampling import new_secret, read_draw, verify
from linli.site.command import language

FILE = click.Path(path_type=Path)


def _say(zh: str, en: str) -> None:
    click.echo(zh if language() == "zh" else en)


@click.group()
def command() -> None:
    """Public draws (docs/draws.md): recompute one, or commit to a secret for one."""


@command.command("verify")
@click.argument("file", type=FILE)
@click.option("--published", metavar="DIGEST", help="the digest that was published when the list was frozen")
def verify_file(file: Path, published: str | None) -> None:
    """Recompute every step of a draw FILE and say each. Exit code 0: it holds, 1: it does not, 2: this is no draw file."""
    draw = read_draw(file)
    verification = verify(draw, published=published, file=str(file))
    for check in verification.checks:
        click.echo(check.text(language()))
    if published is None:
        _say(
            f"请核对冻结时公布的摘要，或加 --published：{draw.frozen.digest}",
            f"compare the digest that was published when the list was frozen, or give it as --published: {draw.frozen.digest}",
        )
    if verification.holds:
        _say("抽取结果属实：每一步都重新算出了同样的结果", "the draw holds: every step was recomputed with the same result")
    else:
        _say("抽取结果不成立", "the draw does not hold")
        sys.exit(1)


@command.command("commit")
@click.argument("draw")
@click.argument("department")
@click.option("--out", required=True, type=FILE, help="a new file for the secret, readable by you only: keep it until the list is frozen")
@click.option("--algorithm", type=click.Choice(ALGORITHMS), help="default: as LINLI_CRYPTO says")
def make(draw: str, department: str, out: Path, algorithm: str | None) -> None:
    """Make a secret for DRAW and print the commitment that DEPARTMENT publishes. Do it on a machine of the department's own."""
    secret = new_secret()
    commitment = make_commitment(draw=draw, department=department, secret=secret, at=clock.now(), algorithm=algorithm)
    kept = {"draw": draw, "department": department, "secret": secret.hex()}
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(json.dumps(kept) + "\n")
    click.echo(json.dumps(commitment.document(), ensure_ascii=False))
