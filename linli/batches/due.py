"""What awards come to for a period where that is reckoned for each: by the days that they stood, by what the rule says on each day, by a
loan's days and the bank's slip, or by the bills of the period, up to the rule's amount where it has one. What can't be said leaves the
award out, with the reason; nothing is paid on a guess.

An item's `reckoning`: kind, first and last day of the period, own_fen of this period, earlier: what earlier periods still owed, each with
period and fen. prorated: stood, of (days), rate_fen of the whole period. days: parts, each with first, last, days and fen of one day. loan:
rate_fen of a whole year, begins and over of the loan, days, ceiling_fen, shown_fen and the document that shows it. slips: the last two, and
rate_fen where the programme pays up to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import chain
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from linli.agreements.models import Award, Rest, Slip
from linli.agreements.reckoning import amount_for, days_due
from linli.batches import periods
from linli.batches.models import Batch, Difference, Item
from linli.casework.models import StepTaken
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.programmes.amounts import shown_by
from linli.programmes.declaration import Programme
from linli.programmes.lending import ceiling_of, loan_days, share
from linli.programmes.models import ProgrammeVersion
from linli.programmes.queries import live_version, programme_of
from linli.programmes.reckoning import Stretch, reckon_many
from linli.registers import snapshot
from linli.registers.models import Record, Resident, Situation

AT_ONCE = 500
BY_DAY = ("prorated", "days", "loan", "slips")
NEVER_OWED = ("not_granted", "annulled", "replaced", "erased")
"""Ends of an award after which nothing of it is owed, not even for days before."""
FINDING = "finding"
"""The rest of an award on whose file a check found something: nothing of it is due until somebody has looked at it."""
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """What one award comes to. reason: why it is left out, "" where it isn't; facts: what is not known of it."""

    award: int
    own_fen: int = 0
    reckoning: Mapping[str, Any] | None = None
    reason: str = ""
    facts: tuple[str, ...] = ()
    earlier: tuple[tuple[str, int], ...] = ()

    @property
    def fen(self) -> int:
        """What is paid: of the period, and of earlier ones."""
        return self.own_fen + sum(fen for _, fen in self.earlier)

    @property
    def told(self) -> dict[str, Any]:
        """The item's `reckoning`."""
        return {**(self.reckoning or {}), "own_fen": self.own_fen, "earlier": [{"period": one, "fen": fen} for one, fen in self.earlier]}


def kind_of(programme: Programme) -> str:
    """rule: the award's amount as it is; prorated, days, loan or slips: see the module."""
    payment = programme.payment
    if payment is not None and payment.reckoned in ("days", "slips"):
        return payment.reckoned
    shown = shown_by(programme)
    if shown in ("loan", "slips"):
        return shown
    prorated = programme.standing is not None and programme.standing.prorate == "day"
    return "prorated" if prorated and payment is not None and payment.reckoned == "rule" else "rule"


def days_of(row: Batch, programme: Programme) -> tuple[date, date]:
    """First and last day of a batch's period; of a school term as whoever opened the batch has said."""
    assert programme.payment is not None
    found = periods.days(programme.payment.cycle, row.period, clock.today())
    if found is None:
        term = row.given["term"]["value"]
        found = date.fromisoformat(term["first"]), date.fromisoformat(term["last"])
    return found


def candidates(row: Batch, states: Sequence[str], first: date, last: date) -> QuerySet[Award]:
    """Awards that are due in a batch's period and area and stand on no list, as due.sql has them."""
    taken = Item.objects.filter(Q(state="listed") | Q(state="paid", period=row.period), award=OuterRef("pk"))
    owed = waiting().filter(item__award=OuterRef("pk"))
    found = Award.objects.filter(programme=row.programme, state__in=states, begins_on__lte=last, area_code__startswith=row.area_code)
    shown = StepTaken.objects.filter(case=OuterRef("case"), kind="notice", done_at=None)
    found = found.filter(~Q(state="proposed") | Exists(shown))
    open_ = Q(ends_on__isnull=True) | Q(ends_on__gte=first) | Exists(owed)
    return found.filter(open_).exclude(ending__in=NEVER_OWED).exclude(Exists(taken)).order_by("area_code", "id")


