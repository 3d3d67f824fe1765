"""Timers: rows with a due time that fire once, on time, also after a restart. A failing one waits for itself alone.

A handler is declared with @timer(kind) and gets the case's key; what it does and the timer's own end commit together.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Min

from linli.casework.models import Case, Timer
from linli.kernel import clock
from linli.kernel.viewer import system
from linli.trace import act

Handler = Callable[[Case], None]
FIRING = system("casework.timer")
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
ERROR_LENGTH = 1000
_handlers: dict[str, Handler] = {}


def timer(kind: str) -> Callable[[Handler], Handler]:
    """Declare what happens when a timer of this kind fires. It calls acts; it may find that nothing is left to do."""

    def declare(handler: Handler) -> Handler:
        if kind in _handlers:
            raise ValueError(f"timer {kind!r} is declared twice")
        _handlers[kind] = handler
        return handler

    return declare


def start(kind: str, case: Case, due_at: datetime) -> Timer:
    """Set a timer; call it inside the act that makes it necessary. One statement."""
    return Timer.objects.create(kind=kind, case=case, due_at=due_at, next_at=due_at)


def move(case: Case, due_at: datetime) -> None:
    """The case's waiting timers fire at another time. One statement."""
    Timer.objects.filter(case=case, done_at__isnull=True).update(due_at=due_at, next_at=due_at)


def stop_all(case: Case) -> None:
    """The case's timers are no longer needed. One statement."""
    Timer.objects.filter(case=case, done_at__isnull=True).update(done_at=clock.now())


def put_off(until: datetime) -> int:
    """After a restore: timers that came due meanwhile fire only then, so that what was done and lost can be done again. What was promised
    stays. Returns how many; one statement."""
    return Timer.objects.filter(done_at__isnull=True, next_at__lt=clock.now()).update(next_at=until)


def fire_due() -> int:
    """Fire every timer that is due, oldest first, each in a transaction of its own; returns how many were tried.

    Several processes may do so at once: a timer that one of them holds is skipped by the others. A failing timer is tried again
    after a pause that doubles from half a minute to an hour.
    """
    moment = clock.now()
    tried = 0
    while _fire_one(moment):
        tried += 1
    return tried


def next_due() -> datetime | None:
    """When the next timer wants to fire, None if none waits. One index look-up."""
    found: datetime | None = Timer.objects.filter(done_at__isnull=True).aggregate(first=Min("next_at"))["first"]
    return found


def _fire_one(moment: datetime) -> bool:
    """Fire the oldest timer that nobody else holds; False if there is none."""
    held: list[int] = []
    try:
        with act(FIRING):
            _give_up_on_locks()
            waiting = Timer.objects.select_for_update(skip_locked=True, of=("self",)).filter(done_at__isnull=True, next_at__lte=moment)
            one = waiting.select_related("case").order_by("next_at", "id").first()
            if one is None:
                return False
            held.append(one.pk)
            _handlers[one.kind](one.case)
            Timer.objects.filter(pk=one.pk).update(done_at=clock.now(), error="")
    except Exception as error:
        if not held or connection.connection is None or connection.connection.closed:
            raise
        _postpone(held[0], error)
    return True


def _give_up_on_locks() -> None:
    """Somebody who is long busy with a case holds up the timers of that case only, and for five seconds at most."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '5s'")


def _postpone(key: int, error: Exception) -> None:
    last = traceback.extract_tb(error.__traceback__)[-1]
    text = f"{type(error).__name__} at {last.name}:{last.lineno}: {error}"[:ERROR_LENGTH]
    with transaction.atomic():
        one = Timer.objects.select_for_update().get(pk=key)
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(one.attempts, 10))
        one.attempts, one.error, one.next_at = one.attempts + 1, text, clock.now() + pause
        one.save(update_fields=["attempts", "error", "next_at"])
