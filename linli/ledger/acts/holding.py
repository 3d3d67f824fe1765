"""Setting amounts aside and giving them back, one or a set; locking what an act of several calls needs.

A hold is posted by a Posting that names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from linli.kernel import clock
from linli.kernel.digests import canonical, digest
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.ledger.acts.posting import Posted, call, check_common, each_key_once
from linli.ledger.facts import HELD, HELD_TOGETHER, RELEASED, RELEASED_TOGETHER
from linli.ledger.models import LARGEST, UNITS, Hold
from linli.ledger.refusals import in_words, malformed, refusal
from linli.trace import FactType, act, bulk_act

AT_ONCE = 1000
_HOLD = """
SELECT * FROM ledger_hold(%(actor)s, %(now)s, %(uids)s::uuid[], %(keys)s::text[], %(digests)s::text[], %(codes)s::text[], %(units)s::text[],
    %(amounts)s::bigint[], %(expires)s::timestamptz[], %(references)s::text[])"""


@dataclass(frozen=True, slots=True)
class Holding:
    """An amount to be set aside. key: the same key with the same content holds once. expires: after that it can only be released."""

    key: str
    account: str
    unit: str
    amount: int
    reference: str = ""
    expires: datetime | None = None

    def digest(self) -> str:
        """Of everything but the key."""
        return digest(canonical([self.account, self.unit, self.amount, self.reference, self.expires]), "sha256")

    def check(self, now: datetime) -> None:
        """Raise what can be said without the book."""
        check_common(self.key, self.reference, None, now)
        if self.unit not in UNITS:
            raise malformed("unit", "fen 或 minute", "fen or minute", self.unit)
        if type(self.amount) is not int or self.amount <= 0:
            raise malformed("amount", "正整数", "a whole number above zero", self.amount)
        if self.amount > LARGEST:
            raise refusal("too_large", {})


@dataclass(frozen=True, slots=True)
class Locked:
    """What an account has while its balances are locked, in its unit. available: what may still go out, None without a floor."""

    posted: int
    held: int
    available: int | None


def hold(viewer: Viewer, *, key: str, account: str, unit: str, amount: int, reference: str = "", expires: datetime | None = None) -> Posted:
    """Set one amount aside; see hold_all."""
    return hold_all(viewer, holds=[Holding(key, account, unit, amount, reference, expires)])[0]


def hold_all(viewer: Viewer, *, holds: Sequence[Holding]) -> list[Posted]:
    """Set amounts aside, all or none, in one statement; answers in the order asked.

    What is posted less what is held never falls below an account's floor. Locks the balances in order. A fact for each new hold: of
    several, in a bulk chain.
    """
    each_key_once([one.key for one in holds])
    if not holds:
        return []
    now = clock.now()
    for one in holds:
        one.check(now)
    with act(viewer):
        done = call(
            _HOLD,
            actor=viewer.actor,
            now=now,
            uids=[uuid7() for _ in holds],
            keys=[one.key for one in holds],
            digests=[one.digest() for one in holds],
            codes=[one.account for one in holds],
            units=[one.unit for one in holds],
            amounts=[one.amount for one in holds],
            expires=[one.expires for one in holds],
            references=[one.reference for one in holds],
        )
        told = [
            (f"hold:{is_now.uid}", {"unit": one.unit, "amount": one.amount})
            for one, is_now in zip(holds, done, strict=True)
            if is_now.fresh
        ]
        _record(viewer, HELD, HELD_TOGETHER, told)
    return done


def release(viewer: Viewer, *, holds: Sequence[UUID]) -> list[UUID]:
    """Give back what the holds set aside, all or none; those that were released now. Raises if one was posted or never was.

    Locks the holds, then their balances, in order.
    """
    with act(viewer):
        with in_words(), connection.cursor() as cursor:
            cursor.execute("SELECT ledger_release(%s, %s::uuid[])", [clock.now(), sorted(set(holds))])
            released = [row[0] for row in cursor.fetchall()]
        _record(viewer, RELEASED, RELEASED_TOGETHER, [(f"hold:{uid}", {}) for uid in released])
    return released


def _record(viewer: Viewer, one: FactType, together: FactType, told: Sequence[tuple[str, dict[str, object]]]) -> None:
    """A fact for each subject: in the shared chains for one, in a bulk chain for several."""
    if len(told) == 1:
        with act(viewer) as current:
            current.record(one, subject=told[0][0], payload=told[0][1])
    elif told:
        with bulk_act(viewer, together, subject=f"holds:{uuid7()}", payload={"holds": len(told)}) as bulk:
            bulk.extend((one, subject, payload, {}) for subject, payload in told)


def release_expired(viewer: Viewer) -> int:
    """Release up to 1,000 open holds whose time is over; how many. Call it again while it says 1,000."""
    over = Hold.objects.filter(status="open", expires__lt=clock.now()).order_by("expires").values_list("uid", flat=True)[:AT_ONCE]
    return len(release(viewer, holds=list(over)))


def lock_balances(*, accounts: Sequence[str], holds: Sequence[UUID] = ()) -> dict[str, Locked]:
    """Lock, until the open act ends, the holds and then the balances of the accounts and holds, shards and all, in the one order.

    The first call of an act that makes several calls over the same accounts: two such acts then wait for each other instead of
    stopping each other. It makes everybody who pays from a split account wait; an act of one call needs no lock. Answers what each
    account has. Two statements.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("lock_balances holds its locks until the act ends: open one first")
    with in_words(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ledger_lock(%s::text[], %s::uuid[])", [list(dict.fromkeys(accounts)), list(holds)])
        return {
            code: Locked(posted, held, None if floor is None else posted - held - floor) for code, posted, held, floor in cursor.fetchall()
        }
