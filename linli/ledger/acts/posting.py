"""Posting transfers, one or a set, and reversing them. They leave no facts: the book is its own trace (docs/decisions/0005-ledger.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from linli.kernel import clock, prepared
from linli.kernel.digests import canonical, digest
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.ledger.models import LARGEST, UNITS
from linli.ledger.refusals import Otherwise, in_words, malformed, refusal

_POST = """
SELECT * FROM ledger_post(%(actor)s, %(now)s, %(uids)s::uuid[], %(keys)s::text[], %(digests)s::text[], %(units)s::text[], %(kinds)s::text[],
    %(events)s::timestamptz[], %(references)s::text[], NULL, %(holds)s::uuid[],
    %(legs)s::int[], %(codes)s::text[], %(amounts)s::bigint[])"""
_PAY = """
SELECT ledger_pay(%(actor)s, %(now)s, %(uid)s, %(key)s, %(digest)s, %(unit)s, %(kind)s, %(event)s, %(reference)s,
    %(source)s, %(target)s, %(amount)s) AS fresh"""
_REVERSE = """
SELECT * FROM ledger_reverse(%(actor)s, %(now)s, %(uids)s::uuid[], %(keys)s::text[], %(digests)s::text[], %(events)s::timestamptz[],
    %(references)s::text[], %(transfers)s::uuid[])"""
_KIND = re.compile(r"[a-z][a-z0-9_.]{0,59}")
_OWN_KINDS = {"reversal", "level"}


@dataclass(frozen=True, slots=True)
class Posting:
    """A transfer to be posted. legs: (account code, amount), amounts in the unit, out of an account negative, summing to zero.

    key: the caller's idempotency key: the same key with the same content is posted once. reference: opaque, what it is for.
    event_at: when it happened, now if left out. hold: an open hold that it is paid from; what it does not take is set free.
    """

    key: str
    unit: str
    kind: str
    legs: tuple[tuple[str, int], ...]
    reference: str = ""
    event_at: datetime | None = None
    hold: UUID | None = None

    def digest(self) -> str:
        """Of everything but the key. SHA-256 whatever LINLI_CRYPTO says: a retry after a change of it is still the same."""
        body = [self.unit, self.kind, self.legs, self.reference, self.event_at, self.hold]
        return digest(canonical(body), "sha256")

    def check(self, now: datetime) -> None:
        """Raise what can be said without the book."""
        check_common(self.key, self.reference, self.event_at, now)
        if self.unit not in UNITS:
            raise malformed("unit", "fen 或 minute", "fen or minute", self.unit)
        if not _KIND.fullmatch(self.kind) or self.kind in _OWN_KINDS:
            raise malformed("kind", "小写字母、数字、点和下划线", "lower-case letters, digits, dots and underscores", self.kind)
        for _, amount in self.legs:
            if type(amount) is not int or amount == 0:
                raise malformed("legs", "非零整数", "whole numbers other than zero", amount)
            if abs(amount) > LARGEST:
                raise refusal("too_large", {})
        if len(self.legs) < 2 or sum(amount for _, amount in self.legs) != 0:
            raise refusal("unbalanced", {"key": self.key})


@dataclass(frozen=True, slots=True)
class Reversal:
    """A transfer to be taken back by its mirror image. key, reference, event_at: as in Posting."""

    transfer: UUID
    key: str
    reference: str = ""
    event_at: datetime | None = None

    def digest(self) -> str:
        """Of everything but the key."""
        return digest(canonical(["reverse", self.transfer, self.reference, self.event_at]), "sha256")


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a posting. fresh: posted now, rather than before under the same key."""

    uid: UUID
    fresh: bool


def post(viewer: Viewer, *, posting: Posting) -> Posted:
    """Post one transfer. Locks its key and the balances of its accounts, in order, until the commit. Outside an act one round trip."""
    return post_all(viewer, postings=[posting])[0]


