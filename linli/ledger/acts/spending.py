"""Money of funds: committed when something is approved, spent when it is paid. Every yuan names the one fund that it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from uuid import UUID

from linli.kernel.viewer import Viewer
from linli.ledger.acts.funds import fund_of
from linli.ledger.acts.holding import Holding, hold, hold_all, lock_balances
from linli.ledger.acts.posting import Posted, Posting, each_key_once, post_all
from linli.ledger.queries import Part, parts_of
from linli.ledger.refusals import malformed, refusal
from linli.trace import act

SPEND = "fund.spend"


@dataclass(frozen=True, slots=True)
class Spending:
    """One payment out of one fund. key: one payment is spent once; committed: the hold of its approval; to: the account paid."""

    key: str
    to: str
    fen: int
    committed: UUID | None = None
    reference: str = ""
    event_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Commitment:
    """An amount to be committed out of whichever of some funds has it. key: the same key with the same amount commits once."""

    key: str
    fen: int
    reference: str = ""
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class PartedSpending:
    """One payment out of what was committed to it. parts: as commit_all answered them, or queries.parts_of; to: the account paid."""

    key: str
    to: str
    parts: tuple[Part, ...]
    reference: str = ""
    event_at: datetime | None = None


def commit(viewer: Viewer, *, fund: str, fen: int, key: str, reference: str = "", expires: datetime | None = None) -> Posted:
    """Commit money of one fund when something is approved: nothing else can spend it. Refused beyond what the fund has left."""
    return hold(viewer, key=key, account=fund_of(fund).account.code, unit="fen", amount=fen, reference=reference, expires=expires)


def commit_all(viewer: Viewer, *, funds: Sequence[str], commitments: Sequence[Commitment]) -> list[tuple[Part, ...]]:
    """Commit a set, all or none, out of funds drawn in the order given; which fund gives what, in the order asked.

    Each is taken whole from the first fund that has it. It is split only where no single fund has it and all together do: then what each
    has left is taken in their order. A retry is answered with the parts that stand. Of several funds all balances are locked until the
    act ends; it must then be the act's first call to the ledger, or follow a lock_balances of the same funds.
    """
    each_key_once([one.key for one in commitments])
    if not funds or len(set(funds)) < len(funds):
        raise malformed("funds", "至少一项资金，每项一次", "at least one fund, each named once", list(funds))
    codes = {slug: fund_of(slug).account.code for slug in funds}
    with act(viewer):
        free = _free(codes) if len(codes) > 1 else None
        known = parts_of([one.key for one in commitments])
        wanted = {}
        for one in commitments:
            if one.key in known:
                _check_same(one, known[one.key])
            else:
                wanted[one.key] = ((next(iter(codes)), one.fen),) if free is None else _draw(one.fen, free)
        done = hold_all(
            viewer, holds=[_holding(one, codes[slug], slug, fen) for one in commitments for slug, fen in wanted.get(one.key, ())]
        )
    uids = iter(one.uid for one in done)
    known |= {key: tuple(Part(slug, fen, next(uids)) for slug, fen in drawn) for key, drawn in wanted.items()}
    places = {slug: place for place, slug in enumerate(funds)}
    return [tuple(sorted(known[one.key], key=lambda part: places.get(part.fund, len(places)))) for one in commitments]


def _free(codes: Mapping[str, str]) -> dict[str, int]:
    locked = lock_balances(accounts=list(codes.values()))
    return {slug: locked[code].available or 0 for slug, code in codes.items()}


def _draw(fen: int, free: dict[str, int]) -> tuple[tuple[str, int], ...]:
    """What each fund gives; taken off what it has. Raises if all together have too little."""
    if type(fen) is not int or fen <= 0:
        raise malformed("fen", "大于零的整数", "a whole number above zero", fen)
    whole = next((slug for slug, left in free.items() if left >= fen), None)
    drawn: list[tuple[str, int]] = []
    for slug in free if whole is None else (whole,):
        part = min(free[slug], fen - sum(given for _, given in drawn))
        if part > 0:
            drawn.append((slug, part))
    if sum(given for _, given in drawn) < fen:
        raise refusal("floor", {"account": " + ".join(f"fund:{slug}" for slug in free), "available": sum(free.values()), "asked": fen})
    for slug, part in drawn:
        free[slug] -= part
    return tuple(drawn)


def _check_same(asked: Commitment, known: tuple[Part, ...]) -> None:
    if sum(part.fen for part in known) != asked.fen:
        raise refusal("key_reused", {"key": asked.key})


def _holding(one: Commitment, code: str, slug: str, fen: int) -> Holding:
    return Holding(f"{one.key}@{slug}", code, "fen", fen, one.reference, one.expires)


def spend(viewer: Viewer, *, fund: str, spendings: Sequence[Spending]) -> list[Posted]:
    """Pay out of one fund, all or none. What was committed to a payment is set free with it. Every yuan so spent names this fund."""
    account = fund_of(fund).account.code
    return post_all(viewer, postings=[_posting(one.key, account, one.fen, one, one.committed) for one in spendings])


def spend_all(viewer: Viewer, *, payments: Sequence[PartedSpending]) -> list[tuple[Posted, ...]]:
    """Pay a set out of what was committed to each, all or none, in one statement; one transfer for each part, in the order of the parts."""
    if empty := next((one.key for one in payments if not one.parts), None):
        raise malformed("parts", "至少一项资金", "at least one fund", empty)
    postings = [
        [_posting(f"{one.key}@{part.fund}", f"fund:{part.fund}", part.fen, one, part.hold) for part in one.parts] for one in payments
    ]
    done = iter(post_all(viewer, postings=list(chain.from_iterable(postings))))
    return [tuple(next(done) for _ in parts) for parts in postings]


def _posting(key: str, account: str, fen: int, one: Spending | PartedSpending, held: UUID | None) -> Posting:
    legs = ((account, -fen), (one.to, fen))
    return Posting(key=key, unit="fen", kind=SPEND, legs=legs, reference=one.reference, event_at=one.event_at, hold=held)
