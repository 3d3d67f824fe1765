"""What the edge must supply: a way out of the house for a short text. Every adapter runs the same conformance tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from linli.kernel.errors import LinliError


@dataclass(frozen=True, slots=True)
class Message:
    """A text to one telephone number or address. reference: ours, the same on every attempt; subject: for channels that have one."""

    to: str
    text: str
    reference: str
    subject: str = ""


class NotSent(LinliError):  # noqa: N818 - an answer, not a mistake
    """The message surely did not go out. again: trying later may help."""

    def __init__(self, code: str, *, zh: str, en: str, found: str = "", again: bool) -> None:
        super().__init__(code, zh=zh, en=en, found=found or None)
        self.again = again


class Channel(Protocol):
    """A gateway for text messages or mail."""

    def send(self, message: Message) -> str:
        """Hand the message over; returns the gateway's own reference ("" if it gives none).

        Raises NotSent where it surely did not go out. Any other error means that nobody knows: it is never sent again by itself.
        """
        ...


def configured() -> frozenset[str]:
    """Names of the channels that this installation has: keys of settings.LINLI_CHANNELS."""
    return frozenset(settings.LINLI_CHANNELS)


def channel(name: str) -> Channel:
    """The adapter of a channel, made anew: settings.LINLI_CHANNELS names the function that makes it."""
    made: Channel = import_string(settings.LINLI_CHANNELS[name])()
    return made
