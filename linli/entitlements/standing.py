"""Awards that go on: stopped by what happens to the person, resumed, screened anew; ended on their last day.

Every night each standing award is set beside what the latest screening says. What is unknown stops nothing. Nothing that was paid is
taken back here: that opens a case of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from linli.agreements import acts as agreements
from linli.agreements.models import Award
from linli.batches.models import Item
from linli.batches.periods import ONCE
from linli.entitlements.awarding import next_look
from linli.entitlements.reckoning import reckon
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import system
from linli.kernel.workdays import ONE_DAY
from linli.programmes.declaration import Programme
from linli.programmes.queries import live_version, pinned, programme_of
from linli.registers import snapshot
from linli.registers.models import Resident
from linli.screening.models import Determination, Run

FOLLOWING = system("entitlements.standing")
LOST, DIED, AGAIN, REPAID = "no_longer_eligible", "died", "eligible_again", "repaid"
AT_ONCE = 1000
ALONE = snapshot.Reach(members=False, relatives=False, households=False)
RETRY = timedelta(days=7)
"""After which an award is looked at anew whose person's facts can't be told just now."""


def follow() -> int:
    """Bring every award that goes on in line with what is known today; how many changed. One transaction each."""
    return sum(1 for done in _changes() if done)


def _changes() -> Iterator[bool]:
    today = clock.today()
    yield from complete(Item.objects.all())
    for uid, day in _died():
        yield agreements.change(FOLLOWING, uid, "ended", DIED, on=day)
    for slug in Award.objects.filter(state__in=("active", "suspended")).values_list("programme", flat=True).distinct():
        yield from _told(slug, today)
    for row in Award.objects.filter(state__in=("active", "suspended"), ends_on__lt=today):
        yield agreements.change(FOLLOWING, UUID(str(row.uid)), "ended", "expired", on=row.ends_on)
    for slug in Award.objects.filter(state__in=("active", "suspended")).values_list("programme", flat=True).distinct():
        if Run.objects.filter(programme=slug, merged=True).exists():
            yield from _programme(slug)
    for uid in Award.objects.filter(state="active", renew_on__lte=today).values_list("uid", flat=True):
        yield renew(uid)


def complete(paid: QuerySet[Item]) -> Iterator[bool]:
    """Awards that are paid once, and of which these items have been: each ends on the day on which the bank said so."""
    once = paid.filter(state="paid", came_back_at__isnull=True, award__cycle=ONCE, award__state__in=("active", "suspended"))
    for uid, at in list(once.values_list("award__uid", "ended_at")):
        yield agreements.change(FOLLOWING, uid, "ended", "completed", on=clock.day_of(at or clock.now()))


def _died() -> list[tuple[UUID, date]]:
    """Standing awards to people who have died, with the day."""
    day = Resident.objects.filter(uid=OuterRef("beneficiary")).values("deceased_on")
    rows = Award.objects.filter(state__in=("active", "suspended"), beneficiary_kind="person").annotate(died=Subquery(day))
    return list(rows.filter(died__isnull=False).values_list("uid", "died"))


def _told(slug: str, today: date) -> Iterator[bool]:
    """What registers say of how long standing awards run: until another day than before, or only to the day before a loan was repaid early.
    Two queries for a thousand awards of a programme that names such a fact."""
    version = live_version(slug, today)
    programme = programme_of(version) if version else None
    standing, loan = (programme.standing, programme.particulars.loan) if programme else (None, None)
    if standing is None or (standing.until is None and loan is None):
        return
    rows = Award.objects.filter(programme=slug, state__in=("active", "suspended"), beneficiary_kind="person").order_by("pk")
    awards = rows.iterator(chunk_size=AT_ONCE)
    while some := list(islice(awards, AT_ONCE)):
        people = snapshot.facts_for([row.beneficiary for row in some], as_of=today, reach=ALONE).people
        for row in some:
            facts, uid = people.get(str(row.beneficiary), {}), UUID(str(row.uid))
            until, repaid = facts.get(standing.until or ""), facts.get(loan.repaid) if loan else None
            if until is not None and until != row.ends_on and until >= row.begins_on:
                yield agreements.lasts(FOLLOWING, uid, until)
            if repaid is not None and repaid <= today and REPAID in standing.stops:
                yield agreements.change(FOLLOWING, uid, "ended", REPAID, on=repaid - ONE_DAY)


def _programme(slug: str) -> Iterator[bool]:
    for row in _beside(slug, eligible=False, state="active"):
        if LOST in _stops(row):
            yield agreements.change(FOLLOWING, UUID(str(row.uid)), "suspended", LOST)
    for row in _beside(slug, eligible=True, state="suspended").filter(rests__until_day__isnull=True, rests__reason=LOST):
        yield agreements.change(FOLLOWING, UUID(str(row.uid)), "active", AGAIN)


def _beside(slug: str, *, eligible: bool, state: str) -> QuerySet[Award]:
    """Awards in a state whose beneficiary is, or is known not to be, eligible now. Who is undecided is neither."""
    now = Determination.objects.filter(programme=slug, subject=OuterRef("beneficiary"), until__isnull=True)
    found = Exists(now.filter(verdict="eligible")) if eligible else ~Exists(now)
    return Award.objects.filter(found, programme=slug, state=state)


def _stops(row: Award) -> tuple[str, ...]:
    standing = pinned(row.programme, row.programme_version).standing
    return standing.stops if standing else ()


def renew(award: UUID) -> bool:
    """Screen an award anew when its day has come, under the version that applies then: still owed with today's amount, or stopped.

    Where the facts can't be told it stays and is looked at again a week later.
    """
    row = Award.objects.get(uid=award)
    version = live_version(row.programme, clock.today())
    programme = programme_of(version) if version else None
    if programme is None or programme.standing is None:
        return agreements.change(FOLLOWING, award, "ended", "expired")
    try:
        found = reckon(programme, UUID(str(row.beneficiary)))
    except LinliError:
        return _later(row)
    if found.verdict == "eligible":
        day = next_look(clock.today(), programme.standing.renews)
        agreements.renewed(FOLLOWING, award, renew_on=day, amount_fen=found.amount_fen, category=found.category)
        return True
    return _lost(row, programme) if found.verdict == "not_eligible" else _later(row)


def _lost(row: Award, programme: Programme) -> bool:
    stops = programme.standing.stops if programme.standing else ()
    return agreements.change(FOLLOWING, UUID(str(row.uid)), "suspended" if LOST in stops else "ended", LOST)


def _later(row: Award) -> bool:
    agreements.renewed(FOLLOWING, UUID(str(row.uid)), renew_on=clock.today() + RETRY, amount_fen=row.amount_fen, category=row.category)
    return False
