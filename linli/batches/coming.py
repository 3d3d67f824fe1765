"""The next payment of an award, before there is one: of which period, from which day it can be made, what it comes to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from linli.agreements.models import Award, Rest
from linli.agreements.reckoning import amount_for
from linli.batches import due, periods
from linli.batches.models import Announcement, Item
from linli.kernel import clock
from linli.kernel.workdays import ONE_DAY
from linli.programmes.declaration import Programme

READ = ("award_id", "state", "period", "amount_fen", "batch__state")  # of a batch the residents' site may read no more


@dataclass(frozen=True, slots=True)
class Coming:
    """period: as batches call it, "" of a school term, which a batch has to say; begins, ends: its days, None of a term or what is paid
    once. ready_on: the first day on which it can be listed for payment: what is counted in days is once the period is over; None where only
    a batch says so. fen: what it comes to as known today, None where that is reckoned then; whole_fen: of a whole period. first: none was
    paid before. stage: the state of the batch that lists it, "" while none does; shown_until: last day of a public notice that hangs now;
    since: the day on which the award begins, where that lies within the period.
    """

    period: str
    begins: date | None
    ends: date | None
    ready_on: date | None
    fen: int | None
    whole_fen: int | None
    first: bool
    stage: str = ""
    shown_until: date | None = None
    since: date | None = None

    @property
    def partial(self) -> bool:
        """Whether less than a whole period is paid, because the award doesn't stand on all of its days."""
        return self.fen is not None and self.whole_fen is not None and self.fen < self.whole_fen


def coming(awards: Sequence[tuple[Award, Programme]]) -> dict[UUID, Coming]:
    """The next payment of each award that stands, or is shown before it is decided, by its uid; of one that rests, and where nothing more
    comes, none. Three queries, however many awards."""
    standing = [(award, programme) for award, programme in awards if award.state in ("proposed", "active")]
    if not standing:
        return {}
    keys = [award.pk for award, _programme in standing]
    items: dict[int, list[Item]] = defaultdict(list)
    listed = Item.objects.filter(award__in=keys, state__in=("listed", "paid")).select_related("batch").order_by("id")
    for item in listed.only(*READ):
        items[item.award_id].append(item)
    rests: dict[int, list[Rest]] = defaultdict(list)
    for rest in Rest.objects.filter(award__in=keys):
        rests[rest.award_id].append(rest)
    batches = {one.batch_id for several in items.values() for one in several if one.state == "listed"}
    hangs = Announcement.objects.filter(batch__in=batches, state="up", ends_on__gte=clock.today())
    until = dict(hangs.values_list("batch", "ends_on"))
    found = ((award.uid, _next(award, programme, items[award.pk], rests[award.pk], until)) for award, programme in standing)
    return {uid: one for uid, one in found if one is not None}


def _next(award: Award, programme: Programme, items: list[Item], rests: list[Rest], until: Mapping[int, date]) -> Coming | None:
    paid = [one.period for one in items if one.state == "paid"]
    listed = next((one for one in items if one.state == "listed"), None)
    if listed is None:
        return _unlisted(award, rests, programme, paid)
    begins, ends = _days(award.cycle, listed.period) or (None, None)
    fen, stage = listed.amount_fen, listed.batch.state
    since = _since(award, begins) if begins is not None else None
    return Coming(listed.period, begins, ends, None, fen, award.amount_fen, not paid, stage, until.get(listed.batch_id), since)


def first_of(award: Award, programme: Programme) -> Coming | None:
    """The first payment of an award that is only being made. No query."""
    return _unlisted(award, [], programme, [])


def _unlisted(award: Award, rests: list[Rest], programme: Programme, paid: list[str]) -> Coming | None:
    cycle, kind = award.cycle, due.kind_of(programme)
    amount = award.amount_fen if kind in ("rule", "prorated") else None
    if cycle == periods.ONCE:
        return None if paid else Coming(periods.ONCE, None, None, clock.today(), amount, amount, True)
    if cycle == "term":
        return Coming("", None, None, None, amount if kind == "rule" else None, amount, not paid)
    begin = award.begins_on
    for period in paid:
        days = _days(cycle, period)
        begin = max(begin, days[1] + ONE_DAY) if days else begin
    if award.ends_on is not None and begin > award.ends_on:
        return None
    period = periods.current(cycle, begin)
    days = _days(cycle, period)
    assert days is not None
    first, last = days
    prorate = "day" if kind == "prorated" else "none"
    fen = amount_for(award, rests, first, last, prorate=prorate) if amount is not None else None
    ready = first if kind == "rule" else last + ONE_DAY
    ready_on = max(ready, clock.today())
    return Coming(period, first, last, ready_on, fen or None, amount, not paid, since=_since(award, first))


def _since(award: Award, first: date) -> date | None:
    return award.begins_on if award.begins_on > first else None


def _days(cycle: str, period: str) -> tuple[date, date] | None:
    """First and last day of a period; None of a term and of what is paid once."""
    return None if cycle == periods.ONCE else periods.days(cycle, period, clock.today())
