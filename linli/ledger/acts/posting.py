"""Posting transfers, one or a set, and reversing them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from linli.kernel import clock, prepared
from linli.kernel.digests import canonical, digest
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.ledger.facts import POSTED, POSTED_TOGETHER
from linli.ledger.models import LARGEST, UNITS
from linli.ledger.refusals import in_words, malformed, refusal
from linli.trace import Act, act, bulk_act

_POST = """
SELECT * FROM ledger_post(%(actor)s, %(now)s, %(uids)s::uuid[], %(keys)s::text[], %(digests)s::text[], %(units)s::text[], %(kinds)s::text[],
    %(events)s::timestamptz[], %(references)s::text[], NULL, %(holds)s::uuid[],
    %(legs)s::int[], %(codes)s::text[], %(amounts)s::bigint[])"""
_REVERSE = """
SELECT * FROM ledger_reverse(%(actor)s::text, %(now)s::timestamptz, %(uid)s::uuid, %(key)s::text, %(digest)s::text, %(event)s::timestamptz,
    %(reference)s::text, %(transfer)s::uuid)"""
_LEVELS = """
SELECT t.uid, t.unit, t.kind, t.reverses, t.hold, sum(e.amount) FILTER (WHERE e.amount > 0)
FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id WHERE t.uid = ANY(%s::uuid[]) GROUP BY t.id"""
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

    @property
    def amount(self) -> int:
        """What changes hands: the sum of the legs that receive."""
        return sum(amount for _, amount in self.legs if amount > 0)

    def digest(self) -> str:
        """Of everything but the key. SHA-256 whatever LINLI_CRYPTO says: a retry after a change of it is still the same."""
        body = [self.unit, self.kind, self.legs, self.reference, self.event_at, self.hold]
        return digest(canonical(body), "sha256")

    def check(self) -> None:
        """Raise what can be said without the book."""
        if not 1 <= len(self.key) <= 200 or self.key.startswith("level:"):
            raise malformed("key", "1 至 200 个字符", "1 to 200 characters", self.key)
        if self.unit not in UNITS:
            raise malformed("unit", "fen 或 minute", "fen or minute", self.unit)
        if not _KIND.fullmatch(self.kind) or self.kind in _OWN_KINDS:
            raise malformed("kind", "小写字母、数字、点和下划线", "lower-case letters, digits, dots and underscores", self.kind)
        if len(self.reference) > 200:
            raise malformed("reference", "至多 200 个字符", "at most 200 characters", self.reference)
        for _, amount in self.legs:
            if type(amount) is not int or amount == 0:
                raise malformed("legs", "非零整数", "whole numbers other than zero", amount)
            if abs(amount) > LARGEST:
                raise refusal("too_large", {})
        if len(self.legs) < 2 or sum(amount for _, amount in self.legs) != 0:
            raise refusal("unbalanced", {"key": self.key})


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a posting. fresh: posted now, rather than before under the same key."""

    uid: UUID
    fresh: bool


@dataclass(frozen=True, slots=True)
class Written:
    """What a function of the ledger answered, by place: the transfers asked for, then those that levelled shards."""

    uids: list[UUID]
    fresh: list[bool]
    hashes: dict[int, list[str]]

    def root(self, place: int) -> str:
        """What a fact keeps of a transfer: the digest of its entries' hashes, in the installation's algorithm."""
        return root_of(self.hashes[place])

    def posted(self, count: int) -> list[Posted]:
        """The answers to the first `count`."""
        return [Posted(uid, fresh) for uid, fresh in zip(self.uids[:count], self.fresh, strict=False)]


def root_of(hashes: Sequence[str]) -> str:
    """The digest over the hashes of a transfer's entries, in the order of their accounts and versions."""
    return digest("\n".join(hashes).encode())


def post(viewer: Viewer, *, posting: Posting) -> Posted:
    """Post one transfer with its fact. Locks the balances of its accounts, in order, until the commit. Two statements beside the act's."""
    return post_all(viewer, postings=[posting])[0]