def waiting() -> QuerySet[Difference]:
    """What earlier periods still owe and no list has."""
    free = Q(listed_in__isnull=True) | Q(listed_in__state__in=("removed", "failed"))
    return Difference.objects.filter(free, fen__gt=0, dropped_at__isnull=True)


def reckoned(
    programme: Programme, period: str, awards: Sequence[Award], first: date, last: date, rates: Mapping[int, int] | None = None
) -> list[Due]:
    """What each of the awards comes to for the period as known now, without what earlier ones owe. rates: by award, instead of its amount
    of today, for a period that was paid: of who has died since it counts the days that they lived. Five queries and those of reckon_many(),
    for a few hundred awards."""
    kind = kind_of(programme)
    rests = rests_of(awards)
    asked = [] if rates is not None else [one.beneficiary for one in awards]
    died = {*Resident.objects.filter(uid__in=asked, deceased_on__isnull=False).values_list("uid", flat=True)}
    held = {one.award_id for one in chain(*rests.values()) if rates is None and one.until_day is None and one.reason == FINDING}
    standing = [one for one in awards if one.beneficiary not in died and one.pk not in held]
    given = {one.pk: (rates or {}).get(one.pk, one.amount_fen) for one in standing}
    do = {"prorated": _prorated, "days": _days, "loan": _loans, "slips": _bills}[kind]
    found = {one.award: one for one in do(_Asked(programme, period, standing, rests, given, first, last))}
    left = {one.pk: Due(one.pk, reason="died" if one.beneficiary in died else FINDING) for one in awards}
    return [_said(found.get(one.pk) or left[one.pk], kind, first, last) for one in awards]


def rests_of(awards: Iterable[Award]) -> dict[int, list[Rest]]:
    """The rests of awards by their keys. One query."""
    rests: dict[int, list[Rest]] = defaultdict(list)
    for rest in Rest.objects.filter(award__in=list(awards)):
        rests[rest.award_id].append(rest)
    return rests


def without_a_day(listed: QuerySet[Item], row: Batch, programme: Programme) -> list[int]:
    """Items whose award has ended, or rests, so that by now it stood on no day of their period. Two queries."""
    first, last = days_of(row, programme)
    stopped = ~Q(award__state__in=("active", "proposed")) | Q(award__ends_on__lt=first)
    some = list(listed.filter(stopped).select_related("award"))
    rests = rests_of(one.award for one in some)
    return [one.pk for one in some if not days_due(one.award, rests.get(one.award_id, []), first, last)]


def _said(one: Due, kind: str, first: date, last: date) -> Due:
    told = {"kind": kind, "first": first.isoformat(), "last": last.isoformat(), **(one.reckoning or {})}
    return replace(one, reckoning=told, reason=one.reason or ("" if one.own_fen else "no_day"))


def with_earlier(found: Sequence[Due]) -> Iterator[Due]:
    """The same with what earlier periods still owe; who has no day in this one is paid that. One query."""
    owed: dict[int, list[tuple[str, int]]] = defaultdict(list)
    rows = waiting().filter(item__award__in=[one.award for one in found]).order_by("id")
    for award, period, fen in rows.values_list("item__award", "item__period", "fen"):
        owed[award].append((period, fen))
    for one in found:
        more = tuple(owed.get(one.award, ()))
        paid = one.reason in ("", "no_day") and more
        yield replace(one, earlier=more, reason="") if paid else one


