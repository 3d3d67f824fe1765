"""What the edge must supply: an answer about one person from a list's authority (核验), a way to send a code to a telephone,
who sits at a browser according to the city's identity service, and tokens for other programs.

A list comes as a file (linli.registers.imports) or, where its owner gives none away, as a query per person. An adapter of the
second kind is a VerificationSource; every adapter is run through the same conformance tests (tests/unit/registers).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from linli.kernel.positions import Position
from linli.kernel.viewer import Grant, Viewer
from linli.registers.lists import ListDeclaration


@dataclass(frozen=True, slots=True)
class Question:
    """Whom is asked about. identity: the number in clear; name: as registered, for the authority to compare."""

    identity: str
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the authority says. present: on the list or not; data: value by fact (money in fen, dates as ISO text).

    answered_at: the authority's time, aware; expires_on: first day on which the answer is no longer good, None if it says nothing of it.
    """

    present: bool
    authority: str
    answered_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    expires_on: date | None = None


class VerificationSource(Protocol):
    """Asks a list's authority about one person."""

    def ask(self, declaration: ListDeclaration, question: Question) -> Answer:
        """The authority's answer. Raises LinliError "verification.…" if there is none: a failure is never an answer."""
        ...


class WalkingTimes(Protocol):
    """Minutes on foot. The adapter is named by settings.LINLI_WALKING, "" for none."""

    def minutes(self, start: Position, places: Sequence[Position], at: datetime) -> list[int | None] | None:
        """Whole minutes from the start to each place with the gates as they are at the moment, None for one that is too far or can't be
        reached; None altogether where no network is in use or the start is not on it."""
        ...


def walking_times() -> WalkingTimes | None:
    """The adapter that this installation names, made anew."""
    if not settings.LINLI_WALKING:
        return None
    made: WalkingTimes = import_string(settings.LINLI_WALKING)()
    return made


class CodeSender(Protocol):
    """Hands a short text over to a telephone. The adapter is named by settings.LINLI_CODE_SENDER."""

    def send(self, phone: str, text: str) -> None:
        """Hand the text over at once, without waiting for its delivery: how long it takes must not tell whether the number is known."""
        ...


def code_sender() -> CodeSender:
    """The adapter that this installation names, made anew."""
    made: CodeSender = import_string(settings.LINLI_CODE_SENDER)()
    return made


@dataclass(frozen=True, slots=True)
class Journey:
    """A trip of a browser to the identity service. address: where it goes; state, nonce, verifier: secrets that stay here."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identified:
    """Whom the identity service says it is. several_factors: it says that it has asked for more than a password. number: the identity
    number, where the installation has named the claim that carries it, else "".
    """

    issuer: str
    subject: str
    several_factors: bool = False
    number: str = ""


class IdentityService(Protocol):
    """Says who sits at a browser. The adapter is named by settings.LINLI_IDENTITY_SERVICE."""

    def begin(self, back: str) -> Journey:
        """A new journey that ends at the address `back`. Raises LinliError if the service does not answer."""
        ...

    def finish(self, journey: Journey, back: str, answer: Mapping[str, str]) -> Identified:
        """Who it is, from the parameters the browser came back with. Raises LinliError for any doubt."""
        ...


@dataclass(frozen=True, slots=True)
class TokenSeen:
    """A token of the API as its owner sees it, without its secret."""

    uid: UUID
    label: str
    grants: tuple[Grant, ...]
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


class TokenDesk(Protocol):
    """Tokens for other programs, as their owner makes and ends them. The adapter is named by settings.LINLI_TOKEN_DESK."""

    def own(self, viewer: Viewer) -> list[TokenSeen]:
        """The viewer's own, newest first."""
        ...

    def make(self, viewer: Viewer, *, label: str, grants: Sequence[Grant], days: int) -> str:
        """A new one within the viewer's grants; returns its secret, which is shown once. Raises LinliError."""
        ...

    def revoke(self, viewer: Viewer, *, token: UUID) -> None:
        """End one of the viewer's own at once. Raises LinliError for any other."""
        ...


def token_desk() -> TokenDesk:
    """The adapter that this installation names, made anew."""
    made: TokenDesk = import_string(settings.LINLI_TOKEN_DESK)()
    return made
