"""Seals: which edition of a letter is set, and the port through which an organ's seal comes onto it."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Sealing(StrEnum):
    """UNSEALED: a copy that says in words that it carries no seal and isn't the original. SEALED: the original, with room left for the
    seal. SCANNED: a copy that says that the scan of the sealed original belongs to it."""

    UNSEALED = "unsealed"
    SEALED = "sealed"
    SCANNED = "scanned"


class SealRoute(Protocol):
    """How an original comes to carry the seal of its organ."""

    name: str
    zh: str
    en: str

    def seal(self, original: bytes, *, organ: str) -> bytes | None:
        """The sealed original (PDF), or None where a person stamps it on paper and a scan is attached later."""


class PrintStampScan:
    """The built-in route: the original is printed, stamped by whoever keeps the seal, scanned, and the scan attached to the case."""

    name = "print-stamp-scan"
    zh = "打印盖章后扫描"
    en = "print, stamp and scan"

    def seal(self, original: bytes, *, organ: str) -> bytes | None:
        """Nothing yet: the seal comes onto paper."""
        return None
