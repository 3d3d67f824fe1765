"""Time is UTC inside and Asia/Shanghai at the edges. Everything asks this module, so tests can set the clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_frozen: ContextVar[datetime | None] = ContextVar("linli_clock", default=None)


def now() -> datetime:
    """The present instant in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """The present day in Asia/Shanghai."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """The day of an aware moment in Asia/Shanghai."""
    return moment.astimezone(SHANGHAI).date()


def midnight(day: date) -> datetime:
    """The first moment of a day in Asia/Shanghai."""
    return datetime.combine(day, time(), tzinfo=SHANGHAI)


@contextmanager
def frozen(instant: datetime) -> Iterator[None]:
    """Hold the clock at `instant` (aware) inside the block; for tests and for replaying a past day."""
    if instant.tzinfo is None:
        raise ValueError("frozen() needs an aware datetime")
    token = _frozen.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
