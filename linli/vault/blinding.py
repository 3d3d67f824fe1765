"""The blind index: a keyed, deterministic token by which an exact value is found without being stored.

Token = "<mac>.<index key generation>:<64 hex>" over kind and normalised value, so a phone never equals an account.
While an index key is being renewed a value has one token per generation: write blind(), look up with blinds().
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from linli.kernel.errors import LinliError, Place
from linli.vault.keyring import keyring
from linli.vault.suites import SUITES, Suite, current_suite


def normalised(kind: str, value: str) -> str:
    """One spelling per value: full width to half width, spaces out, upper case; a phone is digits without +86."""
    text = "".join(unicodedata.normalize("NFKC", value).split()).upper()
    if kind in ("phone", "account"):
        text = "".join(character for character in text if character.isascii() and character.isdigit())
    if kind == "phone":
        text = _domestic(text)
    if not text:
        raise LinliError(
            "vault.empty_value",
            zh="空值不能建立索引",
            en="An empty value has no index token.",
            place=Place(field=kind),
            remedy_zh="该项为空时不要建立索引",
            remedy_en="leave the index empty where the value is empty",
        )
    return text


def _domestic(digits: str) -> str:
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) - len(prefix) == 11:
            return digits[len(prefix) :]
    return digits


def blind(kind: str, value: str) -> str:
    """The token to store: current suite, newest index key."""
    return blind_many(kind, (value,))[0]


def blind_many(kind: str, values: Iterable[str]) -> list[str]:
    """blind() of each value, in order; derives the key once."""
    ring, suite = keyring(), current_suite()
    generation = ring.newest("index")
    key = ring.key("index", generation, suite)
    return [_token(suite, generation, key, kind, value) for value in values]


def blinds(kind: str, value: str) -> list[str]:
    """Every token the value may be stored under (newest first): each generation in the key document, each suite."""
    ring, first = keyring(), current_suite()
    suites = sorted(SUITES.values(), key=lambda suite: suite is not first)
    return [
        _token(suite, generation, ring.key("index", generation, suite), kind, value)
        for suite in suites
        for generation in ring.generations("index")
    ]


def current_prefix() -> str:
    """How every token of the newest index key and the current suite begins."""
    return f"{current_suite().mac}.{keyring().newest('index')}:"


def _token(suite: Suite, generation: int, key: bytes, kind: str, value: str) -> str:
    message = f"{kind}\0{normalised(kind, value)}".encode()
    return f"{suite.mac}.{generation}:{suite.authenticate(key, message).hex()}"
