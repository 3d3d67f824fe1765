"""How often one may call: per token, per address, and for wrong tokens; counted in PostgreSQL, by the minute, for all processes alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from linli.kernel import clock

PER_TOKEN = 600
PER_ADDRESS = 1200
PER_ADDRESS_WITHOUT_TOKEN = 120
WRONG_TOKENS = 30

_COUNT = """
    INSERT INTO api_calls AS known (key, minute, count)
    SELECT key, %(minute)s, step FROM unnest(%(keys)s::text[], %(steps)s::int[]) AS asked (key, step)
    ORDER BY key
    ON CONFLICT (key) DO UPDATE SET
        minute = excluded.minute,
        count = CASE WHEN known.minute = excluded.minute THEN known.count ELSE 0 END + excluded.count
    RETURNING key, count
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left in this minute of the limit that is nearest. reset: seconds until the next minute."""

    limit: int
    remaining: int
    reset: int

    @property
    def exceeded(self) -> bool:
        """Whether this call was one too many."""
        return self.remaining < 0

    def headers(self) -> dict[str, str]:
        """RateLimit headers, and Retry-After once it is exceeded."""
        found = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(self.remaining, 0)),
            "RateLimit-Reset": str(self.reset),
        }
        return found | ({"Retry-After": str(self.reset)} if self.exceeded else {})


def counted(request: HttpRequest) -> Allowance:
    """Count this call and say what is left. One statement; it locks the caller's own two or three rows until it ends."""
    address, secret = _key("address", address_of(request)), bearer(request)
    limits = {address: (PER_ADDRESS if secret else PER_ADDRESS_WITHOUT_TOKEN, 1)}
    if secret:
        limits[_key("token", secret)] = (PER_TOKEN, 1)
        limits[_key("wrong", address_of(request))] = (WRONG_TOKENS, 0)
    now = clock.now()
    counts = _count({key: step for key, (_, step) in limits.items()}, now)
    left = min(((limit - counts[key], limit) for key, (limit, _) in limits.items()), key=lambda pair: pair[0])
    return Allowance(left[1], left[0], 60 - now.second)


def count_wrong_token(request: HttpRequest) -> None:
    """Remember that this address came with a token that is none."""
    _count({_key("wrong", address_of(request)): 1}, clock.now())


def _count(steps: dict[str, int], now: datetime) -> dict[str, int]:
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {"minute": now.replace(second=0, microsecond=0), "keys": list(steps), "steps": list(steps.values())}
        cursor.execute(_COUNT, parameters)
        return dict(cursor.fetchall())


def _key(kind: str, text: str) -> str:
    """Keyed, so that the table tells nobody an address or a token."""
    return salted_hmac(f"linli.api.calls.{kind}", text, algorithm="sha256").hexdigest()


def bearer(request: HttpRequest) -> str:
    """The token that the caller shows, or nothing."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def address_of(request: HttpRequest) -> str:
    """The caller's address: behind our own proxy (LINLI_HTTPS) the last one that it appended; any other is a claim that anyone can make."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.LINLI_HTTPS else ""
    return forwarded.rsplit(",", 1)[-1].strip() or str(request.META.get("REMOTE_ADDR", ""))