def post_all(viewer: Viewer, *, postings: Sequence[Posting]) -> list[Posted]:
    """Post a set, all or none, in one statement; answers in the order asked. About 0.1 ms a transfer.

    Several new ones go to a bulk chain of the trace, anchored by one fact. Post in one call what belongs to one transaction: two calls
    in one act would lock balances out of order, and two such acts could stop each other.
    """
    keys = {posting.key for posting in postings}
    if len(keys) < len(postings):
        raise malformed("key", "同一批中每笔各用一个键", "a key of its own for each transfer of a set", len(postings) - len(keys))
    if not postings:
        return []
    for posting in postings:
        posting.check()
    with act(viewer) as current:
        written = _post(viewer, postings)
        _record(viewer, current, postings, written)
    return written.posted(len(postings))


def _post(viewer: Viewer, postings: Sequence[Posting]) -> Written:
    now = clock.now()
    for posting in postings:
        if posting.event_at is not None and posting.event_at > now:
            raise malformed("event_at", "不晚于现在", "not later than now", posting.event_at.isoformat())
    legs = [(place, code, amount) for place, posting in enumerate(postings, 1) for code, amount in posting.legs]
    return _call(
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


def _call(statement: str, **parameters: Any) -> Written:
    """Run a function of the ledger inside the open act."""
    with in_words():
        (row,) = prepared.rows(connection.connection, statement, parameters)
    grouped: dict[int, list[str]] = defaultdict(list)
    for place, hash_ in zip(row["o_legs"] or [], row["o_hashes"] or [], strict=True):
        grouped[place - 1].append(hash_)
    return Written(row["o_uids"], row["o_fresh"], grouped)


def _record(viewer: Viewer, current: Act, postings: Sequence[Posting], written: Written) -> None:
    """One fact for each new transfer: in the shared chains for one, in a bulk chain for several."""
    payloads = {place: payload_of(posting, written.root(place)) for place, posting in enumerate(postings) if written.fresh[place]}
    if len(payloads) == 1:
        (place,) = payloads
        current.record(POSTED, subject=f"transfer:{written.uids[place]}", payload=payloads[place])
    elif payloads:
        told = {"unit": postings[0].unit, "transfers": len(payloads), "amount": sum(one["amount"] for one in payloads.values())}
        with bulk_act(viewer, POSTED_TOGETHER, subject=f"posting:{uuid7()}", payload=told) as bulk:
            bulk.extend((POSTED, f"transfer:{written.uids[place]}", payload, {}) for place, payload in payloads.items())
    if len(written.uids) > len(postings):
        record_found(current, written, range(len(postings), len(written.uids)))


def payload_of(posting: Posting, root: str) -> dict[str, Any]:
    """What the fact of a transfer says."""
    payload: dict[str, Any] = {"unit": posting.unit, "kind": posting.kind, "amount": posting.amount, "root": root}
    if posting.hold:
        payload["hold"] = str(posting.hold)
    return payload


def record_found(current: Act, written: Written, places: Sequence[int]) -> None:
    """Facts of transfers whose sums only the book knows: levellings and reversals. One query."""
    place_of = {written.uids[place]: place for place in places}
    with connection.cursor() as cursor:
        cursor.execute(_LEVELS, [list(place_of)])
        for uid, unit, kind, reverses, hold, amount in cursor.fetchall():
            payload = {"unit": unit, "kind": kind, "amount": int(amount), "root": written.root(place_of[uid])}
            payload |= {name: str(value) for name, value in (("reverses", reverses), ("hold", hold)) if value}
            current.record(POSTED, subject=f"transfer:{uid}", payload=payload)


def reverse(viewer: Viewer, *, transfer: UUID, key: str, reference: str = "", event_at: datetime | None = None) -> Posted:
    """Take a transfer back by its mirror image; the corrected one is then posted anew. Refused where who got it has spent it.

    A transfer is reversed once, a reversal never. Locks the balances of its accounts, in order.
    """
    now = clock.now()
    body = digest(canonical(["reverse", transfer, reference, event_at]), "sha256")
    with act(viewer) as current:
        written = _call(
            _REVERSE, actor=viewer.actor, now=now, uid=uuid7(), key=key, digest=body, event=event_at or now, reference=reference,
            transfer=transfer,
        )  # fmt: skip
        if any(written.fresh):
            record_found(current, written, [place for place, fresh in enumerate(written.fresh) if fresh])
    return written.posted(1)[0]
