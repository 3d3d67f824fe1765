"""Awards that go on: stopped by what happens to the person, resumed, screened anew; ended on their last day.

Every night each standing award is set beside what its rule says today. What is unknown stops nothing. Nothing that was paid is
taken back here: that opens a case of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from itertools import islice
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from linli.agreements import acts as agreements
from linli.agreements.models import GOING_ON, Award, Rest
from linli.batches.models import Item
from linli.batches.periods import ONCE
from linli.casework.acts import open_between_offices
from linli.casework.kinds import AWARD_LOOK
from linli.casework.models import Case
from linli.casework.steps.acts import programme_of as programme_of_case
from linli.entitlements.awarding import LOOK_AGAIN, next_look
from linli.entitlements.models import Application
from linli.entitlements.reckoning import reckon
from linli.entitlements.standing_told import DIED, living_in
from linli.entitlements.told import NOTHING, told_of
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import system
from linli.kernel.workdays import ONE_DAY
from linli.programmes.procedure.declaration import STOPS, Standing
from linli.programmes.queries import live_version, pinned, programme_of
from linli.registers import snapshot
from linli.registers.acts.guards import resident_of
from linli.registers.models import HouseholdMember, Resident
from linli.screening.evaluation import flags_of
from linli.trace import act
from linli.trace.again import apart, each

FOLLOWING = system("entitlements.standing")
LOST, AGAIN, REPAID = "no_longer_eligible", "eligible_again", "repaid"
AT_ONCE = 1000
ALONE = snapshot.Reach(members=False, relatives=False, households=False)
RETRY = timedelta(days=7)
"""After which an award is looked at anew whose person's facts can't be told just now."""
PATIENCE = timedelta(days=28)
"""How long nobody can say whether an award is still owed until an officer is asked."""
UNDECIDED = (
    "按现有登记查不清是否仍符合条件，请核实后决定是否继续。 What is on record doesn't say whether it is still owed: find out and decide."
)
ANSWERED_FOR = (
    "领取这户待遇的人已故，待遇已停；请协助其他家庭成员重新申请。"
    " Who was paid for the household has died, so it has ended: help the others to apply anew."
)


Change = tuple[UUID, Callable[[], bool]]
"""An award and what is to be done with it; whether that changed it."""


def follow() -> int:
    """Bring every award that goes on in line with what is known today; how many changed. One transaction each: one that can't be is logged,
    tried again the next night, and holds up no other."""
    return sum(1 for award, change in _changes() if apart(f"award {award}", change, otherwise=False))


def _changes() -> Iterator[Change]:
    today = clock.today()
    yield from each("paid once", _completed(Item.objects.all()))
    yield from each("died", _died())
    for slug in Award.objects.filter(state__in=GOING_ON).values_list("programme", flat=True).distinct():
        yield from each(f"how long awards of {slug} run", _told(slug, today))
    for uid, last in list(Award.objects.filter(state__in=GOING_ON, ends_on__lt=today).values_list("uid", "ends_on")):
        yield uid, partial(agreements.change, FOLLOWING, uid, "ended", "expired", on=last)
    for slug in Award.objects.filter(state__in=GOING_ON).values_list("programme", flat=True).distinct():
        yield from each(f"awards of {slug}", _programme(slug))
    for uid in list(Award.objects.filter(state="active", renew_on__lte=today).values_list("uid", flat=True)):
        yield uid, partial(renew, uid)


def complete(paid: QuerySet[Item]) -> None:
    """Awards that are paid once, and of which these items have been: each ends on the day on which the bank said so."""
    for _award, change in _completed(paid):
        change()


def _completed(paid: QuerySet[Item]) -> Iterator[Change]:
    once = paid.filter(state="paid", came_back_at__isnull=True, award__cycle=ONCE, award__state__in=GOING_ON)
    for uid, at in list(once.values_list("award__uid", "ended_at")):
        yield uid, partial(agreements.change, FOLLOWING, uid, "ended", "completed", on=clock.day_of(at or clock.now()))


def _died() -> Iterator[Change]:
    """Awards to people who have died end with them; a household's with the last of its members, or with who answers for it and is paid,
    of which an officer learns; where another of them has died it is looked at anew."""
    day = Resident.objects.filter(uid=OuterRef("beneficiary")).values("deceased_on")
    rows = Award.objects.filter(state__in=GOING_ON, beneficiary_kind="person").annotate(died=Subquery(day))
    for uid, died in list(rows.filter(died__isnull=False).values_list("uid", "died")):
        yield uid, partial(agreements.change, FOLLOWING, uid, "ended", DIED, on=died)
    dead = HouseholdMember.objects.filter(household__uid=OuterRef("beneficiary"), resident__deceased_on__isnull=False)
    homes = Award.objects.filter(Exists(dead), state__in=GOING_ON, beneficiary_kind="household")
    for row in list(homes.select_related("case")):
        yield row.uid, partial(_died_in, row)


def _died_in(row: Award) -> bool:
    members = HouseholdMember.objects.filter(household__uid=row.beneficiary, known_to__isnull=True).select_related("resident")
    dead = {one.resident for one in members if one.resident.deceased_on is not None}
    last = max((one.deceased_on for one in dead if one.deceased_on), default=clock.today())
    living = living_in(row.beneficiary).exists()
    answering = next((one for one in dead if one.uid == row.person_uid), None)
    if not living or answering is not None:
        if living:
            look_at(row, ANSWERED_FOR)
        day = answering.deceased_on if answering is not None else last
        return agreements.change(FOLLOWING, UUID(str(row.uid)), "ended", DIED, on=day)
    standing = pinned(row.programme, row.programme_version).standing
    looked = row.renew_on - timedelta(days=LOOK_AGAIN[standing.renews]) if row.renew_on and standing else None
    since = looked is not None and any(clock.day_of(one.known_from) >= looked for one in dead)
    return renew(UUID(str(row.uid))) if since and row.state == "active" else False


def _told(slug: str, today: date) -> Iterator[Change]:
    """What registers say of how long standing awards run: until another day than before, or only to the day before a loan was repaid early.
    Two queries for a thousand awards of a programme that names such a fact."""
    version = live_version(slug, today)
    programme = programme_of(version) if version else None
    standing, loan = (programme.standing, programme.particulars.loan) if programme else (None, None)
    if standing is None or (standing.until is None and loan is None):
        return
    rows = Award.objects.filter(programme=slug, state__in=GOING_ON, beneficiary_kind="person").order_by("pk")
    awards = rows.iterator(chunk_size=AT_ONCE)
    while some := list(islice(awards, AT_ONCE)):
        people = snapshot.facts_for([row.beneficiary for row in some], as_of=today, reach=ALONE).people
        for row in some:
            facts, uid = people.get(str(row.beneficiary), {}), UUID(str(row.uid))
            until, repaid = facts.get(standing.until or ""), facts.get(loan.repaid) if loan else None
            if until is not None and until != row.ends_on and until >= row.begins_on:
                yield uid, partial(agreements.lasts, FOLLOWING, uid, until)
            if repaid is not None and repaid <= today and REPAID in standing.stops:
                yield uid, partial(agreements.change, FOLLOWING, uid, "ended", REPAID, on=repaid - ONE_DAY)


def _programme(slug: str) -> Iterator[Change]:
    """Every award of a programme beside what its rule says of the beneficiary today, whether or not the programme is screened. What is
    unknown, or about a day in the past, changes nothing."""
    version = live_version(slug, clock.today())
    programme = programme_of(version) if version else None
    if programme is None or programme.standing is None or programme.particulars.event is not None:
        return
    awards = Award.objects.filter(programme=slug, state__in=GOING_ON).order_by("pk").iterator(chunk_size=AT_ONCE)
    while some := list(islice(awards, AT_ONCE)):
        found = flags_of(programme, [UUID(str(row.beneficiary)) for row in some], clock.today())
        resting = dict(Rest.objects.filter(award__in=some, until_day__isnull=True).values_list("award", "reason"))
        for row in some:
            if str(row.beneficiary) in found:
                yield row.uid, partial(_in_line, row, *found[str(row.beneficiary)], resting.get(row.pk, ""))


def _in_line(row: Award, verdict: str, conditions: Mapping[str, bool | None], rests: str) -> bool:
    standing, uid = pinned(row.programme, row.programme_version).standing, UUID(str(row.uid))
    if standing is None:
        return False
    if row.state == "active":
        return _stopped(uid, standing, conditions) if verdict == "not_eligible" else False
    again = standing.resumed_by(rests)
    if rests not in STOPS:
        return False
    if again is None:
        return agreements.change(FOLLOWING, uid, "ended", rests)
    return agreements.change(FOLLOWING, uid, "active", again) if verdict == "eligible" else False


def _stopped(award: UUID, standing: Standing, conditions: Mapping[str, bool | None]) -> bool:
    """By the stop that the lost conditions mean: the award rests where something takes it up again, else it ends."""
    stop = standing.stop_of([name for name, holds in conditions.items() if holds is False])
    if stop is None:
        return False
    return agreements.change(FOLLOWING, award, "suspended" if standing.resumed_by(stop) else "ended", stop)


def renew(award: UUID) -> bool:
    """Screen an award anew when its day has come, under the version that applies then: still owed with today's amount, or stopped.

    Where the facts can't be told it stays and is looked at again a week later.
    """
    row = Award.objects.get(uid=award)
    version = live_version(row.programme, clock.today())
    programme = programme_of(version) if version else None
    if programme is None or programme.standing is None:
        return agreements.change(FOLLOWING, award, "ended", "expired")
    application = Application.objects.select_related("case").filter(case=row.case).first()
    try:
        told = told_of(application, programme) if application is not None else NOTHING
        found = reckon(programme, UUID(str(row.beneficiary)), told)
    except LinliError:
        return _later(row)
    if found.verdict == "eligible":
        day = next_look(clock.today(), programme.standing.renews)
        agreements.renewed(FOLLOWING, award, renew_on=day, amount_fen=found.amount_fen, category=found.category)
        return True
    if found.verdict != "not_eligible":
        return _later(row)
    uid = UUID(str(row.uid))
    return _stopped(uid, programme.standing, found.conditions) or agreements.change(FOLLOWING, uid, "ended", LOST)


def _later(row: Award) -> bool:
    """Looked at anew a week later; after PATIENCE an officer is asked."""
    today = clock.today()
    since = row.undecided_since or today
    if today - since >= PATIENCE:
        look_at(row, UNDECIDED)
    agreements.renewed(
        FOLLOWING,
        UUID(str(row.uid)),
        renew_on=today + RETRY,
        amount_fen=row.amount_fen,
        category=row.category,
        undecided_since=since,
    )
    return False


def look_at(row: Award, words: str) -> None:
    """An office looks at an award, once at a time: whether it goes on."""
    with act(FOLLOWING):
        person = resident_of(row.person)
        open_between_offices(FOLLOWING, person, row.area_code, AWARD_LOOK, words, row.case.receipt, programme_of_case(row.case))


def looked_at(case: Case) -> None:
    """What an office found: the award goes on, until the next look, or it ends. For the system, after the case was closed."""
    row = Award.objects.filter(case__receipt=case.fact).first()
    if row is None or row.state not in GOING_ON:
        return
    if case.outcome == "stopped":
        agreements.change(FOLLOWING, row.uid, "ended", LOST)
        return
    agreements.change(FOLLOWING, row.uid, "active", AGAIN)
    standing = pinned(row.programme, row.programme_version).standing
    day = next_look(clock.today(), standing.renews) if standing else None
    agreements.renewed(FOLLOWING, row.uid, renew_on=day, amount_fen=row.amount_fen, category=row.category)