@dataclass(frozen=True, slots=True)
class _Asked:
    """Awards and the period that they are reckoned for. rests, rates (fen, None where open): by award."""

    programme: Programme
    period: str
    awards: Sequence[Award]
    rests: Mapping[int, list[Rest]]
    rates: Mapping[int, int | None]
    first: date
    last: date


def _prorated(asked: _Asked) -> Iterator[Due]:
    first, last = asked.first, asked.last
    for award in asked.awards:
        rate = asked.rates[award.pk]
        if rate is None:
            yield Due(award.pk, reason="no_amount")
            continue
        award.amount_fen = rate
        resting = asked.rests.get(award.pk, [])
        told = {"stood": days_due(award, resting, first, last), "of": (last - first).days + 1, "rate_fen": rate}
        yield Due(award.pk, amount_for(award, resting, first, last, prorate="day"), told)


def _days(asked: _Asked) -> Iterator[Due]:
    """By the rule on each day that the award stood, under the version of that day. A rest because a condition no longer held doesn't
    count: the rule says so itself, to the day."""
    said: dict[str, list[Stretch]] = defaultdict(list)
    for version, begin, end in _versions(asked.programme, asked.first, asked.last):
        for uid, stretches in reckon_many(version, [award.beneficiary for award in asked.awards], begin, end).items():
            said[uid] += stretches
    for award in asked.awards:
        yield _by_stretches(award, said[str(award.beneficiary)], [rest for rest in asked.rests.get(award.pk, ()) if rest.reason == FINDING])


def _by_stretches(award: Award, said: Iterable[Stretch], rests: list[Rest]) -> Due:
    stood = [(one, days_due(award, rests, one.first, one.last)) for one in said]
    unknown = [one for one, days in stood if days and one.fen is None]
    if unknown:
        return Due(award.pk, reason="unknown", facts=tuple(sorted({name for one in unknown for name in one.missing})))
    parts = [
        {
            "first": max(one.first, award.begins_on).isoformat(),
            "last": min(one.last, award.ends_on or one.last).isoformat(),
            "days": days,
            "fen": one.fen,
        }
        for one, days in stood
        if days and one.fen
    ]
    return Due(award.pk, sum(days * (one.fen or 0) for one, days in stood), {"parts": parts})


def _versions(programme: Programme, first: date, last: date) -> Iterator[tuple[Programme, date, date]]:
    """The versions that apply in a period, each with its days of it; the programme as given where none was published for a day."""
    begins = ProgrammeVersion.objects.filter(slug=programme.slug, effective_from__gt=first, effective_from__lte=last)
    starts = [first, *sorted(set(begins.values_list("effective_from", flat=True)))]
    for begin, end in zip(starts, [*(day - _ONE_DAY for day in starts[1:]), last], strict=True):
        row = live_version(programme.slug, begin)
        yield (programme_of(row) if row is not None else programme), begin, end


def _loans(asked: _Asked) -> Iterator[Due]:
    """By the bank's latest word on the loan, and the newest slip for the period."""
    people = [award.beneficiary for award in asked.awards]
    known = snapshot.facts_for(people, as_of=min(asked.last, clock.today())).people
    slips = _slips(asked)
    for award in asked.awards:
        yield _loan(asked, award, known.get(str(award.beneficiary), {}), slips.get(award.pk))


def _slips(asked: _Asked) -> dict[int, Slip]:
    """The newest slip of each award for the period."""
    return {one.award_id: one for one in Slip.objects.filter(award__in=asked.awards, period=asked.period).order_by("id")}


def _bills(asked: _Asked) -> Iterator[Due]:
    """What the newest slip shows, where the award stood on any day of the period; at most its amount where the programme pays up to one."""
    slips, capped = _slips(asked), shown_by(asked.programme) == "slips"
    for award in asked.awards:
        slip, most = slips.get(award.pk), asked.rates[award.pk]
        if not days_due(award, asked.rests.get(award.pk, []), asked.first, asked.last):
            yield Due(award.pk)
        elif slip is None or (capped and most is None):
            yield Due(award.pk, reason="no_slip" if slip is None else "no_amount")
        else:
            told = {"shown_fen": slip.fen, "document": slip.document, **({"rate_fen": most} if capped else {})}
            yield Due(award.pk, min(slip.fen, most) if capped and most is not None else slip.fen, told)


