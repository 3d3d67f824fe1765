"""Numbers of bank cards: a slip of the finger is found by the check digit before any bank is asked.

ISO/IEC 7812-1 annex B (the Luhn formula) holds for cards; those of this country begin with 62 and have 16 to 19 digits. Accounts on
passbooks have no common check, so that of any other number only its length is looked at.
"""

from __future__ import annotations

import unicodedata

_CARD = range(16, 20)
_ACCOUNT = range(8, 33)


def digits_of(number: str) -> str:
    """A number without blanks, full-width figures as plain ones."""
    return "".join(unicodedata.normalize("NFKC", number).split())


def wrong_with(number: str) -> str:
    """ "" for a number that can be one, else why it can't: digits, length or check."""
    digits = digits_of(number)
    if not (digits.isascii() and digits.isdigit()):
        return "digits"
    if len(digits) not in _ACCOUNT:
        return "length"
    is_card = digits.startswith("62") and len(digits) in _CARD
    return "check" if is_card and check_digit(digits[:-1]) != digits[-1] else ""


def check_digit(body: str) -> str:
    """The last digit of a card's number by all the others."""
    doubled = (int(one) * (2 if place % 2 == 0 else 1) for place, one in enumerate(reversed(body)))
    return str(-sum(one // 10 + one % 10 for one in doubled) % 10)
