"""After a restore: what the backup holds as not sent or not yet due may have been sent and done since, so none of it happens by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from linli.api import acts as api
from linli.api.models import HELD_BACK
from linli.api.models import Delivery as Call
from linli.casework import timers
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.notices import acts as notices
from linli.notices import delivering
from linli.notices.models import Delivery
from linli.site.backup.erased import VIEWER
from linli.trace import AlreadyDone, act
from linli.trace.facts import RESTORED

TIMERS_WAIT = timedelta(days=1)
"""How long people have to enter again what was lost, before a clock that ran out meanwhile moves a case one level up."""
AT_ONCE = 500


def hold_back(backup: str, taken_at: datetime) -> dict[str, int]:
    """Hold back messages, mailings, webhook deliveries and timers, all in one transaction, with a fact; how many of each.

    A restore that was cut off afterwards gets the same answer again.
    """
    try:
        with act(VIEWER, key=f"restore:{backup}") as current:
            held = {
                "messages": delivering.hold_back(),
                "mailings": notices.hold_mailings(VIEWER),
                "webhooks": api.hold_back(),
                "timers": timers.put_off(clock.now() + TIMERS_WAIT),
            }
            current.record(RESTORED, subject=f"backup:{backup}", payload={"backup": backup, "taken_at": taken_at.isoformat(), **held})
            current.result = held
    except AlreadyDone as done:
        return dict(done.result)
    return held


def held() -> dict[str, int]:
    """How many messages and webhook deliveries wait to be released. Two counts."""
    return {
        "messages": Delivery.objects.filter(status="failed", error=delivering.RESTORED).count(),
        "webhooks": Call.objects.filter(**HELD_BACK, webhook__ended_at=None).count(),
    }


def release_messages(viewer: Viewer) -> int:
    """Put every message that is held back on its way, some hundred in a transaction; returns how many. Killed, it is run again."""
    released = 0
    while number := notices.release_held(viewer, limit=AT_ONCE):
        released += number
    return released
