"""Whether an account can be paid to: what can be said without the bank, by its number, its holder and what banks have said of it."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from linli.kernel.errors import LinliError
from linli.settlement.banking.columns import require_plain
from linli.settlement.banking.pain001 import BIC

_NUMBER = re.compile(r"[0-9A-Z-]{6,32}")
_CLEARING = re.compile(r"[0-9]{3,14}")
_DOTS = str.maketrans(dict.fromkeys("·•・∙‧．.", "·"))


@dataclass(frozen=True, slots=True)
class Given:
    """An account as somebody gave it. bank: as they call it, by name, number or BIC; may be empty."""

    name: str
    number: str
    bank: str = ""

    @property
    def bank_number(self) -> str:
        """What a bank's file can say of the bank: its number in the clearing system or its BIC; "" where it was called by name."""
        plain = tidy_number(self.bank)
        return plain if _CLEARING.fullmatch(plain) or BIC.fullmatch(plain) else ""

    def text(self) -> str:
        """As it is sealed."""
        return json.dumps({"name": self.name, "number": self.number, "bank": self.bank}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who is to be paid, by the registers. name: "" if they don't know the payee; deceased_on: of a person."""

    name: str
    deceased_on: date | None = None


def given_of(text: str) -> Given:
    """An account out of its sealed text; parts that are missing are empty."""
    try:
        found = json.loads(text)
    except ValueError:
        found = {}
    parts = found if isinstance(found, dict) else {}
    return Given(*(str(parts.get(name) or "").strip() for name in ("name", "number", "bank")))


def tidy_number(number: str) -> str:
    """An account number without blanks, full-width figures as plain ones."""
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()


def by_name_and_status(given: Given, holder: Holder, *, told: str) -> str:
    """Why an account can't be paid to, "" if it can (models.ACCOUNT_REASONS): a plausible number, the holder's name as in the registers.

    told: why a bank would not pay to this number before, "" if none.
    """
    if not _NUMBER.fullmatch(tidy_number(given.number)):
        return "number"
    try:
        require_plain("name", given.name)
    except LinliError:
        return "unwritable"
    if not holder.name:
        return "payee_unknown"
    if holder.deceased_on is not None:
        return "died"
    return told or ("" if same_name(given.name, holder.name) else "name_differs")


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for blanks, full or half width, and the dot between parts of a name."""
    return bool(one) and _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).translate(_DOTS).split())
