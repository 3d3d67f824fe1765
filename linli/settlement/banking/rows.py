"""One row of a bank's answer, read or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """What the bank says of one payment. tail: the last four signs of the account; day: when, None if it doesn't say."""

    line: int
    reference: str
    tail: str
    amount_fen: int
    code: str
    day: date | None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that can't be read. why: unreadable or too_long; column: where."""

    line: int
    why: str
    column: str
