"""What a page asks for again and again is looked up once while the page is made: which files of the city have changed, what is published.

Outside one_look() everything is looked up each time it is asked for, so that an act never goes by what was true before it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
_seen: ContextVar[dict[Hashable, Any] | None] = ContextVar("seen", default=None)


@contextmanager
def one_look() -> Iterator[None]:
    """While a page is read, what is asked for through once() stays as it was when first looked at."""
    token = _seen.set({})
    try:
        yield
    finally:
        _seen.reset(token)


def once(key: Hashable, look: Callable[[], T]) -> T:
    """What look() finds; within one_look() it is called the first time only. key: names what is looked for, with all it depends on."""
    seen = _seen.get()
    if seen is None:
        return look()
    if key not in seen:
        seen[key] = look()
    found: T = seen[key]
    return found
