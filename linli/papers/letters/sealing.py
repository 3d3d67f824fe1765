"""Seals: which edition of a letter is set, and the port through which an organ's seal comes onto an original."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Sealing(StrEnum):
    """UNSEALED: a copy that says in words that it carries no seal and isn't the original. SEALED: the original, with room for the seal
    and the words that it counts once sealed. SCANNED: a copy that says that the scan of the sealed original belongs to it."""

    UNSEALED = "unsealed"
    SEALED = "sealed"
    SCANNED = "scanned"


@dataclass(frozen=True, slots=True)
class SealPlace:
    """Where the seal's centre goes: page from 1, millimetres from the page's left and upper edge; across: the seal's diameter."""

    page: int
    x_mm: float
    y_mm: float
    across_mm: float


class SealRoute(Protocol):
    """How an original comes to carry the seal of its organ."""

    name: str
    zh: str
    en: str

    def seal(self, original: bytes, *, organ: str, place: SealPlace) -> bytes | None:
        """The sealed original (PDF), or None where a person stamps it on paper and a scan is attached later."""


class PrintStampScan:
    """The built-in route: the original is printed, stamped by whoever keeps the seal, scanned, and the scan attached to the case."""

    name = "print-stamp-scan"
    zh = "打印盖章后扫描"
    en = "print, stamp and scan"

    def seal(self, original: bytes, *, organ: str, place: SealPlace) -> bytes | None:
        """Nothing yet: the seal comes onto paper."""
        return None