def _loan(asked: _Asked, award: Award, facts: Mapping[str, Any], slip: Slip | None) -> Due:
    """The award's own first day doesn't count: the slip of its first period is about the loan's days before the decision as well."""
    named, rate = asked.programme.particulars.loan, asked.rates[award.pk]
    try:
        loan = loan_days(asked.programme, facts)
    except LinliError:
        return Due(award.pk, reason="unknown", facts=(named.begins, named.ends) if named else ())
    if rate is None or slip is None:
        return Due(award.pk, reason="no_amount" if rate is None else "no_slip")
    spans = list(_stood(asked.first, min(asked.last, award.ends_on or asked.last), asked.rests.get(award.pk, [])))
    most = ceiling_of(rate, sum((share(loan, begin, end) for begin, end in spans), Fraction(0)))
    told = {
        "rate_fen": rate,
        "begins": loan.begins.isoformat(),
        "over": loan.over.isoformat(),
        "days": sum(max(0, (min(end + _ONE_DAY, loan.over) - max(begin, loan.begins)).days) for begin, end in spans),
        "ceiling_fen": most,
        "shown_fen": slip.fen,
        "document": slip.document,
    }
    return Due(award.pk, min(most, slip.fen), told)


def _stood(first: date, last: date, rests: Iterable[Rest]) -> Iterator[tuple[date, date]]:
    """[first, last] without the rests, as spans."""
    begin = first
    for rest in sorted(rests, key=lambda one: one.from_day):
        if begin < rest.from_day <= last:
            yield begin, rest.from_day - _ONE_DAY
        begin = max(begin, (rest.until_day or last) + _ONE_DAY)
    if begin <= last:
        yield begin, last


def own_fen(item: Item) -> int:
    """What an item pays of its own period."""
    return int(item.reckoning["own_fen"]) if item.reckoning is not None else int(item.amount_fen)


def touched(items: QuerySet[Item], programme: Programme, since: str) -> QuerySet[Item]:
    """Items that may come to something else by what became known since a moment. since: the item's column with it. One query by index."""
    moment = OuterRef(since)
    who = Q(resident__uid=OuterRef("beneficiary"))
    later = Q(known_from__gt=moment) | Q(known_to__gt=moment)
    said = Exists(Record.objects.filter(who, later)) | Exists(Situation.objects.filter(who, later))
    slip = Exists(Slip.objects.filter(award=OuterRef("award"), period=OuterRef("period"), stated_at__gt=moment))
    newer = Exists(ProgrammeVersion.objects.filter(slug=programme.slug, published_at__gt=moment))
    rows = items.filter(reckoning__isnull=False, reckoning__kind__in=BY_DAY)
    return rows.filter(said | slip | newer | Q(award__state_since__gt=F(since)))


def changed(items: Iterable[Item], programme: Programme, *, paid: bool = False) -> Iterator[tuple[Item, Due]]:
    """Items that were reckoned, each with what it comes to now, AT_ONCE at a time. paid: those that were paid, at the rate of then."""
    groups: dict[tuple[str, str, str], list[Item]] = defaultdict(list)
    for item in items:
        told = item.reckoning or {}
        groups[item.period, told["first"], told["last"]].append(item)
    for (period, first, last), rows in groups.items():
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            rates = {one.award_id: one.reckoning["rate_fen"] for one in some if one.reckoning and "rate_fen" in one.reckoning}
            days = (date.fromisoformat(first), date.fromisoformat(last))
            found = reckoned(programme, period, [one.award for one in some], *days, rates if paid else None)
            yield from zip(some, found, strict=True)
