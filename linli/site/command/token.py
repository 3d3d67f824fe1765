"""linli token: make, list and revoke keys for programs that call the API."""

from __future__ import annotations

from uuid import UUID

import click

from linli.api import acts
from linli.api.models import Token
from linli.kernel.clock import SHANGHAI
from linli.kernel.viewer import Grant, system
from linli.registers import queries
from linli.site.command import language


@click.group()
def command() -> None:
    """Tokens of the API: a token may do no more than the member of staff it belongs to."""


@command.command()
@click.argument("login")
@click.argument("label")
@click.option("--grant", "grants", multiple=True, help="ROLE, ROLE@AREA or ROLE@AREA/PROGRAMME; default: every grant that LOGIN has today.")
@click.option("--days", default=90, type=click.IntRange(1, 366), show_default=True, help="Days until it expires.")
def make(login: str, label: str, grants: tuple[str, ...], days: int) -> None:
    """Make a token for LOGIN; LABEL says what it is for. Its secret is printed once."""
    viewer = queries.viewer_of(queries.staff_named(login))
    made = acts.make_token(viewer, label=label, grants=[_grant(text) for text in grants] or list(viewer.grants), days=days)
    click.echo(_line(made.token))
    click.echo(("令牌（只显示这一次）：" if language() == "zh" else "token (shown only now): ") + made.secret)


@command.command("list")
def list_tokens() -> None:
    """List every token, newest first."""
    for token in Token.objects.select_related("staff").order_by("-id"):
        click.echo(_line(token))


@command.command()
@click.argument("uid", type=click.UUID)
def revoke(uid: UUID) -> None:
    """End a token at once."""
    click.echo(_line(acts.revoke_token(system("token-command"), token=uid)))


def _grant(text: str) -> Grant:
    role, _, rest = text.partition("@")
    area, _, programme = rest.partition("/")
    return Grant(role, area, programme)


def _line(token: Token) -> str:
    grants = ", ".join(f"{one['role']}@{one['area'] or '*'}/{one['programme'] or '*'}" for one in token.grants)
    expires = token.expires_at.astimezone(SHANGHAI).date()
    revoked = ("（已吊销）" if language() == "zh" else " (revoked)") if token.revoked_at else ""
    return f"{token.uid}  {token.staff.login}  {token.label}  {grants}  → {expires}{revoked}"
