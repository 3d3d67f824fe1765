"""A mailbox that keeps what came, and an address that is confirmed by it."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from linli.kernel.viewer import Viewer
from linli.notices import mail
from linli.notices.ports import Message


class Mailbox:
    """Named by the settings, so what came is the class's."""

    came: ClassVar[list[Message]] = []

    def send(self, message: Message) -> str:
        """Keep it."""
        Mailbox.came.append(message)
        return ""


def figures(mail: Message | None = None) -> str:
    """The code in a mail; the newest in the mailbox."""
    words = (mail or Mailbox.came[-1]).text.replace("，", " ").replace(",", " ").split()
    return next(word for word in words if word.isdecimal() and len(word) == 6)


def mailed_to(viewer: Viewer, recipient: UUID, address: str) -> None:
    """The address is the person's own from now on."""
    mail.ask(viewer, recipient=recipient, address=address, language="zh")
    mail.confirm(viewer, recipient=recipient, code=figures())