def post_all(viewer: Viewer, *, postings: Sequence[Posting]) -> list[Posted]:
    """Post a set, all or none, in one statement; answers in the order asked.

    The book is its own trace: the transfers stand in the hash chains of their accounts, and no fact is recorded. Post in one call what
    belongs to one act, or lock everything first (lock_balances): two calls lock balances out of order, and two such acts could
    stop each other.
    """
    each_key_once([posting.key for posting in postings])
    if not postings:
        return []
    now = clock.now()
    for posting in postings:
        posting.check(now)
    if len(postings) == 1 and (paid := _pay(viewer, postings[0], now)):
        return [paid]
    legs = [(place, code, amount) for place, posting in enumerate(postings, 1) for code, amount in posting.legs]
    return call(
        _POST,
        actor=viewer.actor,
        now=now,
        uids=[uuid7() for _ in postings],
        keys=[posting.key for posting in postings],
        digests=[posting.digest() for posting in postings],
        units=[posting.unit for posting in postings],
        kinds=[posting.kind for posting in postings],
        events=[posting.event_at or now for posting in postings],
        references=[posting.reference for posting in postings],
        holds=[posting.hold for posting in postings] if any(posting.hold for posting in postings) else None,
        legs=[place for place, _, _ in legs],
        codes=[code for _, code, _ in legs],
        amounts=[amount for _, _, amount in legs],
    )


def _pay(viewer: Viewer, posting: Posting, now: datetime) -> Posted | None:
    """The short way of a sum from one account to another; None where ledger_post is to say what is out of the ordinary, or to do it."""
    if len(posting.legs) != 2 or posting.hold is not None:
        return None
    (source, _), (target, amount) = posting.legs if posting.legs[0][1] < 0 else posting.legs[::-1]
    uid = uuid7()
    try:
        row = run(
            _PAY,
            actor=viewer.actor,
            now=now,
            uid=uid,
            key=posting.key,
            digest=posting.digest(),
            unit=posting.unit,
            kind=posting.kind,
            event=posting.event_at or now,
            reference=posting.reference,
            source=source,
            target=target,
            amount=amount,
        )
    except Otherwise:
        return None
    return Posted(uid, fresh=True) if row["fresh"] else None


def reverse(viewer: Viewer, *, transfer: UUID, key: str, reference: str = "", event_at: datetime | None = None) -> Posted:
    """Take one transfer back; see reverse_all."""
    return reverse_all(viewer, reversals=[Reversal(transfer, key, reference, event_at)])[0]


def reverse_all(viewer: Viewer, *, reversals: Sequence[Reversal]) -> list[Posted]:
    """Take transfers back by their mirror images, all or none; the corrected ones are then posted anew.

    Refused where who got it has spent it. A transfer is reversed once, a reversal never. Locks as post_all does.
    """
    each_key_once([one.key for one in reversals])
    if not reversals:
        return []
    now = clock.now()
    for one in reversals:
        check_common(one.key, one.reference, one.event_at, now)
    return call(
        _REVERSE,
        actor=viewer.actor,
        now=now,
        uids=[uuid7() for _ in reversals],
        keys=[one.key for one in reversals],
        digests=[one.digest() for one in reversals],
        events=[one.event_at or now for one in reversals],
        references=[one.reference for one in reversals],
        transfers=[one.transfer for one in reversals],
    )


def each_key_once(keys: Sequence[str]) -> None:
    """Raise if a key stands twice in a set."""
    if len(set(keys)) < len(keys):
        raise malformed("key", "同一批中每笔各用一个键", "a key of its own for each of a set", len(keys) - len(set(keys)))


def call(statement: str, **parameters: Any) -> list[Posted]:
    """Run a function of the ledger that answers a set."""
    row = run(statement, **parameters)
    return [Posted(uid, fresh) for uid, fresh in zip(row["o_uids"], row["o_fresh"], strict=True)]


def run(statement: str, **parameters: Any) -> prepared.Row:
    """Run a function of the ledger: outside an act as a transaction of its own, in one round trip.

    Inside one, behind a savepoint: the act may catch a refusal and go on.
    """
    connection.ensure_connection()
    with in_words(), transaction.atomic() if connection.in_atomic_block else nullcontext(), connection.wrap_database_errors:
        (row,) = prepared.rows(connection.connection, statement, parameters)
    return row


def check_common(key: str, reference: str, event_at: datetime | None, now: datetime) -> None:
    """Raise what can be said of a key, a reference and a moment without the book."""
    if not 1 <= len(key) <= 200 or key.startswith("level:"):
        raise malformed("key", "1 至 200 个字符", "1 to 200 characters", key)
    if len(reference) > 200:
        raise malformed("reference", "至多 200 个字符", "at most 200 characters", reference)
    if event_at is not None and event_at > now:
        raise malformed("event_at", "不晚于现在", "not later than now", event_at.isoformat())
