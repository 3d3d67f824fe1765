"""Outside ids: UUIDv7 (RFC 9562), since PostgreSQL 15 has none."""

from __future__ import annotations

import os
import time
from uuid import UUID


def uuid7(unix_ms: int | None = None) -> UUID:
    """A UUIDv7: 48 bits of Unix milliseconds, 74 random bits. Sorts by time to the millisecond."""
    milliseconds = time.time_ns() // 1_000_000 if unix_ms is None else unix_ms
    value = int.from_bytes(milliseconds.to_bytes(6) + os.urandom(10))
    value &= ~(0xF << 76) & ~(0x3 << 62)
    return UUID(int=value | (0x7 << 76) | (0x2 << 62))
