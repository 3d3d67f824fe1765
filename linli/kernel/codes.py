"""Short numbers that nobody can guess: random characters and a check character, easy to read out on the telephone."""

from __future__ import annotations

import secrets
import unicodedata

# Without 0 and O, 1, I and L, U, Z: what is misheard or misread. 29 signs, a prime, so that every slip of one sign is caught.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXY"
LENGTH = 8
"""Of a notice's number; a letter's is longer."""


def new_code(length: int = LENGTH) -> str:
    """A number nobody can guess: 29^7, about 1.7·10^10, for a length of 8. Never one that reads like the start of a web address."""
    code = "WWW"
    while "WWW" in code:
        drawn = "".join(secrets.choice(ALPHABET) for _ in range(length - 1))
        code = drawn + check_sign(drawn)
    return code


def check_sign(text: str) -> str:
    """The check character: every single wrong sign and every exchange of two neighbours changes it."""
    total = sum(place * ALPHABET.index(sign) for place, sign in enumerate(text, start=2))
    return ALPHABET[total % len(ALPHABET)]


def tidy(text: str) -> str:
    """What someone typed or read out, as a number: full-width letters, spaces, dashes and small letters do not matter."""
    plain = unicodedata.normalize("NFKC", text[:80]).upper()
    return "".join(sign for sign in plain if sign.isalnum())


def is_code(text: str, length: int = LENGTH) -> bool:
    """Whether a tidied text can be such a number at all."""
    return len(text) == length and all(sign in ALPHABET for sign in text) and check_sign(text[:-1]) == text[-1]


def spoken(code: str) -> str:
    """The number in groups of four, as it is printed: K7M2-3QRT."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))
