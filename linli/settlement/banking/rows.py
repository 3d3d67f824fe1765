"""What stands in a bank's files, as values: an order's head and lines; an answer's rows, read or not, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


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


@dataclass(frozen=True, slots=True)
class Head:
    """What the whole order says. number: its own; made_at: aware; day: on which the bank is to pay."""

    number: str
    made_at: datetime
    day: date
    count: int
    total_fen: int
    project_code: str = ""
    payer_name: str = ""
    payer_account: str = ""
    payer_bank: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One payment. sequence: from 1; reference: ours, by which the bank answers; bank: number of the payee's bank, may be empty; identity:
    of who is paid, "" where the layout has no column for it."""

    sequence: int
    reference: str
    account: str
    name: str
    amount_fen: int
    bank: str = ""
    note: str = ""
    identity: str = ""


@dataclass(slots=True)
class Told:
    """What the file says of itself, complete once it has been read through: None where it doesn't say."""

    number: str | None = None
    count: int | None = None
    total_fen: int | None = None
    rows: int = 0
    sum_fen: int = 0
    ended: bool = False
    warnings: list[str] = field(default_factory=list)
