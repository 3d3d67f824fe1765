"""`linli held`: what a restore held back, and letting it go."""

from __future__ import annotations

import click

from linli.api import acts as api
from linli.kernel.viewer import system
from linli.site.backup import held_back
from linli.site.command.backup import say

VIEWER = system("command-line")


@click.group(invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """How many messages and webhook deliveries a restore held back (docs/operate/backup.md)."""
    if context.invoked_subcommand is None:
        held = held_back.held()
        say(
            f"暂停发送：短信和邮件 {held['messages']} 条，推送 {held['webhooks']} 条",
            f"held back: {held['messages']} messages, {held['webhooks']} webhook deliveries",
        )


@command.group()
def release() -> None:
    """Send what is held back. Each is traced."""


@release.command()
def messages() -> None:
    """Text messages and mail, in civil hours. Some may have reached people before: single ones are sent from the officers' pages."""
    number = held_back.release_messages(VIEWER)
    say(f"已放行 {number} 条短信和邮件", f"released: {number} messages")


@release.command()
def webhooks() -> None:
    """Deliveries to webhooks; a receiver knows a repeated one by its id."""
    number = api.release_held(VIEWER)
    say(f"已放行 {number} 条推送", f"released: {number} webhook deliveries")
