"""Setting amounts aside and giving them back. A hold is posted by a Posting that names it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from linli.kernel import clock
from linli.kernel.digests import canonical, digest
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.ledger.acts.posting import Posted, Written, record_found
from linli.ledger.facts import HELD, RELEASED
from linli.ledger.models import LARGEST, UNITS, Hold
from linli.ledger.refusals import in_words, malformed, refusal
from linli.trace import act

AT_ONCE = 1000


def hold(viewer: Viewer, *, key: str, account: str, unit: str, amount: int, reference: str = "", expires: datetime | None = None) -> Posted:
    """Set `amount` of an account aside: what is posted less what is held never falls below its floor. Locks that balance.

    key: the same key with the same content holds once. expires: after that it can't be posted any more, only released.
    """
    if unit not in UNITS:
        raise malformed("unit", "fen 或 minute", "fen or minute", unit)
    if type(amount) is not int or amount <= 0:
        raise malformed("amount", "正整数", "a whole number above zero", amount)
    if amount > LARGEST:
        raise refusal("too_large", {})
    body = digest(canonical([account, unit, amount, reference, expires]), "sha256")
    now = clock.now()
    with act(viewer) as current:
        with in_words(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT * FROM ledger_hold(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [viewer.actor, now, uuid7(), key, body, account, unit, amount, expires, reference],
            )
            uid, fresh, level, hashes = cursor.fetchone()
        if fresh:
            current.record(HELD, subject=f"hold:{uid}", payload={"unit": unit, "amount": amount})
        if level:
            record_found(current, Written([level], [True], {0: hashes}), [0])
    return Posted(uid, fresh)


def release(viewer: Viewer, *, holds: Sequence[UUID]) -> list[UUID]:
    """Give back what the holds set aside, all or none; those that were released now. Raises if one was posted or never was.

    Locks the holds, then their balances, in order.
    """
    with act(viewer) as current:
        with in_words(), connection.cursor() as cursor:
            cursor.execute("SELECT ledger_release(%s, %s::uuid[])", [clock.now(), sorted(set(holds))])
            released = [row[0] for row in cursor.fetchall()]
        for uid in released:
            current.record(RELEASED, subject=f"hold:{uid}")
    return released


def release_expired(viewer: Viewer) -> int:
    """Release up to 1,000 open holds whose time is over; how many. Call it again while it says 1,000."""
    over = Hold.objects.filter(status="open", expires__lt=clock.now()).order_by("expires").values_list("uid", flat=True)[:AT_ONCE]
    return len(release(viewer, holds=list(over)))
