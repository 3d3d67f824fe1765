"""Digests that name their algorithm ("sha256:…", "sm3:…"), and the one canonical byte form they are taken over."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

ALGORITHMS = ("sha256", "sm3")


def default_algorithm() -> str:
    """The installation's digest algorithm: SM3 (GB/T 32905) where LINLI_CRYPTO=sm, else SHA-256."""
    return "sm3" if os.environ.get("LINLI_CRYPTO", "aes") == "sm" else "sha256"


def hasher(algorithm: str | None = None, data: bytes = b"") -> Any:
    """A hashlib object of the named or the installation's algorithm, fed with the data."""
    name = algorithm or default_algorithm()
    if name == "sha256":
        return hashlib.sha256(data)  # asked for by name it would be looked up each time
    if name not in ALGORITHMS:
        raise ValueError(f"unknown digest algorithm {name!r}; known: {', '.join(ALGORITHMS)}")
    return hashlib.new(name, data)


def digest(data: bytes, algorithm: str | None = None) -> str:
    """'algorithm:hex' over the bytes."""
    name = algorithm or default_algorithm()
    return f"{name}:{hasher(name, data).hexdigest()}"


def algorithm_of(named_digest: str) -> str:
    """The algorithm that a digest names."""
    return named_digest.split(":", 1)[0]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("canonical form needs aware datetimes")
        # One instant, one form: a row read back from the database comes in another zone than it was written in.
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | UUID | Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    raise TypeError(f"no canonical form for {type(value).__name__}")


_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain, allow_nan=False).encode


def canonical(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces; floats are refused because they print differently elsewhere."""
    _refuse_floats(value)
    return _encode(value).encode()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("canonical form has no floats: use integers or Decimal")
    if isinstance(value, dict):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)


def digest_of(value: Any, algorithm: str | None = None) -> str:
    """Digest of a value's canonical form."""
    return digest(canonical(value), algorithm)
